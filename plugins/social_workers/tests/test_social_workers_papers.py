"""What is printed: the certificate of registration, statements of education and of allowances, and when they end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from linli.plugin import documents
from linli.testing.printed_words import printed_pages
from linli_social_workers import papers, registrations

STATES = """select string_agg(state || ' ' || coalesce(nullif(revoke_reason, ''), '-'), ',' order by issued_at, id)
    from documents_document where tenant_id = $1 and kind = 'social_workers.card'"""


async def words(world: Any, document_id: UUID, kind: documents.DocumentKind = papers.CARD) -> str:
    async with world.as_system() as ctx:
        return "".join(printed_pages(await documents.content_of(ctx, kind, document_id)))


async def refusal_of(refused: Any, step: Any) -> str:
    with pytest.raises(refused) as caught:
        await step
    return str(caught.value.code)


async def test_a_certificate_of_registration_says_who_and_until_when(story: Any, world: Any) -> None:
    registration = await story.registered(await world.person("演示王小明"))
    card = await story.act("issueSocialWorkerCard", id=registration)
    text = await words(world, card)
    number = await world.value(
        "select number from social_workers_registration where tenant_id = $1 and id = $2", registration
    )
    for word in (
        "社会工作者登记证书",
        "演示王小明",
        "助理社会工作师",
        number,
        "2026-05-06",
        "2029-05-05",
        "ZS-",
    ):
        assert word in text, word
    row = """select valid_until::text || ' ' || subject_table || ' ' || holder_masked from documents_document
        where tenant_id = $1 and id = $2"""
    assert await world.value(row, card) == "2029-05-05 social_workers_registration 演****"


async def test_a_new_certificate_takes_the_place_of_the_old_one(story: Any, world: Any) -> None:
    registration = await story.registered()
    for _ in range(2):
        await story.act("issueSocialWorkerCard", id=registration)
    assert await world.value(STATES) == "revoked 已重新签发。,valid -"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("suspendSocialWorkerRegistration", "违规"), ("cancelSocialWorkerRegistration", "违规")],
)
async def test_a_sanction_revokes_the_certificate_with_its_reason(
    story: Any, world: Any, refused: Any, name: str, reason: str
) -> None:
    registration = await story.registered()
    await story.act("issueSocialWorkerCard", id=registration)
    await story.act(name, world.second, id=registration, reason=reason)
    assert await world.value(STATES) == f"revoked {reason}"
    step = story.act("issueSocialWorkerCard", id=registration)
    assert await refusal_of(refused, step) == "social_workers.no_registration"


async def test_whoever_may_suspend_needs_no_right_to_issue(quick: Any, world: Any) -> None:
    registration = await quick.registered()
    await quick.act("issueSocialWorkerCard", id=registration)
    inspector = world.bench.actor(
        ["social_workers.registration.read", "social_workers.registration.sanction"],
        area_path=world.area.path,
    )
    await quick.act("suspendSocialWorkerRegistration", inspector, id=registration, reason="违规")
    assert await world.value(STATES) == "revoked 违规"
    await quick.act("restoreSocialWorkerRegistration", inspector, id=registration)
    await quick.act("issueSocialWorkerCard", id=registration)
    assert await world.value(STATES) == "revoked 违规,valid -"


async def test_a_lapse_and_a_certificate_that_is_taken_back_revoke_too(quick: Any, world: Any) -> None:
    registration = await quick.registered(valid_from=date(2023, 5, 10))
    await quick.act("issueSocialWorkerCard", id=registration)
    world.turn("2026-05-10")
    async with world.as_system() as ctx:
        assert await registrations.lapse_due(ctx) == 1
    assert await world.value(STATES) == "revoked 登记有效期已满，未续期。"
    other = await quick.registered()
    await quick.act("issueSocialWorkerCard", id=other)
    certificate = await world.value(
        "select certificate_id from social_workers_registration where tenant_id = $1 and id = $2", other
    )
    await quick.act("revokeSocialWorkerCertificate", id=certificate, reason="伪造")
    assert str(await world.value(STATES)).endswith(",revoked 伪造")


async def test_what_no_certificate_is_issued_for(story: Any, world: Any, refused: Any) -> None:
    applied = await story.applied()
    for name in ("issueSocialWorkerCard", "issueSocialWorkerEducationStatement"):
        assert await refusal_of(refused, story.act(name, id=applied)) == "social_workers.no_registration"
        missing = await refusal_of(refused, story.act(name, id=world.area.id))
        assert missing == "not_found"
    person = await world.person()
    own = await story.registered(person)
    officer = replace(world.officer, person_id=person)
    reader = world.bench.actor(["social_workers.registration.read"])
    for name in ("issueSocialWorkerCard", "issueSocialWorkerEducationStatement"):
        assert await refusal_of(refused, story.act(name, officer, id=own)) == "social_workers.own_case"
        assert await refusal_of(refused, story.act(name, reader, id=own)) == "permission_denied"
        assert (
            await refusal_of(refused, story.act(name, world.resident(person), id=own)) == "permission_denied"
        )
        stranger = world.resident(await world.person())
        assert await refusal_of(refused, story.act(name, stranger, id=own)) == "not_found"
    certificate = await world.value(
        "select certificate_id from social_workers_registration where tenant_id = $1 and id = $2", own
    )
    await story.act("revokeSocialWorkerCertificate", id=certificate, reason="伪造")
    step = story.act("issueSocialWorkerCard", id=own)
    assert await refusal_of(refused, step) == "social_workers.certificate_unusable"
    world.turn("2029-05-06")
    step = story.act("issueSocialWorkerEducationStatement", id=own)
    assert await refusal_of(refused, step) == "social_workers.no_registration"


async def test_a_statement_of_education_lists_the_approved_courses_of_the_term(
    story: Any, world: Any
) -> None:
    person = await world.person("演示王小明")
    registration = await story.registered(person, valid_from=date(2026, 1, 1))
    await story.hours(person, 24, date(2025, 12, 31))
    await story.hours(person, 10, date(2026, 2, 1))
    await story.hours(person, 6, date(2026, 5, 1))
    given = {"course": "未审课程", "provider": "中心", "hours": 8, "evidence": "证明"}
    await story.act("claimSocialWorkerCredit", person_id=person, completed_on=date(2026, 5, 1), **given)
    paper = await story.act("issueSocialWorkerEducationStatement", id=registration)
    text = await words(world, paper, papers.EDUCATION)
    for word in ("继续教育学时证明", "演示王小明", "16", "72", "2026-02-01", "2026-05-01", "培训中心"):
        assert word in text, word
    assert "2025-12-31" not in text
    assert "未审课程" not in text


async def test_a_statement_between_a_renewal_and_the_new_term_is_of_the_present_one(
    quick: Any, world: Any
) -> None:
    person = await world.person("演示王小明")
    registration = await quick.registered(person)
    world.turn("2029-03-01")
    await quick.hours(person, 72, date(2028, 3, 1))
    renewal = await quick.act("applyForSocialWorkerRenewal", id=registration)
    await quick.act("renewSocialWorkerRegistration", world.second, id=renewal)
    paper = await quick.act("issueSocialWorkerEducationStatement", id=registration)
    text = await words(world, paper, papers.EDUCATION)
    for word in ("2026-05-06", "2029-05-05", "2028-03-01"):
        assert word in text, word


async def test_no_certificate_is_issued_beside_the_taking_back_of_what_it_rests_on(
    quick: Any, world: Any
) -> None:
    registration = await quick.registered()
    certificate = await world.value("select id from social_workers_certificate where tenant_id = $1")
    async with world.context() as ctx:
        await papers.issue_card(ctx, registration)
        revoking = asyncio.create_task(
            quick.act("revokeSocialWorkerCertificate", id=certificate, reason="伪造")
        )
        await asyncio.sleep(0.3)
    await asyncio.wait_for(revoking, 10)
    assert await world.value(STATES) == "revoked 伪造"


async def test_a_statement_of_allowances_shows_what_was_paid_in_a_year(
    story: Any, world: Any, refused: Any
) -> None:
    person = await story.working("演示王小明")
    await story.act(
        "setSocialWorkerAllowanceRule", level="assistant", amount_fen=10_050, from_on=date(2026, 1, 1)
    )
    nothing = story.act("issueSocialWorkerAllowanceStatement", person_id=person, year=2026)
    assert await refusal_of(refused, nothing) == "social_workers.nothing_paid"
    await story.paid(date(2026, 3, 1))
    await story.paid(date(2026, 4, 1))
    paper = await story.act("issueSocialWorkerAllowanceStatement", person_id=person, year=2026)
    text = await words(world, paper, papers.ALLOWANCE)
    for word in ("岗位津贴发放证明", "演示王小明", "2026-03", "2026-04", "100.50", "201.00", "当月津贴"):
        assert word in text, word
    for year in (1999, 2027):
        step = story.act("issueSocialWorkerAllowanceStatement", person_id=person, year=year)
        assert await refusal_of(refused, step) == "social_workers.year_out_of_range"
    step = story.act("issueSocialWorkerAllowanceStatement", person_id=world.area.id, year=2026)
    assert await refusal_of(refused, step) == "not_found"
    reader = world.bench.actor(["social_workers.allowance.read"])
    step = story.act("issueSocialWorkerAllowanceStatement", reader, person_id=person, year=2026)
    assert await refusal_of(refused, step) == "permission_denied"
    step = story.act(
        "issueSocialWorkerAllowanceStatement", world.resident(person), person_id=person, year=2026
    )
    assert await refusal_of(refused, step) == "permission_denied"


MINE = """query ($id: ID!) { person(id: $id) { issuedDocuments { nodes { kind title state } }
  socialWorkerRegistrations { nodes { documents { nodes { kind } } } } } }"""


async def test_a_workers_own_node_leads_to_their_documents(quick: Any, world: Any, api: Any) -> None:
    api.runtime.clock = world.clock
    person = await world.person()
    registration = await quick.registered(person)
    await quick.act("issueSocialWorkerCard", id=registration)
    await quick.act("issueSocialWorkerEducationStatement", id=registration)
    given = {"id": f"Person_{person}"}
    seen = (await api.execute(world.tenant, world.resident(person), MINE, given))["person"]
    assert seen["issuedDocuments"]["nodes"] == [
        {"kind": "social_workers.card", "title": "社会工作者登记证书", "state": "VALID"},
        {"kind": "social_workers.education", "title": "社会工作者继续教育学时证明", "state": "VALID"},
    ]
    about = seen["socialWorkerRegistrations"]["nodes"][0]["documents"]["nodes"]
    assert [one["kind"] for one in about] == ["social_workers.card", "social_workers.education"]
