"""Keeping what areas were: the present version stands in the area, closed ones in the history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from linli.context import Context

STARTS: Final = "coalesce(renewed_on, valid_from)"
"""Since when an area's present version holds."""

_KEEP: Final = f"""
insert into areas_version (tenant_id, id, area_id, code, name, level, parent_id, path, depth, valid_from,
    valid_to, change_set_id)
select $1, gen_random_uuid(), id, code, name, level, parent_id, path, depth, {STARTS}, $2, $3
from areas_area where tenant_id = $1 and state = 'active' and {STARTS} < $2"""


async def keep(ctx: Context, ids: Sequence[UUID], *, on: date, change_set_id: UUID | None = None) -> None:
    """Close the present versions of some areas at `on`, the first day on which they no longer hold.

    Comes before the areas are changed; whoever changes them sets `renewed_on`. A version that began on that
    very day is not kept but corrected: no version is empty. The caller has checked that none begins later.
    """
    await ctx.db.execute(f"{_KEEP} and id = any($4::uuid[])", ctx.tenant_id, on, change_set_id, list(ids))


async def keep_range(
    ctx: Context, low: str, high: str, *, on: date, change_set_id: UUID | None = None
) -> None:
    """The same for the areas whose paths lie in a range."""
    await ctx.db.execute(f"{_KEEP} and path >= $4 and path < $5", ctx.tenant_id, on, change_set_id, low, high)
