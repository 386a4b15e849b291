"""Schedules: one run for each occurrence in the tenant's time zone, one for all that were missed."""

from __future__ import annotations

import asyncio
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
from linli.jobs import Job
from linli.jobs.schedule import Scheduler, next_occurrence
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.testing.probe import Probe
from linli.testing.pytest_plugin import SECRET_KEY


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
    """A job at three in the morning, at a quarter past two by Shanghai's clocks."""

    def __init__(self, probe: Probe, database: Database) -> None:
        self.runs: list[tuple[UUID, datetime]] = []
        self.clock = FixedClock(datetime(2026, 5, 5, 18, 15, tzinfo=UTC))
        composition = probe.composition(jobs=[Job("probe.nightly", self.note, schedule="0 3 * * *")])
        self.bench = Bench(database, composition)
        self.runtime = probe.runtime(composition, clock=self.clock)
        self.scheduler = Scheduler(self.runtime)
        self.jobs = probe.dispatchers(self.runtime)[1]

    async def note(self, ctx: Context, args: Mapping[str, object]) -> None:
        assert args == {}
        self.runs.append((ctx.tenant_id, ctx.now()))

    async def tick(self, at: datetime) -> None:
        self.clock.advance(at - self.clock.now())
        await self.scheduler.run_once()
        while await self.jobs.run_once():
            pass

    def times(self, *tenants: Tenant) -> list[datetime]:
        """When the tenants' jobs ran; other tests' tenants have theirs too."""
        ids = [tenant.id for tenant in tenants]
        return [moment for tenant_id, moment in self.runs if tenant_id in ids]

    async def occurrences(self, tenant_id: UUID) -> list[datetime]:
        async with self.runtime.database.kernel(read_only=True) as db:
            sql = (
                "select scheduled_for from jobs_job where tenant_id = $1 and name = $2 order by scheduled_for"
            )
            return [row["scheduled_for"] for row in await db.fetch(sql, tenant_id, "probe.nightly")]


@pytest.fixture
def world(probe: Probe, database: Database) -> World:
    return World(probe, database)


def night(day: int, hour: int = 19, minute: int = 0, second: int = 0) -> datetime:
    """Three in Shanghai is 19:00 UTC of the day before."""
    return datetime(2026, 5, day, hour, minute, second, tzinfo=UTC)


async def test_an_occurrence_runs_at_its_time_in_the_tenants_zone(world: World) -> None:
    shanghai, kathmandu = await world.bench.tenant(), await world.bench.tenant()
    async with world.runtime.database.kernel() as db:
        sql = "update tenancy_tenant set time_zone = 'Asia/Kathmandu' where tenant_id = $1"
        await db.execute(sql, kathmandu.id)
    await world.tick(night(5, 18, 59, 59))
    assert world.times(shanghai, kathmandu) == []
    await world.tick(night(5))
    assert world.times(shanghai, kathmandu) == [night(5)]
    await world.tick(night(5, 21, 15))
    assert world.times(kathmandu) == [night(5, 21, 15)]
    assert await world.occurrences(shanghai.id) == [night(5), night(6)]


async def test_each_occurrence_is_made_once_by_any_number_of_workers(probe: Probe, world: World) -> None:
    tenant = await world.bench.tenant()
    others = [Scheduler(world.runtime) for _ in range(3)]
    for day in (5, 6):
        world.clock.advance(night(day, 18) - world.clock.now())
        await asyncio.gather(*(one.run_once() for one in (world.scheduler, *others)))
    assert await world.occurrences(tenant.id) == [night(5), night(6)]


async def test_what_was_missed_while_no_worker_ran_runs_once(world: World) -> None:
    tenant = await world.bench.tenant()
    await world.tick(night(5, 18, 30))
    back = night(9, 1)
    await world.tick(back)
    assert world.times(tenant) == [back]
    await world.tick(night(9))
    assert world.times(tenant) == [back, night(9)]


async def test_a_schedule_rests_while_its_plugin_is_off_or_the_tenant_suspended(world: World) -> None:
    off, suspended = await world.bench.tenant(plugins=[]), await world.bench.tenant()
    async with world.runtime.database.kernel() as db:
        sql = "update tenancy_tenant set state = 'suspended' where tenant_id = $1"
        await db.execute(sql, suspended.id)
    await world.tick(night(5))
    await world.tick(night(6))
    assert world.times(off, suspended) == []
    assert await world.occurrences(off.id) == await world.occurrences(suspended.id) == []


def test_the_next_occurrence_skips_what_daylight_saving_skips() -> None:
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert next_occurrence("30 2 * * *", "Europe/Berlin", before) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert next_occurrence("30 2 * * *", "Asia/Shanghai", before) == before + timedelta(hours=18)


@pytest.mark.parametrize("schedule", ["0 3 * *", "0 25 * * *", "* * * * * *", "0 0 30 2 *", "daily"])
def test_a_line_that_is_no_schedule_is_refused(schedule: str) -> None:
    async def nothing(_ctx: Context, _args: Mapping[str, Any]) -> None: ...

    with pytest.raises(ValueError, match=r"probe\.nightly"):
        Job("probe.nightly", nothing, schedule=schedule)
