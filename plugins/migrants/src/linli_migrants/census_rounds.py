"""The rounds that a quarter needs: opened by a job, so that no dwelling is left out because nobody opened one."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, Place, hold_tree
from linli_migrants import census
from linli_migrants.visit_errors import RoundOverlaps

ROUNDS_MAX: Final = 500
# Dwellings at or below an area of the level are that area's; others are the business of the area in which they lie.
_NEEDED: Final = """
with needed as (
    select distinct coalesce(l.id, d.area_id) as id, coalesce(l.path, d.area_path) as path
    from (
        select distinct area_id, area_path from migrants_dwelling where tenant_id = $1 and state = 'active'
    ) d
    left join areas_area l on l.tenant_id = $1 and l.level = $2 and l.state = 'active'
        and starts_with(d.area_path, l.path)
)
select n.id, n.path from needed n
where not exists (
    select 1 from migrants_census_round r
    where r.tenant_id = $1 and r.year = $3 and r.quarter = $4 and r.state <> 'cancelled'
        and (starts_with(n.path, r.area_path) or starts_with(r.area_path, n.path)))
order by n.path limit $5"""


async def open_needed(ctx: Context) -> int:
    """Open this quarter's missing rounds, at most 500; gives how many places were looked at.

    A place is each area of the level in the setting that has dwellings in use; where dwellings lie above that level,
    it is their own area, and its round covers all below. What a round covers already is left alone.
    """
    today = ctx.today()
    quarter = (today.month + 2) // 3
    await hold_tree(ctx)
    level = str(ctx.setting("migrants.census_level"))
    found = await ctx.db.fetch(_NEEDED, ctx.tenant_id, level, today.year, quarter, ROUNDS_MAX)
    for row in found:
        area_id = UUID(int=row["id"].int) if row["id"] is not None else None
        try:
            await census.open_at(ctx, Place(area_id, row["path"]), today.year, quarter)
        except RoundOverlaps:
            continue  # an area around it was first in this batch
    return len(found)
