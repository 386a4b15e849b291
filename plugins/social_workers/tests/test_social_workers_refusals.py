"""What the domain refuses (§5.3, and §3 for all modules), one sentence after the other, and every undefined step.

Each runs as a call of the service and as a mutation of the API. What refuses applications, reviews, renewals, posts,
licences and runs on their way stands with them, in the other tests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from linli.plugin import organisations, people
from linli_social_workers import allowances
from linli_social_workers.states import CERTIFICATE, RENEWAL

TOMORROW = date(2026, 5, 7)
COURSE = {"course": "社区工作", "provider": "中心", "hours": 8, "evidence": "结业证"}
RESULT = {"level": "assistant", "subject": "practice", "year": 2025, "score": 60}
Step = Callable[[Any, Any], Awaitable[Any]]


async def reused_certificate_number(story: Any, world: Any) -> None:
    await story.certificate(number="ZS-7777")
    await story.certificate(number=" zs-7777 ")


async def reused_licence_number(story: Any, world: Any) -> None:
    for _ in range(2):
        person = await world.person()
        await story.registered(person)
        given = {"number": "DL-7777", "valid_from": date(2026, 1, 1), "valid_until": date(2029, 1, 1)}
        await story.act("licenseSocialWorker", person_id=person, **given)


async def renewal_short_of_hours(story: Any, world: Any) -> None:
    person = await world.person()
    registration = await story.registered(person)
    world.turn("2029-03-01")
    await story.hours(person, 71, date(2028, 3, 1))
    await story.act("applyForSocialWorkerRenewal", id=registration)


async def solo_practice_without_a_licence(story: Any, world: Any) -> None:
    person = await world.person()
    await story.registered(person)
    given = {"subject": "个案", "from_on": date(2026, 5, 1), "to_on": date(2026, 5, 2)}
    await story.act("enterSocialWorkerPractice", person_id=person, **given)


async def one_worker_in_two_communities(story: Any, world: Any) -> None:
    person = await story.working()
    other = await world.bench.area(world.tenant, "另一社区")
    await story.act("takeUpSocialWorkerPost", person_id=person, area_id=other.id, from_on=date(2026, 2, 1))


async def registration_without_a_certificate_of_ones_own(story: Any, world: Any) -> None:
    certificate = await story.certificate()
    given = {"certificate_id": certificate, "person_id": await world.person()}
    await story.act("applyForSocialWorkerRegistration", **given)


async def registration_on_a_certificate_that_was_taken_back(story: Any, world: Any) -> None:
    person = await world.person()
    certificate = await story.certificate(person)
    await story.act("revokeSocialWorkerCertificate", id=certificate, reason="伪造")
    await story.act("applyForSocialWorkerRegistration", certificate_id=certificate, person_id=person)


async def a_final_review_on_a_certificate_that_was_taken_back(story: Any, world: Any) -> None:
    registration = await story.applied()
    await story.act("reviewSocialWorkerRegistration", world.second, id=registration)
    certificate = await world.value("select id from social_workers_certificate where tenant_id = $1")
    await story.act("revokeSocialWorkerCertificate", id=certificate, reason="伪造")
    await story.act("registerSocialWorker", world.third, id=registration)


async def a_renewal_of_a_registration_that_was_struck_off(story: Any, world: Any) -> None:
    person = await world.person()
    registration = await story.registered(person)
    world.turn("2029-05-01")
    await story.hours(person, 80, date(2028, 1, 1))
    renewal = await story.act("applyForSocialWorkerRenewal", id=registration)
    await story.act("cancelSocialWorkerRegistration", world.second, id=registration, reason="违规")
    await story.act("renewSocialWorkerRegistration", world.third, id=renewal)


async def two_registrations_at_once(story: Any, world: Any) -> None:
    person = await world.person()
    certificate = await story.certificate(person)
    for _ in range(2):
        await story.act("applyForSocialWorkerRegistration", certificate_id=certificate, person_id=person)


async def a_final_review_before_the_first(story: Any, world: Any) -> None:
    await story.act("registerSocialWorker", world.third, id=await story.applied())


async def both_reviews_by_one(story: Any, world: Any) -> None:
    registration = await story.applied()
    await story.act("reviewSocialWorkerRegistration", world.second, id=registration)
    await story.act("registerSocialWorker", world.second, id=registration)


async def a_renewal_decided_by_the_applicant(story: Any, world: Any) -> None:
    person = await world.person()
    registration = await story.registered(person)
    world.turn("2029-03-01")
    await story.hours(person, 72, date(2028, 3, 1))
    renewal = await story.act("applyForSocialWorkerRenewal", id=registration)
    await story.act("renewSocialWorkerRegistration", id=renewal)


async def a_sanction_of_oneself(story: Any, world: Any) -> None:
    person = await world.person()
    registration = await story.registered(person)
    oneself = replace(world.second, person_id=person)
    await story.act("suspendSocialWorkerRegistration", oneself, id=registration, reason="违规")


async def a_result_of_oneself(story: Any, world: Any) -> None:
    person = await world.person()
    oneself = replace(world.officer, person_id=person)
    await story.act("recordSocialWorkerExamResult", oneself, person_id=person, **RESULT)


async def a_certificate_of_oneself(story: Any, world: Any) -> None:
    person = await world.person()
    given = {"level": "assistant", "number": "ZS-0009", "issued_on": date(2024, 1, 1), "passed_in": 2023}
    oneself = replace(world.officer, person_id=person)
    await story.act("recogniseSocialWorkerCertificate", oneself, person_id=person, **given)


async def a_licence_of_oneself(story: Any, world: Any) -> None:
    person = await world.person()
    await story.registered(person)
    given = {"number": "DL-0009", "valid_from": date(2026, 1, 1), "valid_until": date(2029, 1, 1)}
    oneself = replace(world.officer, person_id=person)
    await story.act("licenseSocialWorker", oneself, person_id=person, **given)


async def a_certificate_of_the_future(story: Any, world: Any) -> None:
    await story.certificate(issued_on=TOMORROW)


async def a_registration_from_tomorrow_on(story: Any, world: Any) -> None:
    await story.registered(valid_from=TOMORROW)


async def a_post_from_tomorrow_on(story: Any, world: Any) -> None:
    person = await world.person()
    await story.certificate(person)
    await story.act("takeUpSocialWorkerPost", person_id=person, area_id=world.area.id, from_on=TOMORROW)


async def a_post_that_ends_tomorrow(story: Any, world: Any) -> None:
    person = await story.working()
    post = await world.value(
        "select id from social_workers_post where tenant_id = $1 and person_id = $2", person
    )
    await story.act("leaveSocialWorkerPost", id=post, on=TOMORROW)


async def hours_of_a_course_that_is_not_over(story: Any, world: Any) -> None:
    await story.act(
        "claimSocialWorkerCredit", person_id=await world.person(), completed_on=TOMORROW, **COURSE
    )


async def the_same_course_twice(story: Any, world: Any) -> None:
    person = await world.person()
    for _ in range(2):
        given = {"person_id": person, "completed_on": date(2026, 5, 1), **COURSE}
        await story.act("claimSocialWorkerCredit", **given)


async def a_stale_version(story: Any, world: Any) -> None:
    registration = await story.applied()
    await story.act("reviewSocialWorkerRegistration", world.second, id=registration, expected_version=7)


async def somebody_who_left(story: Any, world: Any) -> None:
    person = await world.person()
    async with world.as_system() as ctx:
        await people.mark_left(ctx, person, on=date(2026, 5, 1))
    await story.certificate(person)


async def a_unit_that_is_closed(story: Any, world: Any) -> None:
    person = await world.person()
    await story.certificate(person)
    async with world.as_system() as ctx:
        unit = await organisations.register(
            ctx, area_id=world.area.id, name="演示机构", kind="social_organisation"
        )
        await organisations.close(ctx, unit.id)
    given = {"person_id": person, "area_id": world.area.id, "from_on": date(2026, 5, 1)}
    await story.act("takeUpSocialWorkerPost", organisation_id=unit.id, **given)


async def a_reason_of_nothing(story: Any, world: Any) -> None:
    registration = await story.registered()
    await story.act("cancelSocialWorkerRegistration", world.second, id=registration, reason="  ")


async def a_licence_that_ends_before_it_begins(story: Any, world: Any) -> None:
    person = await world.person()
    await story.registered(person)
    given = {"number": "DL-0001", "valid_from": date(2026, 1, 1), "valid_until": date(2026, 1, 1)}
    await story.act("licenseSocialWorker", person_id=person, **given)


REFUSALS: dict[Step, str] = {
    reused_certificate_number: "social_workers.number_taken",
    reused_licence_number: "social_workers.number_taken",
    renewal_short_of_hours: "social_workers.hours_short",
    solo_practice_without_a_licence: "social_workers.no_licence",
    one_worker_in_two_communities: "social_workers.post_overlaps",
    registration_without_a_certificate_of_ones_own: "social_workers.certificate_unusable",
    registration_on_a_certificate_that_was_taken_back: "social_workers.certificate_unusable",
    a_final_review_on_a_certificate_that_was_taken_back: "social_workers.certificate_unusable",
    a_renewal_of_a_registration_that_was_struck_off: "social_workers.no_registration",
    two_registrations_at_once: "social_workers.has_registration",
    a_final_review_before_the_first: "workflow.undefined_transition",
    both_reviews_by_one: "social_workers.own_case",
    a_renewal_decided_by_the_applicant: "social_workers.own_case",
    a_sanction_of_oneself: "social_workers.own_case",
    a_result_of_oneself: "social_workers.own_case",
    a_certificate_of_oneself: "social_workers.own_case",
    a_licence_of_oneself: "social_workers.own_case",
    a_certificate_of_the_future: "future_date",
    a_registration_from_tomorrow_on: "future_date",
    a_post_from_tomorrow_on: "future_date",
    a_post_that_ends_tomorrow: "future_date",
    hours_of_a_course_that_is_not_over: "future_date",
    the_same_course_twice: "social_workers.course_counted",
    a_stale_version: "stale_version",
    somebody_who_left: "social_workers.person_not_active",
    a_unit_that_is_closed: "social_workers.unit_unusable",
    a_reason_of_nothing: "required",
    a_licence_that_ends_before_it_begins: "social_workers.ends_before_start",
}


@pytest.mark.parametrize(("step", "code"), REFUSALS.items(), ids=[one.__name__ for one in REFUSALS])
async def test_it_is_refused(story: Any, world: Any, refused: Any, step: Step, code: str) -> None:
    with pytest.raises(refused) as caught:
        await step(story, world)
    assert caught.value.code == code


async def test_hours_that_were_refused_can_be_entered_again(story: Any, world: Any) -> None:
    given = {"person_id": await world.person(), "completed_on": date(2026, 5, 1), **COURSE}
    credit = await story.act("claimSocialWorkerCredit", **given)
    await story.act("refuseSocialWorkerCredit", world.second, id=credit, reason="缺章")
    await story.act("claimSocialWorkerCredit", **given)


async def test_a_run_has_a_limit(
    quick: Any, world: Any, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await quick.act("setSocialWorkerAllowanceRule", level="assistant", amount_fen=1, from_on=date(2026, 1, 1))
    await quick.working()
    monkeypatch.setattr(allowances, "LINES_MAX", 0)
    with pytest.raises(refused) as caught:
        await quick.act("computeSocialWorkerAllowances", month=date(2026, 3, 1))
    assert caught.value.code == "social_workers.run_too_large"


RENEWAL_STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "approve": ("renewSocialWorkerRegistration", {}),
    "refuse": ("refuseSocialWorkerRenewal", {"reason": "不符"}),
}


@pytest.mark.parametrize("state", RENEWAL.states)
@pytest.mark.parametrize("action", RENEWAL.actions)
async def test_a_renewal_takes_only_steps_that_are_defined(
    story: Any, world: Any, refused: Any, state: str, action: str
) -> None:
    person = await world.person()
    registration = await story.registered(person)
    world.turn("2029-05-01")
    await story.hours(person, 80, date(2028, 1, 1))
    renewal = await story.act("applyForSocialWorkerRenewal", id=registration)
    for before in (row.action for row in RENEWAL.transitions if row.target == state):
        name, values = RENEWAL_STEPS[before]
        await story.act(name, world.second, id=renewal, **values)
    name, values = RENEWAL_STEPS[action]
    step = story.act(name, world.second, id=renewal, **values)
    if any((row.source, row.action) == (state, action) for row in RENEWAL.transitions):
        await step
        return
    with pytest.raises(refused) as caught:
        await step
    assert caught.value.code == "workflow.undefined_transition"


@pytest.mark.parametrize("state", CERTIFICATE.states)
@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("revokeSocialWorkerCertificate", "social_workers_certificate"),
        ("revokeSocialWorkerLicence", "social_workers_licence"),
    ],
)
async def test_certificates_and_licences_are_revoked_once(
    story: Any, world: Any, refused: Any, state: str, name: str, table: str
) -> None:
    assert CERTIFICATE.actions == ("revoke",)
    person = await world.person()
    await story.registered(person)
    given = {"number": "DL-0001", "valid_from": date(2026, 1, 1), "valid_until": date(2029, 1, 1)}
    licence = await story.act("licenseSocialWorker", person_id=person, **given)
    certificate = await world.value("select id from social_workers_certificate where tenant_id = $1")
    row = licence if table.endswith("licence") else certificate
    if state == "valid":
        await story.act(name, world.second, id=row, reason="违规")
        return
    await story.act(name, world.second, id=row, reason="违规")
    with pytest.raises(refused) as caught:
        await story.act(name, world.second, id=row, reason="违规")
    assert caught.value.code == "workflow.undefined_transition"


def test_every_refusal_of_the_plugin_is_looked_for_in_a_test(composition: Any) -> None:
    texts = composition.plugin_set(["social_workers"]).texts
    codes = [
        key.rpartition(".")[2] for key in texts.keys("zh-CN") if key.startswith("problems.social_workers.")
    ]
    assert len(codes) > 25
    written = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [code for code in codes if f'.{code}"' not in written and f'"{code}"' not in written] == []
