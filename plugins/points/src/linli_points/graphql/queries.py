"""The figures and the notice in the API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import strawberry

from linli_graphql.plugin import Amount, GraphQLRequest, local_id, query, to_global_id
from linli_points import figures, notices
from linli_points.graphql.enums import FigureStatus


@strawberry.type(description="A ratio with all that it was made from.")
class PointsRatio:
    """A ratio with all that it was made from."""

    status: FigureStatus = strawberry.field(description="Whether there is a value.")
    numerator: int | None = strawberry.field(description="The count above; null when too small to show.")
    denominator: int | None = strawberry.field(description="The count below; null when too small to show.")
    ratio: float | None = strawberry.field(description="Numerator divided by denominator.")
    as_of: date = strawberry.field(description="The day for which it was counted.")
    source: str = strawberry.field(description="Where the numerator / the denominator come from.")


@strawberry.type(description="How many take part; null for one to four, and for what would give them away.")
class PointsParticipantCounts:
    """How many take part; null for one to four, and for what would give them away."""

    as_of: date = strawberry.field(description="On which day.")
    all_kinds: int | None = strawberry.field(description="All together.")
    persons: int | None = strawberry.field(description="How many residents.")
    households: int | None = strawberry.field(description="How many households.")
    units: int | None = strawberry.field(description="How many units.")


@strawberry.type(description="Who takes part in an area.")
class PointsFigures:
    """Who takes part in an area."""

    participation: PointsParticipantCounts = strawberry.field(description="On the day asked for.")
    before: PointsParticipantCounts | None = strawberry.field(description="On the earlier day.")
    growth: PointsRatio | None = strawberry.field(
        description="What was gained since, by what there was then."
    )
    participation_rate: PointsRatio = strawberry.field(
        description="Residents who take part by permanent residents."
    )


@strawberry.type(description="An award under notice.")
class PointsNotice:
    """An award under notice."""

    claim_id: strawberry.ID = strawberry.field(description="The claim, to which one can object.")
    name: str = strawberry.field(description="Whose; masked for residents and households.")
    rule: str = strawberry.field(description="Under which rule.")
    activity: str = strawberry.field(description="For what.")
    activity_day: date = strawberry.field(description="On which day that was.")
    points: Amount = strawberry.field(description="How many points.")
    object_until: datetime = strawberry.field(description="Until when objections are possible.")


@query
async def points_figures(
    request: GraphQLRequest,
    area: Annotated[
        strawberry.ID | None,
        strawberry.argument(description="An area with all below it; the whole tenant by default."),
    ] = None,
    as_of: Annotated[date | None, strawberry.argument(description="A day; today by default.")] = None,
    since: Annotated[date | None, strawberry.argument(description="An earlier day to compare with.")] = None,
) -> PointsFigures:
    """Who takes part in an area (the whole tenant by default) on a day (today by default)."""
    area_id = local_id("Area", str(area), path=("area",)) if area else None
    ctx = await request.reading()
    return await figures.figures(  # type: ignore[return-value]
        ctx, area_id=area_id, as_of=as_of or None, since=since or None
    )


@query
async def points_notices(
    request: GraphQLRequest,
    area: Annotated[strawberry.ID, strawberry.argument(description="An area with all below it.")],
    first: Annotated[int, strawberry.argument(description="How many at most; up to 200.")] = 50,
) -> list[PointsNotice]:
    """The awards under notice in an area, those that end first before others."""
    ctx = await request.reading()
    found = await notices.notices(ctx, area_id=local_id("Area", str(area), path=("area",)), first=first)
    return [
        PointsNotice(
            claim_id=strawberry.ID(to_global_id("PointsClaim", one.claim_id)),
            name=one.name,
            rule=one.rule,
            activity=one.activity,
            activity_day=one.activity_day,
            points=Amount(one.points),
            object_until=one.object_until,
        )
        for one in found
    ]


EARNING_QUERIES = (points_figures, points_notices)
