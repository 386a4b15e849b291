"""A social organisation that moves takes its entries along."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from linli.events.replay import replay
from linli.plugin import NotFound, organisations
from linli.runtime import Runtime
from linli.settings import Settings
from linli.worker import dispatchers
from linli_organisations import registrations
from linli_organisations.subscriptions import FOLLOW_MOVES

TABLES = ("registration", "officer", "grading", "assessor")


async def deliver(town: Any) -> None:
    """Let the worker deliver what waits, through the real outbox."""
    bench = town.bench
    settings = Settings(data_dir=Path(), secret_key="test")
    runtime = Runtime(settings, bench.database, bench.catalogue, bench.composition, clock=town.clock)
    deliveries, _jobs = dispatchers(runtime)
    for _ in range(10):
        if await deliveries.run_once() == 0:
            break
    async with town.as_(town.reader) as ctx:
        undone = "select count(*) from events_delivery where tenant_id = $1 and status <> 'done'"
        assert await ctx.db.fetchval(undone, ctx.tenant_id) == 0


async def places(town: Any) -> dict[str, list[tuple[UUID, str, int]]]:
    """Area, path and version of each row of the register, by table."""
    async with town.as_(town.reader) as ctx:
        return {
            table: [
                tuple(row.values())
                for row in await ctx.db.fetch(
                    f"select area_id, area_path, version from organisations_{table}"
                    " where tenant_id = $1 order by id",
                    ctx.tenant_id,
                )
            ]
            for table in TABLES
        }


async def move(town: Any, area: Any) -> None:
    async with town.bench.context(town.tenant, clock=town.clock) as ctx:
        await organisations.update(ctx, town.club_id, area_id=area.id)


async def test_entries_officers_and_gradings_follow_ended_ones_too_and_no_others(town: Any) -> None:
    filing = await town.entry("备1", date(2020, 1, 1), track="filing")
    async with town.as_(town.chief) as ctx:
        await registrations.cancel(ctx, filing.id, reason="解散", ended_on=date(2021, 1, 1))
    entry = await town.entry("登1", date(2022, 1, 1))
    await town.officer(entry)
    await town.published(entry)
    others = await town.entry("登2", organisation_id=town.society_id)
    await town.officer(others)
    await move(town, town.elsewhere)
    await deliver(town)

    after = await places(town)
    there = (town.elsewhere.id, town.elsewhere.path)
    stayed = {table: [row for row in found if row[:2] != there] for table, found in after.items()}
    assert {table: len(found) for table, found in stayed.items()} == {
        "registration": 1,
        "officer": 1,
        "grading": 0,
        "assessor": 0,
    }
    assert {table: len(found) for table, found in after.items()} == {
        "registration": 3,
        "officer": 2,
        "grading": 1,
        "assessor": 1,
    }
    async with town.bench.context(town.tenant, clock=town.clock) as ctx:
        assert (await replay(ctx, subscription=FOLLOW_MOVES.name)).count == 1
    await deliver(town)
    assert await places(town) == after


async def test_who_works_at_the_new_place_decides_from_then_on_and_who_worked_at_the_old_does_not(
    town: Any,
) -> None:
    entry = await town.entry("登1")
    await move(town, town.elsewhere)
    await deliver(town)
    there = town.bench.actor(town.chief.permissions, area_path=town.elsewhere.path)
    with pytest.raises(NotFound):
        async with town.as_(town.chief) as ctx:
            await registrations.suspend(ctx, entry.id, reason="整改")
    async with town.as_(there) as ctx:
        assert (await registrations.suspend(ctx, entry.id, reason="整改")).state == "suspended"


async def test_an_organisation_that_moved_on_before_the_event_came_lies_where_it_is_now(town: Any) -> None:
    entry = await town.entry("登1")
    await move(town, town.elsewhere)
    await move(town, town.street)
    await deliver(town)
    (only,) = (await places(town))["registration"]
    assert only == (town.street.id, town.street.path, entry.version)
