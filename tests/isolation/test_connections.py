"""Pooled connections: nothing of a tenant stays on one, however its last unit of work ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from linli.areas.tables import Area
from linli.db.database import Database
from linli.db.failures import BrokenReference
from linli.errors import LinliError
from linli.testing.isolation import Pair
from linli.testing.pytest_plugin import SECRET_KEY


@pytest.fixture
async def single(pair: Pair) -> AsyncIterator[Database]:
    """The same database through a pool of one connection: whoever comes next gets the same one."""
    async with Database(pair.database.owner_url, secret_key=SECRET_KEY, pool_size_max=1) as opened:
        yield opened


async def backend(database: Database, tenant_id: Any) -> int:
    async with database.unit_of_work(tenant_id) as db:
        return int(await db.fetchval("select pg_backend_pid()"))


async def bare(database: Database) -> asyncpg.Connection[asyncpg.Record]:
    """A connection of the API role on which nothing was bound, as a careless plugin might open one."""
    return await asyncpg.connect(database.api_url)


async def seen_unbound(database: Database, pair: Pair) -> dict[str, object]:
    """What the pool's connection shows of each table when no tenant is bound."""
    pool = database._api
    assert pool is not None
    async with pool.acquire() as connection:
        assert await connection.fetchval("select app.tenant()") is None
        return {
            name: count
            for name in pair.tables
            if (count := await connection.fetchval(f"select count(*) from {name}"))
        }


async def test_unbound_there_are_no_rows_and_no_inserts(single: Database, pair: Pair) -> None:
    assert await seen_unbound(single, pair) == {}
    connection = await bare(single)
    try:
        for name in pair.tables:
            row = pair.b.rows[name][1]
            places = ", ".join(f"${i}" for i in range(1, len(row) + 1))
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(
                    f"insert into {name} ({', '.join(row)}) values ({places})", *row.values()
                )
            for statement in (f"update {name} set tenant_id = tenant_id", f"delete from {name}"):
                try:
                    assert (await connection.execute(statement)).endswith(" 0")
                except asyncpg.InsufficientPrivilegeError:
                    continue
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "mistake",
    [
        "select 1/0",
        "select * from no_such_table",
        "insert into areas_counter_delta (tenant_id, id, area_id, kind, delta)"
        " select app.tenant(), gen_random_uuid(), gen_random_uuid(), 'x', 1",
    ],
)
async def test_after_an_error_the_connection_is_bound_to_nobody(
    single: Database, pair: Pair, mistake: str
) -> None:
    before = await backend(single, pair.a.tenant.id)

    async def request() -> None:
        async with single.unit_of_work(pair.a.tenant.id) as db:
            assert await db.fetchval("select count(*) from areas_area") > 0
            await db.execute(mistake)

    with pytest.raises((asyncpg.PostgresError, BrokenReference)):
        await request()
    assert await seen_unbound(single, pair) == {}
    assert await backend(single, pair.b.tenant.id) == before


async def test_after_a_cancelled_statement_the_connection_is_bound_to_nobody(
    single: Database, pair: Pair
) -> None:
    started = asyncio.Event()

    async def request() -> None:
        async with single.unit_of_work(pair.a.tenant.id) as db:
            await db.fetch("select * from areas_area")
            started.set()
            await db.fetchval("select pg_sleep(20)")

    task = asyncio.create_task(request())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await seen_unbound(single, pair) == {}
    async with single.unit_of_work(pair.b.tenant.id) as db:
        assert {row["tenant_id"] for row in await db.fetch("select tenant_id from areas_area")} == {
            pair.b.tenant.id
        }


async def test_a_request_cancelled_at_any_await_leaves_nothing_bound(single: Database, pair: Pair) -> None:
    for steps in range(12):

        async def request() -> None:
            async with single.unit_of_work(pair.a.tenant.id) as db:
                await db.fetch("select * from areas_area")

        task = asyncio.create_task(request())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await seen_unbound(single, pair) == {}


async def test_a_second_tenant_cannot_be_bound_to_a_transaction(single: Database, pair: Pair) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with single.unit_of_work(pair.b.tenant.id) as db:
            await db.execute("select app.bind($1)", pair.a.tenant.id)
    async with single.unit_of_work(pair.b.tenant.id) as db, db.savepoint():
        assert await db.fetchval("select app.bind($1)", pair.b.tenant.id) == pair.b.tenant.id


@pytest.mark.parametrize(
    "residue",
    [
        "select set_config('app.tenant_id', '{tenant}', false)",
        "set session app.tenant_id = '{tenant}'",
        "declare kept cursor with hold for select * from areas_area",
        "select pg_advisory_lock(4711)",
        "listen linli_isolation",
        "prepare kept as select * from areas_area",
    ],
)
async def test_what_a_careless_plugin_leaves_on_a_session_is_gone_for_the_next(
    single: Database, pair: Pair, residue: str
) -> None:
    async with single.unit_of_work(pair.a.tenant.id) as db:
        await db.execute(residue.format(tenant=pair.a.tenant.id))
    assert await seen_unbound(single, pair) == {}
    async with single.unit_of_work(pair.b.tenant.id) as db:
        assert await db.fetchval("select app.tenant()") == pair.b.tenant.id
        assert await db.fetch("select name from pg_cursors where name = 'kept'") == []
        assert await db.fetch("select pg_listening_channels()") == []
        held = "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"
        assert await db.fetchval(held) == 0
        if residue.startswith("prepare"):
            rows = await db.fetch("execute kept")
            assert {row["tenant_id"] for row in rows} == {pair.b.tenant.id}


@pytest.mark.parametrize(
    "statement",
    [
        "create temporary table kept as select * from areas_area",
        "create table kept (id uuid)",
        "create view kept as select * from areas_area",
        "create function kept() returns integer language sql as $$ select 1 $$",
        "alter table areas_area disable row level security",
        "drop policy tenant on areas_area",
        "set session authorization default",
        "copy areas_area from stdin",
    ],
)
async def test_the_api_role_makes_and_alters_nothing(single: Database, pair: Pair, statement: str) -> None:
    try:
        async with single.unit_of_work(pair.b.tenant.id) as db:
            await db.execute(statement)
            assert statement.startswith("set session authorization")  # to itself: the role it came as
            assert await db.fetchval("select rolsuper from pg_roles where rolname = session_user") is False
    except (asyncpg.PostgresError, LinliError):
        pass
    async with single.unit_of_work(pair.b.tenant.id) as db:
        assert await db.fetchval("select to_regclass('kept')") is None
        assert {row["tenant_id"] for row in await db.fetch("select * from areas_area")} == {pair.b.tenant.id}


async def test_copy_gives_the_bound_tenants_rows_only(single: Database, pair: Pair) -> None:
    pool = single._api
    assert pool is not None
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("select app.bind($1)", pair.b.tenant.id)
        for name in pair.tables:
            chunks: list[bytes] = []

            async def keep(chunk: bytes, into: list[bytes] = chunks) -> None:
                into.append(bytes(chunk))

            await connection.copy_from_query(f"select * from {name}", output=keep, format="csv")
            text = b"".join(chunks).decode()
            assert str(pair.b.tenant.id) in text
            assert str(pair.a.tenant.id) not in text


async def test_prepared_statements_reused_by_many_tenants_keep_them_apart(
    single: Database, pair: Pair
) -> None:
    for name in pair.tables:
        careless = f"select tenant_id from {name}"
        careful = f"select tenant_id from {name} where tenant_id = $1"
        for turn in range(14):  # PostgreSQL may choose a generic plan from the sixth execution on
            tenant_id = (pair.a, pair.b)[turn % 2].tenant.id
            other_id = (pair.b, pair.a)[turn % 2].tenant.id
            async with single.unit_of_work(tenant_id) as db:
                assert {row["tenant_id"] for row in await db.fetch(careless)} == {tenant_id}, name
                assert {row["tenant_id"] for row in await db.fetch(careful, tenant_id)} == {tenant_id}, name
                assert await db.fetch(careful, other_id) == [], name


async def test_a_forced_generic_plan_keeps_tenants_apart(single: Database, pair: Pair) -> None:
    for turn in range(4):
        tenant_id = (pair.a, pair.b)[turn % 2].tenant.id
        async with single.unit_of_work(tenant_id) as db:
            await db.execute("set local plan_cache_mode = force_generic_plan")
            for name in pair.tables:
                rows = await db.fetch(f"select tenant_id from {name}")
                assert {row["tenant_id"] for row in rows} == {tenant_id}, name


async def test_explaining_a_statement_on_the_others_rows_runs_and_counts_nothing(
    single: Database, pair: Pair
) -> None:
    async with single.unit_of_work(pair.b.tenant.id) as db:
        for name in pair.tables:
            rows = await db.fetch(
                f"explain (analyze, costs off, timing off) select * from {name} where tenant_id = $1",
                pair.a.tenant.id,
            )
            plan = "\n".join(row[0] for row in rows)
            assert "never executed" in plan or "rows=0" in plan.split("\n")[0], plan


async def test_statistics_of_the_others_values_are_hidden(single: Database, pair: Pair) -> None:
    async with pair.database.owner() as db:
        for name in pair.tables:
            await db.execute(f"analyze {name}")
    async with single.unit_of_work(pair.b.tenant.id) as db:
        assert await db.fetch("select tablename, attname from pg_stats where schemaname = 'public'") == []


async def test_running_statements_of_others_show_no_values(pair: Pair) -> None:
    async with pair.database.unit_of_work(pair.a.tenant.id) as busy:
        await busy.fetch("select * from areas_area where tenant_id = $1", pair.a.tenant.id)
        async with pair.database.unit_of_work(pair.b.tenant.id) as db:
            texts = [row["query"] or "" for row in await db.fetch("select query from pg_stat_activity")]
    assert not [text for text in texts if str(pair.a.tenant.id) in text]


async def test_a_careless_query_of_a_plugin_gives_the_own_rows_only(single: Database, pair: Pair) -> None:
    a = pair.a.id_in("areas_area")
    async with single.unit_of_work(pair.b.tenant.id) as db:
        with db.active():
            assert {row["tenant_id"] for row in await Area.select()} == {pair.b.tenant.id}
            assert await Area.select().where(Area.id == a) == []
            assert await Area.exists().where(Area.id == a) is False
            assert await Area.count() == len(pair.b.rows["areas_area"])
            assert await Area.update({Area.name: "别人的"}).where(Area.id == a).returning(Area.id) == []
            joined = await db.fetch(
                "select x.tenant_id as left_id, y.tenant_id as right_id from areas_area x, areas_area y"
                " union select tenant_id, tenant_id from identity_person"
            )
            assert {value for row in joined for value in row.values()} == {pair.b.tenant.id}


async def test_every_model_of_every_plugin_gives_the_own_rows_only(single: Database, pair: Pair) -> None:
    async with single.unit_of_work(pair.b.tenant.id) as db:
        with db.active():
            for tables in pair.composition.tables.values():
                for table in tables:
                    found = {row["tenant_id"] for row in await table.select()}
                    assert found == {pair.b.tenant.id}, table
