"""Counting and adding up: what a declaration names, within what the caller may see, in one statement."""

from __future__ import annotations

from typing import Any

import pytest

from linli.identity import people
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli_graphql.ids import to_global_id
from linli_graphql.testing import GraphQLBench

READ = ("identity.person.read", "areas.area.read")
COUNT = """
query ($by: PersonGroup, $filter: PersonFilter) {
  personsAggregate(groupBy: $by, filter: $filter) { key count sums { name value } }
}"""


class Crowd:
    """A tenant with three women and two men in two streets."""

    def __init__(self, bench: Bench, tenant: Tenant, areas: dict[str, Any]) -> None:
        self.bench = bench
        self.tenant = tenant
        self.areas = areas


@pytest.fixture
async def crowd(bench: Bench) -> Crowd:
    tenant = await bench.tenant()
    city = await bench.area(tenant, name="试验市")
    areas = {name: await bench.area(tenant, name=name, parent=city) for name in ("北街", "南街")}
    async with bench.context(tenant) as ctx:
        for i, gender in enumerate(("female", "male", "female", "male", "female")):
            street = areas["北街" if i < 3 else "南街"]
            await people.register(ctx, area_id=street.id, full_name=f"演示{i}", gender=gender)
    return Crowd(bench, tenant, areas)


async def groups(
    api: GraphQLBench, crowd: Crowd, area: str | None = None, **variables: Any
) -> dict[Any, int]:
    path = crowd.areas[area].path if area else ""
    actor = crowd.bench.actor(READ, area_path=path)
    found = (await api.execute(crowd.tenant, actor, COUNT, variables))["personsAggregate"]
    return {one["key"]: one["count"] for one in found}


async def test_all_rows_are_one_group_without_a_grouping(api: GraphQLBench, crowd: Crowd) -> None:
    assert await groups(api, crowd) == {None: 5}


async def test_rows_are_counted_by_the_names_of_an_enumeration(api: GraphQLBench, crowd: Crowd) -> None:
    assert await groups(api, crowd, by="GENDER") == {"FEMALE": 3, "MALE": 2}


async def test_rows_are_counted_by_area(api: GraphQLBench, crowd: Crowd) -> None:
    ids = {name: to_global_id("Area", area.id) for name, area in crowd.areas.items()}
    assert await groups(api, crowd, by="AREA") == {ids["北街"]: 3, ids["南街"]: 2}


async def test_an_officer_of_a_street_counts_that_street_only(api: GraphQLBench, crowd: Crowd) -> None:
    assert await groups(api, crowd, "南街", by="GENDER") == {"FEMALE": 1, "MALE": 1}


async def test_a_filter_limits_what_is_counted(api: GraphQLBench, crowd: Crowd) -> None:
    wanted = {"area": {"at": to_global_id("Area", crowd.areas["北街"].id)}}
    assert await groups(api, crowd, by="GENDER", filter=wanted) == {"FEMALE": 2, "MALE": 1}


async def test_without_the_permission_nothing_is_counted(api: GraphQLBench, crowd: Crowd) -> None:
    actor = crowd.bench.actor(["areas.area.read"])
    assert (await api.execute(crowd.tenant, actor, COUNT)).codes == ["permission_denied"]


async def test_an_aggregate_takes_one_statement(api: GraphQLBench, crowd: Crowd) -> None:
    actor = crowd.bench.actor(READ)
    assert (await api.execute(crowd.tenant, actor, COUNT, {"by": "STATE"})).statements == 1


async def test_minutes_are_added_up_by_month(api: GraphQLBench, crowd: Crowd) -> None:
    permissions = crowd.bench.composition.plugin_set(crowd.tenant.plugins).permissions
    document = "{ volunteerHoursEntriesAggregate(groupBy: FROM_AT_MONTH) { key count sums { name value } } }"
    outcome = await api.execute(crowd.tenant, crowd.bench.actor(permissions), document)
    assert outcome["volunteerHoursEntriesAggregate"] == []
