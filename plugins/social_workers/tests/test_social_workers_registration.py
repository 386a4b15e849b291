"""From exam to registration, renewal, lapse and sanctions, and what is refused on the way."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from linli_social_workers import registrations
from linli_social_workers.states import CREDIT, REGISTRATION

ROW = """select state || ' ' || coalesce(valid_from::text, '-') || ' ' || coalesce(valid_until::text, '-')
    from social_workers_registration where tenant_id = $1 and id = $2"""


async def results(story: Any, person: Any, level: str, text: str) -> None:
    subjects = {"c": "comprehensive", "p": "practice", "l": "law"}
    for word in text.split():
        given = {"subject": subjects[word[0]], "year": 2000 + int(word[1:3]), "score": int(word[4:])}
        await story.act("recordSocialWorkerExamResult", person_id=person, level=level, **given)


async def test_results_of_three_years_certify_nobody(story: Any, world: Any, refused: Any) -> None:
    person = await world.person()
    await results(story, person, "intermediate", "c24:60 p25:60 l26:60")
    given = {"person_id": person, "level": "intermediate", "number": "ZS-0001", "issued_on": date(2026, 5, 1)}
    with pytest.raises(refused) as caught:
        await story.act("certifySocialWorker", **given)
    assert caught.value.code == "social_workers.not_passed"


async def test_results_certify_and_fraud_takes_the_certificate_back(story: Any, world: Any) -> None:
    person = await world.person()
    await results(story, person, "assistant", "c25:60 p25:61")
    given = {"person_id": person, "level": "assistant", "number": "zs-0001", "issued_on": date(2025, 9, 1)}
    certificate = await story.act("certifySocialWorker", **given)
    row = """select number || ' ' || passed_in || ' ' || state from social_workers_certificate
        where tenant_id = $1 and id = $2"""
    assert await world.value(row, certificate) == "ZS-0001 2025 valid"
    result = await world.value(
        "select id from social_workers_result where tenant_id = $1 and subject = 'practice'"
    )
    await story.act("correctSocialWorkerExamResult", id=result, reason="违纪通报", fraud=True)
    assert await world.value(row, certificate) == "ZS-0001 2025 revoked"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"subject": "law"}, "social_workers.not_this_subject"),
        ({"year": 1999}, "social_workers.year_out_of_range"),
        ({"year": 2027}, "social_workers.year_out_of_range"),
        ({"score": 101}, "social_workers.number_out_of_range"),
    ],
)
async def test_results_that_cannot_be(
    story: Any, world: Any, refused: Any, values: dict[str, Any], code: str
) -> None:
    given = {"level": "assistant", "subject": "practice", "year": 2025, "score": 60, **values}
    with pytest.raises(refused) as caught:
        await story.act("recordSocialWorkerExamResult", person_id=await world.person(), **given)
    assert caught.value.code == code


async def test_a_result_is_known_once(story: Any, world: Any, refused: Any) -> None:
    person = await world.person()
    await results(story, person, "assistant", "c25:60")
    with pytest.raises(refused) as caught:
        await results(story, person, "assistant", "c25:61")
    assert caught.value.code == "social_workers.result_known"


async def test_a_number_is_used_once(story: Any, world: Any, refused: Any) -> None:
    person = await world.person()
    await story.certificate(person, number="ZS-9999")
    with pytest.raises(refused) as caught:
        await story.certificate(number="zs-9999")
    assert caught.value.code == "social_workers.number_taken"
    with pytest.raises(refused) as caught:
        await story.certificate(person)
    assert caught.value.code == "social_workers.has_certificate"


async def test_two_different_people_review_and_register_for_three_years(
    story: Any, world: Any, refused: Any
) -> None:
    registration = await story.applied()
    with pytest.raises(refused) as caught:
        await story.act("reviewSocialWorkerRegistration", id=registration)
    assert caught.value.code == "social_workers.own_case"
    await story.act("reviewSocialWorkerRegistration", world.second, id=registration)
    for actor in (world.officer, world.second):
        with pytest.raises(refused) as caught:
            await story.act("registerSocialWorker", actor, id=registration)
        assert caught.value.code == "social_workers.own_case"
    await story.act("registerSocialWorker", world.third, id=registration)
    assert await world.value(ROW, registration) == "registered 2026-05-06 2029-05-06"


async def test_the_final_review_is_due_in_30_working_days(story: Any, world: Any) -> None:
    registration = await story.applied()
    due = """select (due_at at time zone 'Asia/Shanghai')::date::text from social_workers_registration
        where tenant_id = $1 and id = $2"""
    assert await world.value(due, registration) == "2026-06-16"


async def test_a_late_application_is_overdue_and_handled_all_the_same(story: Any, world: Any) -> None:
    late = await story.applied(issued_on=date(2025, 5, 5))
    good = await story.applied(issued_on=date(2025, 5, 6))
    overdue = "select overdue from social_workers_registration where tenant_id = $1 and id = $2"
    assert await world.value(overdue, late) is True
    assert await world.value(overdue, good) is False


async def test_one_registration_a_person_and_only_on_ones_own_certificate(
    story: Any, world: Any, refused: Any
) -> None:
    person = await world.person()
    await story.registered(person)
    certificate = await story.certificate(person, level="intermediate")
    with pytest.raises(refused) as caught:
        await story.act("applyForSocialWorkerRegistration", certificate_id=certificate, person_id=person)
    assert caught.value.code == "social_workers.has_registration"
    other = await world.person()
    with pytest.raises(refused) as caught:
        await story.act("applyForSocialWorkerRegistration", certificate_id=certificate, person_id=other)
    assert caught.value.code == "social_workers.certificate_unusable"


async def test_renewal_takes_the_last_three_months_and_the_hours(
    story: Any, world: Any, refused: Any
) -> None:
    person = await world.person()
    registration = await story.registered(person, valid_from=date(2026, 5, 6))
    world.turn("2029-02-05")
    with pytest.raises(refused) as caught:
        await story.act("applyForSocialWorkerRenewal", id=registration)
    assert caught.value.code == "social_workers.renewal_too_early"
    world.turn("2029-02-06")
    with pytest.raises(refused) as caught:
        await story.act("applyForSocialWorkerRenewal", id=registration)
    assert caught.value.code == "social_workers.hours_short"
    await story.hours(person, 71, date(2028, 3, 1))
    with pytest.raises(refused) as caught:
        await story.act("applyForSocialWorkerRenewal", id=registration)
    assert caught.value.code == "social_workers.hours_short"
    await story.hours(person, 1, date(2029, 2, 6))
    renewal = await story.act("applyForSocialWorkerRenewal", id=registration)
    with pytest.raises(refused) as caught:
        await story.act("applyForSocialWorkerRenewal", id=registration)
    assert caught.value.code == "social_workers.renewal_open"
    with pytest.raises(refused) as caught:
        await story.act("renewSocialWorkerRegistration", id=renewal)
    assert caught.value.code == "social_workers.own_case"
    await story.act("renewSocialWorkerRegistration", world.second, id=renewal)
    assert await world.value(ROW, registration) == "registered 2029-05-06 2032-05-06"


async def test_intermediate_takes_90_hours(quick: Any, world: Any, refused: Any) -> None:
    person = await world.person()
    registration = await quick.registered(person, valid_from=date(2026, 5, 6), level="intermediate")
    world.turn("2029-03-01")
    await quick.hours(person, 89, date(2028, 3, 1))
    with pytest.raises(refused) as caught:
        await quick.act("applyForSocialWorkerRenewal", id=registration)
    assert caught.value.code == "social_workers.hours_short"
    await quick.hours(person, 1, date(2028, 3, 1))
    await quick.act("applyForSocialWorkerRenewal", id=registration)


async def test_what_is_not_renewed_lapses_and_can_be_applied_for_again(
    story: Any, world: Any, refused: Any
) -> None:
    person = await world.person()
    registration = await story.registered(person, valid_from=date(2023, 5, 10))
    world.turn("2026-05-09")
    async with world.as_system() as ctx:
        assert await registrations.lapse_due(ctx) == 0
    world.turn("2026-05-10")
    with pytest.raises(refused) as caught:
        await story.act("applyForSocialWorkerRenewal", id=registration)
    assert caught.value.code == "social_workers.renewal_too_late"
    async with world.as_system() as ctx:
        assert await registrations.lapse_due(ctx) == 1
    assert str(await world.value(ROW, registration)).startswith("lapsed")
    certificate = await world.value(
        "select certificate_id from social_workers_registration where tenant_id = $1"
    )
    await story.act("applyForSocialWorkerRegistration", certificate_id=certificate, person_id=person)


async def test_a_renewal_that_waits_keeps_from_lapsing(quick: Any, world: Any) -> None:
    person = await world.person()
    registration = await quick.registered(person)
    world.turn("2029-05-01")
    await quick.hours(person, 80, date(2028, 1, 1))
    renewal = await quick.act("applyForSocialWorkerRenewal", id=registration)
    world.turn("2029-05-20")
    async with world.as_system() as ctx:
        assert await registrations.lapse_due(ctx) == 0
    await quick.act("refuseSocialWorkerRenewal", world.second, id=renewal, reason="学时不实")
    async with world.as_system() as ctx:
        assert await registrations.lapse_due(ctx) == 1
    ended = "select ended_on::text from social_workers_registration where tenant_id = $1 and id = $2"
    assert await world.value(ended, registration) == "2029-05-06"


async def test_somebody_applies_and_claims_for_themselves(story: Any, world: Any) -> None:
    person = await world.person()
    certificate = await story.certificate(person)
    me = world.resident(person)
    registration = await story.act("applyForSocialWorkerRegistration", me, certificate_id=certificate)
    await story.act("withdrawSocialWorkerRegistration", me, id=registration)
    given = {"course": "社区工作", "provider": "中心", "hours": 8, "evidence": "证明"}
    await story.act("claimSocialWorkerCredit", me, completed_on=date(2026, 5, 1), **given)


async def test_nobody_approves_their_own_hours(story: Any, world: Any, refused: Any) -> None:
    given = {"course": "社区工作", "provider": "中心", "hours": 8, "evidence": "证明"}
    credit = await story.act(
        "claimSocialWorkerCredit", person_id=await world.person(), completed_on=date(2026, 5, 1), **given
    )
    with pytest.raises(refused) as caught:
        await story.act("approveSocialWorkerCredit", id=credit)
    assert caught.value.code == "social_workers.own_case"


STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "review": ("reviewSocialWorkerRegistration", {}),
    "register": ("registerSocialWorker", {}),
    "refuse": ("refuseSocialWorkerRegistration", {"reason": "不符"}),
    "withdraw": ("withdrawSocialWorkerRegistration", {}),
    "suspend": ("suspendSocialWorkerRegistration", {"reason": "违规"}),
    "restore": ("restoreSocialWorkerRegistration", {}),
    "cancel": ("cancelSocialWorkerRegistration", {"reason": "违规"}),
}


@pytest.mark.parametrize("state", REGISTRATION.states)
@pytest.mark.parametrize("action", STEPS)
async def test_every_step_that_is_not_defined_is_refused(
    story: Any, world: Any, refused: Any, state: str, action: str
) -> None:
    registration = await story.applied()
    await world.set_state(
        "social_workers_registration",
        registration,
        state=state,
        first_reviewed_by=world.second.id,
        number="SW-TEST",
        valid_from=date(2026, 1, 1),
        valid_until=date(2029, 1, 1),
        suspended_on=date(2026, 2, 1) if state == "suspended" else None,
        reason="测试",
    )
    name, values = STEPS[action]
    if any((row.source, row.action) == (state, action) for row in REGISTRATION.transitions):
        await story.act(name, world.third, id=registration, **values)
        return
    with pytest.raises(refused) as caught:
        await story.act(name, world.third, id=registration, **values)
    assert caught.value.code == "workflow.undefined_transition"


@pytest.mark.parametrize("state", CREDIT.states)
@pytest.mark.parametrize("action", CREDIT.actions)
async def test_hours_take_only_steps_that_are_defined(
    story: Any, world: Any, refused: Any, state: str, action: str
) -> None:
    given = {"course": "社区工作", "provider": "中心", "hours": 8, "evidence": "证明"}
    credit = await story.act(
        "claimSocialWorkerCredit", person_id=await world.person(), completed_on=date(2026, 5, 1), **given
    )
    await world.set_state("social_workers_credit", credit, state=state, reason="测试")
    values = {} if action == "approve" else {"reason": "不符"}
    name = f"{action}SocialWorkerCredit"
    if any((row.source, row.action) == (state, action) for row in CREDIT.transitions):
        await story.act(name, world.second, id=credit, **values)
        return
    with pytest.raises(refused) as caught:
        await story.act(name, world.second, id=credit, **values)
    assert caught.value.code == "workflow.undefined_transition"


async def test_a_result_of_somebody_who_is_nobody_is_not_found(story: Any, world: Any, refused: Any) -> None:
    given = {"level": "assistant", "subject": "practice", "year": 2025, "score": 60}
    with pytest.raises(refused) as caught:
        await story.act("recordSocialWorkerExamResult", person_id=world.area.id, **given)
    assert caught.value.code == "not_found"


async def test_a_result_without_a_score_is_absent(story: Any, world: Any) -> None:
    given = {"level": "assistant", "subject": "practice", "year": 2025}
    await story.act("recordSocialWorkerExamResult", person_id=await world.person(), **given)


async def test_a_deadline_beyond_the_published_calendar_is_filled_in_later(
    story: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.turn("2026-12-20")
    registration = await story.applied()
    due = "select due_at from social_workers_registration where tenant_id = $1 and id = $2"
    assert await world.value(due, registration) is None
    async with world.as_system() as ctx:
        assert await registrations.fill_deadlines(ctx) == 0
    monkeypatch.setattr(registrations, "due_if_known", lambda _deadline: world.clock.now())
    async with world.as_system() as ctx:
        assert await registrations.fill_deadlines(ctx) == 1
    assert await world.value(due, registration) == world.clock.now()
