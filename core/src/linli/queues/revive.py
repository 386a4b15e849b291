"""Putting up again what failed for good."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from linli.context import Context


async def revive_row(ctx: Context, table: str, moment: str, row_id: UUID) -> str:
    """Put a dead row up for a full round of attempts; gives the status that it had, "" for a missing row."""
    status: str | None = await ctx.db.fetchval(
        f"select status from {table} where tenant_id = $1 and id = $2 for update", ctx.tenant_id, row_id
    )
    if status == "dead":
        await ctx.db.execute(
            f"update {table} set status = 'pending', attempts = 0, {moment} = $3, finished_at = null,"
            " error_code = '', version = version + 1, updated_at = $3 where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            row_id,
            ctx.now(),
        )
    return status or ""
