"""Services: six and seven by law, offered, booked by the person, delivered and counted; and what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from linli_migrants.visit_states import DELIVERY, SERVICE

COLUMNS = """
select count(*) from information_schema.columns
where $1::uuid is not null and table_name = $2 and column_name ~ $3"""
STATE = "select state from migrants_delivery where tenant_id = $1 and id = $2"


async def test_six_public_services_and_seven_conveniences_are_entered_once(field: Any, world: Any) -> None:
    for _ in range(2):
        assert len(await field.services()) == 13
    kinds = "select count(*) from migrants_service where tenant_id = $1 and kind = $2"
    assert await world.value(kinds, "public") == 6
    assert await world.value(kinds, "convenience") == 7


async def test_what_a_tenant_renamed_stays_so(story: Any, field: Any, world: Any) -> None:
    service = (await field.services())["culture"]
    await story.act("renameMigrantService", id=service, name_zh="文化体育", name_en="Culture")
    await field.services()
    name = "select name_zh from migrants_service where tenant_id = $1 and id = $2"
    assert await world.value(name, service) == "文化体育"


async def test_people_book_for_themselves_and_officers_deliver(story: Any, field: Any, world: Any) -> None:
    person = await world.person()
    await world.stay(person)
    health = (await field.services())["health"]
    booked = await story.act("bookMigrantService", world.resident(person), service_id=health)
    await story.act("deliverMigrantService", id=booked, on=date(2026, 5, 6))
    assert await world.value(STATE, booked) == "delivered"
    told = "select count(*) from events_event where tenant_id = $1 and name = 'migrants.service_delivered'"
    assert await world.value(told) == 1


async def test_a_voluntary_service_is_booked_by_the_person_alone(
    story: Any, field: Any, world: Any, refused: Any
) -> None:
    person = await world.person()
    await world.stay(person)
    service = (await field.services())["family"]
    with pytest.raises(refused) as caught:
        await story.act("bookMigrantService", service_id=service, person_id=person)
    assert caught.value.code == "migrants.only_by_the_person"
    offered = await story.act("offerMigrantService", service_id=service, person_id=person)
    for name in ("acceptMigrantService", "deliverMigrantService"):
        with pytest.raises(refused) as caught:
            await story.act(name, id=offered)
        assert caught.value.code == "migrants.only_by_the_person"
    await story.act("acceptMigrantService", world.resident(person), id=offered)
    await story.act("deliverMigrantService", id=offered)


async def test_no_table_of_services_or_visits_has_a_place_for_notes(world: Any) -> None:
    for table in ("migrants_delivery", "migrants_visit", "migrants_census_answer"):
        assert await world.value(COLUMNS, table, "note|remark|text|result|diagnos|comment|description") == 0


async def test_only_people_on_file_are_served(story: Any, field: Any, world: Any, refused: Any) -> None:
    services = await field.services()
    with pytest.raises(refused) as caught:
        await story.act("offerMigrantService", service_id=services["culture"], person_id=await world.person())
    assert (caught.value.code, caught.value.at) == ("migrants.not_on_file", "person_id")


async def test_a_service_is_open_once_for_a_person(story: Any, field: Any, world: Any, refused: Any) -> None:
    person = await world.person()
    await world.stay(person)
    given = {"service_id": (await field.services())["culture"], "person_id": person}
    first = await story.act("offerMigrantService", **given)
    with pytest.raises(refused) as caught:
        await story.act("bookMigrantService", **given)
    assert caught.value.code == "migrants.service_open"
    await story.act("cancelMigrantService", world.resident(person), id=first)
    await story.act("bookMigrantService", **given)


async def test_a_retired_service_is_not_offered(story: Any, field: Any, world: Any, refused: Any) -> None:
    person = await world.person()
    await world.stay(person)
    service = (await field.services())["vehicle"]
    await story.act("retireMigrantService", id=service)
    with pytest.raises(refused) as caught:
        await story.act("offerMigrantService", service_id=service, person_id=person)
    assert caught.value.code == "migrants.service_not_offered"


async def test_nobody_delivers_to_themselves(story: Any, field: Any, world: Any, refused: Any) -> None:
    person = await world.person()
    await world.stay(person)
    me = await field.account(person_id=person)
    booked = await story.act("bookMigrantService", me, service_id=(await field.services())["culture"])
    with pytest.raises(refused) as caught:
        await story.act("deliverMigrantService", me, id=booked)
    assert caught.value.code == "migrants.own_delivery"


async def test_a_tenants_own_services(story: Any, refused: Any) -> None:
    given = {"kind": "public", "name_zh": "便民班车", "only_by_person": False}
    await story.act("createMigrantService", code="bus", **given)
    for values, code in (
        ({"code": "bus", **given}, "migrants.service_taken"),
        ({"code": "Bus!", **given}, "migrants.bad_service_code"),
        ({"code": "check", **given, "name_zh": "流动人口孕检"}, "migrants.forbidden_service"),
    ):
        with pytest.raises(refused) as caught:
            await story.act("createMigrantService", **values)
        assert caught.value.code == code


async def test_residents_see_the_services(field: Any, world: Any, api: Any) -> None:
    await field.services()
    me = world.resident(await world.person())
    found = await api.execute(world.tenant, me, "{ migrantServices { edges { node { code } } } }")
    assert len(found["migrantServices"]["edges"]) == 13


DELIVERY_STEPS = {
    "book": "acceptMigrantService",
    "deliver": "deliverMigrantService",
    "cancel": "cancelMigrantService",
}
SERVICE_STEPS = {"retire": "retireMigrantService", "reopen": "reopenMigrantService"}


@pytest.mark.parametrize("state", DELIVERY.states)
@pytest.mark.parametrize("action", DELIVERY.actions)
async def test_every_transition_of_a_delivery_that_is_not_defined_is_refused(
    story: Any, field: Any, world: Any, refused: Any, state: str, action: str
) -> None:
    person = await world.person()
    await world.stay(person)
    given = {"service_id": (await field.services())["culture"], "person_id": person}
    delivery = await story.act("offerMigrantService", **given)
    await world.set_state(
        "migrants_delivery",
        delivery,
        state=state,
        booked_at=world.clock.now() if state == "booked" else None,
        delivered_on=date(2026, 5, 6) if state == "delivered" else None,
        ended_at=world.clock.now() if state in ("delivered", "cancelled") else None,
    )
    await _step(story, refused, DELIVERY, DELIVERY_STEPS[action], state, action, delivery)


@pytest.mark.parametrize("state", SERVICE.states)
@pytest.mark.parametrize("action", SERVICE.actions)
async def test_every_transition_of_a_service_that_is_not_defined_is_refused(
    story: Any, field: Any, world: Any, refused: Any, state: str, action: str
) -> None:
    service = (await field.services())["culture"]
    await world.set_state("migrants_service", service, state=state)
    await _step(story, refused, SERVICE, SERVICE_STEPS[action], state, action, service)


async def _step(
    story: Any, refused: Any, machine: Any, name: str, state: str, action: str, row_id: Any
) -> None:
    if any((row.source, row.action) == (state, action) for row in machine.transitions):
        await story.act(name, id=row_id)
        return
    with pytest.raises(refused) as caught:
        await story.act(name, id=row_id)
    assert caught.value.code == "workflow.undefined_transition"
