"""What can be done with needs and calls; each mutation calls one service function, which has the rules."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import strawberry

from linli.plugin import Context
from linli_graphql.plugin import EXPECTED_VERSION, Amount, described, input_type, mutation, values_of
from linli_organisations.api import Grade
from linli_venture.calls import cancelling, drafting, needs, publishing, tables
from linli_venture.calls.terms import CriterionGiven
from linli_venture.graphql.calls import VentureCall, VentureNeed
from linli_venture.graphql.inputs import VentureReasonInput, VentureStepInput

_CALL = {"id": "VentureCall"}
_NEED = {"id": "VentureNeed"}


@input_type
class RecordVentureNeedInput:
    """A need that a survey found."""

    area_id: strawberry.ID | None = described("Where; null is the whole tenant.")
    title: str = described("What is lacking; at most 100 characters.")
    category: str = described("Its field; at most 40 characters.")
    beneficiaries: int = described("How many people it concerns.")
    source: str = described("Who asked whom; at most 200 characters.")
    surveyed_on: date = described("On which day.")
    description: str | None = described("More about it; at most 5,000 characters.", optional=True)


@input_type
class VentureCriterionInput:
    """A line of a scoring sheet."""

    key: str = described("Names it within the sheet; one line is `needs`.")
    title: str = described("What is judged; at most 100 characters.")
    weight: int = described("What it counts; all together 100.")


@input_type
class DraftVentureCallInput:
    """The draft of a call; what is left out is as usual."""

    area_id: strawberry.ID | None = described("Where; null is the whole tenant.")
    title: str = described("What it is called; at most 100 characters.")
    pool_id: strawberry.ID = described("The pool from which it awards.")
    opens_at: datetime = described("The first moment, with a time zone.")
    closes_at: datetime = described("The last moment that is on time, with a time zone.")
    categories: list[str] = described("The fields for which proposals are taken in.")
    guide: str | None = described("What applicants should know; at most 20,000 characters.", optional=True)
    cap_fen: Amount | None = described(
        "The most that one project gets; 500,000 yuan by default.", optional=True
    )
    grant_percent_max: int | None = described("The most of a budget; 60 per cent by default.", optional=True)
    floor_grade: Grade | None = described("The lowest grade of an applicant; none by default.", optional=True)
    tranche_shares: list[int] | None = described(
        "Shares of the tranches; 50, 40, 10 by default.", optional=True
    )
    midterm_tranche: int | None = described(
        "The first tranche that waits for the midterm appraisal, 0 for none; by default the second of three or more.",
        optional=True,
    )
    final_tranche: int | None = described(
        "The first tranche that waits for the final appraisal, 0 for none; the last by default.",
        optional=True,
    )
    reviews_min: int | None = described("How many reviews a proposal needs; 5 by default.", optional=True)
    defence_percent: int | None = described("What a defence counts; 0, none, by default.", optional=True)
    anonymous: bool | None = described("Whether reviewers see no applicants; true by default.", optional=True)
    notice_days: int | None = described("Working days of public notice; 5 by default.", optional=True)
    correction_days: int | None = described("Working days for a correction; 5 by default.", optional=True)
    criteria: list[VentureCriterionInput] | None = described(
        "The scoring sheet; needs 20, plan 25, budget 15, team 15, innovation 10, sustainability 10 and risk 5 by"
        " default.",
        optional=True,
    )


@input_type
class UpdateVentureCallInput:
    """What to change of a draft; what is left out stays."""

    id: strawberry.ID = described("The call.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)
    title: str | None = described("The new title.", optional=True)
    pool_id: strawberry.ID | None = described("The new pool.", optional=True)
    opens_at: datetime | None = described("The new first moment.", optional=True)
    closes_at: datetime | None = described("The new last moment.", optional=True)
    categories: list[str] | None = described("The new fields.", optional=True)
    guide: str | None = described("The new guide.", optional=True)
    cap_fen: Amount | None = described("The new cap.", optional=True)
    grant_percent_max: int | None = described("The new share of the budget.", optional=True)
    floor_grade: Grade | None = described("The new lowest grade; null for none.", optional=True)
    tranche_shares: list[int] | None = described(
        "The new shares; their appraisals are the usual ones unless others are given.", optional=True
    )
    midterm_tranche: int | None = described(
        "The new first tranche that waits for the midterm appraisal; null for the usual one.", optional=True
    )
    final_tranche: int | None = described(
        "The new first tranche that waits for the final appraisal; null for the usual one.", optional=True
    )
    reviews_min: int | None = described("The new number of reviews.", optional=True)
    defence_percent: int | None = described("What a defence counts of the final score.", optional=True)
    anonymous: bool | None = described("Whether reviewers see no applicants.", optional=True)
    notice_days: int | None = described("The new days of notice.", optional=True)
    correction_days: int | None = described("The new days for a correction.", optional=True)
    criteria: list[VentureCriterionInput] | None = described("The whole new scoring sheet.", optional=True)


@input_type
class AmendVentureCallInput:
    """How a published call changes."""

    id: strawberry.ID = described("The call.")
    note: str = described("What is amended, and why; at most 5,000 characters.")
    closes_at: datetime | None = described("A later last moment.", optional=True)
    guide: str | None = described("The guide worded anew.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@mutation(gives=VentureNeed)
async def record_venture_need(ctx: Context, input: RecordVentureNeedInput) -> tables.Need:
    """Enter a need that a survey found."""
    return await needs.record(ctx, **values_of(input, ids={"area_id": "Area"}))


@mutation(gives=VentureNeed)
async def publish_venture_need(ctx: Context, input: VentureStepInput) -> tables.Need:
    """Let organisations answer a need."""
    values = values_of(input, ids=_NEED)
    return await needs.publish(ctx, values.pop("id"), **values)


@mutation(gives=VentureNeed)
async def withdraw_venture_need(ctx: Context, input: VentureStepInput) -> tables.Need:
    """Take a need off the list."""
    values = values_of(input, ids=_NEED)
    return await needs.withdraw(ctx, values.pop("id"), **values)


@mutation(gives=VentureCall)
async def draft_venture_call(ctx: Context, input: DraftVentureCallInput) -> tables.Call:
    """Make the draft of a call."""
    values = _call_values(input, {"area_id": "Area", "pool_id": "VenturePool"})
    given = {name: value for name, value in values.items() if value is not None}
    return await drafting.draft(ctx, area_id=given.pop("area_id", None), **given)


@mutation(gives=VentureCall)
async def update_venture_call(ctx: Context, input: UpdateVentureCallInput) -> tables.Call:
    """Change the draft of a call."""
    values = _call_values(input, {**_CALL, "pool_id": "VenturePool"})
    return await drafting.update(ctx, values.pop("id"), **values)


@mutation(gives=VentureCall)
async def publish_venture_call(ctx: Context, input: VentureStepInput) -> tables.Call:
    """Publish a call that somebody else drafted; its rules are frozen."""
    values = values_of(input, ids=_CALL)
    return await publishing.publish_call(ctx, values.pop("id"), **values)


@mutation(gives=VentureCall)
async def amend_venture_call(ctx: Context, input: AmendVentureCallInput) -> tables.Call:
    """Put the closing of a call off, or word its guide anew; applicants are told."""
    values = values_of(input, ids=_CALL)
    return await publishing.amend(ctx, values.pop("id"), **values)


@mutation(gives=VentureCall)
async def close_venture_call(ctx: Context, input: VentureStepInput) -> tables.Call:
    """Close a call whose time is over; otherwise the clock does."""
    values = values_of(input, ids=_CALL)
    return await publishing.close(ctx, values.pop("id"), **values)


@mutation(gives=VentureCall)
async def cancel_venture_call(ctx: Context, input: VentureReasonInput) -> tables.Call:
    """Give a call up before its ranking is complete; its proposals are let go, and applicants and reviewers told."""
    values = values_of(input, ids=_CALL)
    return await cancelling.cancel(ctx, values.pop("id"), **values)


def _call_values(given: Any, ids: dict[str, str]) -> dict[str, Any]:
    values = values_of(given, ids=ids, drop=("criteria",))
    if isinstance(given.criteria, list):
        values["criteria"] = [CriterionGiven(**values_of(one)) for one in given.criteria]
    return values


CALL_MUTATIONS = (
    record_venture_need,
    publish_venture_need,
    withdraw_venture_need,
    draft_venture_call,
    update_venture_call,
    publish_venture_call,
    amend_venture_call,
    close_venture_call,
    cancel_venture_call,
)
