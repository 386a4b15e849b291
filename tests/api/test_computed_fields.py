"""Computed fields that name the columns they need are part of the one statement, and the same both ways."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from strawberry.types.base import get_object_definition

from linli.context import Actor
from linli.testing.isolation import Pair
from linli_graphql.fields import ComputedField
from linli_graphql.nodes import Node, column, computed, node
from linli_graphql.testing import GraphQLBench

ENTRY = "id minutes h: hours __typename hours"
DOCUMENTS = {
    "a list": f"{{ volunteerHoursEntries {{ nodes {{ {ENTRY} }} }} }}",
    "edges": f"{{ volunteerHoursEntries(first: 2) {{ edges {{ cursor node {{ {ENTRY} }} }} totalCount }} }}",
    "lists of lists": f"""{{
      persons {{ nodes {{ fullName volunteerHours(first: 2) {{ nodes {{ {ENTRY} volunteer {{ id }} }} }} }} }}
    }}""",
    "with the request": "{ volunteerCertificates { nodes { number verificationPath person { fullName } } } }",
    "nothing found": '{ volunteerCertificates(filter: {number: {eq: "none"}}) { nodes { verificationPath } } }',
}


@pytest.fixture
def reader(pair: Pair) -> Actor:
    plugins = pair.bench.composition.plugin_set(pair.bench.composition.names)
    return pair.bench.actor(list(plugins.permissions))


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_computed_field_is_the_same_both_ways_and_takes_one_statement(
    pair: Pair, reader: Actor, name: str
) -> None:
    api, tenant = GraphQLBench(pair.bench), pair.a.tenant
    fast = await api.compiled(tenant, reader, DOCUMENTS[name])
    slow = await api.execute(tenant, reader, DOCUMENTS[name])
    assert not slow.errors
    assert fast.statements == 1
    assert msgspec.json.encode(fast.data) == msgspec.json.encode(slow.data)
    assert name == "nothing found" or b'"nodes":[]' not in msgspec.json.encode(slow.data)[:40]


async def test_nodes_of_one_type_are_computed_and_of_more_than_one_left_to_the_executor(
    pair: Pair, reader: Actor
) -> None:
    api, tenant = GraphQLBench(pair.bench), pair.a.tenant
    found: Any = await api.compiled(
        tenant, reader, "{ volunteerHoursEntries(first: 2) { nodes { id volunteer { id } } } }"
    )
    rows = found.data["volunteerHoursEntries"]["nodes"]
    document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on VolunteerHours { hours } } }"
    ids = [one["id"] for one in rows]
    same = await api.compiled(tenant, reader, document, {"ids": ids})
    assert same.data == (await api.execute(tenant, reader, document, {"ids": ids})).data
    assert same.statements == 1
    mixed = [*ids, rows[0]["volunteer"]["id"]]
    assert (await api.compiled(tenant, reader, document, {"ids": mixed})).data is None


async def test_a_value_that_cannot_be_computed_is_left_to_the_executor_which_says_so(
    pair: Pair, reader: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, tenant = GraphQLBench(pair.bench), pair.a.tenant
    spec = api.interface.schema_for(pair.bench.composition.plugin_set(pair.bench.composition.names)).specs
    field = next(
        one
        for one in get_object_definition(spec["VolunteerHours"].cls, strict=True).fields
        if isinstance(one, ComputedField)
    )
    for broken in (
        lambda _row, _request: 1 / 0,
        lambda _row, _request: None,
        lambda row, _request: row.state,
    ):
        monkeypatch.setattr(field, "function", broken)
        api = GraphQLBench(pair.bench)
        assert (await api.compiled(tenant, reader, DOCUMENTS["a list"])).data is None
        assert (await api.execute(tenant, reader, DOCUMENTS["a list"])).errors


def test_what_a_computed_field_needs_is_checked_when_it_is_declared() -> None:
    from linli_volunteers import tables

    with pytest.raises(TypeError, match="def late"):

        @computed(needs=("minutes",))
        async def late(self: Any, request: Any) -> int:
            """Waits, which it may not."""
            return 0

    def declare(*needs: str, **options: Any) -> None:
        class Stint(Node):
            """Some service."""

            minutes: int = column("How long.", **options)

            @computed(needs=needs)
            def halves(self, request: Any) -> int:
                """Half of it."""
                return 0

        node(tables.Hours, plural="stints", permission="volunteers.hours.read")(Stint)

    with pytest.raises(TypeError, match="has no column 'hour'"):
        declare("hour")
    with pytest.raises(TypeError, match="'minutes' is masked"):
        declare("minutes", permission="volunteers.hours.read")
