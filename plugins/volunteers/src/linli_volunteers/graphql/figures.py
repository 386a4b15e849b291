"""The indicators in the API."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from linli_graphql.plugin import GraphQLRequest, expose, local_id, query
from linli_volunteers import figures
from linli_volunteers.figures import FigureStatus

expose(
    FigureStatus,
    "Whether an indicator has a value.",
    {
        "DEFINED": "It has a value.",
        "NOT_DEFINED": "The denominator is zero or unknown, so there is no value.",
        "SUPPRESSED": "Fewer than five people are counted, so the value is not shown.",
    },
)


@strawberry.type(description="A ratio with all that it was made from.")
class VolunteerIndicator:
    """A ratio with all that it was made from."""

    status: FigureStatus = strawberry.field(description="Whether there is a value.")
    numerator: int | None = strawberry.field(description="The count above; null when fewer than five.")
    denominator: int | None = strawberry.field(
        description="The count below; null when unknown or from 1 to 4."
    )
    ratio: float | None = strawberry.field(description="Numerator divided by denominator.")
    target_percent: int = strawberry.field(description="What the tenant aims at, in per cent.")
    target_met: bool | None = strawberry.field(description="Whether the ratio reaches the target.")
    as_of: date = strawberry.field(description="The day for which the numerator was counted.")
    denominator_as_of: date | None = strawberry.field(description="The day of the denominator.")
    source: str = strawberry.field(description="Where the numerator / the denominator come from.")


@strawberry.type(description="The two indicators of volunteering in an area; they are never mixed.")
class VolunteerFigures:
    """The two indicators of volunteering in an area; they are never mixed."""

    volunteers_among_residents: VolunteerIndicator = strawberry.field(
        description="Registered volunteers by permanent residents."
    )
    participation_among_volunteers: VolunteerIndicator = strawberry.field(
        description="Of the registered volunteers, those with posted hours in the last twelve months."
    )


@query
async def volunteer_figures(
    request: GraphQLRequest,
    area: Annotated[
        strawberry.ID | None,
        strawberry.argument(description="An area with all below it; the whole tenant by default."),
    ] = None,
    as_of: Annotated[date | None, strawberry.argument(description="A day; today by default.")] = None,
) -> VolunteerFigures:
    """The indicators of an area (the whole tenant by default) as of a day (today by default)."""
    area_id = local_id("Area", str(area), path=("area",)) if area else None
    ctx = await request.reading()
    return await figures.figures(ctx, area_id=area_id, as_of=as_of or None)  # type: ignore[return-value]
