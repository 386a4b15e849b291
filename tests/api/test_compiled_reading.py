"""The read compiler gives what the ordinary executor gives, in one statement."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from graphql import parse

from linli.context import Actor
from linli.identity import households, people
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli_graphql.ids import to_global_id
from linli_graphql.testing import GraphQLBench

STRANGE = ("王安", 'a"b\\c', "😀𠮷", "tab\tnew\nline", "\u0001\u001f", "名" * 100, "O'Brien; --", "</script>")


class Village:
    """A tenant with two streets and people of strange names in them."""

    def __init__(self, bench: Bench, tenant: Tenant, areas: dict[str, Any], person_id: Any) -> None:
        self.bench = bench
        self.tenant = tenant
        self.areas = areas
        self.person_id = person_id

    def actors(self) -> dict[str, Actor]:
        everything = self.bench.composition.plugin_set(self.tenant.plugins).permissions
        reading = [name for name in everything if name.endswith(".read")]
        return {
            "all": self.bench.actor(everything),
            "reader": self.bench.actor(reading),
            "street": self.bench.actor(everything, area_path=self.areas["北街"].path),
            "own": replace(self.bench.actor(reading), grants=(), person_id=self.person_id),
            "own and street": replace(
                self.bench.actor(reading, area_path=self.areas["南街"].path), person_id=self.person_id
            ),
        }


@pytest.fixture
async def village(bench: Bench) -> Village:
    tenant = await bench.tenant()
    city = await bench.area(tenant, name="试验市")
    areas = {name: await bench.area(tenant, name=name, parent=city) for name in ("北街", "南街")}
    async with bench.context(tenant) as ctx:
        made = []
        for i, name in enumerate(STRANGE):
            person = await people.register(
                ctx,
                area_id=areas[("北街", "南街")[i % 2]].id,
                full_name=f"甲{i}",
                phone=f"1380000000{i}" if i % 3 else None,
                birth_date=date(1980 + i, 2, 28) if i % 2 else None,
            )
            await ctx.db.execute(
                "update identity_person set full_name = $3 where tenant_id = $1 and id = $2",
                ctx.tenant_id,
                person.id,
                name,
            )
            made.append(person)
        home = await households.create(ctx, area_id=areas["北街"].id, name="王家", address="北街1号")
        for person, relation in zip(made[:3], ("head", "spouse", "child"), strict=True):
            await households.add_member(ctx, home.id, person_id=person.id, relation=relation)
    return Village(bench, tenant, {"试验市": city, **areas}, made[1].id)


FIELDS = "id __typename fullName namePinyin gender phone state synthetic version createdAt updatedAt"
DOCUMENTS = {
    "a list": f"{{ persons {{ nodes {{ {FIELDS} }} }} }}",
    "a list with everything": """{
      persons(first: 3, orderBy: NAME_PINYIN_DESC) {
        __typename totalCount pageInfo { __typename hasNextPage hasPreviousPage startCursor endCursor }
        edges { __typename cursor node { ...P area { name parent { name } } } }
        again: nodes { fullName }
      }
    }
    fragment P on Person { id full: fullName ... on Node { id } ... { gender } }""",
    "constant": """{
      persons(last: 2) { pageInfo { hasNextPage } } areas(last: 1) { totalCount pageInfo { hasNextPage } } }""",
    "backwards": "{ persons(last: 2) { pageInfo { hasPreviousPage hasNextPage startCursor } nodes { fullName } } }",
    "a page of which all is known before": "{ persons(last: 2) { pageInfo { hasNextPage } } }",
    "nested lists": """{
      households { nodes { name members(first: 2, orderBy: VALID_FROM_ASC) {
        totalCount pageInfo { endCursor hasNextPage }
        edges { cursor node { relation validFrom validTo person { fullName phone } } } } } }
    }""",
    "an empty list": """{
      persons(filter: {namePinyin: {eq: "zzz"}}) { totalCount pageInfo { endCursor } nodes { id } }
    }""",
    "two lists": "{ a: persons(first: 1) { nodes { id } } b: areas(orderBy: CODE_ASC) { nodes { name level } } }",
    "skipped": "{ persons { nodes { id fullName @skip(if: true) gender @include(if: false) } } __typename }",
    "no rows": "{ persons { __typename } }",
    "people of a tree": "{ areas(first: 2) { nodes { name children { totalCount nodes { name parent { name } } } } } }",
    "before the first page": "{ persons(first: 2) { pageInfo { hasPreviousPage } } }",
    "birthdays": "{ persons { nodes { birthDate } } }",
    "roles": "{ roles { nodes { key permissions } } }",
    "trail": """{
      auditEntries(first: 5, orderBy: OCCURRED_AT_ASC) { edges { cursor node { occurredAt before after } } }
    }""",
    "events": "{ events(first: 3) { nodes { name payload occurredAt } } }",
}
ALWAYS_COMPILED = {"a list", "a list with everything", "backwards", "nested lists", "two lists"}


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_both_ways_give_the_same_for_every_viewer(
    api: GraphQLBench, village: Village, name: str
) -> None:
    for label, actor in village.actors().items():
        fast = await api.compiled(village.tenant, actor, DOCUMENTS[name])
        slow = await api.execute(village.tenant, actor, DOCUMENTS[name])
        if fast.data is not None:
            assert not slow.errors, (label, slow.errors)
            assert fast.data == slow.data, label
            assert fast.statements == 1
        assert label != "all" or name not in ALWAYS_COMPILED or fast.data is not None


async def test_pages_can_be_turned_from_one_way_to_the_other(api: GraphQLBench, village: Village) -> None:
    document = """query ($after: String) {
      persons(first: 2, after: $after, orderBy: NAME_PINYIN_ASC) {
        pageInfo { endCursor hasNextPage } nodes { fullName }
      }
    }"""
    actor = village.actors()["all"]
    after, seen = None, []
    for turn in range(6):
        way = api.compiled if turn % 2 else api.execute
        data = (await way(village.tenant, actor, document, {"after": after})).data
        assert data is not None
        seen += [node["fullName"] for node in data["persons"]["nodes"]]
        after = data["persons"]["pageInfo"]["endCursor"]
        if not data["persons"]["pageInfo"]["hasNextPage"]:
            break
    assert sorted(seen) == sorted(STRANGE)


@pytest.mark.parametrize(
    "wanted",
    [
        {"state": {"eq": "ACTIVE"}},
        {"state": {"in": ["ACTIVE", "LEFT"]}, "synthetic": {"eq": False}},
        {"namePinyin": {"startsWith": "jia"}},
        {"area": {"within": "试验市"}},
        {"area": {"at": "北街"}},
    ],
)
async def test_filters_give_the_same(api: GraphQLBench, village: Village, wanted: dict[str, Any]) -> None:
    for operators in wanted.values():
        for operator, value in operators.items():
            if isinstance(value, str) and value in village.areas:
                operators[operator] = to_global_id("Area", village.areas[value].id)
    document = "query ($f: PersonFilter) { persons(filter: $f) { totalCount nodes { id } } }"
    actor = village.actors()["all"]
    fast = await api.compiled(village.tenant, actor, document, {"f": wanted})
    slow = await api.execute(village.tenant, actor, document, {"f": wanted})
    assert fast.data == slow.data
    assert fast.data is not None


async def test_one_row_by_its_id_and_a_foreign_id_give_the_same(api: GraphQLBench, village: Village) -> None:
    document = "query ($id: ID!) { person(id: $id) { fullName area { name } } }"
    actor = village.actors()["all"]
    other = await village.bench.tenant()
    async with village.bench.context(other) as ctx:
        foreign = await people.register(ctx, area_id=None, full_name="外地")
    for row_id in (village.person_id, foreign.id):
        variables = {"id": to_global_id("Person", row_id)}
        fast = await api.compiled(village.tenant, actor, document, variables)
        slow = await api.execute(village.tenant, actor, document, variables)
        assert fast.data == slow.data
    assert fast.data == {"person": None}


async def test_a_node_of_any_type_is_found_again_in_one_statement(
    api: GraphQLBench, village: Village
) -> None:
    document = """query ($id: ID!) {
      node(id: $id) { __typename id ... on Person { fullName phone area { name } } ...A ... on Role { key } }
    }
    fragment A on Area { name level children(first: 2) { totalCount nodes { name } } }"""
    other = await village.bench.tenant()
    foreign = await village.bench.area(other, name="外地")
    ids = {
        "a person": to_global_id("Person", village.person_id),
        "an area": to_global_id("Area", village.areas["北街"].id),
        "a foreign area": to_global_id("Area", foreign.id),
        "a person's id as an area's": to_global_id("Area", village.person_id),
    }
    for label, actor in village.actors().items():
        for name, one in ids.items():
            fast = await api.compiled(village.tenant, actor, document, {"id": one})
            slow = await api.execute(village.tenant, actor, document, {"id": one})
            assert fast.data in (None, slow.data), (label, name)
            if label == "all":
                assert (fast.statements, fast.data) == (1, slow.data)
    for wrong in ("Nothing_01920a3c-0000-7000-8000-000000000000", "Person_1", "", "Person", "节点_1"):
        assert (
            await api.compiled(village.tenant, village.actors()["all"], document, {"id": wrong})
        ).data is None


async def test_two_nodes_of_one_document_may_be_of_any_types(api: GraphQLBench, village: Village) -> None:
    person, area = to_global_id("Person", village.person_id), to_global_id("Area", village.areas["南街"].id)
    document = f"""query ($id: ID!) {{
      a: node(id: $id) {{ id ... on Area {{ name }} }} b: node(id: "{area}") {{ ... on Area {{ name }} }}
    }}"""
    actor = village.actors()["all"]
    for one in (person, area, person):
        fast = await api.compiled(village.tenant, actor, document, {"id": one})
        slow = await api.execute(village.tenant, actor, document, {"id": one})
        assert fast.data is not None
        assert fast.data == slow.data


async def test_nodes_of_many_types_come_in_their_order_in_one_statement(
    api: GraphQLBench, village: Village
) -> None:
    selected = "__typename id ... on Person { fullName phone } ... on Area { name parent { name } }"
    document = f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ {selected} }} }}"
    person, area = to_global_id("Person", village.person_id), to_global_id("Area", village.areas["南街"].id)
    missing = to_global_id("Role", village.person_id)
    unknown = to_global_id("Nothing", village.person_id)
    asked = [
        [],
        [person],
        [area, person, area],
        [missing, area],
        [unknown, person],
        [area] * 100,
        [area] * 101,
    ]
    for label, actor in village.actors().items():
        for ids in asked:
            fast = await api.compiled(village.tenant, actor, document, {"ids": ids})
            slow = await api.execute(village.tenant, actor, document, {"ids": ids})
            assert fast.data in (None, slow.data), (label, ids)
            if label == "all" and len(ids) <= 100:
                assert (fast.statements, fast.data) == (1, slow.data), ids
    actor = village.actors()["all"]
    for literal in (f'["{area}", "{person}"]', f'"{area}"'):
        written = f"{{ nodes(ids: {literal}) {{ {selected} }} }}"
        slow = await api.execute(village.tenant, actor, written)
        assert (await api.compiled(village.tenant, actor, written)).data == slow.data
    assert (await api.compiled(village.tenant, actor, document, {"ids": ["Person_1"]})).data is None


async def test_a_document_is_compiled_once(api: GraphQLBench, village: Village) -> None:
    document = "query ($id: ID!) { person(id: $id) { fullName } }"
    actor = village.actors()["all"]
    parsed = parse(document)
    schema, request = await api._request(village.tenant, actor, "zh-CN")
    for _ in range(5):
        variables = {"id": to_global_id("Person", village.person_id)}
        await api.compiler.answer(request, schema, parsed, parsed.definitions[0], variables)  # type: ignore[arg-type]
    assert (api.compiler.hits, api.compiler.misses, api.compiler.fallbacks) == (4, 1, 0)
