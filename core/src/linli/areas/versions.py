"""Closing and opening the dated versions of areas whose present state was just changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from linli.context import Context

_PARTS = "code, name, level, parent_id, path, depth"


async def renew(ctx: Context, ids: Sequence[UUID], *, on: date, change_set_id: UUID | None = None) -> int:
    """Close the open version of each area at `on`, and open one that tells what the area is now.

    A version that was opened on that very day is corrected instead: no version is empty. Gives how many areas
    have a version from `on`. The caller has checked that no open version starts later.
    """
    chosen = list(ids)
    await ctx.db.execute(
        "update areas_version v set code = a.code, name = a.name, level = a.level, parent_id = a.parent_id,"
        " path = a.path, depth = a.depth, change_set_id = coalesce($4, v.change_set_id), version = v.version + 1,"
        " updated_at = now() from areas_area a where v.tenant_id = $1 and a.tenant_id = $1 and v.area_id = a.id"
        " and v.area_id = any($2::uuid[]) and v.valid_from = $3 and v.valid_to is null",
        ctx.tenant_id,
        chosen,
        on,
        change_set_id,
    )
    await close(ctx, chosen, on=on)
    tag = await ctx.db.execute(
        f"insert into areas_version (tenant_id, id, area_id, {_PARTS}, valid_from, change_set_id)"
        f" select $1, gen_random_uuid(), id, {_PARTS}, $3, $4 from areas_area a"
        " where tenant_id = $1 and id = any($2::uuid[]) and state = 'active' and not exists"
        " (select 1 from areas_version v where v.tenant_id = $1 and v.area_id = a.id and v.valid_from = $3)",
        ctx.tenant_id,
        chosen,
        on,
        change_set_id,
    )
    return int(tag.rpartition(" ")[2])


async def close(ctx: Context, ids: Sequence[UUID], *, on: date) -> None:
    """Close the open version of each area at `on`; `on` is the first day on which it no longer holds."""
    await ctx.db.execute(
        "update areas_version set valid_to = $3, version = version + 1, updated_at = now()"
        " where tenant_id = $1 and area_id = any($2::uuid[]) and valid_to is null and valid_from < $3",
        ctx.tenant_id,
        list(ids),
        on,
    )


async def starts(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, date]:
    """Since when each area's open version holds."""
    rows = await ctx.db.fetch(
        "select area_id, valid_from from areas_version"
        " where tenant_id = $1 and area_id = any($2::uuid[]) and valid_to is null",
        ctx.tenant_id,
        list(ids),
    )
    return {row["area_id"]: row["valid_from"] for row in rows}
