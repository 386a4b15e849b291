"""Overdue visits go from the coordinator to the community to the street, by working days, and nothing resets that."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from linli_migrants.visit_clock import due_day, due_moment, tier_due
from linli_migrants.visit_terms import Tier

ROW = """
select state || ' ' || coalesce(tier, '-') || ' ' || coalesce(to_char(tier_due_at at time zone 'Asia/Shanghai',
    'MM-DD'), '-') from migrants_visit where tenant_id = $1 and id = $2"""
TOLD = "select count(*) from events_event where tenant_id = $1 and name = $2"


def at(world: Any, *moment: int) -> None:
    """Put the clock to a moment of the tenant's time zone."""
    wanted = datetime(*moment, tzinfo=UTC) - timedelta(hours=8)  # type: ignore[arg-type]
    world.clock.advance(wanted - world.clock.now())


async def test_a_visit_is_overdue_when_its_due_day_is_over_in_the_tenants_time_zone(
    quick: Any, field: Any, world: Any
) -> None:
    visit = await field.visit()
    at(world, 2026, 5, 28, 23, 59)
    await field.run("migrants.visit_clock")
    assert await world.value(ROW, visit) == "planned - -"
    at(world, 2026, 5, 29, 0, 1)
    await field.run("migrants.visit_clock")
    assert await world.value(ROW, visit) == "missed coordinator 06-02"
    await field.run("migrants.visit_clock")
    assert await world.value(TOLD, "migrants.visit_missed") == 1


async def test_an_overdue_visit_goes_from_tier_to_tier_by_working_days(
    quick: Any, field: Any, world: Any
) -> None:
    visit = await field.visit()
    at(world, 2026, 5, 29, 0, 1)
    await field.run("migrants.visit_clock")
    at(world, 2026, 6, 2, 23, 59)
    await field.run("migrants.visit_clock")
    assert await world.value(ROW, visit) == "missed coordinator 06-02"
    at(world, 2026, 6, 5, 9, 0)  # noticed late: the community's five days count from 2 June all the same
    await field.run("migrants.visit_clock")
    assert await world.value(ROW, visit) == "missed community 06-09"
    at(world, 2026, 6, 10, 0, 1)
    await field.run("migrants.visit_clock")
    assert await world.value(ROW, visit) == "missed street -"
    at(world, 2026, 8, 1, 0, 1)
    await field.run("migrants.visit_clock")
    assert await world.value(TOLD, "migrants.visit_escalated") == 2


async def test_an_appointment_never_resets_the_clock_of_an_overdue_visit(
    story: Any, field: Any, world: Any
) -> None:
    coordinator = await field.coordinator(story)
    visit = await field.visit()
    at(world, 2026, 5, 29, 0, 1)
    await field.run("migrants.visit_clock")
    await story.act("appointMigrantVisit", id=visit, appointed_for=world.clock.now() + timedelta(days=20))
    assert await world.value(ROW, visit) == "missed coordinator 06-02"
    at(world, 2026, 6, 3, 9, 0)
    await field.run("migrants.visit_clock")
    assert await world.value(ROW, visit) == "missed community 06-09"
    await story.act("doMigrantVisit", coordinator, id=visit, done_on=date(2026, 6, 3), outcome="booked")
    assert await world.value(ROW, visit) == "done community -"


async def test_lengths_are_the_tenants_settings(quick: Any, field: Any, world: Any) -> None:
    await field.setting("migrants.visit_coordinator_working_days", 1)
    await field.setting("migrants.visit_due_day", 20)
    visit = await field.visit()
    at(world, 2026, 5, 21, 0, 1)
    await field.run("migrants.visit_clock")
    assert await world.value(ROW, visit) == "missed coordinator 05-21"


async def test_a_deadline_in_a_year_without_calendar_is_not_guessed(
    quick: Any, field: Any, world: Any
) -> None:
    at(world, 2026, 12, 1, 9, 0)
    visit = await field.visit()
    at(world, 2026, 12, 29, 0, 1)
    await field.setting("migrants.visit_coordinator_working_days", 9)
    await field.run("migrants.visit_clock")
    assert await world.value(ROW, visit) == "missed coordinator -"
    await field.setting("migrants.visit_coordinator_working_days", 2)
    await field.run("migrants.visit_clock")
    assert await world.value(ROW, visit) == "missed coordinator 12-30"


@pytest.mark.parametrize(
    ("month", "day", "due"),
    [
        (date(2026, 2, 1), 31, date(2026, 2, 28)),
        (date(2024, 2, 1), 30, date(2024, 2, 29)),
        (date(2026, 4, 1), 31, date(2026, 4, 30)),
        (date(2026, 4, 1), 0, date(2026, 4, 1)),
        (date(2026, 4, 1), 15, date(2026, 4, 15)),
    ],
)
async def test_due_days_of_short_months(field: Any, world: Any, month: date, day: int, due: date) -> None:
    await field.setting("migrants.visit_due_day", day)
    async with world.context() as ctx:
        assert due_day(ctx, month) == due


async def test_tiers_count_the_make_up_days_of_the_spring_festival(world: Any) -> None:
    async with world.context() as ctx:
        since = due_moment(ctx, date(2026, 2, 13))
        due = tier_due(ctx, since, Tier.COORDINATOR)
    assert due is not None
    assert due.astimezone(UTC) > datetime(2026, 2, 14, tzinfo=UTC)
    assert due == datetime(2026, 2, 25, 15, 59, 59, 999999, tzinfo=UTC)
