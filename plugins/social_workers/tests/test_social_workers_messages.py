"""What social workers are told and reminded of: each once, in words of the templates, and nothing sensitive."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from linli_social_workers import jobs, reminding, telling

SENT = """select string_agg(type, ',' order by sent_at, id) from notifications_message
    where tenant_id = $1 and person_id = $2"""
READ = "{ notifications(orderBy: SENT_AT_DESC, first: 5) { nodes { type title body messageClass } } }"


async def sent(world: Any, person: UUID) -> list[str]:
    found = await world.value(SENT, person)
    return [one.partition(".")[2] for one in (found or "").split(",")]


async def read(world: Any, api: Any, person: UUID, locale: str = "zh-CN") -> Any:
    api.runtime.clock = world.clock
    reader = replace(world.bench.actor(()), person_id=person)
    return (await api.execute(world.tenant, reader, READ, locale=locale))["notifications"]["nodes"]


async def reminded(world: Any, day: str) -> None:
    world.turn(day)
    async with world.as_system() as ctx:
        await jobs.remind(ctx, {})


async def test_an_applicant_is_told_what_each_review_decided(story: Any, world: Any) -> None:
    person = await world.person()
    first = await story.applied(person)
    await story.act("refuseSocialWorkerRegistration", world.second, id=first, reason="缺照片")
    certificate = await world.value(
        "select certificate_id from social_workers_registration where tenant_id = $1 and id = $2", first
    )
    second = await story.act("applyForSocialWorkerRegistration", certificate_id=certificate, person_id=person)
    await story.act("reviewSocialWorkerRegistration", world.second, id=second)
    await story.act("refuseSocialWorkerRegistration", world.third, id=second, reason="不符")
    third = await story.act("applyForSocialWorkerRegistration", certificate_id=certificate, person_id=person)
    await story.act("reviewSocialWorkerRegistration", world.second, id=third)
    await story.act("registerSocialWorker", world.third, id=third)
    assert await sent(world, person) == ["application_returned", "application_refused", "registered"]


async def test_sanctions_and_renewals_are_told(story: Any, world: Any) -> None:
    person = await world.person()
    registration = await story.registered(person)
    for _ in range(2):
        await story.act("suspendSocialWorkerRegistration", world.second, id=registration, reason="违规")
        await story.act("restoreSocialWorkerRegistration", world.second, id=registration)
    world.turn("2029-05-01")
    await story.hours(person, 80, date(2028, 1, 1))
    for name, values in (
        ("refuseSocialWorkerRenewal", {"reason": "学时不实"}),
        ("renewSocialWorkerRegistration", {}),
    ):
        renewal = await story.act("applyForSocialWorkerRenewal", id=registration)
        await story.act(name, world.second, id=renewal, **values)
    await story.act("cancelSocialWorkerRegistration", world.second, id=registration, reason="违规")
    assert await sent(world, person) == [
        "registered",
        *["registration_suspended", "registration_restored"] * 2,
        "renewal_refused",
        "renewal_approved",
        "registration_cancelled",
    ]


async def test_a_message_says_when_and_no_reason_name_or_number(quick: Any, world: Any, api: Any) -> None:
    person = await world.person("演示王小明")
    registration = await quick.registered(person)
    await quick.act("cancelSocialWorkerRegistration", world.second, id=registration, reason="挪用善款")
    message, _registered = await read(world, api, person)
    assert message == {
        "type": telling.CANCELLED,
        "title": "登记已注销",
        "body": "您的社会工作者登记自 2026-05-06 起注销。原因请登录查看。",
        "messageClass": "REQUIRED",
    }
    (english, _) = await read(world, api, person, "en")
    assert english["body"].startswith("Your registration as a social worker was cancelled from 2026-05-06.")
    stored = await world.value(
        "select string_agg(content::text, ' ') from notifications_message where tenant_id = $1"
    )
    for secret in ("挪用", "王小明", "ZS-"):
        assert secret not in stored


async def test_a_lapse_is_told_once(quick: Any, world: Any, api: Any) -> None:
    person = await world.person()
    await quick.registered(person, valid_from=date(2023, 5, 10))
    world.turn("2026-05-10")
    async with world.as_system() as ctx:
        await jobs.lapse(ctx, {})
        await jobs.lapse(ctx, {})
    assert await sent(world, person) == ["registered", "registration_lapsed"]
    assert "2026-05-09 期满失效" in (await read(world, api, person))[0]["body"]


async def test_renewals_are_reminded_of_90_30_and_7_days_before_once_each(
    quick: Any, world: Any, api: Any
) -> None:
    person = await world.person()
    await quick.registered(person, valid_from=date(2026, 5, 6))
    for day, count in (
        ("2029-02-04", 0),
        ("2029-02-05", 1),
        ("2029-02-06", 1),
        ("2029-04-05", 1),
        ("2029-04-07", 2),
        ("2029-04-28", 2),
        ("2029-04-29", 3),
        ("2029-05-05", 3),
    ):
        await reminded(world, day)
        found = await sent(world, person)
        assert (found.count("renewal_due"), found.count("hours_short")) == (count, count), day
    bodies = {one["type"]: one["body"] for one in await read(world, api, person)}
    assert bodies[reminding.RENEWAL_DUE] == "您的社会工作者登记将于 2029-05-05 到期，请在到期前申请续期。"
    assert bodies[reminding.HOURS_SHORT] == "您的登记 2029-05-05 到期，续期需 72 学时，现已认可 0 学时。"


async def test_nobody_is_reminded_who_applied_has_hours_or_left(quick: Any, world: Any) -> None:
    enough, applied, left, suspended = [await world.person() for _ in range(4)]
    numbers = {person: await quick.registered(person) for person in (enough, applied, left, suspended)}
    await quick.act("suspendSocialWorkerRegistration", world.second, id=numbers[suspended], reason="违规")
    await world.set_state("identity_person", left, state="left", ended_on=date(2028, 1, 1))
    world.turn("2029-05-01")
    for person in (enough, applied):
        await quick.hours(person, 80, date(2028, 1, 1))
    await quick.act("applyForSocialWorkerRenewal", id=numbers[applied])
    await reminded(world, "2029-05-01")
    assert (await sent(world, enough))[1:] == ["renewal_due"]
    for person in (applied, left):
        assert (await sent(world, person))[1:] == []
    assert (await sent(world, suspended))[1:] == ["registration_suspended"]


async def test_reminders_go_on_batch_by_batch(
    quick: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [await world.person() for _ in range(3)]
    for person in people:
        await quick.registered(person)
    monkeypatch.setattr(reminding, "BATCH_MAX", 2)
    world.turn("2029-05-01")
    async with world.as_system() as ctx:
        await jobs.remind(ctx, {})
        waiting = await ctx.db.fetchval(
            "select args->>'after' from jobs_job where tenant_id = $1 and name = 'social_workers.remind'",
            ctx.tenant_id,
        )
        assert waiting
        await jobs.remind(ctx, {"after": waiting})
    for person in people:
        assert (await sent(world, person)).count("renewal_due") == 1


async def test_whoever_is_paid_is_told_once_for_a_run(
    quick: Any, world: Any, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await quick.act(
        "setSocialWorkerAllowanceRule", level="assistant", amount_fen=10_000, from_on=date(2026, 1, 1)
    )
    people = [await quick.working() for _ in range(3)]
    gone = await quick.working()
    await quick.paid(date(2026, 3, 1))
    post = await world.value(
        "select id from social_workers_post where tenant_id = $1 and person_id = $2", gone
    )
    await quick.act("leaveSocialWorkerPost", id=post, on=date(2026, 3, 15))
    run = await quick.paid(date(2026, 4, 1))
    monkeypatch.setattr(telling, "PAID_BATCH", 2)
    async with world.as_system() as ctx:
        for _ in range(2):
            await jobs.tell_paid(ctx, {"run_id": str(run)})
        after = await ctx.db.fetchval(
            "select max(args->>'after') from jobs_job where tenant_id = $1 and name = 'social_workers.tell_paid'",
            ctx.tenant_id,
        )
        await jobs.tell_paid(ctx, {"run_id": str(run), "after": after})
    for person in people:
        assert (await sent(world, person)).count("allowance_paid") == 1
    assert "allowance_paid" not in await sent(world, gone)
    (message, *_) = await read(world, api, people[0])
    assert message["body"] == "2026-04 的社会工作者岗位津贴已发放，明细请登录查看。"


async def test_what_is_refused_is_told_to_nobody(story: Any, world: Any, refused: Any) -> None:
    person = await world.person()
    registration = await story.applied(person)
    given = {"id": registration, "reason": "缺照片", "expected_version": 9}
    with pytest.raises(refused) as caught:
        await story.act("refuseSocialWorkerRegistration", world.second, **given)
    assert caught.value.code == "stale_version"
    assert await sent(world, person) == [""]
