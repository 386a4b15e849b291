"""Events: published in the writer's transaction, delivered at least once, effect and "done" together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.context import Context, PermissionDenied
from linli.db.database import Database
from linli.errors import NotFound
from linli.events import (
    Event,
    EventMismatch,
    EventNotDeclared,
    EventTooLarge,
    StoredEvent,
    Subscription,
    publish,
)
from linli.events.replay import DeliveryNotDead, UnknownSubscription, replay, revive
from linli.ids import new_id
from linli.queues.dispatcher import Dispatcher
from linli.registry import Composition
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.testing.probe import Happened, Probe, create_scratch_table, drop_scratch_table
from linli.testing.pytest_plugin import SECRET_KEY

NOON = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module", autouse=True)
async def scratch(database: Database) -> AsyncIterator[None]:
    await create_scratch_table(database, "scratch_effect", "event_id uuid not null, thing_id uuid not null")
    yield
    await drop_scratch_table(database, "scratch_effect")


@pytest_asyncio.fixture(autouse=True)
async def no_leftovers(database: Database) -> AsyncIterator[None]:
    yield
    async with database.kernel() as db:
        await db.execute("update events_delivery set status = 'dead' where status = 'pending'")


@pytest.fixture
def probe(tmp_path: Path, database: Database) -> Iterator[Probe]:
    with Probe(tmp_path, database, secret_key=SECRET_KEY) as plugin:
        yield plugin


async def write_effect(ctx: Context, event: StoredEvent) -> None:
    await ctx.db.execute(
        "insert into scratch_effect (tenant_id, id, event_id, thing_id) values ($1, $2, $3, $4)",
        ctx.tenant_id,
        new_id(),
        event.id,
        event.read(Happened).thing_id,
    )


class World:
    """A tenant with the probe plugin, one subscription, and a worker that stands still."""

    def __init__(self, probe: Probe, database: Database, subscriptions: list[Subscription]) -> None:
        self.clock = FixedClock(NOON)
        self.composition: Composition = probe.composition(subscriptions=subscriptions)
        self.bench = Bench(database, self.composition)
        self.runtime = probe.runtime(self.composition, clock=self.clock)
        self.deliveries: Dispatcher = probe.dispatchers(self.runtime)[0]

    async def publish(self, tenant: Tenant, count: int = 1) -> list[UUID]:
        async with self.bench.context(tenant, clock=self.clock) as ctx:
            return [await publish(ctx, Happened(thing_id=new_id())) for _ in range(count)]

    async def rows(self, tenant: Tenant, table: str) -> list[dict[str, Any]]:
        async with self.bench.context(tenant) as ctx:
            found = await ctx.db.fetch(f"select * from {table} where tenant_id = $1 order by id", tenant.id)
            return [dict(row) for row in found]

    async def delivery(self, tenant: Tenant) -> dict[str, Any]:
        (row,) = await self.rows(tenant, "events_delivery")
        return row


@pytest.fixture
def world(probe: Probe, database: Database) -> World:
    return World(probe, database, [Subscription("probe.happened", "probe.write", write_effect)])


async def run_until_idle(dispatcher: Dispatcher) -> int:
    total = 0
    for _ in range(100):
        done = await dispatcher.run_once()
        if not done:
            return total
        total += done
    raise AssertionError("the dispatcher is still busy after 100 rounds")


async def test_an_event_is_delivered_with_its_effect(world: World) -> None:
    tenant = await world.bench.tenant()
    (event_id,) = await world.publish(tenant)
    assert await world.deliveries.run_once() >= 1
    (effect,) = await world.rows(tenant, "scratch_effect")
    delivery = await world.delivery(tenant)
    assert effect["event_id"] == event_id
    assert (delivery["status"], delivery["attempts"], delivery["finished_at"]) == ("done", 1, NOON)


async def test_an_event_of_a_rolled_back_transaction_never_happened(world: World) -> None:
    tenant = await world.bench.tenant()
    with suppress(LookupError):
        async with world.bench.context(tenant) as ctx:
            await publish(ctx, Happened(thing_id=new_id()))
            raise LookupError
    assert await world.rows(tenant, "events_event") == []
    assert await world.rows(tenant, "events_delivery") == []


async def test_an_undeclared_or_oversized_event_is_refused(world: World) -> None:
    class Undeclared(Event, frozen=True):
        name: ClassVar[str] = "probe.unheard_of"

    class Newer(Event, frozen=True):
        name: ClassVar[str] = "probe.happened"
        version: ClassVar[int] = 2

    class Story(Event, frozen=True):
        name: ClassVar[str] = "probe.happened"
        version: ClassVar[int] = 1
        text: str

    tenant = await world.bench.tenant()
    async with world.bench.context(tenant) as ctx:
        for event in (Undeclared(), Newer()):
            with pytest.raises(EventNotDeclared):
                await publish(ctx, event)
        with pytest.raises(EventTooLarge):
            await publish(ctx, Story(text="很长" * 100))
    assert await world.rows(tenant, "events_event") == []


async def test_a_stored_event_is_read_only_as_what_it_is() -> None:
    stored = StoredEvent(new_id(), "probe.happened", 1, {"thing_id": "nonsense"}, "system", None, NOON)
    with pytest.raises(EventMismatch):
        stored.read(Happened)
    other = StoredEvent(new_id(), "probe.happened", 2, {"thing_id": str(new_id())}, "system", None, NOON)
    with pytest.raises(EventMismatch):
        other.read(Happened)


async def test_a_failure_undoes_the_effect_keeps_no_data_and_is_tried_again_later(
    probe: Probe, database: Database
) -> None:
    failing = True

    async def handle(ctx: Context, event: StoredEvent) -> None:
        await write_effect(ctx, event)
        if failing:
            raise RuntimeError("张三 13800000000")

    world = World(probe, database, [Subscription("probe.happened", "probe.write", handle)])
    tenant = await world.bench.tenant()
    await world.publish(tenant)
    assert await run_until_idle(world.deliveries) == 1
    delivery = await world.delivery(tenant)
    assert (delivery["status"], delivery["attempts"], delivery["error_code"]) == (
        "pending",
        1,
        "RuntimeError",
    )
    assert NOON + timedelta(seconds=1.5) < delivery["next_attempt_at"] < NOON + timedelta(seconds=2.5)
    assert await world.rows(tenant, "scratch_effect") == []
    failing = False
    world.clock.advance(timedelta(seconds=3))
    assert await run_until_idle(world.deliveries) == 1
    assert len(await world.rows(tenant, "scratch_effect")) == 1
    assert (await world.delivery(tenant))["status"] == "done"


async def test_a_dead_delivery_is_revived_and_done(probe: Probe, database: Database) -> None:
    failing = True

    async def handle(ctx: Context, event: StoredEvent) -> None:
        if failing:
            # The transaction is broken by the statement, and the handler hides it.
            with suppress(asyncpg.DivisionByZeroError):
                await ctx.db.execute("select 1 / 0")
        await write_effect(ctx, event)

    world = World(probe, database, [Subscription("probe.happened", "probe.write", handle, attempts_max=3)])
    tenant = await world.bench.tenant()
    await world.publish(tenant)
    for _ in range(3):
        assert await run_until_idle(world.deliveries) == 1
        world.clock.advance(timedelta(hours=1))
    delivery = await world.delivery(tenant)
    assert (delivery["status"], delivery["attempts"]) == ("dead", 3)
    assert await run_until_idle(world.deliveries) == 0
    failing = False
    async with world.bench.context(tenant, permissions=["events.delivery.replay"], clock=world.clock) as ctx:
        await revive(ctx, delivery["id"])
    assert await run_until_idle(world.deliveries) == 1
    assert (await world.delivery(tenant))["status"] == "done"
    async with world.bench.context(tenant, permissions=["events.delivery.replay"]) as ctx:
        with pytest.raises(DeliveryNotDead):
            await revive(ctx, delivery["id"])
        with pytest.raises(NotFound):
            await revive(ctx, new_id())


async def test_reviving_and_replaying_need_the_permission_and_stay_in_the_tenant(world: World) -> None:
    tenant, other = await world.bench.tenant(), await world.bench.tenant()
    await world.publish(tenant)
    delivery = await world.delivery(tenant)
    async with world.bench.context(tenant, permissions=["events.delivery.read"]) as ctx:
        with pytest.raises(PermissionDenied):
            await revive(ctx, delivery["id"])
        with pytest.raises(PermissionDenied):
            await replay(ctx, subscription="probe.write")
    async with world.bench.context(other, permissions=["events.delivery.replay"]) as ctx:
        with pytest.raises(NotFound):
            await revive(ctx, delivery["id"])
        with pytest.raises(UnknownSubscription):
            await replay(ctx, subscription="probe.nobody")
        assert (await replay(ctx, subscription="probe.write")).count == 0


async def test_a_replay_changes_nothing_for_an_idempotent_handler(probe: Probe, database: Database) -> None:
    calls = 0

    async def handle(ctx: Context, event: StoredEvent) -> None:
        nonlocal calls
        calls += 1
        known = "select 1 from scratch_effect where tenant_id = $1 and event_id = $2"
        if await ctx.db.fetchval(known, ctx.tenant_id, event.id) is None:
            await write_effect(ctx, event)

    world = World(probe, database, [Subscription("probe.happened", "probe.write", handle)])
    tenant = await world.bench.tenant()
    events = await world.publish(tenant, 5)
    await run_until_idle(world.deliveries)
    before = await world.rows(tenant, "scratch_effect")
    async with world.bench.context(tenant, clock=world.clock) as ctx:
        first = await replay(ctx, subscription="probe.write", limit=3)
        assert (first.count, first.next_event_id) == (3, events[3])
        second = await replay(ctx, subscription="probe.write", from_event=first.next_event_id)
        assert (second.count, second.next_event_id) == (2, None)
    await run_until_idle(world.deliveries)
    assert calls == 10
    assert await world.rows(tenant, "scratch_effect") == before


async def test_a_subscriber_that_comes_later_is_given_the_past(probe: Probe, database: Database) -> None:
    early = World(probe, database, [])
    tenant = await early.bench.tenant()
    await early.publish(tenant, 3)
    assert await early.rows(tenant, "events_delivery") == []
    late = World(probe, database, [Subscription("probe.happened", "probe.write", write_effect)])
    async with late.bench.context(tenant, clock=late.clock) as ctx:
        assert (await replay(ctx, subscription="probe.write", since=NOON + timedelta(seconds=1))).count == 0
        assert (await replay(ctx, subscription="probe.write", since=NOON)).count == 3
    await run_until_idle(late.deliveries)
    assert len(await late.rows(tenant, "scratch_effect")) == 3


async def test_deliveries_wait_while_the_plugin_is_off_or_the_tenant_suspended(world: World) -> None:
    tenant = await world.bench.tenant()
    await world.publish(tenant)
    off = "update tenancy_plugin set enabled = $2 where tenant_id = $1"
    state = "update tenancy_tenant set state = $2 where tenant_id = $1"
    for sql, before, after in ((off, False, True), (state, "suspended", "active")):
        await world.publish(tenant)
        for value, served in ((before, 0), (after, 1)):
            async with world.runtime.database.kernel() as db:
                await db.execute(sql, tenant.id, value)
            world.runtime.catalogue.forget()
            assert await world.deliveries.run_once() == served
    assert await run_until_idle(world.deliveries) == 1


async def test_what_a_failed_handler_wanted_after_its_commit_is_not_done(
    probe: Probe, database: Database
) -> None:
    told: list[str] = []

    async def handle(ctx: Context, event: StoredEvent) -> None:
        async def tell() -> None:
            told.append("told")

        ctx.db.after_commit(tell)
        raise RuntimeError

    world = World(probe, database, [Subscription("probe.happened", "probe.write", handle)])
    await world.publish(await world.bench.tenant())
    assert await world.deliveries.run_once() == 1
    assert told == []


async def test_a_handler_that_hangs_is_stopped_and_counted(
    probe: Probe, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linli.events.delivery.HANDLER_TIMEOUT_S", 0.05)

    async def handle(ctx: Context, event: StoredEvent) -> None:
        await write_effect(ctx, event)
        await asyncio.Event().wait()

    world = World(probe, database, [Subscription("probe.happened", "probe.write", handle)])
    tenant = await world.bench.tenant()
    await world.publish(tenant)
    assert await world.deliveries.run_once() == 1
    delivery = await world.delivery(tenant)
    assert (delivery["status"], delivery["error_code"]) == ("pending", "TimeoutError")
    assert await world.rows(tenant, "scratch_effect") == []


async def test_a_handler_whose_connection_is_lost_is_counted_as_failed(
    probe: Probe, database: Database
) -> None:
    async def handle(ctx: Context, event: StoredEvent) -> None:
        await write_effect(ctx, event)
        await ctx.db.execute("select pg_terminate_backend(pg_backend_pid())")

    world = World(probe, database, [Subscription("probe.happened", "probe.write", handle)])
    tenant = await world.bench.tenant()
    await world.publish(tenant)
    assert await world.deliveries.run_once() == 1
    delivery = await world.delivery(tenant)
    assert (delivery["status"], delivery["attempts"]) == ("pending", 1)
    assert await world.rows(tenant, "scratch_effect") == []


async def test_two_workers_never_handle_one_delivery_twice(probe: Probe, database: Database) -> None:
    world = World(probe, database, [Subscription("probe.happened", "probe.write", write_effect)])
    tenant = await world.bench.tenant()
    await world.publish(tenant, 40)
    other = probe.dispatchers(world.runtime)[0]
    await asyncio.gather(*(run_until_idle(one) for one in (world.deliveries, other)))
    await run_until_idle(world.deliveries)
    effects = [row["event_id"] for row in await world.rows(tenant, "scratch_effect")]
    assert len(effects) == len(set(effects)) == 40
