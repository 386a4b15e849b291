"""The acceptance slip: who has its number sees where the application stands, and no full name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from linli.plugin import documents, new_id
from linli.testing.printed_words import printed_pages
from linli_graphql.testing import refusal
from linli_migrants.pages import slip, slip_code
from linli_migrants.slips import SLIP


async def shown(world: Any, number: str, page: Any = slip) -> Any:
    async with world.bench.context(world.tenant, clock=world.clock) as ctx:
        return await page(ctx, {"number": number})


async def test_a_slip_tells_where_the_application_stands(quick: Any, world: Any) -> None:
    await quick.accepted()
    number = await world.value("select number from migrants_application where tenant_id = $1")
    body = (await shown(world, number)).body.decode()
    for word in ("居住证受理回执", number, "已受理", "演**", "2026-05-06", "2026-05-21", "免费"):
        assert word in body, word
    assert "演示张三" not in body
    assert f'<img src="{number}/qr.svg"' in body


async def test_a_number_that_nobody_has_looks_like_any_other(world: Any) -> None:
    typed = "<script>" + "x" * 100
    body = (await shown(world, typed)).body.decode()
    assert "<script>" not in body
    assert "查无此回执" in body
    assert (await shown(world, typed, slip_code)).status == 404


async def test_the_code_opens_the_page(quick: Any, world: Any) -> None:
    await quick.accepted()
    number = await world.value("select number from migrants_application where tenant_id = $1")
    code = await shown(world, number, slip_code)
    assert (code.status, code.media_type) == (200, "image/svg+xml")


async def words(world: Any, document_id: Any) -> str:
    async with world.bench.context(world.tenant, clock=world.clock) as ctx:
        return "".join(printed_pages(await documents.content_of(ctx, SLIP, document_id)))


STATES = """select string_agg(state || ' ' || revoke_reason, ',' order by issued_at, id) from documents_document
    where tenant_id = $1 and kind = 'migrants.acceptance_slip'"""


async def test_a_slip_is_given_as_a_signed_document_to_the_applicant_too(story: Any, world: Any) -> None:
    application = await story.accepted()
    slip = await story.act("issueMigrantSlip", world.checker, id=application)
    text = await words(world, slip)
    number = await world.value("select number from migrants_application where tenant_id = $1")
    for word in ("居住证受理回执", "演示张三", number, "2026-05-06", "2026-05-21", "免费"):
        assert word in text, word
    person = await world.value("select person_id from migrants_application where tenant_id = $1")
    assert await story.act("issueMigrantSlip", world.resident(person), id=application) == slip
    assert await world.value(STATES) == "valid "


async def test_a_slip_ends_when_the_application_is_withdrawn(story: Any, world: Any) -> None:
    application = await story.accepted()
    await story.act("issueMigrantSlip", world.checker, id=application)
    await story.act("withdrawMigrantApplication", id=application)
    assert await world.value(STATES) == "revoked 申请已撤回。"
    refused = await refusal(story.act("issueMigrantSlip", world.checker, id=application))
    assert refused == ("migrants.application_not_accepted", "")


async def test_an_application_that_is_accepted_anew_has_a_new_slip(story: Any, world: Any) -> None:
    application = await story.accepted()
    await story.act("issueMigrantSlip", world.checker, id=application)
    await story.act("forwardMigrantApplication", world.checker, id=application)
    given = {"decision": "refused", "reference": "公字第 1 号", "reason": "居住情况不实"}
    await story.act("recordMigrantDecision", world.checker, id=application, **given)
    await story.act("objectToMigrantRefusal", id=application, objection="情况属实")
    await story.act(
        "reopenMigrantApplication", replace(world.checker, id=new_id()), id=application, answer="异议成立"
    )
    refused = await refusal(story.act("issueMigrantSlip", world.checker, id=application))
    assert refused == ("migrants.application_not_accepted", "")
    await story.act("acceptMigrantApplication", world.checker, id=application)
    await story.act("issueMigrantSlip", world.checker, id=application)
    assert await world.value(STATES) == "revoked 申请已重新受理。,valid "


async def test_no_slip_before_acceptance_and_none_for_strangers(story: Any, world: Any) -> None:
    application = await story.handed_in()
    step = story.act("issueMigrantSlip", world.checker, id=application)
    assert await refusal(step) == ("migrants.application_not_accepted", "")
    stranger = world.resident(await world.person("演示路人"))
    assert (await refusal(story.act("issueMigrantSlip", stranger, id=application)))[0] == "not_found"
    reader = world.bench.actor(["migrants.permit.read"])
    step = story.act("issueMigrantSlip", reader, id=application)
    assert (await refusal(step))[0] == "permission_denied"
