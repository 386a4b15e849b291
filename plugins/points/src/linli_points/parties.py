"""Whose a redemption or transfer is: the participants of the actor, and what may be done as one of them."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, NotFound, in_place, rows
from linli_points.access import TAKE_PART, is_own
from linli_points.tables import Participant, Redemption, Transfer

OWN_MAX: Final = 50

_OWN: Final = """
select * from points_participant where tenant_id = $1 and (person_id = $2 or household_id in (
    select household_id from identity_household_member
    where tenant_id = $1 and person_id = $2 and valid_from <= $3 and (valid_to is null or valid_to > $3)))
order by kind desc, id limit $4"""


async def own_participants(ctx: Context) -> list[Participant]:
    """What the actor takes part as: the own person first, then the households to which they belong today."""
    person_id = ctx.actor.person_id
    if person_id is None:
        return []
    found = await ctx.db.fetch(_OWN, ctx.tenant_id, person_id, ctx.today(), OWN_MAX)
    return [rows.from_record(Participant, row) for row in found]


async def redemption_case(
    ctx: Context, redemption_id: UUID, read: str, write: str
) -> tuple[Redemption, Participant]:
    """A redemption, held against other writers, and its participant, for whom the actor may act.

    Raises: NotFound, PermissionDenied.
    """
    row = await in_place(ctx, Redemption, redemption_id, lock=True)
    participant = await rows.get(ctx, Participant, row.participant_id)
    own = await is_own(ctx, participant)
    if not own and not ctx.can(read, row.area_path):
        raise NotFound(kind="points_redemption")
    if not (own and ctx.can(TAKE_PART, row.area_path)):
        ctx.require(write, row.area_path)
    return row, participant


async def transfer_case(
    ctx: Context, transfer_id: UUID, read: str
) -> tuple[Transfer, Participant, Participant]:
    """A transfer, held against other writers, its giver and its receiver, when the actor may see it.

    Raises: NotFound.
    """
    row = await in_place(ctx, Transfer, transfer_id, lock=True)
    giver = await rows.get(ctx, Participant, row.from_participant_id)
    receiver = await rows.get(ctx, Participant, row.to_participant_id)
    for participant in (giver, receiver):
        if ctx.can(read, participant.area_path) or await is_own(ctx, participant):
            return row, giver, receiver
    raise NotFound(kind="points_transfer")


async def may_act(ctx: Context, participant: Participant, write: str) -> bool:
    """Whether the actor is the participant (or a member of the household), or may act for it by permission."""
    if ctx.can(write, participant.area_path):
        return True
    return ctx.can(TAKE_PART, participant.area_path) and await is_own(ctx, participant)
