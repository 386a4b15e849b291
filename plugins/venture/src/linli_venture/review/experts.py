"""Experts: people who can be drawn as reviewers, each for some fields."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Duplicate,
    Facts,
    Organisation,
    Person,
    changeable,
    place_for,
    rows,
    visible,
)
from linli_organisations.api import officers_among
from linli_venture.calls.terms import categories
from linli_venture.review.errors import ExpertTaken
from linli_venture.review.states import EXPERT
from linli_venture.review.tables import Expert

KIND: Final = "venture.expert"
READ: Final = "venture.expert.read"
WRITE: Final = "venture.expert.write"

_COUNT: Final = "select count(*) from venture_expert where tenant_id = $1"
_MEMBERS: Final = """
select organisation_id, person_id from venture_member where tenant_id = $1 and person_id = any($2)"""
_COMPETING: Final = """
select distinct organisation_id from venture_proposal where tenant_id = $1 and call_id = $2
    and organisation_id = any($3) and state not in ('draft', 'withdrawn', 'ineligible')"""


async def enter(
    ctx: Context,
    *,
    area_id: UUID | None,
    person_id: UUID,
    expertise: Sequence[str],
    employer_id: UUID | None = None,
) -> Expert:
    """Enter a person as an expert for some fields.

    Raises: PermissionDenied, NotFound, AreaRetired, ExpertTaken, Required, TooLong, GivenTwice, NumberOutOfRange.
    """
    place = await place_for(ctx, area_id, WRITE)
    await visible(ctx, Person, person_id, "identity.person.read")
    if employer_id is not None:
        await visible(ctx, Organisation, employer_id, "identity.organisation.read")
    await ctx.db.take_turns("venture.expert/code")
    count: int = await ctx.db.fetchval(_COUNT, ctx.tenant_id)
    try:
        return await rows.insert(
            ctx,
            Expert,
            area_id=place.area_id,
            area_path=place.area_path,
            code=f"E{count + 1:04d}",
            person_id=person_id,
            employer_id=employer_id,
            expertise=categories(expertise),
        )
    except Duplicate as error:
        raise ExpertTaken(path=("person_id",)) from error


async def leave(ctx: Context, expert_id: UUID, *, expected_version: int | None = None) -> Expert:
    """Draw somebody no longer. Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion."""
    return await _turn(ctx, expert_id, "leave", expected_version)


async def come_back(ctx: Context, expert_id: UUID, *, expected_version: int | None = None) -> Expert:
    """Draw somebody again. Raises: as `leave`."""
    return await _turn(ctx, expert_id, "return", expected_version)


async def tied(ctx: Context, call_id: UUID, experts: Collection[Expert]) -> frozenset[UUID]:
    """The ids of those who act for an applicant of a call, lead it, or work there, as the registers know.

    They review neither its proposal nor those of its rivals.
    """
    people = {one.person_id: one.id for one in experts}
    found = {(one.employer_id, one.id) for one in experts if one.employer_id}
    for row in await ctx.db.fetch(_MEMBERS, ctx.tenant_id, list(people)):
        found.add((row["organisation_id"], people[row["person_id"]]))
    for organisation_id, person_id in await officers_among(ctx, list(people)):
        found.add((organisation_id, people[person_id]))
    ours = {organisation_id for organisation_id, _expert_id in found}
    competing = await ctx.db.fetch(_COMPETING, ctx.tenant_id, call_id, list(ours))
    applicants = {row["organisation_id"] for row in competing}
    return frozenset(expert_id for organisation_id, expert_id in found if organisation_id in applicants)


async def _turn(ctx: Context, expert_id: UUID, action: str, expected_version: int | None) -> Expert:
    expert = await changeable(ctx, Expert, expert_id, KIND)
    state = EXPERT.apply(expert.state, action, Facts(actor_id=ctx.actor.id))
    return await rows.update(ctx, expert, action=action, expected_version=expected_version, state=state)
