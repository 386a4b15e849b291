"""What a person is given of visits and services, and what becomes of them when two entries were one person."""

from __future__ import annotations

from typing import Any

from linli.plugin import people
from linli_migrants.visit_subjects import VISITS

OF = "select count(*) from {table} where tenant_id = $1 and person_id = $2"


async def test_a_person_is_given_their_visits_and_services_and_nobody_elses(
    quick: Any, field: Any, world: Any
) -> None:
    person, other = await world.person(), await world.person("演示李四")
    services = await field.services()
    for one in (person, other):
        await field.visit(person_id=one)
        await quick.act("bookMigrantService", service_id=services["culture"], person_id=one)
    account = await field.account(person_id=person)
    await quick.act("assignMigrantPost", account_id=account.id, area_id=world.area.id)
    async with world.context() as ctx:
        given = {part.name: await part.export(ctx, [person]) for part in VISITS}
    assert {name: len(items) for name, items in given.items()} == {
        "migrants.visit": 1,
        "migrants.service": 1,
        "migrants.post": 1,
    }
    assert str(other) not in str(given)
    assert "delivered_by" not in str(given)


async def test_visits_and_services_of_a_duplicate_are_the_kept_persons(
    quick: Any, field: Any, world: Any
) -> None:
    kept, duplicate = await world.person(), await world.person("演示张三")
    await field.visit(person_id=duplicate)
    culture = (await field.services())["culture"]
    await quick.act("bookMigrantService", service_id=culture, person_id=duplicate)
    async with world.bench.context(world.tenant, clock=world.clock) as ctx:
        await people.merge(ctx, kept_id=kept, duplicate_id=duplicate, reason="重复登记")
    await field.work()
    for table in ("migrants_visit", "migrants_delivery"):
        assert await world.value(OF.format(table=table), kept) == 1
