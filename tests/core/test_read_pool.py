"""The pool of reads: connections are handed on, given up when they are broken, and never more than they may be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from linli.db.database import BOUND_READ, Database
from linli.db.failures import DatabaseBusy
from linli.db.migrations import KERNEL_MIGRATIONS, migrate
from linli.db.read_pool import PREPARED_MAX, ReadPool
from linli.embedded import EmbeddedPostgres
from linli.ids import new_id
from linli.testing.pytest_plugin import SECRET_KEY

SIZE = 2
WAIT_S = 0.5
PID = "select pg_backend_pid()::text"
SLOW = "select pg_sleep(0.2)::text"
KILL = "select pg_terminate_backend($1)"


@pytest_asyncio.fixture
async def pool(database: Database) -> AsyncIterator[ReadPool]:
    opened = ReadPool(database.api_url, size_max=SIZE, wait_s=WAIT_S)
    await opened.open()
    yield opened
    await opened.close()


async def pid(pool: ReadPool) -> int:
    return int(await pool.fetchval(PID, ()))


async def test_texts_are_bytes_and_the_connection_used_last_is_used_next(pool: ReadPool) -> None:
    assert await pool.fetchval("select '社区'::text", ()) == "社区".encode()
    assert await pid(pool) == await pid(pool)


async def test_readers_wait_for_a_connection_and_all_get_one(pool: ReadPool) -> None:
    found = await asyncio.gather(*(pool.fetchval(f"{PID} from pg_sleep(0.01)", ()) for _ in range(20)))
    assert len(set(found)) == SIZE


async def test_a_reader_that_waits_too_long_is_told_that_the_database_is_busy(pool: ReadPool) -> None:
    busy = [asyncio.create_task(pool.fetchval("select pg_sleep(1.5)::text", ())) for _ in range(SIZE)]
    await asyncio.sleep(0.1)
    with pytest.raises(DatabaseBusy):
        await pid(pool)
    await asyncio.gather(*busy)
    assert await pid(pool)


async def test_readers_that_are_cancelled_while_they_wait_or_read_leave_the_pool_whole(
    pool: ReadPool,
) -> None:
    for steps in range(12):
        tasks = [asyncio.create_task(pool.fetchval(SLOW, ())) for _ in range(5)]
        for _ in range(steps):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(end, asyncio.CancelledError) for end in ends)
    found = await asyncio.gather(*(pool.fetchval(f"{PID} from pg_sleep(0.01)", ()) for _ in range(20)))
    assert len(set(found)) == SIZE


async def test_a_statement_that_fails_keeps_its_connection(pool: ReadPool) -> None:
    before = await pid(pool)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await pool.fetchval("select (1 / $1::integer)::text", (0,))
    assert await pool.fetchval("select (1 / $1::integer)::text", (1,)) == b"1"
    assert await pid(pool) == before


async def test_a_connection_that_the_server_closed_is_replaced(pool: ReadPool, database: Database) -> None:
    before = await pid(pool)
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute(KILL, before)
    finally:
        await connection.close()
    await asyncio.sleep(0.1)
    try:
        after = await pid(pool)
    except (
        asyncpg.PostgresConnectionError,
        asyncpg.AdminShutdownError,
    ):  # not yet noticed: the next one is good
        after = await pid(pool)
    assert after != before


async def test_a_connection_keeps_a_bounded_number_of_statements(pool: ReadPool) -> None:
    for n in range(PREPARED_MAX + 20):
        assert await pool.fetchval(f"select '{n}'::text", ()) == str(n).encode()
    counted = "select count(*)::text from pg_prepared_statements"
    await pool.fetchval(counted, ())
    assert int(await pool.fetchval(counted, ())) <= PREPARED_MAX + 1


async def test_a_closed_pool_closes_what_is_given_back(database: Database) -> None:
    pool = ReadPool(database.api_url, size_max=1, wait_s=WAIT_S)
    await pool.open()
    async with pool.acquire() as connection:
        await pool.close()
    assert connection.is_closed()


async def test_a_server_that_does_not_answer_is_given_up(database: Database) -> None:
    pool = ReadPool(database.api_url, size_max=2, wait_s=WAIT_S, answer_s=0.2)
    await pool.open()
    slow = asyncio.create_task(pool.fetchval("select pg_sleep(20)::text", ()))
    with pytest.raises(DatabaseBusy):
        await slow
    assert await pool.fetchval("select 'still here'::text", ()) == b"still here"
    await pool.close()


async def test_a_database_that_cannot_be_reached_or_has_no_place_is_busy_for_writers_and_readers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linli.db.database._ACQUIRE_TIMEOUT_S", WAIT_S)
    server = EmbeddedPostgres(tmp_path / "away", durable=False)
    await asyncio.to_thread(server.start)
    try:
        await server.ensure_database("away")
        await migrate(server.url("away"), KERNEL_MIGRATIONS, secret_key=SECRET_KEY)
        async with Database(server.url("away"), secret_key=SECRET_KEY, pool_size_max=1) as opened:
            async with opened.unit_of_work(new_id()):
                with pytest.raises(DatabaseBusy):
                    await opened.unit_of_work(new_id()).__aenter__()
            await asyncio.to_thread(server.stop)
            for _ in range(2):  # the first may find the connection that was, the second none
                with pytest.raises(DatabaseBusy):
                    await opened.unit_of_work(new_id()).__aenter__()
                tenant_id = new_id()
                with pytest.raises(DatabaseBusy):
                    await opened.read(tenant_id, f"{BOUND_READ}select '') end", (tenant_id,))
    finally:
        await asyncio.to_thread(server.stop)


async def test_a_connection_that_is_lost_after_the_commit_takes_nothing_back(database: Database) -> None:
    """Who lost the server between the commit and the end of the unit of work is not told that it failed."""
    async with database.owner() as owner:
        async with database._connection(database._kernel) as connection:
            gone = await connection.fetchval("select pg_backend_pid()")
            assert await owner.fetchval(KILL, gone)

        async def fails() -> None:
            async with database._connection(database._kernel) as connection:
                assert await owner.fetchval(KILL, await connection.fetchval("select pg_backend_pid()"))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):  # it stays the reason, whatever became of the connection
            await fails()
    async with database.kernel() as db:
        assert await db.fetchval("select pg_backend_pid()") != gone
