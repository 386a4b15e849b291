"""Taking back what was posted by mistake: by somebody else, for a reason, and only what is still there."""

from __future__ import annotations

from typing import Any, TypeVar

from linli.plugin import AreaTable, Context, ledger, rows
from linli_venture.money.errors import ReceiptSpent

Posted = TypeVar("Posted", bound=AreaTable)


async def cancelled(
    ctx: Context, row: Posted, state: str, purpose: ledger.Purpose, expected_version: int | None
) -> Posted:
    """Reverse the entry of a row that is held against other writers, and note by whom, when and why.

    The row has the columns `entry_id`, `state`, `cancelled_by`, `cancelled_at` and `cancel_reason`.
    Raises: ReceiptSpent, StaleVersion.
    """
    posted: Any = row
    try:
        await ledger.reverse(ctx, posted.entry_id, purpose)
    except ledger.InsufficientBalance as error:
        raise ReceiptSpent() from error
    return await rows.update(
        ctx,
        row,
        action="cancel",
        expected_version=expected_version,
        state=state,
        cancelled_by=ctx.actor.id,
        cancelled_at=ctx.now(),
        cancel_reason=purpose.reason,
    )
