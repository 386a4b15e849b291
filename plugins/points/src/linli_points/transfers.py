"""Transfers: points given within a household or to a charity, up to a cap for each year; never sold.

Points are set aside when they are offered, and move when the cooling-off after acceptance is over.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Facts,
    PermissionDenied,
    checks,
    in_place,
    ledger,
    new_id,
    own_accounts,
    rows,
)
from linli_points.access import acting_for, is_own, persons_behind
from linli_points.checked import in_range
from linli_points.errors import (
    CoolingOff,
    NotEnoughPoints,
    OwnCase,
    TransferToSelf,
)
from linli_points.parties import may_act, transfer_case
from linli_points.states import TRANSFER
from linli_points.tables import Participant, Transfer
from linli_points.terms import ParticipantKind, TransferPurpose, TransferState
from linli_points.transfer_rules import check_cap, check_parties

READ: Final = "points.transfer.read"
WRITE: Final = "points.transfer.write"
COOLING_SETTING: Final = "points.transfer_cooling_off_hours"
POINTS_MAX: Final = 1_000_000_000
COOLING_HOURS_MAX: Final = 8_784


async def offer(
    ctx: Context, *, from_participant_id: UUID, to_participant_id: UUID, points: int, purpose: str
) -> Transfer:
    """Offer points of one participant to another; they are set aside at once.

    Raises: NotFound, NotYours, PermissionDenied, NumberOutOfRange, UnknownValue, TransferToSelf, NotAParticipant,
    UnitCannotGive, NotAHousehold, NotACharity, TransferCapExceeded, NotEnoughPoints.
    """
    in_range(points, 1, POINTS_MAX, "points")
    what = TransferPurpose(checks.one_of(purpose, tuple(TransferPurpose), "purpose"))
    if from_participant_id == to_participant_id:
        raise TransferToSelf(path=("to_participant_id",))
    # Both are held in one order, so that two who give to each other do not wait for each other.
    for participant_id in sorted((from_participant_id, to_participant_id)):
        await in_place(ctx, Participant, participant_id, lock=True)
    acting = await acting_for(ctx, from_participant_id, WRITE, left_too=True, path="from_participant_id")
    giver, receiver = acting.participant, await rows.get(ctx, Participant, to_participant_id)
    await check_parties(ctx, what, giver, receiver)
    await check_cap(ctx, giver, points)
    transfer_id = new_id()
    try:
        held = await ledger.hold(ctx, giver.account_id, points, _purpose(transfer_id, "offered"))
    except ledger.InsufficientBalance as error:
        raise NotEnoughPoints(path=("points",)) from error
    return await rows.insert(
        ctx,
        Transfer,
        action="offer",
        id=transfer_id,
        area_id=giver.area_id,
        area_path=giver.area_path,
        from_participant_id=giver.id,
        to_participant_id=receiver.id,
        person_id=acting.person_id,
        purpose=what.value,
        points=points,
        hold_id=held.id,
        offered_by=ctx.actor.id,
        offered_at=ctx.now(),
    )


async def accept(ctx: Context, transfer_id: UUID, *, expected_version: int | None = None) -> Transfer:
    """The receiver takes the points, which move when the cooling-off is over.

    Raises: NotFound, PermissionDenied, OwnCase, UndefinedTransition, NotAParticipant, NotAHousehold, NotACharity,
    StaleVersion.
    """
    transfer, giver, receiver = await transfer_case(ctx, transfer_id, READ)
    await _require_receiver(ctx, transfer, receiver)
    state = TRANSFER.apply(transfer.state, "accept", Facts(actor_id=ctx.actor.id))
    await check_parties(ctx, TransferPurpose(transfer.purpose), giver, receiver)
    hours = min(max(0, int(str(ctx.setting(COOLING_SETTING)))), COOLING_HOURS_MAX)
    return await rows.update(
        ctx,
        transfer,
        action="accept",
        expected_version=expected_version,
        state=state,
        accepted_by=ctx.actor.id,
        accepted_at=ctx.now(),
        due_at=ctx.now() + timedelta(hours=hours),
    )


async def decline(
    ctx: Context, transfer_id: UUID, *, reason: str | None = None, expected_version: int | None = None
) -> Transfer:
    """The receiver does not want the points; they are the giver's again.

    Raises: NotFound, PermissionDenied, OwnCase, TooLong, UndefinedTransition, StaleVersion.
    """
    why = checks.optional_line(reason, "reason", checks.REASON_MAX)
    transfer, _giver, receiver = await transfer_case(ctx, transfer_id, READ)
    await _require_receiver(ctx, transfer, receiver)
    return await _end(ctx, transfer, "decline", "declined", why, expected_version)


async def cancel(
    ctx: Context, transfer_id: UUID, *, reason: str, expected_version: int | None = None
) -> Transfer:
    """The giver takes the points back, which can be done until they have moved.

    Raises: NotFound, PermissionDenied, Required, TooLong, UndefinedTransition, StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    transfer, giver, _receiver = await transfer_case(ctx, transfer_id, READ)
    if not await may_act(ctx, giver, WRITE):
        raise PermissionDenied(permission=WRITE)
    return await _end(ctx, transfer, "cancel", "cancelled", why, expected_version)


async def post(ctx: Context, transfer_id: UUID, *, expected_version: int | None = None) -> Transfer:
    """Move the points of an accepted transfer whose cooling-off is over; the clock does this too.

    Raises: NotFound, PermissionDenied, UndefinedTransition, CoolingOff, StaleVersion.
    """
    transfer, giver, receiver = await transfer_case(ctx, transfer_id, READ)
    if not (await may_act(ctx, giver, WRITE) or await may_act(ctx, receiver, WRITE)):
        raise PermissionDenied(permission=WRITE)
    state = TRANSFER.apply(transfer.state, "post", Facts(actor_id=ctx.actor.id))
    if transfer.due_at > ctx.now():
        raise CoolingOff(until=_local(ctx, transfer.due_at))
    purpose = _purpose(transfer.id, "posted")
    await ledger.commit(ctx, transfer.hold_id, receiver.account_id, purpose, category=transfer.purpose)
    return await rows.update(
        ctx,
        transfer,
        action="post",
        expected_version=expected_version,
        state=state,
        posted_at=ctx.now(),
    )


async def post_due(ctx: Context, transfer_id: UUID) -> Transfer | None:
    """Move the points if it is time; None when they moved, or were taken back, meanwhile. Raises: NotFound."""
    transfer = await in_place(ctx, Transfer, transfer_id, lock=True)
    if transfer.state != TransferState.ACCEPTED or transfer.due_at > ctx.now():
        return None
    return await post(ctx, transfer_id)


async def _end(
    ctx: Context, transfer: Transfer, action: str, word: str, why: str, expected_version: int | None
) -> Transfer:
    state = TRANSFER.apply(transfer.state, action, Facts(actor_id=ctx.actor.id))
    await ledger.release(ctx, transfer.hold_id, _purpose(transfer.id, word, why))
    return await rows.update(
        ctx,
        transfer,
        action=action,
        expected_version=expected_version,
        state=state,
        ended_at=ctx.now(),
        end_reason=why,
    )


async def _require_receiver(ctx: Context, transfer: Transfer, receiver: Participant) -> None:
    """Raises: PermissionDenied; OwnCase for a giver who would decide for somebody else.

    A person accepts for themself, also what they move to themself out of their household: its other members can
    cancel that. In a household of several, another member than the giver accepts.
    """
    if not await may_act(ctx, receiver, WRITE):
        raise PermissionDenied(permission=WRITE)
    person_id = ctx.actor.person_id
    if receiver.kind == ParticipantKind.PERSON and await is_own(ctx, receiver):
        return
    behind = await persons_behind(ctx, receiver)
    alone = person_id is not None and behind == {person_id}
    gave = transfer.offered_by in await own_accounts(ctx)
    if not alone and (gave or (person_id is not None and person_id == transfer.person_id)):
        raise OwnCase()


def _purpose(transfer_id: UUID, word: str, reason: str = "") -> ledger.Purpose:
    return ledger.Purpose(
        kind=f"points.transfer_{word}",
        key=f"points.transfer:{transfer_id}:{word}",
        reason=reason,
        source_table="points_transfer",
        source_id=transfer_id,
    )


def _local(ctx: Context, moment: datetime) -> str:
    return moment.astimezone(ctx.time_zone).strftime("%Y-%m-%d %H:%M")
