"""Reports by landlords and employers: who may report whom, and what becomes of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from linli.plugin import privacy, rows
from linli_graphql.ids import to_global_id
from linli_migrants import reports
from linli_migrants.states import REPORT
from linli_migrants.tables import Report
from linli_migrants.terms import ReportField

NUMBER = "11010519491231002X"


async def test_a_landlord_reports_and_an_officer_takes_it_over(story: Any, world: Any) -> None:
    _landlord, report = await story.submitted()
    stay = await story.act("takeMigrantReport", id=report)
    row = """select s.reporter || ' ' || s.state || ' ' || p.full_name || ' ' || r.state || ' ' || r.masked_name
        from migrants_stay s join identity_person p on p.tenant_id = s.tenant_id and p.id = s.person_id
        join migrants_report r on r.tenant_id = s.tenant_id and r.stay_id = s.id
        where s.tenant_id = $1 and s.id = $2 and r.id_number is null and r.full_name is null"""
    assert await world.value(row, stay) == "landlord reported 演示租客 taken "
    await story.act("verifyMigrantStay", id=stay)


async def test_the_person_is_found_again_by_the_number(story: Any, world: Any) -> None:
    person = await world.person("演示租客", id_number=NUMBER)
    _landlord, report = await story.submitted()
    stay = await story.act("takeMigrantReport", id=report)
    sql = "select person_id from migrants_stay where tenant_id = $1 and id = $2"
    assert await world.value(sql, stay) == person


async def test_a_number_of_another_name_is_settled_first(story: Any, world: Any, refused: Any) -> None:
    await world.person("演示别人", id_number=NUMBER)
    _landlord, report = await story.submitted()
    with pytest.raises(refused) as caught:
        await story.act("takeMigrantReport", id=report)
    assert caught.value.code == "migrants.person_unclear"
    await story.act("refuseMigrantReport", id=report, reason="身份证号与姓名不符")


async def test_one_reports_only_what_is_in_ones_own_hands(story: Any, world: Any, refused: Any) -> None:
    dwelling = await story.dwelling()
    somebody = world.resident(await world.person("演示路人"))
    given = {
        "dwelling_id": dwelling,
        "full_name": "演示租客",
        "id_number": NUMBER,
        "origin_code": "610121",
        "reason": "work",
        "from_on": date(2026, 4, 1),
    }
    with pytest.raises(refused) as caught:
        await story.act("submitMigrantReport", somebody, **given)
    assert caught.value.code == "migrants.not_in_own_hands"


async def test_an_agent_reports_for_the_employer_until_dismissed(
    story: Any, world: Any, refused: Any
) -> None:
    unit, person = await world.unit(), await world.person("演示代办人")
    agent = await story.act("appointMigrantAgent", organisation_id=unit, person_id=person)
    actor = world.resident(person)
    given = {
        "dwelling_id": await story.dwelling(kind="employer"),
        "employer_id": unit,
        "full_name": "演示员工",
        "id_number": NUMBER,
        "origin_code": "610121",
        "reason": "work",
        "from_on": date(2026, 4, 1),
    }
    report = await story.act("submitMigrantReport", actor, **given)
    assert await world.value("select reporter from migrants_report where tenant_id = $1") == "employer"
    await story.act("withdrawMigrantReport", actor, id=report)
    with pytest.raises(refused) as caught:
        await story.act("appointMigrantAgent", organisation_id=unit, person_id=person)
    assert caught.value.code == "migrants.agent_appointed"
    await story.act("dismissMigrantAgent", id=agent)
    with pytest.raises(refused) as caught:
        await story.act("dismissMigrantAgent", id=agent)
    assert caught.value.code == "migrants.agent_ended"
    with pytest.raises(refused) as caught:
        await story.act("submitMigrantReport", actor, **given)
    assert caught.value.code == "migrants.not_in_own_hands"


async def test_the_reporter_cannot_verify_what_became_of_the_report(
    story: Any, world: Any, refused: Any
) -> None:
    landlord, report = await story.submitted()
    stay = await story.act("takeMigrantReport", id=report)
    both = world.resident(landlord.person_id)
    both = type(both)(
        kind=both.kind, id=landlord.id, name="x", person_id=both.person_id, grants=world.checker.grants
    )
    with pytest.raises(refused) as caught:
        await story.act("verifyMigrantStay", both, id=stay)
    assert caught.value.code == "migrants.own_report"


async def test_who_it_is_stays_encrypted_and_is_shown_for_a_reason_only(quick: Any, world: Any) -> None:
    landlord, report = await quick.submitted(phone="19900000001")
    async with world.context() as ctx:
        shown = await reports.reveal(ctx, report, ReportField.ID_NUMBER, reason="核对证件")
    assert shown.value == NUMBER
    log = "select person_id from privacy_reveal where tenant_id = $1 and field = 'id_number'"
    assert await world.value(log) == landlord.person_id
    async with world.context() as ctx:
        found = await ctx.db.fetchrow(
            "select * from migrants_report where tenant_id = $1 and id = $2", world.tenant.id, report
        )
        assert NUMBER.encode() not in b"".join(one for one in found.values() if isinstance(one, bytes))
        row = await rows.get(ctx, Report, report)
        assert await privacy.decrypt(ctx, row, "phone") == "19900000001"


STEPS = {
    "take": ("takeMigrantReport", {}),
    "refuse": ("refuseMigrantReport", {"reason": "重复登记"}),
    "withdraw": ("withdrawMigrantReport", {}),
}


@pytest.mark.parametrize("done", REPORT.actions)
@pytest.mark.parametrize("action", REPORT.actions)
async def test_a_report_is_decided_once(story: Any, refused: Any, done: str, action: str) -> None:
    _landlord, report = await story.submitted()
    name, values = STEPS[done]
    await story.act(name, id=report, **values)
    name, values = STEPS[action]
    with pytest.raises(refused) as caught:
        await story.act(name, id=report, **values)
    assert caught.value.code == "workflow.undefined_transition"


async def test_a_value_is_revealed_through_the_api(quick: Any, world: Any, api: Any) -> None:
    _landlord, report = await quick.submitted()
    document = """mutation($id: ID!) { revealMigrantReport(input: {id: $id, field: FULL_NAME, reason: "核对证件"})
        { value problems { code } } }"""
    given = {"id": to_global_id("MigrantReport", report)}
    shown = await api.execute(world.tenant, world.officer, document, given)
    assert shown["revealMigrantReport"] == {"value": "演示租客", "problems": []}
