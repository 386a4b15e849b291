"""Queries that are more than lists: the figures of the register, and which grade counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

import strawberry

from linli_graphql.plugin import GraphQLRequest, local_id, query
from linli_organisations import figures, gradings
from linli_organisations.graphql.enums import Grade, Kind, Track


@strawberry.type(description="How many entries of a track and kind there are.")
class SocialOrganisationCount:
    """How many entries of a track and kind there are."""

    track: Track = strawberry.field(description="Registered or filed.")
    kind: Kind = strawberry.field(description="What the organisations are.")
    number: int = strawberry.field(description="How many there are.")


@strawberry.type(description="A ratio with all that it is made of.")
class SocialOrganisationRatio:
    """A ratio with all that it is made of."""

    value: Decimal | None = strawberry.field(description="The ratio; null where it is not defined.")
    numerator: int = strawberry.field(description="How many registered organisations there are.")
    denominator: int | None = strawberry.field(
        description="How many residents there are; null when not known."
    )
    as_of: date = strawberry.field(description="The day for which organisations were counted.")
    source: str = strawberry.field(description="Where the number of residents comes from.")


@strawberry.type(description="The register of social organisations in figures, as it was on a day.")
class SocialOrganisationFigures:
    """The register of social organisations in figures, as it was on a day."""

    as_of: date = strawberry.field(description="The day of the figures.")
    source: str = strawberry.field(description="What was counted.")
    counts: list[SocialOrganisationCount] = strawberry.field(description="By track and kind, zeros included.")
    registered: int = strawberry.field(description="How many are registered.")
    filed: int = strawberry.field(description="How many are filed.")
    per_10000_residents: SocialOrganisationRatio = strawberry.field(
        description="Registered organisations per 10,000 residents; defined for the whole tenant only."
    )


@query
async def social_organisation_figures(
    request: GraphQLRequest,
    area: Annotated[
        strawberry.ID | None,
        strawberry.argument(description="An area with all below it; null is the tenant."),
    ] = None,
    as_of: Annotated[date | None, strawberry.argument(description="A day; today by default.")] = None,
) -> SocialOrganisationFigures:
    """The register of social organisations in figures."""
    area_id = None if area is None else local_id("Area", str(area), path=("area",))
    ctx = await request.reading()
    return await figures.social_organisation_figures(ctx, area_id=area_id, as_of=as_of)  # type: ignore[return-value]


@query
async def social_organisation_grade(
    request: GraphQLRequest,
    id: Annotated[strawberry.ID, strawberry.argument(description="The entry of a registered organisation.")],
    on: Annotated[date | None, strawberry.argument(description="A day; today by default.")] = None,
) -> Grade | None:
    """The grade that counts on a day; null when there is none, or it has expired or was revoked."""
    entry_id = local_id("SocialOrganisation", str(id), path=("id",))
    return await gradings.grade_of(await request.reading(), entry_id, on)
