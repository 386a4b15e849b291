"""What a plugin (or the kernel) adds to the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry
from strawberry.types.base import get_object_definition

from linli_graphql.fields import ColumnField, ComputedField, OneField, ResolvedField
from linli_graphql.mutations import MutationField
from linli_graphql.naming import camel, pascal
from linli_graphql.nodes import node_of


@dataclass(frozen=True, slots=True)
class Extension:
    """Fields that a plugin adds to another's node type, in the schemas of tenants that have the plugin on."""

    of: type
    fields: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Contribution:
    """Node types, further root fields, and fields added to other types."""

    nodes: Sequence[type] = ()
    queries: Sequence[ResolvedField] = ()
    mutations: Sequence[MutationField] = ()
    extensions: Sequence[Extension] = ()

    def functions(self) -> Iterator[Any]:
        """The classes and functions that were written for this contribution: they tell its package."""
        yield from self.nodes
        yield from (mutation.function for mutation in self.mutations)

    def claims(self) -> Iterator[str]:
        """The names that this contribution takes; a second claimant is refused."""
        for cls in self.nodes:
            spec = node_of(cls)
            for suffix in ("", "Connection", "Edge", "Filter", "Order"):
                yield f"graphql type {spec.name}{suffix}"
            yield f"graphql field Query.{camel(_single(spec.name))}"
            yield f"graphql field Query.{camel(spec.plural)}"
            if spec.groups or spec.sums:
                yield f"graphql field Query.{camel(spec.plural)}Aggregate"
                yield f"graphql type {spec.name}Group"
        for query in self.queries:
            yield f"graphql field Query.{camel(query.python_name)}"
        for mutation in self.mutations:
            yield f"graphql field Mutation.{camel(mutation.python_name)}"
            yield f"graphql type {pascal(mutation.python_name)}Payload"
        for extension in self.extensions:
            for item in extension.fields:
                yield f"graphql field {extension.of.__name__}.{camel(item.python_name)}"


def query(function: Callable[..., Any]) -> ResolvedField:
    """A root field from `async def name(request: GraphQLRequest, …) -> …`, described by its docstring."""
    return ResolvedField.of_function(function)


def extend(of: type) -> Callable[[type], Extension]:
    """Declare `many` and computed fields on another plugin's node type, in the same way as on one's own.

    @extend(Person)
    class PersonVolunteering:
        volunteer_hours: Connection[VolunteerHours] = many("person_id", "The hours that were credited.")
    """

    def declare(cls: type) -> Extension:
        strawberry.type(cls, name=f"_{cls.__name__}")
        found = list(get_object_definition(cls, strict=True).fields)
        node_of(of)
        for item in found:
            if isinstance(item, ColumnField | OneField | ComputedField):
                raise TypeError(
                    f"{cls.__name__}.{item.python_name}: only many() and computed fields without needs can be added"
                )
        return Extension(of=of, fields=found)

    return declare


def _single(name: str) -> str:
    return name[0].lower() + name[1:]
