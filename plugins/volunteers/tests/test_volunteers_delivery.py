"""The subscription and the job, driven through the worker's dispatchers."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from linli.ids import new_id
from linli.jobs.schedule import Scheduler
from linli.plugin import enqueue, organisations
from linli.runtime import Runtime
from linli.settings import Settings
from linli.worker import dispatchers


def runtime(world: Any) -> Runtime:
    bench = world.bench
    return Runtime(
        settings=Settings(data_dir=Path(), secret_key="test"),
        database=bench.database,
        catalogue=bench.catalogue,
        composition=bench.composition,
        clock=world.clock,
    )


async def states(world: Any) -> dict[UUID, str]:
    async with world.context() as ctx:
        sql = "select id, state from volunteers_activity where tenant_id = $1"
        return {row["id"]: row["state"] for row in await ctx.db.fetch(sql, ctx.tenant_id)}


async def organiser(world: Any) -> UUID:
    async with world.bench.context(world.tenant) as ctx:
        unit = await organisations.register(
            ctx, area_id=world.area.id, name="演示社", kind="social_organisation"
        )
    return UUID(str(unit.id))


async def deliver_cancellation(world: Any, organisation_id: UUID) -> None:
    """Put the event into the log, as the organisations plugin would, twice, and let the worker deliver it."""
    payload = {
        "registration_id": str(new_id()),
        "organisation_id": str(organisation_id),
        "track": "registration",
        "ended_on": date(2026, 5, 6).isoformat(),
    }
    deliveries, _jobs = dispatchers(runtime(world))
    for _ in range(2):
        event_id = new_id()
        async with world.context() as ctx:
            await ctx.db.execute(
                "insert into events_event (tenant_id, id, name, event_version, payload, actor_kind, request_id,"
                " occurred_at) values ($1, $2, 'organisations.registration_cancelled', 1, $3, 'system', 'test', $4)",
                ctx.tenant_id,
                event_id,
                json.dumps(payload),
                ctx.now(),
            )
            await ctx.db.execute(
                "insert into events_delivery (tenant_id, id, event_id, subscription, next_attempt_at)"
                " values ($1, $2, $3, 'volunteers.on_registration_cancelled', $4)",
                ctx.tenant_id,
                new_id(),
                event_id,
                ctx.now(),
            )
        await deliveries.run_once()
    undone = "select count(*) from events_delivery where tenant_id = $1 and status <> 'done'"
    assert await world.value(undone) == 0


async def test_a_cancelled_organisers_recruiting_activities_are_cancelled_and_no_others(quick: Any) -> None:
    world = quick.world
    ours, theirs = await organiser(world), await organiser(world)
    recruiting = await quick.recruiting(organiser_id=ours)
    draft = await quick.activity(organiser_id=ours)
    running = await quick.recruiting(organiser_id=ours)
    await quick.act("startVolunteerActivity", id=running)
    others = await quick.recruiting(organiser_id=theirs)
    await deliver_cancellation(world, ours)
    assert await states(world) == {
        recruiting: "cancelled",
        draft: "draft",
        running: "running",
        others: "recruiting",
    }
    sql = "select cancel_reason from volunteers_activity where tenant_id = $1 and id = $2"
    assert await world.value(sql, recruiting) == "主办单位的登记已注销。"


async def test_the_event_of_an_unknown_organiser_does_nothing(quick: Any) -> None:
    activity = await quick.recruiting()
    await deliver_cancellation(quick.world, new_id())
    assert await states(quick.world) == {activity: "recruiting"}


async def test_the_clock_starts_and_finishes_activities(quick: Any) -> None:
    world = quick.world
    ahead = await quick.recruiting(start_h=2, hours=2)
    over = await quick.recruiting(start_h=-5, hours=1)
    draft = await quick.activity(start_h=-5, hours=1)
    _deliveries, jobs = dispatchers(runtime(world))

    async def run() -> dict[UUID, str]:
        async with world.context() as ctx:
            await enqueue(ctx, "volunteers.advance_activities")
        await jobs.run_once()
        return await states(world)

    assert await run() == {ahead: "recruiting", over: "finished", draft: "draft"}
    world.clock.advance(timedelta(hours=2))
    assert (await run())[ahead] == "running"
    world.clock.advance(timedelta(hours=2, minutes=-1))
    assert (await run())[ahead] == "running"
    world.clock.advance(timedelta(minutes=1))
    assert await run() == {ahead: "finished", over: "finished", draft: "draft"}
    assert await run() == {ahead: "finished", over: "finished", draft: "draft"}


async def test_the_job_is_on_the_schedule_of_tenants_that_have_the_plugin(quick: Any) -> None:
    world = quick.world
    without = await world.bench.tenant(plugins=[])
    await Scheduler(runtime(world)).run_once()
    sql = "select count(*) from jobs_job where tenant_id = $1 and name = 'volunteers.advance_activities'"
    assert await world.value(sql) == 1
    async with world.bench.context(without) as ctx:
        assert await ctx.db.fetchval(sql, without.id) == 0
