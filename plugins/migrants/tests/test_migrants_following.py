"""Stays follow the register of people: whoever leaves or dies, and two entries that were one person."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from linli.plugin import people
from linli_migrants import following

STATES = "select string_agg(state, ' ' order by from_on, id) from migrants_stay where tenant_id = $1"


@pytest.mark.parametrize(("mark", "expected"), [("mark_left", "departed"), ("mark_deceased", "departed")])
async def test_whoever_left_or_died_stays_no_longer(quick: Any, world: Any, mark: str, expected: str) -> None:
    person = await world.person()
    await quick.active(person_id=person)
    async with world.context() as ctx:
        await getattr(people, mark)(ctx, person, on=date(2026, 5, 1))
    for _ in range(2):
        async with world.bench.context(world.tenant, clock=world.clock) as ctx:
            await following.follow_end(ctx, person)
    assert await world.value(STATES) == expected
    assert str(await world.value("select to_on from migrants_stay where tenant_id = $1")) == "2026-05-01"


async def test_a_report_of_somebody_who_left_is_taken_back(quick: Any, world: Any) -> None:
    person = await world.person()
    await quick.reported(person_id=person)
    async with world.context() as ctx:
        await people.mark_left(ctx, person)
    async with world.bench.context(world.tenant, clock=world.clock) as ctx:
        await following.follow_end(ctx, person)
    assert await world.value(STATES) == "withdrawn"


async def test_two_entries_of_one_person_have_one_present_stay(quick: Any, world: Any) -> None:
    kept, duplicate = await world.person(), await world.person()
    await quick.active(person_id=duplicate, from_on=date(2026, 1, 1))
    await quick.active(person_id=kept, from_on=date(2026, 2, 1))
    async with world.bench.context(world.tenant, clock=world.clock) as ctx:
        await people.merge(ctx, kept_id=kept, duplicate_id=duplicate, reason="同一人")
    for _ in range(2):
        async with world.bench.context(world.tenant, clock=world.clock) as ctx:
            await following.follow_merge(ctx, duplicate)
    assert await world.value(STATES) == "active departed"
    people_of = "select count(distinct person_id) from migrants_stay where tenant_id = $1"
    assert await world.value(people_of) == 1
