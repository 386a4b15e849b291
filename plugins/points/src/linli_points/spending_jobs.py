"""What happens by the clock to vouchers, transfers and rankings.

Each voucher and transfer is a job of its own: one that fails holds up no other, and no two hold each other's locks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from linli.plugin import Context, Job, enqueue
from linli_points import ranking, redemptions, transfers

BATCH_MAX: Final = 500

_EXPIRED: Final = """
select id from points_redemption where tenant_id = $1 and state = $2 and expires_at <= $3
order by expires_at, id limit $4"""
_DUE: Final = """
select id from points_transfer where tenant_id = $1 and state = 'accepted' and due_at <= $2
order by due_at, id limit $3"""


async def lapse_redemptions(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Put down a job for each voucher whose time is over, at most 500 of each state."""
    for state in ("reserved", "issued"):
        for row in await ctx.db.fetch(_EXPIRED, ctx.tenant_id, state, ctx.now(), BATCH_MAX):
            await _put_down(ctx, LAPSE_REDEMPTION.name, row["id"])


async def lapse_redemption(ctx: Context, arguments: Mapping[str, object]) -> None:
    """Give back what one voucher holds; nothing when it was handed in or cancelled meanwhile."""
    await redemptions.lapse(ctx, UUID(str(arguments["id"])))


async def post_transfers(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Put down a job for each accepted transfer whose cooling-off is over, at most 500."""
    for row in await ctx.db.fetch(_DUE, ctx.tenant_id, ctx.now(), BATCH_MAX):
        await _put_down(ctx, POST_TRANSFER.name, row["id"])


async def post_transfer(ctx: Context, arguments: Mapping[str, object]) -> None:
    """Move the points of one transfer; nothing when it was posted or cancelled meanwhile."""
    await transfers.post_due(ctx, UUID(str(arguments["id"])))


async def rebuild_ranking(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Build the rankings anew from the ledger."""
    await ranking.rebuild(ctx)


async def _put_down(ctx: Context, name: str, row_id: UUID) -> None:
    await enqueue(ctx, name, {"id": row_id}, key=str(row_id))


LAPSE_REDEMPTION: Final = Job("points.lapse_redemption", lapse_redemption)
POST_TRANSFER: Final = Job("points.post_transfer", post_transfer)

SPENDING_JOBS: Final = (
    Job("points.lapse_redemptions", lapse_redemptions, schedule="5 * * * *"),
    LAPSE_REDEMPTION,
    Job("points.post_transfers", post_transfers, schedule="*/10 * * * *"),
    POST_TRANSFER,
    Job("points.rebuild_ranking", rebuild_ranking, schedule="*/15 * * * *", timeout_s=300),
)
