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

_DRAWN: Final = """
select p.amount from ledger_entry e
join ledger_posting p on p.tenant_id = $1 and p.entry_id = e.id and p.amount > 0
where e.tenant_id = $1 and e.key = $2 limit 1"""


async def hold(ctx: Context, account_id: UUID, amount: int, purpose: Purpose) -> Hold:
    """Move an amount of an account from available to reserved; gives the hold, also when it was made before.

    Raises: AmountOutOfRange, InsufficientBalance, AccountClosed, KeyReused.
    """
    checked_amount(amount, "amount")
    lines = (Line(account_id, -amount, Part.AVAILABLE), Line(account_id, amount, Part.RESERVED))
    hold_id = new_id()
    posted = await post_for_hold(ctx, purpose, lines, hold_id, drawn=False)
    if posted.replayed:
        entry = await rows.get(ctx, Entry, posted.entry_id)
        assert entry.hold_id is not None
        return await rows.get(ctx, Hold, entry.hold_id)
    made = await rows.get(ctx, Hold, hold_id)
    await record(ctx, Change("hold", "ledger_hold", made.id, before=None, after=rows.snapshot(made)))
    return made


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
    """Take from a hold that is locked. A key that was used posts nothing more, whatever remains."""
    taken = None if amount is None else checked_amount(amount, "amount")
    known: int | None = await ctx.db.fetchval(_DRAWN, ctx.tenant_id, purpose.key)
    if known is None:
        taken = taken or held.remaining
        if not 0 < taken <= held.remaining:
            raise HoldExhausted(remaining=held.remaining)
    taken = taken or known
    assert taken is not None
    lines = (
        Line(held.account_id, -taken, Part.RESERVED),
        Line(to.account_id, taken, Part.AVAILABLE, to.category),
    )
    posted = await post_for_hold(ctx, purpose, lines, held.id, drawn=True)
    if not posted.replayed:
        before, after = {"remaining": held.remaining}, {"remaining": held.remaining - taken}
        await record(ctx, Change("draw", "ledger_hold", held.id, before=before, after=after))
    return posted
