"""Permits and applications follow what becomes of stays and people, whatever is done at the same time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from linli.plugin import people
from linli.runtime import Runtime
from linli.settings import Settings
from linli.worker import dispatchers
from linli_migrants import permit_following, permit_jobs, permits

UNDONE = "select count(*) from events_delivery where tenant_id = $1 and status <> 'done'"
PERMITS = "select string_agg(state, ' ' order by issued_on, id) from migrants_permit where tenant_id = $1"
STATES = (
    "select string_agg(state, ' ' order by created_at, id) from migrants_application where tenant_id = $1"
)


def turn(world: Any, day: str) -> None:
    """Let it be noon of a day in Shanghai."""
    noon = datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC)
    world.clock.advance(noon - world.clock.now())


def as_system(world: Any) -> Any:
    return world.bench.context(world.tenant, clock=world.clock)


async def deliver(world: Any) -> None:
    """Let a worker deliver what waits, through the real outbox."""
    deliveries, _jobs = dispatchers(
        Runtime(
            settings=Settings(data_dir=Path(), secret_key="migrants-test"),
            database=world.bench.database,
            catalogue=world.bench.catalogue,
            composition=world.bench.composition,
            clock=world.clock,
        )
    )
    for _ in range(20):
        await deliveries.run_once()
        if await world.value(UNDONE) == 0:
            return
    pytest.fail("events were not delivered")


async def issued(quick: Any, world: Any, day: str, number: str = "JZ0000000001") -> Any:
    """A permit that was issued on a day."""
    turn(world, day)
    person = await world.person()
    await quick.active(person_id=person, from_on=date.fromisoformat(day) - timedelta(days=365))
    return await quick.permit(number, person_id=person)


async def test_a_permit_that_is_issued_to_somebody_who_left_ends(quick: Any, world: Any) -> None:
    person = await world.person()
    stay = await quick.active(person_id=person, from_on=date(2025, 9, 1))
    application = await quick.approved(person_id=person)
    await quick.act("departMigrantStay", id=stay, on=date(2026, 5, 6))
    await deliver(world)
    given = {"number": "JZ0000000001", "issued_on": date(2026, 5, 6)}
    await quick.act("recordMigrantPermit", world.checker, application_id=application, **given)
    await deliver(world)
    assert await world.value(PERMITS) == "terminated"


@pytest.mark.parametrize("how", ["refuseMigrantStay", "withdrawMigrantStay"])
async def test_a_permit_ends_when_the_new_stay_of_a_move_comes_to_nothing(
    quick: Any, world: Any, how: str
) -> None:
    person = await world.person()
    stay = await quick.active(person_id=person, from_on=date(2025, 9, 1))
    await quick.permit(person_id=person)
    moved = await quick.act(
        "moveMigrantStay", id=stay, dwelling_id=await quick.dwelling(), on=date(2026, 5, 1)
    )
    await deliver(world)
    assert await world.value(PERMITS) == "active"
    values = {"reason": "不住在这里"} if how == "refuseMigrantStay" else {}
    await quick.act(how, world.checker, id=moved, **values)
    await deliver(world)
    assert await world.value(PERMITS) == "terminated"


async def test_a_permit_goes_along_to_the_place_of_the_new_stay(story: Any, world: Any) -> None:
    permit = await issued(story, world, "2025-03-31")
    turn(world, "2026-03-10")
    there = await world.bench.area(world.tenant, "另一社区")
    stay = await world.value("select id from migrants_stay where tenant_id = $1")
    moved = await story.act(
        "moveMigrantStay", id=stay, dwelling_id=await story.dwelling(area_id=there.id), on=date(2026, 3, 1)
    )
    await story.act("verifyMigrantStay", world.checker, id=moved)
    await story.act("activateMigrantStay", id=moved)
    await deliver(world)
    officer = world.bench.actor(
        [one for grant in world.officer.grants for one in grant.permissions], area_path=there.path
    )
    await story.act("endorseMigrantPermit", officer, id=permit)


async def test_nobody_endorses_their_own_permit(story: Any, world: Any, refused: Any) -> None:
    permit = await issued(story, world, "2025-03-31")
    turn(world, "2026-03-10")
    person = await world.value("select person_id from migrants_permit where tenant_id = $1")
    rights = [one for grant in world.officer.grants for one in grant.permissions]
    officer = replace(world.bench.actor(rights), person_id=person)
    with pytest.raises(refused) as caught:
        await story.act("endorseMigrantPermit", officer, id=permit)
    assert caught.value.code == "migrants.own_permit"


async def test_what_is_endorsed_at_the_same_time_is_not_suspended(quick: Any, world: Any) -> None:
    permit = await issued(quick, world, "2025-03-31")
    turn(world, "2026-03-31")

    async def suspended() -> int:
        async with as_system(world) as ctx:
            return await permits.suspend_late(ctx)

    async with world.context() as ctx:
        await permits.endorse(ctx, permit)
        job = asyncio.create_task(suspended())
        await asyncio.sleep(0.3)
    assert await asyncio.wait_for(job, 10) == 0
    row = "select state || ' ' || valid_until from migrants_permit where tenant_id = $1"
    assert await world.value(row) == "active 2027-03-31"


async def test_everybody_is_reminded_however_many_there_are(
    quick: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permits, "BATCH_MAX", 1)
    await issued(quick, world, "2025-03-31", "JZ0000000001")
    await issued(quick, world, "2025-03-31", "JZ0000000002")
    turn(world, "2026-02-28")
    again = "select count(*) from jobs_job where tenant_id = $1 and name = 'migrants.remind_of_endorsements'"
    for round_ in (1, 2, 2):
        async with as_system(world) as ctx:
            await permit_jobs.remind(ctx, {})
        assert await world.value(again) == round_
    told = "select count(*) from events_event where tenant_id = $1 and name = 'migrants.endorsement_due'"
    assert await world.value(told) == 2


async def test_of_two_entries_the_application_that_the_authority_has_goes_on(quick: Any, world: Any) -> None:
    kept, duplicate = await world.person(), await world.person()
    for person in (kept, duplicate):
        await quick.active(person_id=person, from_on=date(2025, 9, 1))
    await quick.drafted(person_id=kept)
    accepted = await quick.accepted(person_id=duplicate)
    await quick.act("forwardMigrantApplication", world.checker, id=accepted)
    async with as_system(world) as ctx:
        await people.merge(ctx, kept_id=kept, duplicate_id=duplicate, reason="同一人")
    await deliver(world)
    assert await world.value(STATES) == "withdrawn forwarded"
    owner = "select person_id from migrants_application where tenant_id = $1 and id = $2"
    assert await world.value(owner, accepted) == kept


async def test_messages_and_answers_are_those_of_the_entry_that_was_kept(
    quick: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linli_migrants.exchange.is_on", lambda _ctx: True)
    kept, duplicate = await world.person(), await world.person()
    await quick.active(person_id=duplicate, from_on=date(2025, 9, 1))
    await quick.accepted(person_id=duplicate)
    async with as_system(world) as ctx:
        await people.merge(ctx, kept_id=kept, duplicate_id=duplicate, reason="同一人")
    async with as_system(world) as ctx:
        await permit_following.follow_merge(ctx, duplicate)
    assert await world.value("select person_id from migrants_message where tenant_id = $1") == kept
