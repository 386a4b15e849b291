"""Counts of things by area, kept up to date for dashboards.

Whoever adds or removes a thing notes a difference: an insert of its own row, so that writers neither wait for
each other at the top of the tree nor deadlock. The notes are folded into the totals of the area and of all
above it by one transaction at a time, now and then; whoever reads adds what is not folded yet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from linli.areas.errors import AreaNotFound
from linli.areas.locking import try_fold
from linli.areas.paths import prefixes
from linli.areas.tree import PAGE_MAX, Node, children, get
from linli.context import Context
from linli.ids import new_id

PEOPLE: Final = "people"
AREAS_PER_CALL_MAX: Final = 10_000
_FOLD_ROWS_MAX: Final = 5_000
_FOLD_ONE_IN: Final = 32

_PENDING = """
pending as (
    select a.id, a.path, sum(d.delta)::bigint as delta from areas_counter_delta d
    join areas_area a on a.tenant_id = $1 and a.id = d.area_id
    where d.tenant_id = $1 and d.kind = $2 group by a.id, a.path
)"""

# The counters are picked by id first: without statistics a join would read all of the tenant's.
_COUNTS = f"""
with {_PENDING},
counted as materialized (
    select area_id, own, total from areas_counter
    where tenant_id = $1 and kind = $2 and area_id = any($3::uuid[])
)
select a.id,
    coalesce(c.own, 0) + coalesce((select p.delta from pending p where p.id = a.id), 0) as own,
    coalesce(c.total, 0) + coalesce((select sum(p.delta)::bigint from pending p
        where p.path >= a.path and p.path < a.path || '~'), 0) as total
from areas_area a left join counted c on c.area_id = a.id
where a.tenant_id = $1 and a.id = any($3::uuid[])"""

_ADD = """
insert into areas_counter (tenant_id, id, area_id, kind, own, total)
select $1, n.id, a.id, n.kind, n.own, n.total
from unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::bigint[]) as n (id, path, kind, own, total)
join areas_area a on a.tenant_id = $1 and a.path = n.path
on conflict (tenant_id, area_id, kind) do update
    set own = areas_counter.own + excluded.own, total = areas_counter.total + excluded.total"""


@dataclass(frozen=True, slots=True)
class Count:
    """How many lie in the area itself, and in its whole subtree."""

    area: Node
    own: int
    total: int


async def count(ctx: Context, area_id: UUID, kind: str, delta: int) -> None:
    """Note that `delta` things of a kind were added to (or, below zero, taken from) an area."""
    await count_many(ctx, kind, {area_id: delta})


async def count_many(ctx: Context, kind: str, deltas: Mapping[UUID, int]) -> None:
    """Note differences for several areas at once, as a bulk load does. Raises: BrokenReference, AreaNotFound."""
    if len(deltas) > AREAS_PER_CALL_MAX:
        raise ValueError(f"at most {AREAS_PER_CALL_MAX} areas a call")
    noted = {area_id: delta for area_id, delta in deltas.items() if delta}
    if not noted:
        return
    if len(noted) > _FOLD_ONE_IN and await try_fold(ctx):
        await _add_noted(ctx, kind, noted)
        return
    ids = [new_id() for _ in noted]
    await ctx.db.execute(
        "insert into areas_counter_delta (tenant_id, id, area_id, kind, delta)"
        " select $1, n.id, n.area_id, $2, n.delta from unnest($3::uuid[], $4::uuid[], $5::bigint[])"
        " as n (id, area_id, delta)",
        ctx.tenant_id,
        kind,
        ids,
        list(noted),
        list(noted.values()),
    )
    if ids[0].int % _FOLD_ONE_IN == 0:
        await fold(ctx)


async def counts(ctx: Context, area_id: UUID, kind: str = PEOPLE) -> Count:
    """The counts of one area. Raises: AreaNotFound."""
    area = await get(ctx, area_id)
    rows = await ctx.db.fetch(_COUNTS, ctx.tenant_id, kind, [area_id])
    return Count(area, rows[0]["own"], rows[0]["total"])


async def roll_up(
    ctx: Context, area_id: UUID | None, kind: str = PEOPLE, *, first: int = PAGE_MAX, after: str | None = None
) -> tuple[Count, ...]:
    """The counts of each area right below one (None: at the top). Raises: AreaNotFound, InvalidPage."""
    page = await children(ctx, area_id, first=first, after=after)
    rows = await ctx.db.fetch(_COUNTS, ctx.tenant_id, kind, [node.id for node in page.nodes])
    found = {row["id"]: row for row in rows}
    return tuple(Count(node, found[node.id]["own"], found[node.id]["total"]) for node in page.nodes)


async def fold(ctx: Context, *, tree_is_locked: bool = False) -> int:
    """Add waiting differences to the totals, unless another transaction is at it; gives how many."""
    if not tree_is_locked and not await try_fold(ctx):
        return 0
    taken = await ctx.db.fetch(
        "with gone as (delete from areas_counter_delta where tenant_id = $1 and id = any(array(select id from"
        " areas_counter_delta where tenant_id = $1 order by id limit $2)) returning area_id, kind, delta)"
        " select a.path, g.kind, sum(g.delta)::bigint as delta, count(*) as rows from gone g"
        " join areas_area a on a.tenant_id = $1 and a.id = g.area_id group by a.path, g.kind",
        ctx.tenant_id,
        _FOLD_ROWS_MAX,
    )
    await _spread(ctx, [(row["path"], row["kind"], row["delta"]) for row in taken])
    return sum(row["rows"] for row in taken)


async def add(ctx: Context, own: Mapping[tuple[str, str], int], total: Mapping[tuple[str, str], int]) -> None:
    """Add to stored counts by (path, kind). The caller holds the tree's lock or the folding lock."""
    keys = sorted({*own, *total})
    await ctx.db.execute(
        _ADD,
        ctx.tenant_id,
        [new_id() for _ in keys],
        [path for path, _kind in keys],
        [kind for _path, kind in keys],
        [own.get(key, 0) for key in keys],
        [total.get(key, 0) for key in keys],
    )


async def _add_noted(ctx: Context, kind: str, noted: Mapping[UUID, int]) -> None:
    """Add many differences to the totals at once, so that a bulk load leaves no dead rows behind."""
    rows = await ctx.db.fetch(
        "select id, path from areas_area where tenant_id = $1 and id = any($2::uuid[])",
        ctx.tenant_id,
        list(noted),
    )
    if len(rows) < len(noted):
        raise AreaNotFound()
    await _spread(ctx, [(row["path"], kind, noted[row["id"]]) for row in rows])


async def _spread(ctx: Context, differences: Iterable[tuple[str, str, int]]) -> None:
    own: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    for path, kind, delta in differences:
        own[path, kind] += delta
        for above in (*prefixes(path), path):
            total[above, kind] += delta
    await add(ctx, own, total)
