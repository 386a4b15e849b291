"""Between whom points may be given, and how many in a year."""

from __future__ import annotations

from datetime import date
from typing import Final

from linli.plugin import Context
from linli_points.access import is_member
from linli_points.errors import (
    NotACharity,
    NotAHousehold,
    NotAParticipant,
    TransferCapExceeded,
    UnitCannotGive,
)
from linli_points.tables import Participant
from linli_points.terms import ParticipantKind, ParticipantState, TransferPurpose

CAP_SETTING: Final = "points.transfer_points_per_year_max"

_TRANSFERRED: Final = """
select coalesce(sum(points), 0)::bigint from points_transfer
where tenant_id = $1 and from_participant_id = $2 and offered_at >= $3 and offered_at < $4
    and state in ('offered', 'accepted', 'posted')"""
_ONE_HOUSEHOLD: Final = """
select 1 from identity_household_member a
join identity_household_member b on b.tenant_id = $1 and b.household_id = a.household_id and b.person_id = $3
    and b.valid_from <= $4 and (b.valid_to is null or b.valid_to > $4)
where a.tenant_id = $1 and a.person_id = $2
    and a.valid_from <= $4 and (a.valid_to is null or a.valid_to > $4) limit 1"""


async def check_parties(
    ctx: Context, purpose: TransferPurpose, giver: Participant, receiver: Participant
) -> None:
    """Go on when points may be given by the one to the other today.

    Raises: NotAParticipant, UnitCannotGive, NotACharity, NotAHousehold.
    """
    for participant, path in ((giver, "from_participant_id"), (receiver, "to_participant_id")):
        if participant.state != ParticipantState.ACTIVE:
            raise NotAParticipant(path=(path,))
    if giver.kind == ParticipantKind.UNIT:
        raise UnitCannotGive(path=("from_participant_id",))
    if purpose is TransferPurpose.CHARITY:
        if receiver.kind != ParticipantKind.UNIT or not receiver.charity:
            raise NotACharity(path=("to_participant_id",))
    elif not await _of_one_household(ctx, giver, receiver):
        raise NotAHousehold(path=("to_participant_id",))


async def check_cap(ctx: Context, giver: Participant, points: int) -> None:
    """Go on when the giver, who is held, may give so many more points this year.

    What was offered, accepted or posted counts in the calendar year of the offer. Raises: TransferCapExceeded.
    """
    year = ctx.today().year
    begin, end = ctx.start_of(date(year, 1, 1)), ctx.start_of(date(year + 1, 1, 1))
    given: int = await ctx.db.fetchval(_TRANSFERRED, ctx.tenant_id, giver.id, begin, end)
    cap = int(str(ctx.setting(CAP_SETTING)))
    if given + points > cap:
        raise TransferCapExceeded(path=("points",), cap=cap, left=max(0, cap - given))


async def _of_one_household(ctx: Context, one: Participant, other: Participant) -> bool:
    kinds = {one.kind, other.kind}
    if kinds == {ParticipantKind.PERSON}:
        arguments = (ctx.tenant_id, one.person_id, other.person_id, ctx.today())
        return await ctx.db.fetchval(_ONE_HOUSEHOLD, *arguments) is not None
    if kinds == {ParticipantKind.PERSON, ParticipantKind.HOUSEHOLD}:
        household_id = one.household_id or other.household_id
        return await is_member(ctx, household_id, one.person_id or other.person_id)
    return False
