"""Holding a call while one of its applicants or reviewers acts, so that it is not moved on meanwhile.

The call comes first, then what belongs to it: as in the draw, the ranking and the decision. Nobody waits for each other
in a circle then, and those who only hold it do not wait at all.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context

_HOLD: Final = "select 1 from venture_call where tenant_id = $1 and id = $2 for key share"


async def hold(ctx: Context, call_id: UUID) -> None:
    """Let every step of the call wait until this transaction ends."""
    await ctx.db.execute(_HOLD, ctx.tenant_id, call_id)
