"""A worker that is killed at any moment loses no event and applies none twice."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from linli.db.database import Database
from linli.events import Subscription, publish
from linli.ids import new_id
from linli.testing.factories import Bench
from linli.testing.probe import Happened, Probe, create_scratch_table, drop_scratch_table
from linli.testing.pytest_plugin import MASTER_KEYS_LINE, SECRET_KEY

EVENTS = 300
KILLS = 8
PATIENCE_S = 90

WORKER = """
import asyncio, os, sys
from pathlib import Path
from linli.db.database import Database
from linli.events import Subscription
from linli.ids import new_id
from linli.settings import Settings
from linli.testing.probe import Probe
from linli.worker import run_worker

async def handle(ctx, event):
    for half in ("first", "second"):
        await ctx.db.execute(
            "insert into scratch_twice (tenant_id, id, event_id, half) values ($1, $2, $3, $4)",
            ctx.tenant_id, new_id(), event.id, half)

async def main():
    folder, url, secret_key = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    with Probe(folder, Database(url, secret_key=secret_key), secret_key=secret_key) as probe:
        composition = probe.composition(subscriptions=[Subscription("probe.happened", "probe.write", handle)])
        stop = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(15, stop.set)
        (folder / "obeys").touch()
        settings = Settings(data_dir=folder, database_url=url, secret_key=secret_key, master_keys=sys.argv[4])
        await run_worker(settings, stop=stop, composition=composition)

asyncio.run(main())
"""


@pytest_asyncio.fixture(autouse=True)
async def scratch(database: Database) -> AsyncIterator[None]:
    await create_scratch_table(database, "scratch_twice", "event_id uuid not null, half text not null")
    yield
    await drop_scratch_table(database, "scratch_twice")


@pytest.fixture
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return [tmp_path_factory.mktemp("worker") for _ in range(KILLS + 1)]


async def test_every_effect_is_there_exactly_once_after_the_worker_was_killed_many_times(
    database: Database, tmp_path: Path, folders: list[Path]
) -> None:
    async def never(*_args: object) -> None:
        raise AssertionError("the other process handles it")

    with Probe(tmp_path / "here", database, secret_key=SECRET_KEY) as probe:
        composition = probe.composition(subscriptions=[Subscription("probe.happened", "probe.write", never)])
        bench = Bench(database, composition)
        tenants = [await bench.tenant() for _ in range(3)]
        for tenant in tenants:
            async with bench.context(tenant) as ctx:
                for _ in range(EVENTS // 3):
                    await publish(ctx, Happened(thing_id=new_id()))
    ids = [tenant.id for tenant in tenants]
    kill_after = sorted(random.Random(7).sample(range(1, EVENTS - 10), KILLS))  # noqa: S311 (places to kill at)

    async def done() -> int:
        async with database.kernel(read_only=True) as db:
            sql = "select count(*) from events_delivery where status = 'done' and tenant_id = any($1)"
            return int(await db.fetchval(sql, ids))

    async with asyncio.timeout(PATIENCE_S):
        for number, threshold in enumerate(kill_after):
            process = await _start(folders[number], database)
            while await done() < threshold:
                assert process.returncode is None
            process.send_signal(signal.SIGKILL)
            await process.wait()
        process = await _start(folders[-1], database)
        obeys = folders[-1] / "obeys"  # a killed process may have done all that was left
        while await done() < EVENTS or not obeys.exists():
            assert process.returncode is None
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    for tenant in tenants:
        async with database.unit_of_work(tenant.id) as db:
            sql = "select event_id, half from scratch_twice where tenant_id = $1"
            effects = [(row["event_id"], row["half"]) for row in await db.fetch(sql, tenant.id)]
            events = await db.fetch("select id from events_event where tenant_id = $1", tenant.id)
        expected = {(row["id"], half) for row in events for half in ("first", "second")}
        assert len(effects) == len(set(effects))
        assert set(effects) == expected


async def _start(folder: Path, database: Database) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        WORKER,
        str(folder),
        database.owner_url,
        SECRET_KEY,
        MASTER_KEYS_LINE,
        env=dict(os.environ),
    )
