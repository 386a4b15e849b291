"""Redemptions: points, money and stock are set aside, vouched for, and spent when the reward is handed out.

Locks are taken in the order participant, reward, pool, then the ledger: points before money. Nothing expires but
vouchers: a participant that has left can still redeem what they have.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Facts,
    NotFound,
    checks,
    decision_facts,
    in_place,
    ledger,
    new_id,
    new_number,
    publish,
    rows,
    visible,
)
from linli_points import accounts, rewards
from linli_points.access import acting_for, persons_behind
from linli_points.checked import in_range
from linli_points.errors import NotEnoughPoints, NotOffered, PoolExhausted, VoucherExpired
from linli_points.events import RedemptionFulfilled
from linli_points.parties import redemption_case
from linli_points.pools import pool_for
from linli_points.states import REDEMPTION
from linli_points.tables import Participant, Pool, Redemption, Reward
from linli_points.vouchers import find, is_expired, last_day

READ: Final = "points.redemption.read"
WRITE: Final = "points.redemption.write"
FULFIL: Final = "points.redemption.fulfil"
DAYS_SETTING: Final = "points.redemption_days"
QUANTITY_MAX: Final = 1_000
DAYS_MAX: Final = 3_660


async def reserve(
    ctx: Context, *, participant_id: UUID, reward_id: UUID, quantity: int | None = None
) -> Redemption:
    """Set aside a participant's points for a reward (one by default), with what it costs the pool and the stock.

    Raises: NotFound, NotYours, PermissionDenied, NumberOutOfRange, NotOffered, OutOfStock, NotEnoughPoints,
    PoolExhausted.
    """
    count = in_range(1 if quantity is None else quantity, 1, QUANTITY_MAX, "quantity")
    acting = await acting_for(ctx, participant_id, WRITE, left_too=True)
    participant = acting.participant
    reward = await rewards.held(ctx, reward_id)
    if not rewards.is_offered_to(ctx, reward, participant):
        raise NotOffered(path=("reward_id",))
    await rewards.take(ctx, reward, count)
    redemption_id, value_fen = new_id(), reward.value_fen * count
    pool = await _pool(ctx, participant) if value_fen else None
    held = await _hold_points(ctx, redemption_id, participant, reward.points * count)
    held_money = await _hold_money(ctx, redemption_id, pool, value_fen) if pool else None
    return await rows.insert(
        ctx,
        Redemption,
        action="reserve",
        id=redemption_id,
        area_id=participant.area_id,
        area_path=participant.area_path,
        participant_id=participant.id,
        person_id=acting.person_id,
        reward_id=reward.id,
        quantity=count,
        points=reward.points * count,
        value_fen=value_fen,
        number=new_number(ctx.today().year),
        hold_id=held.id,
        pool_id=pool.id if pool else None,
        pool_hold_id=held_money.id if held_money else None,
        requested_by=ctx.actor.id,
        reserved_at=ctx.now(),
        expires_at=_expiry(ctx),
    )


async def issue(ctx: Context, redemption_id: UUID, *, expected_version: int | None = None) -> Redemption:
    """Make the voucher good.

    Raises: NotFound, PermissionDenied, UndefinedTransition, VoucherExpired, StaleVersion.
    """
    redemption = await visible(ctx, Redemption, redemption_id, READ)
    ctx.require(WRITE, redemption.area_path)
    state = REDEMPTION.apply(redemption.state, "issue", Facts(actor_id=ctx.actor.id))
    _require_good(ctx, redemption)
    return await rows.update(
        ctx,
        redemption,
        action="issue",
        expected_version=expected_version,
        state=state,
        issued_at=ctx.now(),
    )


async def fulfil(ctx: Context, *, number: str, expected_version: int | None = None) -> Redemption:
    """The reward was handed out: what was held is spent. `number` is the voucher's, typed or scanned.

    Raises: NotFound, PermissionDenied, OwnCase, UndefinedTransition, VoucherExpired, StaleVersion.
    """
    seen = await find(ctx, number)
    if seen is None:
        raise NotFound(path=("number",), kind="points_redemption")
    redemption = await in_place(ctx, Redemption, seen.id, lock=True)
    if not ctx.can(FULFIL, redemption.area_path):
        if not ctx.can(READ, redemption.area_path):
            raise NotFound(path=("number",), kind="points_redemption")
        ctx.require(FULFIL, redemption.area_path)
    state = REDEMPTION.apply(redemption.state, "fulfil", await _facts(ctx, redemption))
    _require_good(ctx, redemption)
    await _spend(ctx, redemption)
    fulfilled = await rows.update(
        ctx,
        redemption,
        action="fulfil",
        expected_version=expected_version,
        state=state,
        fulfilled_at=ctx.now(),
        fulfilled_by=ctx.actor.id,
    )
    event = RedemptionFulfilled(
        redemption_id=redemption.id, reward_id=redemption.reward_id, points=redemption.points
    )
    await publish(ctx, event)
    return fulfilled


async def cancel(
    ctx: Context, redemption_id: UUID, *, reason: str, expected_version: int | None = None
) -> Redemption:
    """The participant does not want the reward any more, or cannot have it: all that was set aside is given back.

    Raises: NotFound, PermissionDenied, Required, TooLong, UndefinedTransition, StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    redemption, _participant = await redemption_case(ctx, redemption_id, READ, WRITE)
    return await _end(ctx, redemption, "cancel", "cancelled", why, expected_version)


async def lapse(ctx: Context, redemption_id: UUID) -> Redemption | None:
    """Give back what a voucher holds whose time is over; None when there is nothing to be done.

    Raises: NotFound.
    """
    redemption = await in_place(ctx, Redemption, redemption_id, lock=True)
    if redemption.state not in ("reserved", "issued") or not is_expired(ctx, redemption):
        return None
    return await _end(ctx, redemption, "lapse", "lapsed", "", None)


async def _end(
    ctx: Context, redemption: Redemption, action: str, word: str, why: str, expected_version: int | None
) -> Redemption:
    state = REDEMPTION.apply(redemption.state, action, Facts(actor_id=ctx.actor.id))
    await rewards.give_back(ctx, redemption.reward_id, redemption.quantity)
    await ledger.release(ctx, redemption.hold_id, _purpose(redemption.id, word, reason=why))
    if redemption.pool_hold_id:
        purpose = _purpose(redemption.id, word, money=True, reason=why)
        await ledger.release(ctx, redemption.pool_hold_id, purpose)
    return await rows.update(
        ctx,
        redemption,
        action=action,
        expected_version=expected_version,
        state=state,
        ended_at=ctx.now(),
        end_reason=why,
    )


async def _spend(ctx: Context, redemption: Redemption) -> None:
    reward = await rows.get(ctx, Reward, redemption.reward_id)
    redeemed = await accounts.redeemed(ctx)
    spent = await accounts.spent(ctx) if redemption.pool_hold_id else None
    purpose = _purpose(redemption.id, "fulfilled")
    await ledger.commit(ctx, redemption.hold_id, redeemed, purpose, category=reward.kind)
    if spent is not None:
        purpose = _purpose(redemption.id, "fulfilled", money=True)
        await ledger.commit(ctx, redemption.pool_hold_id, spent, purpose, category=reward.kind)


async def _pool(ctx: Context, participant: Participant) -> Pool:
    pool = await pool_for(ctx, participant.area_path, ctx.today().year, hold=True)
    if pool is None:
        raise PoolExhausted(path=("reward_id",))
    return pool


async def _hold_points(
    ctx: Context, redemption_id: UUID, participant: Participant, points: int
) -> ledger.Hold:
    if points > rewards.POINTS_MAX:
        raise NotEnoughPoints(path=("quantity",))
    try:
        return await ledger.hold(ctx, participant.account_id, points, _purpose(redemption_id, "reserved"))
    except ledger.InsufficientBalance as error:
        raise NotEnoughPoints(path=("reward_id",)) from error


async def _hold_money(ctx: Context, redemption_id: UUID, pool: Pool, value_fen: int) -> ledger.Hold:
    purpose = _purpose(redemption_id, "reserved", money=True)
    try:
        return await ledger.hold(ctx, pool.account_id, value_fen, purpose)
    except ledger.InsufficientBalance as error:
        raise PoolExhausted(path=("reward_id",)) from error


def _purpose(redemption_id: UUID, word: str, *, money: bool = False, reason: str = "") -> ledger.Purpose:
    return ledger.Purpose(
        kind=f"points.redemption_{word}",
        key=f"points.redemption:{redemption_id}:{word}{':money' if money else ''}",
        reason=reason,
        source_table="points_redemption",
        source_id=redemption_id,
    )


def _expiry(ctx: Context) -> datetime:
    """The end of the last day on which a voucher of today is good."""
    days = min(max(0, int(str(ctx.setting(DAYS_SETTING)))), DAYS_MAX)
    return ctx.start_of(ctx.today() + timedelta(days=days + 1))


def _require_good(ctx: Context, redemption: Redemption) -> None:
    if is_expired(ctx, redemption):
        raise VoucherExpired(expired_on=last_day(ctx, redemption))


async def _facts(ctx: Context, redemption: Redemption) -> Facts:
    participant = await rows.get(ctx, Participant, redemption.participant_id)
    persons = await persons_behind(ctx, participant)
    if redemption.person_id:
        persons |= {redemption.person_id}
    return await decision_facts(ctx, redemption, persons=persons, actors=redemption.requested_by)
