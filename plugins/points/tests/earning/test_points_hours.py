"""Hours of service become points through the event: once, however often it is delivered, and are taken back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from linli.ids import new_id
from linli.plugin import people, publish
from linli.runtime import Runtime
from linli.settings import Settings
from linli.worker import dispatchers
from linli_graphql.ids import from_global_id
from linli_points import hours
from linli_points.subscriptions import HoursPosted, HoursReversed


async def deliver(desk: Any, event: Any) -> None:
    """Publish an event as the volunteers plugin does, and let the worker deliver it."""
    async with desk.context() as ctx:
        await publish(ctx, event)
    runtime = Runtime(
        settings=Settings(data_dir=Path(), secret_key="test"),
        database=desk.bench.database,
        catalogue=desk.bench.catalogue,
        composition=desk.bench.composition,
        clock=desk.clock,
    )
    deliveries, _jobs = dispatchers(runtime)
    await deliveries.run_once()
    async with desk.context() as ctx:
        sql = "select count(*) from events_delivery where tenant_id = $1 and status <> 'done'"
        assert await ctx.db.fetchval(sql, ctx.tenant_id) == 0


def posted(person_id: UUID, *, minutes: int = 150, hours_id: UUID | None = None) -> HoursPosted:
    return HoursPosted(
        hours_id=hours_id or new_id(), activity_id=new_id(), person_id=person_id, minutes=minutes
    )


async def test_posted_hours_earn_points_exactly_once(desk: Any) -> None:
    person = await desk.person()
    participant = await desk.participant(person)
    event = posted(person)
    await deliver(desk, event)
    await deliver(desk, event)
    assert await desk.balance(participant) == 10  # two whole hours at 5 points
    found = await desk.ask("{ pointsClaims(first: 5) { edges { node { state source quantity points } } } }")
    assert [edge["node"] for edge in found["pointsClaims"]["edges"]] == [
        {"state": "POSTED", "source": "VOLUNTEER_HOURS", "quantity": 2, "points": 10}
    ]


async def test_reversed_hours_take_their_points_back_once(desk: Any) -> None:
    person = await desk.person()
    participant = await desk.participant(person)
    event = posted(person)
    await deliver(desk, event)
    gone = HoursReversed(
        hours_id=event.hours_id, activity_id=event.activity_id, person_id=person, minutes=event.minutes
    )
    await deliver(desk, gone)
    await deliver(desk, gone)
    assert await desk.balance(participant) == 0
    await deliver(desk, event)  # a replay after the reversal gives nothing anew
    assert await desk.balance(participant) == 0


async def test_points_that_were_spent_are_not_taken_below_zero_but_noted(desk: Any) -> None:
    person = await desk.person()
    participant = await desk.participant(person)
    event = posted(person)
    await deliver(desk, event)
    await desk.spend(participant, 8)
    gone = HoursReversed(
        hours_id=event.hours_id, activity_id=event.activity_id, person_id=person, minutes=event.minutes
    )
    await deliver(desk, gone)
    found = await desk.ask("{ pointsClaims(first: 5) { edges { node { state blockedCode } } } }")
    assert [edge["node"] for edge in found["pointsClaims"]["edges"]] == [
        {"state": "POSTED", "blockedCode": "ledger.insufficient_balance"}
    ]
    assert await desk.balance(participant) == 2


@pytest.mark.parametrize("minutes", [0, 59])
async def test_less_than_an_hour_earns_nothing(desk: Any, minutes: int) -> None:
    person = await desk.person()
    participant = await desk.participant(person)
    await deliver(desk, posted(person, minutes=minutes))
    assert await desk.balance(participant) == 0


async def test_who_does_not_take_part_earns_nothing_and_nothing_fails(desk: Any) -> None:
    await deliver(desk, posted(await desk.person()))


async def test_hours_earn_up_to_the_cap_of_the_year(desk: Any) -> None:
    person = await desk.person()
    participant = await desk.participant(person)
    for _ in range(2):
        await deliver(desk, posted(person, minutes=60 * 150))  # 750 points each, 1,000 in a year
    assert await desk.balance(participant) == 1_000
    await deliver(desk, posted(person))
    assert await desk.balance(participant) == 1_000


async def test_a_person_who_was_merged_earns_for_the_kept_entry(desk: Any) -> None:
    person, duplicate = await desk.person(), await desk.person()
    participant = await desk.participant(person)
    async with desk.context() as ctx:
        await people.merge(ctx, kept_id=person, duplicate_id=duplicate, reason="同一人")
        made = await hours.credit(
            ctx, hours_id=new_id(), person_id=duplicate, activity_id=new_id(), minutes=60
        )
    assert made is not None
    assert made.participant_id == from_global_id(participant)[1]
    desk.clock.advance(timedelta(days=1))
    assert await desk.balance(participant) == 5
