"""Posts and visits: planned once a month, declined without consequence, made under a post, and what is refused."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from linli_migrants.visit_clock import NO_STAY, plan
from linli_migrants.visit_states import VISIT

TOMORROW = datetime(2026, 5, 7, 2, 0, tzinfo=UTC)
STATE = "select state from migrants_visit where tenant_id = $1 and id = $2"
COUNT = "select count(*) from migrants_visit where tenant_id = $1"


async def test_each_stay_on_file_gets_one_visit_a_month_however_often_it_is_planned(
    story: Any, field: Any, world: Any
) -> None:
    await world.stay()
    await story.verified(person_id=await world.person("演示李四"))
    await field.run("migrants.plan_visits")
    await field.run("migrants.plan_visits")
    assert await world.value(COUNT) == 1
    assert await world.value("select due_on from migrants_visit where tenant_id = $1") == date(2026, 5, 28)
    world.clock.advance(timedelta(days=30))
    await field.run("migrants.plan_visits")
    assert await world.value(COUNT) == 2


async def test_many_stays_are_planned_in_several_runs(
    quick: Any, field: Any, world: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr("linli_migrants.visit_clock.PLANNED_MAX", 2)
    for number in range(5):
        await world.stay(await world.person(f"演示新市民{number}"))
    await field.run("migrants.plan_visits", times=5)
    assert await world.value(COUNT) == 5


async def test_two_workers_plan_each_visit_once(quick: Any, world: Any) -> None:
    for number in range(4):
        await world.stay(await world.person(f"演示新市民{number}"))

    async def run() -> None:
        async with world.bench.context(world.tenant, clock=world.clock) as ctx:
            await plan(ctx)

    await asyncio.gather(run(), run(), run())
    assert await world.value(COUNT) == 4


async def test_nothing_is_planned_once_the_due_day_is_over(quick: Any, field: Any, world: Any) -> None:
    await world.stay()
    await field.setting("migrants.visit_due_day", 5)
    async with world.bench.context(world.tenant, clock=world.clock) as ctx:
        assert await plan(ctx, after=NO_STAY) is None
    assert await world.value(COUNT) == 0


async def test_a_visit_is_due_on_the_last_day_of_a_short_month(quick: Any, field: Any, world: Any) -> None:
    await field.setting("migrants.visit_due_day", 31)
    world.clock.advance(timedelta(days=30))
    visit = await field.visit(from_on=date(2026, 1, 1))
    due = "select due_on from migrants_visit where tenant_id = $1 and id = $2"
    assert await world.value(due, visit) == date(2026, 6, 30)


async def test_a_visit_is_appointed_moved_and_made(story: Any, field: Any, world: Any) -> None:
    coordinator = await field.coordinator(story)
    visit = await field.visit()
    await story.act("appointMigrantVisit", id=visit, appointed_for=TOMORROW)
    await story.act("appointMigrantVisit", id=visit, appointed_for=TOMORROW + timedelta(days=1))
    await story.act("doMigrantVisit", coordinator, id=visit, done_on=date(2026, 5, 6), outcome="informed")
    row = "select state || ' ' || outcome || ' ' || done_on from migrants_visit where tenant_id = $1 and id = $2"
    assert await world.value(row, visit) == "done informed 2026-05-06"


async def test_people_appoint_and_decline_their_own_visits_only(
    story: Any, field: Any, world: Any, refused: Any
) -> None:
    person = await world.person()
    visit = await field.visit(person_id=person)
    other = world.resident(await world.person("演示王五"))
    with pytest.raises(refused) as caught:
        await story.act("declineMigrantVisit", other, id=visit)
    assert caught.value.code == "not_found"
    await story.act("appointMigrantVisit", world.resident(person), id=visit, appointed_for=TOMORROW)
    await story.act("declineMigrantVisit", world.resident(person), id=visit)
    assert await world.value(STATE, visit) == "declined"


async def test_a_declined_visit_has_no_consequence(story: Any, field: Any, world: Any) -> None:
    visit = await field.visit()
    await story.act("declineMigrantVisit", id=visit)
    world.clock.advance(timedelta(days=60))
    await field.run("migrants.visit_clock")
    told = "select count(*) from events_event where tenant_id = $1 and name like 'migrants.visit%'"
    assert await world.value(STATE, visit) == "declined"
    assert await world.value(told) == 0


async def test_a_visit_without_a_post_there_is_refused(
    story: Any, field: Any, world: Any, refused: Any
) -> None:
    visit = await field.visit()
    elsewhere = await world.bench.area(world.tenant, "测试别处")
    done = {"id": visit, "done_on": date(2026, 5, 6), "outcome": "informed"}
    for nobody in (
        world.officer,
        await field.coordinator(story, area_id=elsewhere.id),
        await field.coordinator(story, from_on=date(2026, 5, 6)),
    ):
        day = {"done_on": date(2026, 5, 5)} if nobody is not world.officer else {}
        with pytest.raises(refused) as caught:
            await story.act("doMigrantVisit", nobody, **{**done, **day})
        assert caught.value.code == "migrants.no_post_here"
    above = await field.coordinator(story, area_id=None)
    await story.act("doMigrantVisit", above, **done)


async def test_an_officer_enters_a_visit_under_a_coordinators_post(
    story: Any, field: Any, world: Any, refused: Any
) -> None:
    account = await field.account()
    post = await story.act(
        "assignMigrantPost", account_id=account.id, area_id=world.area.id, from_on=date(2026, 5, 1)
    )
    visit = await field.visit()
    done = {"id": visit, "outcome": "booked", "post_id": post}
    await story.act("endMigrantPost", id=post, on=date(2026, 5, 6))
    with pytest.raises(refused) as caught:
        await story.act("doMigrantVisit", done_on=date(2026, 5, 6), **done)
    assert (caught.value.code, caught.value.at) == ("migrants.no_post_here", "post_id")
    await story.act("doMigrantVisit", done_on=date(2026, 5, 5), **done)


async def test_nobody_visits_themselves(story: Any, field: Any, world: Any, refused: Any) -> None:
    person = await world.person()
    me = await field.account(person_id=person)
    post = await story.act("assignMigrantPost", account_id=me.id, area_id=world.area.id)
    done = {"id": await field.visit(person_id=person), "done_on": date(2026, 5, 6), "outcome": "informed"}
    for actor, given in ((me, done), (None, {**done, "post_id": post})):
        with pytest.raises(refused) as caught:
            await story.act("doMigrantVisit", actor, **given)
        assert caught.value.code == "migrants.own_visit"


@pytest.mark.parametrize(
    ("done_on", "code"),
    [
        (date(2026, 4, 30), "migrants.visit_outside_its_time"),
        (date(2026, 5, 7), "future_date"),
    ],
)
async def test_a_visit_is_made_in_its_time(
    story: Any, field: Any, refused: Any, done_on: date, code: str
) -> None:
    coordinator = await field.coordinator(story)
    visit = await field.visit()
    with pytest.raises(refused) as caught:
        await story.act("doMigrantVisit", coordinator, id=visit, done_on=done_on, outcome="informed")
    assert (caught.value.code, caught.value.at) == (code, "done_on")


@pytest.mark.parametrize("days", [-1, 93])
async def test_an_appointment_lies_ahead_and_not_too_far(
    story: Any, field: Any, refused: Any, world: Any, days: int
) -> None:
    visit = await field.visit()
    when = world.clock.now() + timedelta(days=days)
    with pytest.raises(refused) as caught:
        await story.act("appointMigrantVisit", id=visit, appointed_for=when)
    assert caught.value.code == "migrants.appointment_out_of_range"


async def test_posts_follow_each_other(story: Any, field: Any, world: Any, refused: Any) -> None:
    account = await field.account()
    given = {"account_id": account.id, "area_id": world.area.id}
    post = await story.act("assignMigrantPost", from_on=date(2026, 4, 1), **given)
    with pytest.raises(refused) as caught:
        await story.act("assignMigrantPost", from_on=date(2026, 5, 1), **given)
    assert caught.value.code == "migrants.post_taken"
    await story.act("endMigrantPost", id=post, on=date(2026, 5, 1))
    with pytest.raises(refused) as caught:
        await story.act("endMigrantPost", id=post)
    assert caught.value.code == "migrants.post_ended"
    await story.act("assignMigrantPost", from_on=date(2026, 5, 1), **given)


async def test_only_accounts_that_can_be_used_are_posted(
    story: Any, field: Any, world: Any, refused: Any
) -> None:
    account = await field.account()
    await world.set_state("identity_account", account.id, state="disabled")
    for one in (account, world.checker):
        with pytest.raises(refused) as caught:
            await story.act("assignMigrantPost", account_id=one.id, area_id=world.area.id)
        assert (caught.value.code, caught.value.at) == ("migrants.account_unusable", "account_id")


async def test_the_visits_of_a_stay_that_ended_are_cancelled(story: Any, field: Any, world: Any) -> None:
    visit = await field.visit()
    stay = await world.value("select stay_id from migrants_visit where tenant_id = $1 and id = $2", visit)
    await story.act("departMigrantStay", id=stay, on=date(2026, 5, 6))
    await field.work()
    assert await world.value(STATE, visit) == "cancelled"
    await field.run("migrants.plan_visits")
    assert await world.value(COUNT) == 1


STEPS = {
    "appoint": ("appointMigrantVisit", {"appointed_for": TOMORROW}),
    "do": ("doMigrantVisit", {"done_on": date(2026, 5, 6), "outcome": "informed"}),
    "decline": ("declineMigrantVisit", {}),
}


@pytest.mark.parametrize("state", VISIT.states)
@pytest.mark.parametrize("action", sorted(STEPS))
async def test_every_transition_of_a_visit_that_is_not_defined_is_refused(
    story: Any, field: Any, world: Any, refused: Any, state: str, action: str
) -> None:
    coordinator = await field.coordinator(story)
    visit = await field.visit()
    await _put(world, visit, state)
    name, values = STEPS[action]
    if (state, action) in [(row.source, row.action) for row in VISIT.transitions]:
        await story.act(name, coordinator, id=visit, **values)
        return
    with pytest.raises(refused) as caught:
        await story.act(name, coordinator, id=visit, **values)
    assert caught.value.code == "workflow.undefined_transition"


async def _put(world: Any, visit: Any, state: str) -> None:
    done = state == "done"
    post = await world.value("select id from migrants_post where tenant_id = $1 limit 1")
    await world.set_state(
        "migrants_visit",
        visit,
        state=state,
        appointed_for=TOMORROW if state == "appointed" else None,
        done_on=date(2026, 5, 6) if done else None,
        post_id=post if done else None,
        outcome="informed" if done else None,
        overdue_at=world.clock.now() if state == "missed" else None,
        tier="coordinator" if state == "missed" else None,
        ended_at=world.clock.now() if state in ("done", "declined", "cancelled") else None,
    )
