"""Switching plugins per tenant while everything runs: types come and go for that tenant only, data stay."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from linli.context import Actor
from linli.identity import people
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli_graphql.testing import GraphQLBench, Outcome

SWITCH = """
mutation ($name: String!) {
  %s(input: {name: $name}) { plugin { name enabled } problems { code message } }
}"""
VOLUNTEERS = "{ volunteerActivities { totalCount } }"


class Pair:
    """Two tenants without plugins; one of them switches."""

    def __init__(self, api: GraphQLBench, switching: Tenant, other: Tenant) -> None:
        self.api = api
        self.switching = switching
        self.other = other

    def chief(self, tenant: Tenant) -> Actor:
        everything = self.api.bench.composition.plugin_set(self.api.bench.composition.names)
        actor = self.api.bench.actor(everything.permissions)
        return replace(actor, id=tenant.id)

    async def run(self, tenant: Tenant, document: str, **variables: Any) -> Outcome:
        return await self.api.execute(tenant, self.chief(tenant), document, variables)

    async def switch(self, step: str, name: str) -> dict[str, Any]:
        found: dict[str, Any] = (await self.run(self.switching, SWITCH % step, name=name))[step]
        return found


@pytest.fixture
async def pair(bench: Bench, api: GraphQLBench) -> Pair:
    return Pair(api, await bench.tenant(plugins=()), await bench.tenant(plugins=()))


async def test_a_switched_on_plugin_adds_its_types_to_that_tenant_only(pair: Pair) -> None:
    assert (await pair.run(pair.switching, VOLUNTEERS)).codes == ["graphql.validation_failed"]
    done = await pair.switch("enablePlugin", "volunteers")
    assert done == {"plugin": {"name": "volunteers", "enabled": True}, "problems": []}
    assert (await pair.run(pair.switching, VOLUNTEERS))["volunteerActivities"] == {"totalCount": 0}
    assert (await pair.run(pair.other, VOLUNTEERS)).codes == ["graphql.validation_failed"]


async def test_fields_that_a_plugin_adds_to_a_kernel_type_come_and_go_with_it(pair: Pair) -> None:
    document = "{ persons { nodes { volunteerHours { totalCount } } } }"
    assert (await pair.run(pair.switching, document)).codes == ["graphql.validation_failed"]
    await pair.switch("enablePlugin", "volunteers")
    assert (await pair.run(pair.switching, document)).errors == []
    assert (await pair.run(pair.other, document)).codes == ["graphql.validation_failed"]


async def test_switching_off_hides_the_types_and_keeps_the_data(pair: Pair) -> None:
    await pair.switch("enablePlugin", "volunteers")
    async with pair.api.bench.context(pair.switching) as ctx:
        person = await people.register(ctx, area_id=None, full_name="演示志愿者")
        await ctx.db.execute(
            "insert into volunteers_volunteer (tenant_id, id, person_id, registered_on, state)"
            " values ($1, gen_random_uuid(), $2, date '2024-01-01', 'active')",
            ctx.tenant_id,
            person.id,
        )
    await pair.switch("disablePlugin", "volunteers")
    assert (await pair.run(pair.switching, VOLUNTEERS)).codes == ["graphql.validation_failed"]
    await pair.switch("enablePlugin", "volunteers")
    assert (await pair.run(pair.switching, "{ volunteers { totalCount } }"))["volunteers"] == {
        "totalCount": 1
    }


async def test_an_unknown_plugin_is_refused_by_name(pair: Pair) -> None:
    done = await pair.switch("enablePlugin", "nonsense")
    assert [one["code"] for one in done["problems"]] == ["tenancy.unknown_plugin"]
    assert "nonsense" in done["problems"][0]["message"]


async def test_the_schema_of_each_set_of_plugins_holds_exactly_their_types(pair: Pair) -> None:
    composition = pair.api.bench.composition
    none, one, both = (
        pair.api.interface.print_schema(composition.plugin_set(names))
        for names in ((), ("volunteers",), ("organisations", "volunteers"))
    )
    for name in ("VolunteerActivity", "SocialOrganisation"):
        assert f"type {name} " not in none
        assert f"type {name} " in both
    assert "type VolunteerActivity " in one
    assert "type SocialOrganisation " not in one
