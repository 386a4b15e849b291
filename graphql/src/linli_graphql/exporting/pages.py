"""A whole list, page by page, by the statement that the read compiler writes for its connection."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from graphql import Undefined
from graphql.utilities import coerce_input_value
from strawberry.types.arguments import convert_arguments

from linli.context import Context
from linli_graphql.compiled.answer import sight_of, statement_of
from linli_graphql.compiled.selection import Column, GlobalId, Many, Object, Part, Selection, Site
from linli_graphql.compiled.statement import SiteShape
from linli_graphql.declaration import NodeSpec, ValueKind
from linli_graphql.fields import ListRootField
from linli_graphql.filters import InvalidFilter, terms
from linli_graphql.ids import from_global_id
from linli_graphql.lists import list_request
from linli_graphql.naming import camel
from linli_graphql.reading import ListRequest, key_from_text, key_to_text
from linli_graphql.schema import PluginSetSchema

PAGE_ROWS: Final = 500
_KEY, _ID = "k", "i"


class _Page(msgspec.Struct):
    nodes: list[dict[str, Any]]


class _Answer(msgspec.Struct):
    list: _Page


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list with filter and order, as its connection would be asked for."""

    spec: NodeSpec
    request: ListRequest


def wanted(schema: PluginSetSchema, spec: NodeSpec, conditions: Any, order_by: str) -> Wanted:
    """The list of a node, with a filter and an order in the API's own form. Raises: InvalidFilter, InvalidId."""
    assert schema._schema.query_type is not None
    definition = schema._schema.query_type.fields[camel(spec.plural)]
    field = definition.extensions["strawberry-definition"]
    assert isinstance(field, ListRootField)
    given: dict[str, Any] = {}
    for name, path, value in (
        ("filter", "filter", conditions or None),
        ("orderBy", "order_by", order_by or None),
    ):
        if value is not None:
            argument = definition.args.get(name)
            given[name] = Undefined if argument is None else coerce_input_value(value, argument.type)
            if given[name] is Undefined:
                raise InvalidFilter(path=(path,), reason="type")
    converter = schema.schema_converter
    arguments = convert_arguments(given, field.arguments, converter.scalar_registry, schema.config)
    request = list_request("export", spec, {**arguments, "first": 1}, secret="", tenant="", parent=None)
    if request.filter is not None:
        list(terms(spec, request.filter))  # refuses what cannot be asked for
    return Wanted(spec, request)


async def pages(
    ctx: Context, asked: Wanted, row: Object, specs: dict[str, NodeSpec]
) -> AsyncGenerator[list[dict[str, Any]], None]:
    """The rows of a list as the actor of the context may see them, 500 at a time, each as the JSON of `row`'s items."""
    request = asked.request
    items = [*row.items, (_ID, GlobalId())]
    if request.order != "id":
        items.append((_KEY, Column(asked.spec.columns[request.order], None)))
    site = Site(0, "export", None, None, None, asked.spec)  # type: ignore[arg-type]
    listed = Many(site, (("nodes", Part("nodes", of=Object(row.spec, tuple(items)))),))
    selection = Selection((("list", listed),), [site], specs)
    conditions = [] if request.filter is None else list(terms(asked.spec, request.filter))
    sight, seen = sight_of(ctx.actor, _permissions(specs))
    seen |= {(0, "term", i): term.value for i, term in enumerate(conditions)}
    decoder = msgspec.json.Decoder(_Answer)
    after = False
    while True:
        shape = SiteShape(
            size=PAGE_ROWS,
            order=request.order,
            descending=request.descending,
            after=after,
            terms=tuple((term.column, term.operator) for term in conditions),
        )
        statement = statement_of(selection, sight, (shape,))
        values = [seen[name] for name in statement.names]
        text = await ctx.db.fetchval(statement.sql, ctx.tenant_id, *values)
        found = decoder.decode(text).list.nodes
        if found:
            yield found
        if len(found) < PAGE_ROWS:
            return
        after = True
        seen |= {(0, "cursor", "id"): _id(found[-1]), (0, "cursor", "value"): _key(request, found[-1])}


def _permissions(specs: dict[str, NodeSpec]) -> tuple[str, ...]:
    own = {spec.permission for spec in specs.values() if spec.permission}
    of_columns = {
        one.permission for spec in specs.values() for one in spec.columns.values() if one.permission
    }
    return tuple(sorted(own | of_columns))


def _id(row: dict[str, Any]) -> UUID:
    return from_global_id(row[_ID])[1]


def _key(request: ListRequest, row: dict[str, Any]) -> Any:
    if request.order == "id":
        return None
    value = row[_KEY]
    if request.order_kind is ValueKind.MOMENT:
        value = key_to_text(datetime.fromisoformat(value))
    return key_from_text(request.order_kind, str(value))
