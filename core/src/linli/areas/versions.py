"""Keeping what areas were: the present version stands in the area, closed ones in the history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from linli.context import Context

STARTS: Final = "(case when renewed_on is null then valid_from else renewed_on end)"
"""Since when an area's present version holds. Under row-level security, `coalesce` would not use its index."""

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


async def keep_children(
    ctx: Context, path: str, segments: Sequence[str], *, on: date, change_set_id: UUID | None = None
) -> None:
    """The same for some children of the area at `path`, by their segments, and for all below them."""
    await ctx.db.execute(
        f"{_KEEP} and {below('path', '$4', '$5')}", ctx.tenant_id, on, change_set_id, path, list(segments)
    )


def below(column: str, path: str, segments: str) -> str:
    """SQL for: the path in `column` lies in one of the children of `path` that have one of the segments.

    The range is there for the index; the segment decides.
    """
    return (
        f"{column} > {path} and {column} < {path} || '~'"
        f" and split_part(substr({column}, length({path}) + 1), '.', 1) = any({segments}::text[])"
    )
