"""The demo data is what the report counts, and comes once."""

from __future__ import annotations

from typing import Any

from linli.plugin import ProvisionRequest
from linli_migrants import provisioning


async def test_the_demo_has_45_people_on_file_and_38_contracts(world: Any) -> None:
    for _ in range(2):
        async with world.bench.context(world.tenant, clock=world.clock) as ctx:
            await provisioning.demo(ctx, ProvisionRequest(demo=True))
    on_file = "select count(*) from migrants_stay where tenant_id = $1 and state = 'active'"
    assert await world.value(on_file) == 45
    assert await world.value("select count(*) from migrants_contract where tenant_id = $1") == 38
    named = "select bool_and(full_name like '演示%' and synthetic) from identity_person where tenant_id = $1"
    assert await world.value(named) is True
