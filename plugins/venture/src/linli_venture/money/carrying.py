"""Carrying over: what is left of a closed pool goes into an open one, and stays bound to what its giver asked for.

It goes from a source to one of the same name, kind, category and terms, which is named where the other pool has none.
What came in stays that of the source that it came in for: pools together have what all sources were given.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Duplicate,
    changeable,
    checks,
    decision_facts,
    in_place,
    ledger,
    new_id,
    rows,
)
from linli_venture.money import sources
from linli_venture.money.cancelling import cancelled
from linli_venture.money.errors import (
    BasisUsed,
    LeftTooLittle,
    PoolNotClosed,
    RestrictionsDiffer,
)
from linli_venture.money.pools import KIND, require_open
from linli_venture.money.states import CARRY_OVER
from linli_venture.money.tables import CarryOver, Pool, Source
from linli_venture.money.terms import PoolState, SourceKind


async def carry_over(
    ctx: Context,
    *,
    source_id: UUID,
    pool_id: UUID,
    basis: str,
    reason: str,
    amount_fen: int | None = None,
) -> CarryOver:
    """Carry what is left of a closed pool's source, or so much of it, over into an open pool, by a decision.

    `basis` is the decision's number. The actor may write on both pools.
    Raises: NotFound, PermissionDenied, PoolNotClosed, PoolClosed, LeftTooLittle, RestrictionsDiffer, TooManySources,
    BasisUsed, Required, TooLong.
    """
    source = await in_place(ctx, Source, source_id)  # the tree first: accounts are opened in it
    target = await changeable(ctx, Pool, pool_id, KIND)
    pool = await changeable(ctx, Pool, source.pool_id, KIND)
    if pool.state != PoolState.CLOSED:
        raise PoolNotClosed(path=("source_id",))
    require_open(target, "pool_id")
    left = (await ledger.balance(ctx, source.fund_account_id)).available
    fen = left if amount_fen is None else amount_fen
    if not 1 <= fen <= left:
        raise LeftTooLittle(path=("amount_fen",), left_fen=left)
    into = await _source_in(ctx, target, source)
    own_id = new_id()
    try:
        made = await rows.insert(
            ctx,
            CarryOver,
            action="carry_over",
            id=own_id,
            area_id=pool.area_id,
            area_path=pool.area_path,
            from_pool_id=pool.id,
            from_source_id=source.id,
            to_pool_id=target.id,
            to_source_id=into.id,
            amount_fen=fen,
            basis=checks.line(basis, "basis", sources.BASIS_MAX),
            reason=checks.line(reason, "reason", checks.REASON_MAX),
            carried_on=ctx.today(),
            carried_by=ctx.actor.id,
        )
    except Duplicate as error:
        raise BasisUsed(path=("basis",)) from error
    lines = (ledger.Line(source.fund_account_id, -fen), ledger.Line(into.fund_account_id, fen))
    posted = await ledger.post(ctx, _purpose("carried_over", own_id, made.reason), lines)
    return await rows.update(ctx, made, action="post", entry_id=posted.entry_id)


async def cancel(
    ctx: Context, carry_over_id: UUID, *, reason: str, expected_version: int | None = None
) -> CarryOver:
    """Take back what was carried over by mistake; by somebody else, for a reason, and only what is still there.

    Raises: NotFound, PermissionDenied, PoolClosed, Required, TooLong, UndefinedTransition, OwnWork, ReceiptSpent,
    StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    seen = await in_place(ctx, CarryOver, carry_over_id)
    target = await changeable(ctx, Pool, seen.to_pool_id, KIND)
    await changeable(ctx, Pool, seen.from_pool_id, KIND)
    carried = await rows.get(ctx, CarryOver, carry_over_id, lock=True)
    facts = await decision_facts(ctx, carried)
    state = CARRY_OVER.apply(carried.state, "cancel", facts)
    require_open(target, "id")
    return await cancelled(ctx, carried, state, _purpose("carried_back", carried.id, why), expected_version)


async def _source_in(ctx: Context, pool: Pool, source: Source) -> Source:
    """The source of a pool that is bound like another one. Raises: RestrictionsDiffer, TooManySources."""
    found = await rows.find_by(ctx, Source, pool_id=pool.id, name=source.name)
    if found is None:
        return await sources.add(
            ctx,
            pool_id=pool.id,
            kind=SourceKind(source.kind),
            name=source.name,
            category=source.category,
            terms=source.terms,
        )
    if any(getattr(found, one) != getattr(source, one) for one in _BOUND):
        raise RestrictionsDiffer(path=("pool_id",), source=source.name)
    return found


_BOUND: Final = ("kind", "category", "terms")


def _purpose(word: str, carry_over_id: UUID, reason: str) -> ledger.Purpose:
    return ledger.Purpose(
        kind=f"venture.money_{word}",
        key=f"venture.carry_over:{carry_over_id}:{word}",
        reason=reason,
        source_table="venture_carry_over",
        source_id=carry_over_id,
    )
