"""Measures the area tree: `python tests/bench/areas.py FILE` with a file of areas, such as a whole country.

Uses a database of its own on the server that LINLI_TEST_DATABASE_URL names, and drops it. The alternatives
to the C-collated path are built beside it from the same rows, as their own tables, by the owner. Every figure is
the median of five warm runs in milliseconds; changes run once and are rolled back. The results are in
docs/decisions/0001-area-paths.md.
"""

# ruff: noqa: T201, E501, B023

from __future__ import annotations

import asyncio
import os
import secrets
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from areas_sweep import settle, sweep

from linli.areas import counters, search, tree
from linli.areas.change_sets import area_tables
from linli.areas.effects import Effects
from linli.areas.importing import import_areas
from linli.areas.levels import STANDARD, define_levels
from linli.areas.locking import lock_tree
from linli.areas.steps import Steps
from linli.context import Context
from linli.db.database import Database
from linli.db.migrations import KERNEL_MIGRATIONS, migrate
from linli.registry import installed_composition
from linli.testing.factories import Bench

RUNS = 5
HOUSEHOLDS = 200_000

BUILD = {
    "parent": (
        "create table b_parent as select id, parent_id, code, level from areas_area",
        "alter table b_parent add primary key (id)",
        "create index on b_parent (parent_id)",
    ),
    "path": (
        "create table b_path as select id, path, level from areas_area",
        "alter table b_path add primary key (id)",
        "create unique index on b_path (path)",
    ),
    "code": (
        "create table b_code as select id, code collate \"C\" as code, level, rtrim(code, '0') as stem from areas_area",
        "alter table b_code add primary key (id)",
        "create index on b_code (code)",
    ),
    "closure": (
        "create table b_closure as with recursive t as (select id as above, id as below from areas_area union all"
        " select t.above, a.id from t join areas_area a on a.parent_id = t.below) select * from t",
        "alter table b_closure add primary key (above, below)",
        "create index on b_closure (below)",
    ),
    "ltree": (
        "create extension if not exists ltree",
        "create table b_ltree as select id, rtrim(path, '.')::ltree as path, level from areas_area",
        "alter table b_ltree add primary key (id)",
        "create index on b_ltree using gist (path)",
        "create index b_ltree_btree on b_ltree (path)",
    ),
}
SUBTREE = {
    "parent": "with recursive t as (select id from b_parent where id = $1 union all select a.id from t"
    " join b_parent a on a.parent_id = t.id) select count(*) from t",
    "path": "select count(*) from b_path, (select path as p from b_path where id = $1) x"
    " where path >= p and path < p || '~'",
    "code": "select count(*) from b_code, (select stem as s from b_code where id = $1) x"
    " where code >= s and code < s || '~'",
    "closure": "select count(*) from b_closure where above = $1",
    "ltree": "select count(*) from b_ltree, (select path as p from b_ltree where id = $1) x where path <@ p",
}
ANCESTORS = {
    "parent": "with recursive t as (select id, parent_id from b_parent where id = $1 union all"
    " select a.id, a.parent_id from t join b_parent a on a.id = t.parent_id) select count(*) from t",
    "path": "select count(*) from b_path where path = any((select array(select left(path, n) from"
    " generate_series(1, length(path)) n where substr(path, n, 1) = '.') from b_path where id = $1)::text[])",
    "closure": "select count(*) from b_closure where below = $1",
    "ltree": "select count(*) from b_ltree where path @> (select path from b_ltree where id = $1)",
}
# $1 moves below $2.
MOVE = {
    "parent": ("update b_parent set parent_id = $2 where id = $1",),
    "path": (
        "with f as (select path as p from b_path where id = $1), t as (select path as p from b_path where id = $2)"
        " update b_path b set path = t.p || 'zzzzz.' || substr(b.path, length(f.p) + 1) from f, t"
        " where b.path >= f.p and b.path < f.p || '~'",
    ),
    "closure": (
        "delete from b_closure c using b_closure d, b_closure u where d.above = $1 and u.below = $1"
        " and u.above <> $1 and c.above = u.above and c.below = d.below and $2::uuid is not null",
        "insert into b_closure select u.above, d.below from b_closure u, b_closure d where u.below = $2 and d.above = $1",
    ),
    "ltree": (
        "with f as (select path as p from b_ltree where id = $1), t as (select path as p from b_ltree where id = $2)"
        " update b_ltree b set path = t.p || 'zzzzz'::ltree || case when nlevel(b.path) > nlevel(f.p)"
        " then subpath(b.path, nlevel(f.p)) else ''::ltree end from f, t where b.path <@ f.p",
    ),
}


async def main(file: Path) -> None:
    """Build, measure, print, drop."""
    server = os.environ["LINLI_TEST_DATABASE_URL"]
    name = f"linli_bench_{secrets.token_hex(4)}"
    url = server.replace("/postgres", f"/{name}", 1)
    composition = installed_composition()
    admin = await asyncpg.connect(server)
    await admin.execute(f"create database {name}")
    try:
        await migrate(url, [*KERNEL_MIGRATIONS, *composition.migration_sets], secret_key=name)
        async with Database(url, secret_key=name) as database:
            bench = Bench(database, composition)
            tenant = await bench.tenant()
            await _load(bench, tenant, file)
            async with bench.context(tenant) as ctx:
                places = await _places(ctx)
                await _services(ctx, places)
            owner = await asyncpg.connect(url)
            try:
                await _alternatives(owner, places)
                await settle(owner, tenant.id)
                async with bench.context(tenant) as ctx:
                    await sweep(ctx)
            finally:
                await owner.close()
            tables = area_tables(composition.tables)
            await _changes(bench, tenant, places, tables)
    finally:
        await admin.execute(f"drop database {name} with (force)")
        for role in (f"{name}_api", f"{name}_kernel"):
            await admin.execute(f"drop role if exists {role}")
        await admin.close()


async def _load(bench: Bench, tenant: Any, file: Path) -> None:
    started, cpu = time.perf_counter(), time.process_time()
    async with bench.context(tenant) as ctx:
        await define_levels(ctx, STANDARD)
        report = await import_areas(ctx, file)
    seconds = time.perf_counter() - started
    print(f"import: {report.created} areas, {report.bad_count} bad, {seconds:.1f} s,", end=" ")
    print(f"{time.process_time() - cpu:.1f} s of it Python")
    async with bench.context(tenant) as ctx:
        areas = await ctx.db.fetch(
            "select id, path from areas_area where tenant_id = $1 and depth = 5 order by md5(code) limit $2",
            ctx.tenant_id,
            HOUSEHOLDS // 10,
        )
        for start in range(0, len(areas), 5_000):
            batch = areas[start : start + 5_000]
            await ctx.db.execute(
                "insert into identity_household (tenant_id, id, area_id, area_path, name, synthetic)"
                " select $1, gen_random_uuid(), a.id, a.path, '测试户', true"
                " from unnest($2::uuid[], $3::text[]) as a (id, path), generate_series(1, 10)",
                ctx.tenant_id,
                [a["id"] for a in batch],
                [a["path"] for a in batch],
            )
            await counters.count_many(ctx, "people", {a["id"]: 10 for a in batch})
        while await counters.fold(ctx):
            pass


async def _places(ctx: Context) -> dict[str, UUID]:
    """The largest area of each level, and another one of the same kind to move below."""
    places: dict[str, UUID] = {}
    for level in ("province", "city", "district", "street"):
        rows = await ctx.db.fetch(
            "select id from areas_area where tenant_id = $1 and level = $2 order by descendants desc limit 2",
            ctx.tenant_id,
            level,
        )
        places[level], places[f"other {level}"] = rows[0]["id"], rows[1]["id"]
    places["community"] = await ctx.db.fetchval(
        "select id from areas_area where tenant_id = $1 and depth = 5 order by path desc limit 1",
        ctx.tenant_id,
    )
    return places


async def _services(ctx: Context, places: dict[str, UUID]) -> None:
    province, community = places["province"], places["community"]
    await _show("children of the largest province", lambda: tree.children(ctx, province))
    await _show("ancestors of a community", lambda: tree.ancestors(ctx, community))
    await _show("subtree count of a province", lambda: tree.subtree_count(ctx, province))
    await _show("first 100 of a province's subtree", lambda: tree.subtree(ctx, province))
    await _show("roll-up of people by province", lambda: counters.roll_up(ctx, None))
    await _show("roll-up of people in a province", lambda: counters.roll_up(ctx, province))
    today = ctx.today()
    await _show("children as of today", lambda: tree.children(ctx, province, as_of=today))
    await _show("subtree count as of today", lambda: tree.subtree_count(ctx, province, as_of=today))
    for text in ("社区", "荆门", "jingmen", "村民委员会", "4208"):
        await _show(f"search {text}", lambda text=text: search.search(ctx, text))  # type: ignore[misc]


async def _alternatives(owner: asyncpg.Connection[asyncpg.Record], places: dict[str, UUID]) -> None:
    for way, statements in BUILD.items():
        started = time.perf_counter()
        for statement in statements:
            await owner.execute(statement)
        print(f"{way}: built in {time.perf_counter() - started:.1f} s")
        await owner.execute("vacuum analyze")
    await owner.execute("create table b_people as select area_id, area_path from identity_household")
    await owner.execute("vacuum analyze")
    for title, group, place in (
        ("subtree count", SUBTREE, "province"),
        ("ancestors", ANCESTORS, "community"),
    ):
        for way, sql in group.items():
            await _show(f"{title}: {way}", lambda sql=sql: owner.fetchval(sql, places[place]))  # type: ignore[misc]
    for level, to in (("city", "other province"), ("district", "other city")):
        for way, statements in MOVE.items():
            transaction = owner.transaction()
            await transaction.start()
            started = time.perf_counter()
            for sql in statements:
                await owner.execute(sql, places[level], places[to])
            print(f"move of a {level}: {way}: {(time.perf_counter() - started) * 1000:.1f} ms")
            await transaction.rollback()


async def _changes(bench: Bench, tenant: Any, places: dict[str, UUID], tables: tuple[str, ...]) -> None:
    """The whole change: history, paths of areas and of 200,000 households, and counts."""
    moves = (("city", "other province"), ("district", "other city"), ("street", "other district"))
    for level, to in moves:
        async with bench.context(tenant) as ctx:
            await lock_tree(ctx)
            effects = Effects()
            steps = Steps(ctx, ctx.today(), None, tables, effects)
            node, parent = await tree.get(ctx, places[level]), await tree.get(ctx, places[to])
            ctx.db.statements = 0
            await _undone(ctx, f"service: move of a {level}", lambda: steps.move(node, parent))
            print(f"    {effects.plain()}, {ctx.db.statements} statements")
    async with bench.context(tenant) as ctx:
        await lock_tree(ctx)
        effects = Effects()
        steps = Steps(ctx, ctx.today(), None, tables, effects)
        node, into = await tree.get(ctx, places["street"]), await tree.get(ctx, places["other street"])

        async def merge() -> None:
            await steps.move_children(node, (await tree.children(ctx, node.id, first=500)).nodes, into)
            await steps.hand_over(node, into)

        await _undone(ctx, "service: merge of two streets", merge)
        print(f"    {effects.plain()}, {ctx.db.statements} statements")


class _Undo(Exception):
    pass


async def _undone(ctx: Context, title: str, action: Callable[[], Awaitable[None]]) -> None:
    try:
        async with ctx.db.savepoint():
            started = time.perf_counter()
            await action()
            print(f"{title}: {(time.perf_counter() - started) * 1000:.0f} ms")
            raise _Undo
    except _Undo:
        pass


async def _show(title: str, action: Callable[[], Awaitable[object]]) -> None:
    await action()
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        await action()
        times.append((time.perf_counter() - started) * 1000)
    print(f"{title}: {statistics.median(times):.2f} ms")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
