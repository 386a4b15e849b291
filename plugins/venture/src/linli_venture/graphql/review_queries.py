"""What a reviewer reads: the applicants before the declaration, and a proposal after it."""

from __future__ import annotations

from typing import Annotated

import strawberry

from linli_graphql.plugin import Amount, GraphQLRequest, local_id, query, to_global_id
from linli_venture.proposals.drafting import PROSE
from linli_venture.review import declaring, sheets


@strawberry.type(description="An applicant of a call, on which its reviewers declare.")
class VentureApplicantShown:
    """An applicant of a call, on which its reviewers declare."""

    organisation_id: strawberry.ID = strawberry.field(description="The organisation.")
    name: str = strawberry.field(description="Its name.")


@strawberry.type(description="An item of a budget as it was handed in.")
class VentureDossierLine:
    """An item of a budget as it was handed in."""

    item: str = strawberry.field(description="What is bought.")
    unit: str = strawberry.field(description="In which unit.")
    quantity: int = strawberry.field(description="How many units.")
    unit_price_fen: Amount = strawberry.field(description="What a unit costs, in fen.")
    amount_fen: Amount = strawberry.field(description="Quantity times price, in fen.")


@strawberry.type(description="A text of a proposal as it was handed in.")
class VentureDossierText:
    """A text of a proposal as it was handed in."""

    key: str = strawberry.field(description="Which part, named as the proposal's field.")
    text: str = strawberry.field(description="What it says.")


@strawberry.type(description="A proposal as its reviewer reads it.")
class VentureDossier:
    """A proposal as its reviewer reads it."""

    number: str = strawberry.field(description="Its number.")
    title: str = strawberry.field(description="What the project is called.")
    category: str = strawberry.field(description="Its field.")
    starts_on: str = strawberry.field(description="Its first day.")
    ends_on: str = strawberry.field(description="Its last day.")
    budget_fen: Amount = strawberry.field(description="The sum of the budget, in fen.")
    own_funds_fen: Amount = strawberry.field(description="What the organisation pays itself, in fen.")
    grant_fen: Amount = strawberry.field(description="What it asks for, in fen.")
    texts: list[VentureDossierText] = strawberry.field(description="Its texts.")
    lines: list[VentureDossierLine] = strawberry.field(description="Its budget.")
    applicant: str | None = strawberry.field(description="Who applies; null where reviewers do not see it.")


@query
async def venture_review_applicants(
    request: GraphQLRequest,
    call: Annotated[strawberry.ID, strawberry.argument(description="In which call the caller was drawn.")],
) -> list[VentureApplicantShown]:
    """All applicants of a call, for its reviewers; which proposal is whose is not said."""
    call_id = local_id("VentureCall", str(call), path=("call",))
    found = await declaring.applicants(await request.reading(), call_id)
    return [
        VentureApplicantShown(
            organisation_id=strawberry.ID(to_global_id("Organisation", one.organisation_id)), name=one.name
        )
        for one in found
    ]


@query
async def venture_review_dossier(
    request: GraphQLRequest,
    review: Annotated[strawberry.ID, strawberry.argument(description="One's own review.")],
) -> VentureDossier | None:
    """The proposal of one's own review; null until interests were declared, and after a recusal."""
    review_id = local_id("VentureReview", str(review), path=("review",))
    found = await sheets.dossier(await request.reading(), review_id)
    if found is None:
        return None
    lines = [
        VentureDossierLine(
            item=one["item"],
            unit=one["unit"],
            quantity=one["quantity"],
            unit_price_fen=Amount(one["unit_price_fen"]),
            amount_fen=Amount(one["amount_fen"]),
        )
        for one in found.lines
    ]
    return VentureDossier(
        number=found.number,
        title=found.title,
        category=found.category,
        starts_on=found.starts_on,
        ends_on=found.ends_on,
        budget_fen=Amount(found.budget_fen),
        own_funds_fen=Amount(found.own_funds_fen),
        grant_fen=Amount(found.grant_fen),
        texts=[VentureDossierText(key=key, text=found.texts[key]) for key in PROSE],
        lines=lines,
        applicant=found.applicant,
    )


REVIEW_QUERIES = (venture_review_applicants, venture_review_dossier)
