"""Every root field of every set of plugins that gives an object, a list or a node is answered by one statement."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from graphql import get_named_type

from linli.ids import new_id
from linli.testing.factories import Bench
from linli_graphql.declaration import NodeSpec
from linli_graphql.fields import (
    ColumnField,
    GlobalIdField,
    ListRootField,
    ManyField,
    OneField,
    SingleRootField,
)
from linli_graphql.ids import to_global_id
from linli_graphql.kernel.identity import SHOWN_TO_NOBODY
from linli_graphql.schema import PluginSetSchema
from linli_graphql.testing import GraphQLBench

DEPTH = 2


def selection(schema: PluginSetSchema, spec: NodeSpec, depth: int = DEPTH) -> str:
    """All columns of a node, and the same of all nodes that it leads to."""
    parts = ["__typename"]
    for name, definition in schema._schema.type_map[spec.name].fields.items():  # type: ignore[attr-defined]
        field = definition.extensions.get("strawberry-definition")
        if isinstance(field, ColumnField) and field.permission == SHOWN_TO_NOBODY and field.mask is None:
            continue  # refused to everyone but oneself
        if isinstance(field, ColumnField | GlobalIdField):
            parts.append(name)
        elif isinstance(field, OneField) and depth:
            inner = schema.specs[get_named_type(definition.type).name]
            parts.append(f"{name} {{ {selection(schema, inner, depth - 1)} }}")
        elif isinstance(field, ManyField) and depth:
            inner = field.target
            parts.append(f"{name}(first: 2) {{ {page(schema, inner, depth - 1)} }}")
    return " ".join(parts)


def page(schema: PluginSetSchema, spec: NodeSpec, depth: int) -> str:
    info = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    return f"totalCount {info} edges {{ cursor node {{ {selection(schema, spec, depth)} }} }}"


def questions(schema: PluginSetSchema) -> Iterator[tuple[str, str]]:
    """Each root field over a node, and `node` and `nodes` for each type, with a document that asks for all of it."""
    query = schema._schema.query_type
    assert query is not None
    for name, definition in query.fields.items():
        field = definition.extensions.get("strawberry-definition")
        if isinstance(field, ListRootField):
            yield name, f"{{ {name}(first: 3) {{ {page(schema, field.spec, DEPTH)} }} }}"
        elif isinstance(field, SingleRootField):
            row = to_global_id(field.spec.name, new_id())
            yield name, f'{{ {name}(id: "{row}") {{ {selection(schema, field.spec)} }} }}'
            body = f"... on {field.spec.name} {{ {selection(schema, field.spec)} }}"
            yield f"node of {field.spec.name}", f'{{ node(id: "{row}") {{ {body} }} }}'
            yield f"nodes of {field.spec.name}", f'{{ nodes(ids: ["{row}", "{row}"]) {{ {body} }} }}'


@pytest.mark.parametrize(
    "plugins", [(), ("organisations",), ("volunteers",), ("organisations", "volunteers")]
)
async def test_each_root_field_takes_one_statement(
    api: GraphQLBench, bench: Bench, plugins: tuple[str, ...]
) -> None:
    tenant = await bench.tenant(plugins=plugins)
    plugin_set = bench.composition.plugin_set(tenant.plugins)
    actor = bench.actor(plugin_set.permissions)
    schema = api.interface.schema_for(plugin_set)
    asked = dict(questions(schema))
    assert len(asked) == 4 * len(schema.specs)
    wrong = {}
    for name, document in asked.items():
        answer = await api.compiled(tenant, actor, document)
        if answer.data is None or answer.statements != 1:
            wrong[name] = (answer.data, answer.statements)
    assert wrong == {}
