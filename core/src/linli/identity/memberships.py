"""What becomes of memberships of households when a person leaves, dies, or turns out to be another entry."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.areas.locking import hold_tree
from linli.context import Context
from linli.db import rows
from linli.identity.tables import Household, HouseholdMember

OPEN_MAX: Final = 100

_OPEN = """
select * from identity_household_member
where tenant_id = $1 and person_id = $2 and valid_to is null order by household_id limit $3 for update"""
_OVERLAP = """
select 1 from identity_household_member
where tenant_id = $1 and household_id = $2 and person_id = $3
    and (valid_to is null or valid_to > $4) and ($5::date is null or valid_from < $5) limit 1"""


async def end_memberships(ctx: Context, person_id: UUID, *, on: date) -> None:
    """End the person's present memberships on that day; where the person was the head, there is none now."""
    for member in await _open(ctx, person_id):
        await rows.update(ctx, member, action="leave", valid_to=max(on, member.valid_from))
    await _change_head(ctx, person_id, None)


async def hand_over_memberships(ctx: Context, *, from_person_id: UUID, to_person_id: UUID) -> None:
    """Present memberships, and being the head, go over to another entry of the same person."""
    await hold_tree(ctx)
    for member in await _open(ctx, from_person_id):
        await rows.update(ctx, member, action="merge", valid_to=max(ctx.today(), member.valid_from))
        if await overlaps(ctx, member.household_id, to_person_id, member.valid_from, None):
            continue
        await rows.insert(
            ctx,
            HouseholdMember,
            action="merge",
            area_id=member.area_id,
            area_path=member.area_path,
            household_id=member.household_id,
            person_id=to_person_id,
            relation=member.relation,
            valid_from=member.valid_from,
        )
    await _change_head(ctx, from_person_id, to_person_id)


async def overlaps(
    ctx: Context, household_id: UUID, person_id: UUID, valid_from: date, valid_to: date | None
) -> bool:
    """Whether the person is a member of the household at any time from `valid_from` up to `valid_to`."""
    found = await ctx.db.fetchval(_OVERLAP, ctx.tenant_id, household_id, person_id, valid_from, valid_to)
    return found is not None


async def _open(ctx: Context, person_id: UUID) -> list[HouseholdMember]:
    found = await ctx.db.fetch(_OPEN, ctx.tenant_id, person_id, OPEN_MAX)
    return [rows.from_record(HouseholdMember, row) for row in found]


async def _change_head(ctx: Context, person_id: UUID, to_person_id: UUID | None) -> None:
    found = await ctx.db.fetch(
        "select * from identity_household where tenant_id = $1 and head_person_id = $2 limit $3 for update",
        ctx.tenant_id,
        person_id,
        OPEN_MAX,
    )
    for row in found:
        household = rows.from_record(Household, row)
        await rows.update(ctx, household, action="change_head", head_person_id=to_person_id)
