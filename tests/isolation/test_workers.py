"""Event handlers, the kernel role, and the functions that run as their owner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from linli.context import Context
from linli.events import StoredEvent, Subscription, publish
from linli.ids import new_id
from linli.testing.factories import Bench
from linli.testing.isolation import Pair
from linli.testing.isolation.rules import KERNEL_TABLES
from linli.testing.probe import Happened, Probe
from linli.testing.pytest_plugin import SECRET_KEY


@pytest.fixture
def probe(tmp_path: Path, pair: Pair) -> Iterator[Probe]:
    with Probe(tmp_path, pair.database, secret_key=SECRET_KEY) as plugin:
        yield plugin


async def test_a_handler_of_an_event_sees_the_rows_of_its_tenant_only(pair: Pair, probe: Probe) -> None:
    seen: dict[str, set[object]] = {}

    async def look(ctx: Context, _event: StoredEvent) -> None:
        for name in pair.tables:
            seen[name] = {row["tenant_id"] for row in await ctx.db.fetch(f"select tenant_id from {name}")}

    composition = probe.composition(subscriptions=[Subscription("probe.happened", "probe.look", look)])
    bench = Bench(pair.database, composition)
    tenant = await bench.tenant(plugins=["probe"])
    async with bench.context(tenant) as ctx:
        await publish(ctx, Happened(thing_id=new_id()))
    deliveries = probe.dispatchers(probe.runtime(composition))[0]
    for _ in range(10):
        if not await deliveries.run_once():
            break
    assert set(seen) == set(pair.tables)
    assert all(tenants <= {tenant.id} for tenants in seen.values())
    assert seen["events_event"] == {tenant.id}


async def test_the_kernel_role_reads_no_table_but_its_own(pair: Pair) -> None:
    for name in pair.tables:
        if name in KERNEL_TABLES:
            continue
        for statement in (f"select 1 from {name}", f"delete from {name}", f"select count(*) from {name}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with pair.database.kernel() as db:
                    await db.execute(statement)


async def test_the_kernel_role_changes_neither_the_trail_nor_its_seals(pair: Pair) -> None:
    for name in ("audit_entry", "audit_seal"):
        for statement in (f"update {name} set id = id", f"delete from {name}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with pair.database.kernel() as db:
                    await db.execute(statement)


async def test_search_refuses_another_tenant_and_finds_the_own_areas_only(pair: Pair) -> None:
    search = "select * from app.search_areas($1, $2, $3, $4)"
    async with pair.database.unit_of_work(pair.b.tenant.id) as db:
        found = {row[0] for row in await db.fetch(search, pair.b.tenant.id, "x", "", 100)}
        assert found == {row["id"] for row in pair.b.rows["areas_area"].values()}
    for tenant_id in (pair.a.tenant.id, None):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with pair.database.unit_of_work(pair.b.tenant.id) as db:
                await db.fetch(search, tenant_id, "x", "", 100)


async def test_functions_that_run_as_their_owner_refuse_the_unbound(pair: Pair) -> None:
    connection = await asyncpg.connect(pair.database.api_url)
    try:
        for call in (f"app.search_areas('{pair.a.tenant.id}', 'x', '', 100)", "app.analyze_areas()"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"select * from {call}")
    finally:
        await connection.close()


async def test_a_statement_that_binds_itself_leaves_nothing_bound(pair: Pair) -> None:
    wanted = "select case when app.bind($1) is not null then (select count(*)::text from areas_area) end"
    connection = await asyncpg.connect(pair.database.api_url)
    try:
        for seeded in (pair.a, pair.b, pair.a):
            assert int(await connection.fetchval(wanted, seeded.tenant.id)) >= 2
            assert await connection.fetchval("select count(*) from areas_area") == 0
            assert await connection.fetchval("select app.tenant()") is None
    finally:
        await connection.close()
