"""Jobs: put down in the caller's transaction, run once, fair across tenants."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.context import Context
from linli.db.database import Database
from linli.errors import TooLong
from linli.ids import new_id
from linli.jobs import BadArguments, Job, JobNotDead, UnknownJob, enqueue, revive_job
from linli.jobs.run import Jobs
from linli.queues.dispatcher import Dispatcher
from linli.queues.due import due_tenants
from linli.queues.prune import Pruner
from linli.queues.work import WorkQueue
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.testing.probe import Probe
from linli.testing.pytest_plugin import SECRET_KEY

NOON = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
PATIENCE_S = 20


@pytest_asyncio.fixture(autouse=True)
async def no_leftovers(database: Database) -> AsyncIterator[None]:
    yield
    async with database.kernel() as db:
        await db.execute("update jobs_job set status = 'dead' where status = 'pending'")


@pytest.fixture
def probe(tmp_path: Path, database: Database) -> Iterator[Probe]:
    with Probe(tmp_path, database, secret_key=SECRET_KEY) as plugin:
        yield plugin


class World:
    """The probe plugin with one job that notes what it was given, and a worker that stands still."""

    def __init__(self, probe: Probe, database: Database, **options: Any) -> None:
        self.runs: list[tuple[UUID, Mapping[str, object]]] = []
        self.fails = False
        self.clock = FixedClock(NOON)
        composition = probe.composition(jobs=[Job("probe.note", self.note, **options)])
        self.bench = Bench(database, composition)
        self.runtime = probe.runtime(composition, clock=self.clock)
        self.jobs: Dispatcher = probe.dispatchers(self.runtime)[1]

    async def note(self, ctx: Context, args: Mapping[str, object]) -> None:
        self.runs.append((ctx.tenant_id, args))
        if self.fails:
            raise RuntimeError("张三 13800000000")

    async def rows(self, tenant: Tenant) -> list[dict[str, Any]]:
        async with self.bench.context(tenant) as ctx:
            sql = "select * from jobs_job where tenant_id = $1 order by id"
            return [dict(row) for row in await ctx.db.fetch(sql, tenant.id)]

    async def put_down(self, tenant: Tenant, count: int) -> None:
        rows = [(tenant.id, new_id(), "probe.note", NOON) for _ in range(count)]
        async with self.bench.context(tenant) as ctx:
            sql = "insert into jobs_job (tenant_id, id, name, run_at) values ($1, $2, $3, $4)"
            await ctx.db.executemany(sql, rows)


@pytest.fixture
def world(probe: Probe, database: Database) -> World:
    return World(probe, database)


async def test_a_job_runs_once_with_its_arguments_after_the_commit(world: World) -> None:
    tenant = await world.bench.tenant()
    thing_id = new_id()
    async with world.bench.context(tenant, clock=world.clock) as ctx:
        await enqueue(ctx, "probe.note", {"thing_id": thing_id, "count": 3})
        assert await world.jobs.run_once() == 0
    assert await world.jobs.run_once() == 1
    assert await world.jobs.run_once() == 0
    assert world.runs == [(tenant.id, {"thing_id": str(thing_id), "count": 3})]
    (row,) = await world.rows(tenant)
    assert (row["status"], row["attempts"], row["finished_at"]) == ("done", 1, NOON)


async def test_a_job_waits_for_its_time(world: World) -> None:
    tenant = await world.bench.tenant()
    async with world.bench.context(tenant, clock=world.clock) as ctx:
        await enqueue(ctx, "probe.note", run_at=NOON + timedelta(minutes=5))
    assert await world.jobs.run_once() == 0
    world.clock.advance(timedelta(minutes=5))
    assert await world.jobs.run_once() == 1


@pytest.mark.parametrize(
    "args",
    [
        {"person": {"name": "张三"}},
        {"ids": [1, 2]},
        {"text": "长" * 201},
        {"number": float("nan")},
        {f"argument_{i}": i for i in range(21)},
        {f"argument_{i}": "长" * 200 for i in range(5)},
    ],
)
async def test_arguments_that_are_more_than_ids_are_refused(world: World, args: dict[str, object]) -> None:
    tenant = await world.bench.tenant()
    async with world.bench.context(tenant) as ctx:
        with pytest.raises(BadArguments):
            await enqueue(ctx, "probe.note", args)


async def test_an_unknown_job_a_naive_time_and_an_overlong_key_are_refused(world: World) -> None:
    tenant, without = await world.bench.tenant(), await world.bench.tenant(plugins=[])
    async with world.bench.context(tenant) as ctx:
        with pytest.raises(UnknownJob):
            await enqueue(ctx, "probe.nothing")
        with pytest.raises(BadArguments):
            await enqueue(ctx, "probe.note", run_at=datetime(2026, 5, 6))  # noqa: DTZ001
        with pytest.raises(TooLong):
            await enqueue(ctx, "probe.note", key="k" * 201)
    async with world.bench.context(without) as ctx:
        with pytest.raises(UnknownJob):
            await enqueue(ctx, "probe.note")


async def test_a_key_joins_a_job_that_has_not_begun_and_takes_the_earlier_time(world: World) -> None:
    tenant, other = await world.bench.tenant(), await world.bench.tenant()
    later = NOON + timedelta(hours=1)
    async with world.bench.context(tenant, clock=world.clock) as ctx:
        first = await enqueue(ctx, "probe.note", key="area:1", run_at=later)
        assert await enqueue(ctx, "probe.note", key="area:2") != first
    async with world.bench.context(tenant, clock=world.clock) as ctx:
        assert await enqueue(ctx, "probe.note", key="area:1") == first
    async with world.bench.context(other, clock=world.clock) as ctx:
        assert await enqueue(ctx, "probe.note", key="area:1") != first
    assert [row["run_at"] for row in await world.rows(tenant)] == [NOON, NOON]
    while await world.jobs.run_once():
        pass
    async with world.bench.context(tenant, clock=world.clock) as ctx:
        assert await enqueue(ctx, "probe.note", key="area:1") != first


async def test_two_transactions_with_one_key_make_one_job(world: World) -> None:
    tenant = await world.bench.tenant()

    async def put_down() -> UUID:
        async with world.bench.context(tenant, clock=world.clock) as ctx:
            return await enqueue(ctx, "probe.note", key="same")

    assert len(set(await asyncio.gather(*(put_down() for _ in range(5))))) == 1


async def test_a_job_that_has_begun_is_not_joined(probe: Probe, database: Database) -> None:
    """It may have read its data before the change that asks for it again; nobody waits for it either."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def hold(_ctx: Context, _args: Mapping[str, object]) -> None:
        begun.set()
        await go_on.wait()

    composition = probe.composition(jobs=[Job("probe.hold", hold)])
    bench = Bench(database, composition)
    jobs = probe.dispatchers(probe.runtime(composition))[1]
    tenant = await bench.tenant()
    async with bench.context(tenant) as ctx:
        first = await enqueue(ctx, "probe.hold", key="same")
    running = asyncio.create_task(jobs.run_once())
    async with asyncio.timeout(PATIENCE_S):
        await begun.wait()
        async with bench.context(tenant) as ctx:
            second = await enqueue(ctx, "probe.hold", key="same")
        go_on.set()
        assert await running == 1
        assert second != first
        assert await jobs.run_once() == 1


async def test_a_dead_job_keeps_no_data_and_is_revived_and_done(probe: Probe, database: Database) -> None:
    world = World(probe, database, attempts_max=2)
    tenant = await world.bench.tenant()
    world.fails = True
    async with world.bench.context(tenant, clock=world.clock) as ctx:
        job_id = await enqueue(ctx, "probe.note")
    assert await world.jobs.run_once() == 1
    assert await world.jobs.run_once() == 0
    world.clock.advance(timedelta(hours=2))
    assert await world.jobs.run_once() == 1
    (row,) = await world.rows(tenant)
    assert (row["status"], row["attempts"], row["error_code"]) == ("dead", 2, "RuntimeError")
    world.fails = False
    async with world.bench.context(tenant, permissions=["jobs.job.revive"], clock=world.clock) as ctx:
        await revive_job(ctx, job_id)
        with pytest.raises(JobNotDead):
            await revive_job(ctx, job_id)
    assert await world.jobs.run_once() == 1
    (row,) = await world.rows(tenant)
    assert (row["status"], row["error_code"]) == ("done", "")


async def test_jobs_wait_while_the_plugin_is_off_or_the_tenant_suspended(world: World) -> None:
    tenant = await world.bench.tenant()
    await world.put_down(tenant, 2)
    for sql, before, after in (
        ("update tenancy_plugin set enabled = $2 where tenant_id = $1", False, True),
        ("update tenancy_tenant set state = $2 where tenant_id = $1", "suspended", "active"),
    ):
        for value, served in ((before, 0), (after, 1)):
            async with world.runtime.database.kernel() as db:
                await db.execute(sql, tenant.id, value)
            world.runtime.catalogue.forget()
            assert await world.jobs.run_once() == served


async def test_a_tenant_with_ten_thousand_jobs_delays_another_by_a_few_items(
    world: World,
) -> None:
    busy, quiet = await world.bench.tenant(), await world.bench.tenant()
    await world.put_down(busy, 10_000)
    for _ in range(3):
        await world.jobs.run_once()
    await world.put_down(quiet, 1)
    before = len(world.runs)
    await world.jobs.run_once()
    assert quiet.id in [tenant_id for tenant_id, _args in world.runs[before:]]
    assert len(world.runs) - before == 2


async def test_a_running_worker_takes_turns_and_keeps_its_limits(probe: Probe, database: Database) -> None:
    stop = asyncio.Event()
    running: Counter[UUID] = Counter()
    most: Counter[UUID] = Counter()
    order: list[UUID] = []
    quiet_id: UUID | None = None
    busy_began = asyncio.Event()

    async def note(ctx: Context, _args: Mapping[str, object]) -> None:
        running[ctx.tenant_id] += 1
        most[ctx.tenant_id] = max(most[ctx.tenant_id], running[ctx.tenant_id])
        await ctx.db.execute("select 1")
        order.append(ctx.tenant_id)
        running[ctx.tenant_id] -= 1
        if len(order) >= 20:
            busy_began.set()
        if ctx.tenant_id == quiet_id:
            stop.set()

    composition = probe.composition(jobs=[Job("probe.note", note)])
    bench = Bench(database, composition)
    queue = WorkQueue(Jobs(), probe.runtime(composition))
    worker = Dispatcher(queue, concurrency=4, tenant_concurrency=2)
    busy, quiet = await bench.tenant(), await bench.tenant()
    quiet_id = quiet.id
    async with bench.context(busy) as ctx:
        rows = [(busy.id, new_id(), "probe.note", NOON - timedelta(days=365)) for _ in range(10_000)]
        sql = "insert into jobs_job (tenant_id, id, name, run_at) values ($1, $2, $3, $4)"
        await ctx.db.executemany(sql, rows)
    task = asyncio.create_task(worker.run(stop))
    async with asyncio.timeout(PATIENCE_S):
        await busy_began.wait()
        async with bench.context(quiet) as ctx:
            await enqueue(ctx, "probe.note")
        await task
    assert order.count(quiet.id) == 1
    assert most[busy.id] == 2
    # It is noticed within the poll interval, and then served at once: long before the busy tenant is done.
    assert len(order) < 2_000


async def test_a_stopped_worker_undoes_what_does_not_end_in_time(
    probe: Probe, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linli.queues.dispatcher.STOP_GRACE_S", 0.05)
    stop = asyncio.Event()

    async def hang(ctx: Context, _args: Mapping[str, object]) -> None:
        await enqueue(ctx, "probe.hang", {"effect": True}, run_at=NOON + timedelta(days=36_500))
        stop.set()
        await asyncio.Event().wait()

    composition = probe.composition(jobs=[Job("probe.hang", hang)])
    bench = Bench(database, composition)
    tenant = await bench.tenant()
    async with bench.context(tenant) as ctx:
        await enqueue(ctx, "probe.hang")
    async with asyncio.timeout(PATIENCE_S):
        await probe.dispatchers(probe.runtime(composition))[1].run(stop)
    async with bench.context(tenant) as ctx:
        rows = await ctx.db.fetch("select status, attempts from jobs_job where tenant_id = $1", tenant.id)
    assert [tuple(row) for row in rows] == [("pending", 0)]


async def test_only_what_was_done_long_ago_is_deleted(world: World) -> None:
    tenant = await world.bench.tenant()
    old = UUID(int=int((NOON - timedelta(days=40)).timestamp() * 1_000) << 80)
    states = [("done", 40), ("done", 20), ("dead", 40), ("pending", 40)]
    async with world.bench.context(tenant) as ctx:
        for number, (status, days) in enumerate(states):
            await ctx.db.execute(
                "insert into jobs_job (tenant_id, id, name, run_at, status, finished_at)"
                " values ($1, $2, 'probe.note', $3, $4, $3)",
                tenant.id,
                UUID(int=old.int + number),
                NOON - timedelta(days=days),
                status,
            )
    await Pruner(world.runtime).run_once()
    assert [row["status"] for row in await world.rows(tenant)] == ["done", "dead", "pending"]


async def test_both_ways_of_asking_who_is_due_agree(world: World) -> None:
    tenants = [await world.bench.tenant() for _ in range(5)]
    for number, tenant in enumerate(tenants):
        await world.put_down(tenant, number)
    async with world.bench.context(tenants[0], clock=world.clock) as ctx:
        await enqueue(ctx, "probe.note", run_at=NOON + timedelta(seconds=1))
    async with world.runtime.database.kernel(read_only=True) as db:
        for now in (NOON - timedelta(seconds=1), NOON, NOON + timedelta(seconds=1)):
            hops = await due_tenants(db, "jobs_job", "run_at", now)
            groups = await due_tenants(db, "jobs_job", "run_at", now, distributed=True)
            assert hops == groups
            assert (tenants[0].id in hops, tenants[1].id in hops) == (now > NOON, now >= NOON)
        assert tenants[1].id not in await due_tenants(db, "jobs_job", "run_at", NOON, after=tenants[1].id)


async def test_who_is_given_up_is_told_in_the_transaction_that_gives_up(
    probe: Probe, database: Database
) -> None:
    told: list[tuple[object, str]] = []

    async def given_up(ctx: Context, args: Mapping[str, object], code: str) -> None:
        status = await ctx.db.fetchval("select status from jobs_job where tenant_id = $1", ctx.tenant_id)
        told.append((args["n"], f"{code} {status} {ctx.reason}"))

    world = World(probe, database, attempts_max=2, given_up=given_up)
    world.fails = True
    tenant = await world.bench.tenant()
    async with world.bench.context(tenant, clock=world.clock) as ctx:
        await enqueue(ctx, "probe.note", {"n": 7})
    await world.jobs.run_once()
    assert told == []
    world.clock.advance(timedelta(minutes=5))
    await world.jobs.run_once()
    assert told == [(7, "RuntimeError dead probe.note")]


async def test_what_goes_wrong_while_a_job_is_given_up_changes_nothing_of_that(
    probe: Probe, database: Database
) -> None:
    async def given_up(ctx: Context, _args: Mapping[str, object], _code: str) -> None:
        await ctx.db.execute("update jobs_job set error_code = 'x' where tenant_id = $1", ctx.tenant_id)
        raise RuntimeError

    world = World(probe, database, attempts_max=1, given_up=given_up)
    world.fails = True
    tenant = await world.bench.tenant()
    await world.put_down(tenant, 1)
    await world.jobs.run_once()
    [row] = await world.rows(tenant)
    assert (row["status"], row["error_code"]) == ("dead", "RuntimeError")
