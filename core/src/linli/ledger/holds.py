"""Holds: an amount is set aside for something, and then spent on it or given back, at once or in parts."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.audit.record import Change, record
from linli.context import Context
from linli.db import rows
from linli.ids import new_id
from linli.ledger.errors import HoldExhausted
from linli.ledger.posting import Line, Part, Posted, Purpose, checked_amount, post_for_hold
from linli.ledger.tables import Entry, Hold

_DRAW: Final = """
update ledger_hold set remaining = remaining - $3, version = version + 1, updated_at = $4
where tenant_id = $1 and id = $2 and remaining >= $3 returning remaining"""


async def hold(ctx: Context, account_id: UUID, amount: int, purpose: Purpose) -> Hold:
    """Move an amount of an account from available to reserved; gives the hold, also when it was made before.

    Raises: AmountOutOfRange, InsufficientBalance, AccountClosed, KeyReused.
    """
    checked_amount(amount, "amount")
    lines = (Line(account_id, -amount, Part.AVAILABLE), Line(account_id, amount, Part.RESERVED))
    hold_id = new_id()
    posted = await post_for_hold(ctx, purpose, lines, hold_id)
    if posted.replayed:
        entry = await rows.get(ctx, Entry, posted.entry_id)
        assert entry.hold_id is not None
        return await rows.get(ctx, Hold, entry.hold_id)
    return await rows.insert(
        ctx,
        Hold,
        action="hold",
        id=hold_id,
        account_id=account_id,
        entry_id=posted.entry_id,
        amount=amount,
        remaining=amount,
    )


async def commit(
    ctx: Context,
    hold_id: UUID,
    to_account_id: UUID,
    purpose: Purpose,
    *,
    amount: int | None = None,
    category: str = "",
) -> Posted:
    """Spend what is held (all that remains by default): out of reserved, into another account.

    Raises: NotFound, AmountOutOfRange, HoldExhausted, AccountClosed, KeyReused.
    """
    held = await rows.get(ctx, Hold, hold_id, lock=True)
    return await _draw(ctx, held, Line(to_account_id, 0, category=category), purpose, amount)


async def release(ctx: Context, hold_id: UUID, purpose: Purpose, *, amount: int | None = None) -> Posted:
    """Give back what is held (all that remains by default): it is available again.

    Raises: NotFound, AmountOutOfRange, HoldExhausted, AccountClosed, KeyReused.
    """
    held = await rows.get(ctx, Hold, hold_id, lock=True)
    return await _draw(ctx, held, Line(held.account_id, 0), purpose, amount)


async def _draw(ctx: Context, held: Hold, to: Line, purpose: Purpose, amount: int | None) -> Posted:
    """Take from a hold that is locked. A replay of the key is noticed before anything is taken."""
    known = await rows.find_by(ctx, Entry, key=purpose.key)
    if known is not None and known.hold_id == held.id:
        return Posted(known.id, replayed=True)
    taken = held.remaining if amount is None else checked_amount(amount, "amount")
    if not 0 < taken <= held.remaining:
        raise HoldExhausted(remaining=held.remaining)
    await ctx.db.execute(_DRAW, ctx.tenant_id, held.id, taken, ctx.now())
    lines = (
        Line(held.account_id, -taken, Part.RESERVED),
        Line(to.account_id, taken, Part.AVAILABLE, to.category),
    )
    posted = await post_for_hold(ctx, purpose, lines, held.id)
    before, after = {"remaining": held.remaining}, {"remaining": held.remaining - taken}
    await record(ctx, Change("draw", "ledger_hold", held.id, before=before, after=after))
    return posted
