"""What can be asked besides nodes: the work list, how far a round is, the figures."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from linli_graphql.plugin import GraphQLRequest, local_id, query
from linli_migrants import census, figures, permit_figures, visit_figures, worklist
from linli_migrants.graphql.visit_enums import Measure, StaysBy, WorkSection
from linli_migrants.graphql.visit_types import (
    MigrantCensusProgress,
    MigrantPermitFigures,
    MigrantRatio,
    MigrantServiceFigures,
    MigrantStayTable,
    MigrantWorkPage,
    work_page,
)

_AREA = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="An area with all below it; the whole tenant by default."),
]


@query
async def migrant_work_list(
    request: GraphQLRequest,
    area: Annotated[
        strawberry.ID | None,
        strawberry.argument(description="An area with all below it; all that one may see by default."),
    ] = None,
    sections: Annotated[
        list[WorkSection] | None, strawberry.argument(description="Which sections; all by default.")
    ] = None,
    first: Annotated[int, strawberry.argument(description="How many of each section; up to 200.")] = 50,
    after: Annotated[
        str | None, strawberry.argument(description="Where to go on, in the one section that is named.")
    ] = None,
) -> list[MigrantWorkPage]:
    """What a community worker has to do, by section, grid and building; only where the caller's rights reach."""
    ctx = await request.reading()
    pages = await worklist.work_list(
        ctx, area_id=_area_id(area), sections=sections or None, first=first, after=after or None
    )
    return [work_page(page) for page in pages]


@query
async def migrant_census_progress(
    request: GraphQLRequest,
    census_round: Annotated[strawberry.ID, strawberry.argument(description="Which round.")],
) -> MigrantCensusProgress:
    """How far a census round is, dwellings added meanwhile included."""
    ctx = await request.reading()
    round_id = local_id("MigrantCensusRound", str(census_round), path=("census_round",))
    return MigrantCensusProgress(**await census.progress_of(ctx, round_id))


@query
async def migrant_service_figures(
    request: GraphQLRequest,
    since: Annotated[date, strawberry.argument(description="The first day of the period.")],
    until: Annotated[date, strawberry.argument(description="Its last day; at most 366 days later.")],
    area: _AREA = None,
) -> MigrantServiceFigures:
    """Visits made and services delivered in a period, counted from what is kept here."""
    ctx = await request.reading()
    done, services = await visit_figures.service_ratios(ctx, since=since, until=until, area_id=_area_id(area))
    return MigrantServiceFigures(visits_done=done, services_per_person=services)  # type: ignore[arg-type]


@query
async def migrant_permit_figures(
    request: GraphQLRequest,
    since: Annotated[date, strawberry.argument(description="The first day of the period of endorsements.")],
    until: Annotated[date, strawberry.argument(description="Its last day; at most 366 days later.")],
    area: _AREA = None,
) -> MigrantPermitFigures:
    """Permits valid today of the people eligible, and endorsements made in time of those due in a period."""
    ctx = await request.reading()
    valid, endorsed = await permit_figures.permit_ratios(
        ctx, since=since, until=until, area_id=_area_id(area)
    )
    return MigrantPermitFigures(permits_valid=valid, endorsements_on_time=endorsed)  # type: ignore[arg-type]


@query
async def migrant_stay_figures(
    request: GraphQLRequest,
    by: Annotated[StaysBy, strawberry.argument(description="By what stays are counted.")],
    area: _AREA = None,
) -> MigrantStayTable:
    """Stays counted by state, reason or origin; counts of one to four are not shown."""
    ctx = await request.reading()
    return await visit_figures.stays_by(ctx, by=by.value, area_id=_area_id(area))  # type: ignore[return-value]


@query
async def migrant_stored_figure(
    request: GraphQLRequest,
    measure: Annotated[Measure, strawberry.argument(description="What is counted.")],
    area: _AREA = None,
    as_of: Annotated[
        date | None, strawberry.argument(description="The newest figure up to this day; today by default.")
    ] = None,
) -> MigrantRatio | None:
    """A stored figure of an area, or the sum of those below it that are of one day; null without any."""
    ctx = await request.reading()
    return await figures.stored(  # type: ignore[return-value]
        ctx, measure=measure.value, area_id=_area_id(area), as_of=as_of or None
    )


def _area_id(area: strawberry.ID | None) -> UUID | None:
    return local_id("Area", str(area), path=("area",)) if area else None


VISIT_QUERIES = (
    migrant_work_list,
    migrant_census_progress,
    migrant_service_figures,
    migrant_permit_figures,
    migrant_stay_figures,
    migrant_stored_figure,
)
