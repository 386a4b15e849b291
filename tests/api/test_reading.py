"""Reading through the API: pages, filters, orders, relations, masks, scopes."""

from __future__ import annotations

from typing import Any

import pytest

from linli.context import Actor
from linli.identity import people
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli_graphql.testing import GraphQLBench

READ = ("identity.person.read", "areas.area.read")
PAGE = """
query ($first: Int, $after: String, $last: Int, $before: String, $orderBy: PersonOrder, $filter: PersonFilter) {
  persons(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, filter: $filter) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id fullName phone birthDate gender area { id name } } }
  }
}"""


class Place:
    """A tenant with a city of two streets and five people."""

    def __init__(self, bench: Bench, tenant: Tenant, areas: dict[str, Any]) -> None:
        self.bench = bench
        self.tenant = tenant
        self.areas = areas

    def reader(self, area: str | None = None, *more: str) -> Actor:
        path = self.areas[area].path if area else ""
        return self.bench.actor((*READ, *more), area_path=path)


NAMES = {"北街": ("王安", "李白", "张三"), "南街": ("赵云", "钱多")}


@pytest.fixture
async def place(bench: Bench) -> Place:
    tenant = await bench.tenant()
    city = await bench.area(tenant, name="试验市")
    streets = {name: await bench.area(tenant, name=name, parent=city) for name in NAMES}
    async with bench.context(tenant) as ctx:
        for street, names in NAMES.items():
            for i, name in enumerate(names):
                await people.register(
                    ctx, area_id=streets[street].id, full_name=name, phone=f"1390000000{i}", gender="unknown"
                )
    return Place(bench, tenant, {"试验市": city, **streets})


def names_in(page: dict[str, Any]) -> list[str]:
    return [edge["node"]["fullName"] for edge in page["edges"]]


async def test_all_rows_are_reached_by_paging_forwards(api: GraphQLBench, place: Place) -> None:
    found: list[str] = []
    after = None
    for _ in range(5):
        variables = {"first": 2, "after": after, "orderBy": "NAME_PINYIN_ASC"}
        page = (await api.execute(place.tenant, place.reader(), PAGE, variables))["persons"]
        found += names_in(page)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == ["李白", "钱多", "王安", "张三", "赵云"]
    assert page["totalCount"] == 5


async def test_paging_backwards_gives_the_same_rows_in_the_same_order(
    api: GraphQLBench, place: Place
) -> None:
    last = {"last": 2, "orderBy": "NAME_PINYIN_ASC"}
    page = (await api.execute(place.tenant, place.reader(), PAGE, last))["persons"]
    assert names_in(page) == ["张三", "赵云"]
    assert page["pageInfo"]["hasPreviousPage"] is True
    before = {**last, "before": page["pageInfo"]["startCursor"]}
    assert names_in((await api.execute(place.tenant, place.reader(), PAGE, before))["persons"]) == [
        "钱多",
        "王安",
    ]


@pytest.mark.parametrize("variables", [{"first": 0}, {"first": 101}, {"first": 1, "last": 1}])
async def test_a_page_of_a_wrong_size_is_refused(
    api: GraphQLBench, place: Place, variables: dict[str, Any]
) -> None:
    assert (await api.execute(place.tenant, place.reader(), PAGE, variables)).codes == ["page_size"]


async def test_an_officer_of_a_street_sees_that_street_only(api: GraphQLBench, place: Place) -> None:
    page = (await api.execute(place.tenant, place.reader("南街"), PAGE))["persons"]
    assert sorted(names_in(page)) == ["赵云", "钱多"]
    assert page["totalCount"] == 2


async def test_a_caller_without_the_permission_is_refused_at_the_field(
    api: GraphQLBench, place: Place
) -> None:
    outcome = await api.execute(place.tenant, place.bench.actor(["areas.area.read"]), PAGE)
    assert outcome.codes == ["permission_denied"]
    assert outcome.errors[0]["path"] == ["persons"]


async def test_a_telephone_is_masked_for_all_and_revealed_by_a_mutation_only(
    api: GraphQLBench, place: Place
) -> None:
    wanted = {"orderBy": "NAME_PINYIN_ASC", "first": 1}
    masked = (await api.execute(place.tenant, place.reader(), PAGE, wanted))["persons"]
    assert masked["edges"][0]["node"]["phone"] == "139****0001"
    revealing = place.reader(None, "identity.person.reveal")
    shown = (await api.execute(place.tenant, revealing, PAGE, wanted))["persons"]
    assert shown["edges"][0]["node"]["phone"] == "139****0001"


async def test_rows_can_be_filtered_by_area_and_everything_below(api: GraphQLBench, place: Place) -> None:
    city = await _area_id(api, place, "试验市")
    street = await _area_id(api, place, "北街")
    for area, operator, count in ((city, "within", 5), (street, "within", 3), (city, "at", 0)):
        variables = {"filter": {"area": {operator: area}}}
        page = (await api.execute(place.tenant, place.reader(), PAGE, variables))["persons"]
        assert page["totalCount"] == count


async def test_a_list_and_its_relations_take_one_statement_each(api: GraphQLBench, place: Place) -> None:
    document = "{ persons { nodes { fullName area { name parent { name } } memberships { nodes { id } } } } }"
    actor = place.bench.actor((*READ, "identity.household.read"))
    outcome = await api.execute(place.tenant, actor, document)
    assert len(outcome["persons"]["nodes"]) == 5
    assert outcome.statements == 4


@pytest.mark.parametrize("broken", ["", "x", "AAAA", "…", "0" * 3000])
async def test_a_cursor_that_was_not_given_out_is_refused(
    api: GraphQLBench, place: Place, broken: str
) -> None:
    outcome = await api.execute(place.tenant, place.reader(), PAGE, {"after": broken})
    assert outcome.codes == ["invalid_cursor"]


async def test_a_cursor_of_another_order_or_filter_is_refused(api: GraphQLBench, place: Place) -> None:
    page = (await api.execute(place.tenant, place.reader(), PAGE, {"orderBy": "NAME_PINYIN_ASC"}))["persons"]
    cursor = page["pageInfo"]["endCursor"]
    for variables in (
        {"after": cursor},
        {"after": cursor, "orderBy": "NAME_PINYIN_DESC"},
        {"after": cursor, "orderBy": "NAME_PINYIN_ASC", "filter": {"state": {"eq": "ACTIVE"}}},
    ):
        assert (await api.execute(place.tenant, place.reader(), PAGE, variables)).codes == ["invalid_cursor"]


@pytest.mark.parametrize(
    "wanted", [{"state": None}, {"state": {}}, {"namePinyin": {"in": []}}, {"namePinyin": {"eq": "x" * 201}}]
)
async def test_an_empty_or_null_filter_is_refused(
    api: GraphQLBench, place: Place, wanted: dict[str, Any]
) -> None:
    outcome = await api.execute(place.tenant, place.reader(), PAGE, {"filter": wanted})
    assert outcome.codes == ["graphql.invalid_filter"]


async def test_a_node_is_found_again_by_its_id(api: GraphQLBench, place: Place) -> None:
    page = (await api.execute(place.tenant, place.reader(), PAGE, {"first": 1}))["persons"]
    person = page["edges"][0]["node"]
    document = "query ($id: ID!) { node(id: $id) { __typename id ... on Person { fullName } } }"
    found = (await api.execute(place.tenant, place.reader(), document, {"id": person["id"]}))["node"]
    assert found == {"__typename": "Person", "id": person["id"], "fullName": person["fullName"]}


async def test_missing_and_invisible_nodes_look_alike(api: GraphQLBench, place: Place) -> None:
    everyone = (await api.execute(place.tenant, place.reader(), PAGE))["persons"]
    ids = [edge["node"]["id"] for edge in everyone["edges"]]
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    found = (await api.execute(place.tenant, place.reader("南街"), document, {"ids": ids}))["nodes"]
    assert sum(one is not None for one in found) == 2


async def test_a_person_without_any_role_sees_the_own_entry(api: GraphQLBench, place: Place) -> None:
    async with place.bench.context(place.tenant) as ctx:
        person = await people.register(
            ctx, area_id=place.areas["北街"].id, full_name="孙本人", phone="13900000009"
        )
    own = place.bench.actor([])
    own = type(own)(kind=own.kind, id=own.id, name=own.name, person_id=person.id)
    page = (await api.execute(place.tenant, own, PAGE.replace("area { id name }", "")))["persons"]
    assert names_in(page) == ["孙本人"]
    assert page["edges"][0]["node"]["phone"] == "13900000009"


async def _area_id(api: GraphQLBench, place: Place, name: str) -> str:
    document = "query ($text: String!) { searchAreas(text: $text) { id name } }"
    found = (await api.execute(place.tenant, place.reader(), document, {"text": name}))["searchAreas"]
    return next(str(one["id"]) for one in found if one["name"] == name)
