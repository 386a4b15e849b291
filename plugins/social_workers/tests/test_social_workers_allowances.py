"""Monthly allowances: who is due what, once, reproducibly, and how later knowledge corrects what was paid."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import date, timedelta
from typing import Any

import pytest

from linli_social_workers import allowances, posts
from linli_social_workers.states import RUN

WORKERS = int(os.environ.get("LINLI_ALLOWANCE_WORKERS", "500"))
LINES = """select coalesce(string_agg(l.kind || ' ' || l.for_month || ' ' || l.amount_fen || ' ' || l.reason, ', '
    order by l.for_month, l.amount_fen), '') from social_workers_allowance_line l
    join social_workers_allowance_run r on r.tenant_id = l.tenant_id and r.id = l.run_id
    where l.tenant_id = $1 and r.month = $2 and r.state <> 'discarded'"""
JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 1) for month in range(1, 5))


async def rules(story: Any) -> None:
    for level, yuan in (("assistant", 100), ("intermediate", 200)):
        given = {"amount_fen": yuan * 100, "from_on": JANUARY}
        await story.act("setSocialWorkerAllowanceRule", level=level, **given)


async def lines(world: Any, month: date) -> str:
    return str(await world.value(LINES, month))


async def test_the_highest_level_is_paid_once(story: Any, world: Any) -> None:
    await rules(story)
    person = await story.working()
    await story.certificate(person, level="intermediate", issued_on=date(2026, 2, 10))
    await story.paid(JANUARY)
    await story.paid(FEBRUARY)
    assert await lines(world, JANUARY) == "regular 2026-01-01 10000 "
    assert await lines(world, FEBRUARY) == "regular 2026-02-01 20000 "


@pytest.mark.parametrize("lacking", ["certificate", "registration", "post", "rule"])
async def test_it_takes_certificate_registration_post_and_a_rule(
    quick: Any, world: Any, lacking: str
) -> None:
    if lacking != "rule":
        await rules(quick)
    person = await world.person()
    registration = await quick.registered(person, valid_from=JANUARY)
    if lacking != "post":
        given = {"person_id": person, "area_id": world.area.id, "from_on": JANUARY}
        await quick.act("takeUpSocialWorkerPost", **given)
    if lacking == "certificate":
        certificate = await world.value("select id from social_workers_certificate where tenant_id = $1")
        given = {"reason": "伪造", "on": JANUARY}
        await quick.act("revokeSocialWorkerCertificate", id=certificate, **given)
    if lacking == "registration":
        given = {"reason": "违规", "on": date(2026, 1, 15)}
        await quick.act("suspendSocialWorkerRegistration", id=registration, **given)
    await quick.paid(JANUARY)
    assert await lines(world, JANUARY) == ""


async def test_it_stops_with_the_lapse(quick: Any, world: Any) -> None:
    await rules(quick)
    person = await world.person()
    await quick.registered(person, valid_from=date(2023, 2, 15))
    given = {"person_id": person, "area_id": world.area.id, "from_on": JANUARY}
    await quick.act("takeUpSocialWorkerPost", **given)
    await quick.paid(JANUARY)
    await quick.paid(FEBRUARY)
    assert await lines(world, JANUARY) == "regular 2026-01-01 10000 "
    assert await lines(world, FEBRUARY) == ""


async def test_what_becomes_known_later_shows_as_a_difference_with_its_reason(story: Any, world: Any) -> None:
    await rules(story)
    person = await story.working()
    await story.paid(JANUARY)
    await story.paid(FEBRUARY)
    post = await world.value("select id from social_workers_post where tenant_id = $1")
    await story.act("leaveSocialWorkerPost", id=post, on=date(2026, 2, 10))
    late = await story.working("演示迟到")
    await story.paid(MARCH)
    assert await lines(world, MARCH) == (
        "difference 2026-01-01 10000 事后补录,补发。, difference 2026-02-01 -10000 该月末不在岗。,"
        " difference 2026-02-01 10000 事后补录,补发。, regular 2026-03-01 10000 "
    )
    await story.paid(APRIL)
    assert await lines(world, APRIL) == "regular 2026-04-01 10000 ", "a difference is paid once"
    assert person != late


async def test_a_rule_of_the_past_is_corrected_by_the_difference(quick: Any, world: Any) -> None:
    await rules(quick)
    await quick.working()
    await quick.paid(JANUARY)
    given = {"level": "assistant", "amount_fen": 15_000, "from_on": JANUARY}
    await quick.act("setSocialWorkerAllowanceRule", **given)
    await quick.paid(FEBRUARY)
    assert await lines(world, FEBRUARY) == (
        "difference 2026-01-01 5000 级别或标准有变,按差额补扣。, regular 2026-02-01 15000 "
    )


async def test_a_run_can_be_computed_again_to_the_fen_at_any_later_date(quick: Any, world: Any) -> None:
    await rules(quick)
    await quick.working()
    run = await quick.paid(JANUARY)
    world.clock.advance(timedelta(minutes=1))
    post = await world.value("select id from social_workers_post where tenant_id = $1")
    await quick.act("leaveSocialWorkerPost", id=post, on=date(2026, 1, 10))
    await quick.act("setSocialWorkerAllowanceRule", level="assistant", amount_fen=1, from_on=JANUARY)
    world.turn("2026-12-01")
    async with world.context() as ctx:
        assert await allowances.disagreements(ctx, run) == []
    line = await world.value("select id from social_workers_allowance_line where tenant_id = $1")
    await world.set_state("social_workers_allowance_line", line, amount_fen=10_001)
    async with world.context() as ctx:
        assert len(await allowances.disagreements(ctx, run)) == 1


async def test_a_run_waits_for_what_is_being_recorded_and_can_be_computed_again(
    quick: Any, world: Any
) -> None:
    await rules(quick)
    person = await world.person()
    await quick.registered(person, valid_from=JANUARY)
    async with world.context() as ctx:
        await posts.take_up(ctx, person_id=person, area_id=world.area.id, from_on=JANUARY)
        computing = asyncio.create_task(quick.act("computeSocialWorkerAllowances", month=JANUARY))
        await asyncio.sleep(0.3)
    run = await asyncio.wait_for(computing, 10)
    assert await lines(world, JANUARY) == "regular 2026-01-01 10000 "
    async with world.context() as ctx:
        assert await allowances.disagreements(ctx, run) == []


async def test_nobody_is_counted_in_two_places(story: Any, world: Any, refused: Any) -> None:
    person = await story.working()
    given = {"person_id": person, "area_id": world.area.id, "from_on": date(2026, 3, 1)}
    with pytest.raises(refused) as caught:
        await story.act("takeUpSocialWorkerPost", **given)
    assert caught.value.code == "social_workers.post_overlaps"
    post = await world.value("select id from social_workers_post where tenant_id = $1")
    await story.act("leaveSocialWorkerPost", id=post, on=date(2026, 3, 1))
    with pytest.raises(refused) as caught:
        await story.act("leaveSocialWorkerPost", id=post, on=date(2026, 3, 1))
    assert caught.value.code == "social_workers.post_ended"
    await story.act("takeUpSocialWorkerPost", **given)


async def test_a_month_is_computed_when_it_is_over_once_and_in_order(
    story: Any, world: Any, refused: Any
) -> None:
    await rules(story)
    with pytest.raises(refused) as caught:
        await story.act("computeSocialWorkerAllowances", month=date(2026, 5, 1))
    assert caught.value.code == "social_workers.month_not_over"
    run = await story.act("computeSocialWorkerAllowances", month=date(2026, 3, 20))
    with pytest.raises(refused) as caught:
        await story.act("computeSocialWorkerAllowances", month=MARCH)
    assert caught.value.code == "social_workers.month_computed"
    with pytest.raises(refused) as caught:
        await story.act("computeSocialWorkerAllowances", month=APRIL)
    assert caught.value.code == "social_workers.earlier_run_open"
    await story.act("discardSocialWorkerAllowances", id=run)
    await story.act("computeSocialWorkerAllowances", month=MARCH)


async def test_two_open_runs_would_pay_one_difference_twice(story: Any, world: Any, refused: Any) -> None:
    await rules(story)
    await story.paid(JANUARY)
    await story.working()
    run = await story.act("computeSocialWorkerAllowances", month=MARCH)
    assert (await lines(world, MARCH)).startswith("difference 2026-01-01 10000 ")
    with pytest.raises(refused) as caught:
        await story.act("computeSocialWorkerAllowances", month=FEBRUARY)
    assert caught.value.code == "social_workers.earlier_run_open"
    await story.act("reviewSocialWorkerAllowances", world.second, id=run)
    await story.act("approveSocialWorkerAllowances", world.third, id=run)
    await story.act("computeSocialWorkerAllowances", month=FEBRUARY)
    assert await lines(world, FEBRUARY) == "regular 2026-02-01 10000 "


async def test_three_different_people_compute_review_and_approve(
    story: Any, world: Any, refused: Any
) -> None:
    run = await story.act("computeSocialWorkerAllowances", month=MARCH)
    with pytest.raises(refused) as caught:
        await story.act("reviewSocialWorkerAllowances", id=run)
    assert caught.value.code == "social_workers.own_case"
    await story.act("reviewSocialWorkerAllowances", world.second, id=run)
    for actor in (world.officer, world.second):
        with pytest.raises(refused) as caught:
            await story.act("approveSocialWorkerAllowances", actor, id=run)
        assert caught.value.code == "social_workers.own_case"
    await story.act("approveSocialWorkerAllowances", world.third, id=run)


STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "review": ("reviewSocialWorkerAllowances", {}),
    "approve": ("approveSocialWorkerAllowances", {}),
    "export": ("markSocialWorkerAllowancesExported", {}),
    "pay": ("markSocialWorkerAllowancesPaid", {"paid_on": date(2026, 5, 6), "reference": "回单"}),
    "discard": ("discardSocialWorkerAllowances", {}),
}


@pytest.mark.parametrize("state", RUN.states)
@pytest.mark.parametrize("action", RUN.actions)
async def test_a_run_takes_only_steps_that_are_defined(
    story: Any, world: Any, refused: Any, state: str, action: str
) -> None:
    run = await story.act("computeSocialWorkerAllowances", month=MARCH)
    paid_on = date(2026, 5, 1) if state == "paid" else None
    await world.set_state("social_workers_allowance_run", run, state=state, paid_on=paid_on)
    name, values = STEPS[action]
    if any((row.source, row.action) == (state, action) for row in RUN.transitions):
        await story.act(name, world.fourth, id=run, **values)
        return
    with pytest.raises(refused) as caught:
        await story.act(name, world.fourth, id=run, **values)
    assert caught.value.code == "workflow.undefined_transition"


async def test_the_check_of_a_run_is_a_field_of_it(quick: Any, world: Any, api: Any) -> None:
    api.runtime.clock = world.clock
    await rules(quick)
    await quick.working()
    await quick.paid(JANUARY)
    document = "{ socialWorkerAllowanceRuns(first: 2) { nodes { month people totalFen disagreeing } } }"
    seen = await api.execute(world.tenant, world.officer, document)
    assert seen["socialWorkerAllowanceRuns"]["nodes"] == [
        {"month": "2026-01-01", "people": 1, "totalFen": 10_000, "disagreeing": 0}
    ]


FILL = """
with given as (select generate_series(1, $2::integer) as n),
person as (insert into identity_person (tenant_id, id, area_id, area_path, full_name, name_pinyin, synthetic)
    select $1, gen_random_uuid(), $3, $4, '演示' || n, '', true from given returning id)
insert into social_workers_fact (tenant_id, id, area_id, area_path, kind, person_id, subject_id, level, from_on,
    recorded_at)
select $1, gen_random_uuid(), $3, $4, k.kind, p.id, gen_random_uuid(),
    case k.kind when 'certificate' then 'assistant' else '' end, '2025-01-01', $5
from person p cross join (values ('certificate'), ('registration'), ('post')) as k (kind)"""


async def test_a_run_over_many_workers(quick: Any, world: Any) -> None:
    await rules(quick)
    async with world.as_system() as ctx:
        recorded = world.clock.now() - timedelta(days=1)
        await ctx.db.execute(FILL, world.tenant.id, WORKERS, world.area.id, world.area.path, recorded)
    await quick.paid(FEBRUARY)
    began = time.monotonic()
    run = await quick.act("computeSocialWorkerAllowances", month=MARCH)
    took = time.monotonic() - began
    row = (
        "select people || ' ' || total_fen from social_workers_allowance_run where tenant_id = $1 and id = $2"
    )
    assert await world.value(row, run) == f"{WORKERS} {WORKERS * 10_000}"
    print(f"{WORKERS:,} workers: {took:.1f} s")  # noqa: T201
