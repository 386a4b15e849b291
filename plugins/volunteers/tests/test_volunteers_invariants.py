"""Whatever is tried, hours never overlap, never exceed the shift, and are posted exactly once."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

SHIFTS = ((-30, 6), (-24, 4), (-20, 8), (-5, 4))  # begin (hours from now) and length (hours)
CLAIM = st.tuples(
    st.just("claim"),
    st.integers(0, len(SHIFTS) - 1),
    st.integers(-1, 8),  # begin, in half hours after the shift's
    st.integers(0, 8),  # length, in half hours
)
STEP = st.tuples(
    st.sampled_from(["verify", "verify", "post", "post", "reverse"]),
    st.integers(0, 30),  # which entry
    st.just(0),
    st.just(0),
)
STEPS = st.lists(st.one_of(CLAIM, STEP, STEP), min_size=20, max_size=60)
# Everything that can come of an entry, so that no run of this test is without it.
TELLING = [
    *(("claim", number, 1, 2) for number in range(len(SHIFTS))),
    *(("claim", number, 1, 2) for number in range(len(SHIFTS))),
    *((action, number, 0, 0) for action in ("verify", "post", "post") for number in range(3)),
    ("reverse", 2, 0, 0),
    ("reverse", 2, 0, 0),
    ("claim", 3, 0, 1),
]
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=25, deadline=None, suppress_health_check=SLOW)
@given(steps=STEPS)
@example(steps=TELLING)
async def test_random_steps_keep_the_books_right(quick: Any, refused: Any, steps: list[Any]) -> None:
    volunteer = await quick.volunteer()
    shifts = []
    for start_h, hours in SHIFTS:
        activity = await quick.recruiting(start_h=start_h, hours=hours)
        await quick.act("enrolVolunteer", activity_id=activity, volunteer_id=volunteer)
        await quick.finish(activity)
        shifts.append(activity)
    await move(quick, shifts[1], -27)  # overlaps the first: enrolment would have refused it
    entries: list[UUID] = []
    for action, number, begin, length in steps:
        with suppress(refused):
            if action == "claim":
                starts_at = await begin_of(quick, shifts[number])
                from_at = starts_at + timedelta(minutes=30 * begin)
                times = {"from_at": from_at, "to_at": from_at + timedelta(minutes=30 * length)}
                entries.append(await quick.claim(shifts[number], volunteer, **times))
            elif entries:
                entry = entries[number % len(entries)]
                reason = {"reason": "试"} if action == "reverse" else {}
                await quick.act(f"{action}VolunteerHours", quick.world.checker, id=entry, **reason)
    states = await check_books(quick, await quick.person_of(volunteer))
    if steps is TELLING:
        assert sorted(states) == ["claimed", "posted", "posted", "reversed"]


async def check_books(story: Any, person: UUID) -> list[str]:
    """Look at all entries of a person and what was told of them; gives the entries' states."""
    async with story.world.context() as ctx:
        rows = await ctx.db.fetch(
            "select h.id, h.from_at, h.to_at, h.minutes, h.posted_at, h.state, a.starts_at, a.ends_at, a.id as a"
            " from volunteers_hours h join volunteers_activity a on a.tenant_id = $1 and a.id = h.activity_id"
            " where h.tenant_id = $1 and h.person_id = $2 order by h.from_at",
            ctx.tenant_id,
            person,
        )
        events = await ctx.db.fetch(
            "select name, payload from events_event where tenant_id = $1 and name like 'volunteers.%'",
            ctx.tenant_id,
        )
    standing = [row for row in rows if row["state"] != "reversed"]
    assert all(earlier["to_at"] <= later["from_at"] for earlier, later in pairwise(standing))
    assert len({row["a"] for row in standing}) == len(standing)
    for row in rows:
        assert row["starts_at"] <= row["from_at"] < row["to_at"] <= row["ends_at"]
        assert timedelta(minutes=row["minutes"]) == row["to_at"] - row["from_at"]
        told = [
            event["name"]
            for event in events
            if UUID(json.loads(event["payload"])["hours_id"]) == row["id"]
            and json.loads(event["payload"])["minutes"] == row["minutes"]
        ]
        was_posted = row["posted_at"] is not None
        assert told.count("volunteers.hours_posted") == was_posted
        assert told.count("volunteers.hours_reversed") == (was_posted and row["state"] == "reversed")
    return [row["state"] for row in rows]


async def begin_of(story: Any, activity: UUID) -> Any:
    sql = "select starts_at from volunteers_activity where tenant_id = $1 and id = $2"
    return await story.world.value(sql, activity)


async def move(story: Any, activity: UUID, start_h: int) -> None:
    starts_at = story.world.clock.now() + timedelta(hours=start_h)
    ends_at = starts_at + timedelta(hours=4)
    await story.world.set_state("volunteers_activity", activity, starts_at=starts_at, ends_at=ends_at)


async def test_of_many_who_post_at_once_one_does(quick: Any, refused: Any) -> None:
    entry = await quick.claim(*await quick.enrolled())
    await quick.act("verifyVolunteerHours", quick.world.checker, id=entry)
    results = await asyncio.gather(
        *(quick.act("postVolunteerHours", id=entry) for _ in range(6)), return_exceptions=True
    )
    assert sorted(isinstance(result, refused) for result in results) == [False, *[True] * 5]
    sql = "select count(*) from events_event where tenant_id = $1 and name = 'volunteers.hours_posted'"
    assert await quick.world.value(sql) == 1


async def test_of_many_who_claim_at_once_one_does(quick: Any, refused: Any) -> None:
    activity, volunteer = await quick.enrolled()
    results = await asyncio.gather(
        *(quick.claim(activity, volunteer) for _ in range(6)), return_exceptions=True
    )
    assert sorted(isinstance(result, refused) for result in results) == [False, *[True] * 5]


@pytest.mark.parametrize("places", [1, 3])
async def test_of_many_who_enrol_at_once_as_many_do_as_there_are_places(
    quick: Any, refused: Any, places: int
) -> None:
    activity = await quick.recruiting(places=places)
    crowd = [await quick.volunteer(f"演示{number}") for number in range(6)]
    results = await asyncio.gather(
        *(quick.act("enrolVolunteer", activity_id=activity, volunteer_id=one) for one in crowd),
        return_exceptions=True,
    )
    assert [isinstance(result, refused) for result in results].count(False) == places


async def test_a_refused_posting_tells_nobody(quick: Any, refused: Any) -> None:
    entry = await quick.claim(*await quick.enrolled())
    with pytest.raises(refused):
        await quick.act("postVolunteerHours", id=entry)
    sql = "select count(*) from events_event where tenant_id = $1 and name = 'volunteers.hours_posted'"
    assert await quick.world.value(sql) == 0
