"""One schema for each set of plugins, made from the contributions of the kernel and of those plugins."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError
from strawberry.printer import print_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.types.base_scalars import DateDefinition, DateTimeDefinition, DecimalDefinition
from strawberry.tools import create_type
from strawberry.types import ExecutionContext
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.scalar import ScalarDefinition

from linli_graphql.aggregates import AggregateRootField
from linli_graphql.amounts import AMOUNT_SCALAR, Amount
from linli_graphql.connections import InvalidPageSize
from linli_graphql.contribution import Contribution
from linli_graphql.declaration import NodeSpec
from linli_graphql.fields import (
    ListRootField,
    NodeRootField,
    NodesRootField,
    ResolvedField,
    SingleRootField,
)
from linli_graphql.ids import NODES_MAX, from_global_id
from linli_graphql.naming import snake
from linli_graphql.nodes import Node, node_of
from linli_graphql.reading import Row
from linli_graphql.request import GraphQLRequest


def moment_text(value: datetime) -> str:
    """A moment as PostgreSQL's `to_json` writes it: ISO 8601, a fraction of a second without zeros at its end."""
    text = value.isoformat()
    if value.microsecond == 0:
        return text
    seconds, _, rest = text.partition(".")
    return f"{seconds}.{rest[:6].rstrip('0')}{rest[6:]}"


_SCALARS: dict[object, ScalarDefinition] = {
    date: replace(DateDefinition, description="A day, as 2026-05-06 (ISO 8601)."),
    datetime: replace(
        DateTimeDefinition,
        description="A moment with its offset, as 2026-05-06T04:00:00+00:00 (ISO 8601).",
        serialize=moment_text,
    ),
    Amount: AMOUNT_SCALAR,
    Decimal: replace(DecimalDefinition, description="An exact decimal number, as a string."),
}


class PluginSetSchema(strawberry.Schema):
    """A schema whose node types carry the fields that the set's plugins add to them."""

    def __init__(self, contributions: Sequence[Contribution]) -> None:
        self.specs: dict[str, NodeSpec] = {}
        self._added: dict[str, list[StrawberryField]] = {}
        for contribution in contributions:
            for cls in contribution.nodes:
                self.specs[node_of(cls).name] = node_of(cls)
            for extension in contribution.extensions:
                self._added.setdefault(extension.of.__name__, []).extend(extension.fields)
        super().__init__(
            query=_query_type(contributions, self.specs),
            mutation=_mutation_type(contributions),
            types=[spec.cls for spec in self.specs.values()],
            config=StrawberryConfig(auto_camel_case=True, scalar_map=_SCALARS),
        )

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """The fields of a type in this set of plugins."""
        return [*type_definition.fields, *self._added.get(type_definition.name, [])]

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Errors are logged once, by the transport, without excerpts of the document."""

    def types_of(self, contribution: Contribution) -> Iterator[str]:
        """The claims of a contribution to the types that its package declares: inputs, enumerations, payloads."""
        packages = {function.__module__.partition(".")[0] for function in contribution.functions()}
        for name, found in self._schema.type_map.items():
            definition: Any = found.extensions.get("strawberry-definition")
            origin = getattr(definition, "origin", None) or getattr(definition, "wrapped_cls", None)
            if getattr(origin, "__module__", "").partition(".")[0] in packages:
                yield f"graphql type {name}"

    def text(self) -> str:
        """The schema in the schema definition language."""
        return print_schema(self)


def _query_type(contributions: Sequence[Contribution], specs: dict[str, NodeSpec]) -> type:
    fields: list[StrawberryField] = [_node_field(), _nodes_field()]
    for contribution in contributions:
        for cls in contribution.nodes:
            spec = specs[node_of(cls).name]
            fields += [SingleRootField(spec, cls, snake(spec.name)), ListRootField(spec, cls)]
            if spec.groups or spec.sums:
                fields.append(AggregateRootField(spec))
        fields += contribution.queries
    made: type = create_type("Query", fields, description="What can be read.")
    return made


def _mutation_type(contributions: Sequence[Contribution]) -> type | None:
    fields: list[StrawberryField] = [
        mutation for contribution in contributions for mutation in contribution.mutations
    ]
    if not fields:
        return None
    made: type = create_type("Mutation", fields, description="What can be done.")
    return made


def _node_field() -> ResolvedField:
    async def node(
        request: GraphQLRequest,
        id: Annotated[strawberry.ID, strawberry.argument(description="The global id.")],
    ) -> Node | None:
        """Any object by its global id; null when there is none that the caller may see."""
        return await _find(request, str(id))  # type: ignore[return-value]

    return NodeRootField.of_function(node)


def _nodes_field() -> ResolvedField:
    async def nodes(
        request: GraphQLRequest,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="At most 100 global ids.")],
    ) -> list[Node | None]:
        """Objects by their global ids (at most 100), in the same order; null where there is none to see."""
        if len(ids) > NODES_MAX:
            raise InvalidPageSize(limit=NODES_MAX)
        return list(await asyncio.gather(*(_find(request, str(one)) for one in ids)))  # type: ignore[arg-type]

    return NodesRootField.of_function(nodes)


async def _find(request: GraphQLRequest, text: str) -> Row | None:
    name, row_id = from_global_id(text)
    spec = request.specs.get(name)
    return None if spec is None else await request.load(spec, row_id)
