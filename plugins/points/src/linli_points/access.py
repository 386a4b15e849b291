"""Who may act for a participant: the person, a member of the household, and those with the permission at the place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

from linli.plugin import AreaTable, Context, NotFound, in_place, own_or, own_or_visible
from linli_points.errors import NotAParticipant, NotYours
from linli_points.tables import Claim, Objection, Participant, Redemption, Transfer
from linli_points.terms import ParticipantKind, ParticipantState

TAKE_PART: Final = "points.own.take_part"
MEMBERS_MAX: Final = 200
Personal = TypeVar("Personal", Claim, Objection, Redemption, Transfer)

_MEMBER: Final = """
select 1 from identity_household_member
where tenant_id = $1 and household_id = $2 and person_id = $3 and valid_from <= $4
    and (valid_to is null or valid_to > $4) limit 1"""
_MEMBERS: Final = """
select person_id from identity_household_member
where tenant_id = $1 and household_id = $2 and valid_from <= $3 and (valid_to is null or valid_to > $3)
order by person_id limit $4"""


@dataclass(frozen=True, slots=True)
class Acting:
    """A participant for whom the actor may act, and the person whose case it is (None for a unit)."""

    participant: Participant
    person_id: UUID | None


async def acting_for(
    ctx: Context,
    participant_id: UUID,
    permission: str,
    *,
    left_too: bool = False,
    path: str = "participant_id",
) -> Acting:
    """The active participant, held against other writers, when the actor may act for it.

    With `left_too`, also one that has left. A refusal names `path`.
    Raises: NotFound, NotYours, PermissionDenied, NotAParticipant.
    """
    participant = await in_place(ctx, Participant, participant_id, lock=True)
    own = await is_own(ctx, participant)
    if not (own and ctx.can(TAKE_PART, participant.area_path)):
        _require(ctx, participant, permission, path)
    if participant.state != ParticipantState.ACTIVE and not left_too:
        raise NotAParticipant(path=(path,))
    person_id = participant.person_id or (ctx.actor.person_id if own else None)
    return Acting(participant, person_id)


async def is_own(ctx: Context, participant: Participant) -> bool:
    """Whether the participant is the actor's person, or a household to which that person belongs today."""
    person_id = ctx.actor.person_id
    if person_id is None:
        return False
    if participant.kind == ParticipantKind.PERSON:
        return bool(participant.person_id == person_id)
    return participant.kind == ParticipantKind.HOUSEHOLD and await is_member(
        ctx, participant.household_id, person_id
    )


async def is_member(ctx: Context, household_id: UUID, person_id: UUID) -> bool:
    """Whether a person belongs to a household today."""
    found = await ctx.db.fetchval(_MEMBER, ctx.tenant_id, household_id, person_id, ctx.today())
    return found is not None


async def persons_behind(ctx: Context, participant: Participant) -> frozenset[UUID]:
    """The people whose case a participant's is: the person, or all members of the household today."""
    if participant.kind == ParticipantKind.PERSON:
        return frozenset({participant.person_id})
    if participant.kind == ParticipantKind.UNIT:
        return frozenset()
    sql_arguments = (ctx.tenant_id, participant.household_id, ctx.today(), MEMBERS_MAX)
    return frozenset(UUID(int=row["person_id"].int) for row in await ctx.db.fetch(_MEMBERS, *sql_arguments))


async def visible_case(ctx: Context, table: type[Personal], row_id: UUID, permission: str) -> Personal:
    """A participant's row, held against other writers; one's own, or by permission at its place.

    Raises: NotFound, also for what the actor may not read.
    """
    return own_or_visible(ctx, await in_place(ctx, table, row_id, lock=True), permission)


def require_for_own(ctx: Context, row: Personal, permission: str) -> None:
    """Go on with the permission at the row's area, or for one's own case with the right to take part.

    Raises: PermissionDenied.
    """
    needed = own_or(ctx, TAKE_PART, permission, person_id=row.person_id, area_path=row.area_path)
    ctx.require(needed, row.area_path)


def _require(ctx: Context, row: AreaTable, permission: str, path: str) -> None:
    """Raises: NotFound for whoever may neither see nor act there; NotYours for a resident's own right elsewhere."""
    if ctx.can(permission, row.area_path):
        return
    if not ctx.can("points.participant.read", row.area_path):
        raise NotFound(kind="points_participant")
    if ctx.can(TAKE_PART, row.area_path):
        raise NotYours(path=(path,))
    ctx.require(permission, row.area_path)
