"""Counts and sums of a node's rows, by groups that its declaration names: one statement, with the viewer's scopes."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import get_object_definition

from linli.context import Context
from linli_graphql.declaration import NodeSpec, ValueKind
from linli_graphql.fields import ResolvedField, enum_of
from linli_graphql.filters import Parameters, conditions
from linli_graphql.ids import to_global_id
from linli_graphql.lists import filter_type
from linli_graphql.naming import camel
from linli_graphql.reading import visibility
from linli_graphql.request import GraphQLRequest

GROUPS_MAX = 1_000
_MONTHLY = (ValueKind.DATE, ValueKind.MOMENT)


@strawberry.type(description="The sum of one field over the rows of a group.")
class AggregateSum:
    """The sum of one field over the rows of a group."""

    name: str = strawberry.field(description="The field that is added up.")
    value: strawberry.scalars.JSON = strawberry.field(
        description="The sum, a whole number in the field's unit; it may be larger than an Int."
    )


@strawberry.type(description="The rows of one group, counted and added up.")
class AggregateGroup:
    """The rows of one group, counted and added up."""

    key: str | None = strawberry.field(
        description="The group: a value, a month such as 2026-11, or the global id of an area; null without groups."
    )
    count: int = strawberry.field(description="How many rows the group has.")
    sums: list[AggregateSum] = strawberry.field(description="The sums that the type declares.")


@cache
def group_type(spec: NodeSpec) -> type[Enum]:
    """By what the rows of a node can be grouped."""
    values: dict[str, Any] = {}
    for name in spec.groups:
        monthly = name in spec.columns and spec.columns[name].kind in _MONTHLY
        label = f"{name.upper()}_MONTH" if monthly else name.upper()
        said = f"By the month of {camel(name)}." if monthly else f"By {camel(name)}."
        values[label] = strawberry.enum_value(name, description=said)
    made = Enum(f"{spec.name}Group", values)  # type: ignore[misc]
    return strawberry.enum(made, description=f"By what the rows of {spec.name} can be grouped.")


class AggregateRootField(ResolvedField):
    """The root field that counts and adds up the rows of a node."""

    def __init__(self, spec: NodeSpec) -> None:
        super().__init__(
            description=f"The rows of {spec.name} that the caller may see, counted; at most {GROUPS_MAX} groups.",
            argument_list=_arguments(spec),
            python_name=f"{spec.plural}_aggregate",
            annotation=list[AggregateGroup],
        )
        self.spec = spec

    async def resolve(
        self, source: Any, request: GraphQLRequest, arguments: dict[str, Any]
    ) -> list[AggregateGroup]:
        """The groups, in the order of their keys."""
        request.note(self.spec)
        chosen = arguments.get("group_by")
        group = str(chosen.value) if isinstance(chosen, Enum) else None
        wanted = arguments.get("filter")
        wanted = None if wanted is strawberry.UNSET else wanted
        return await read_groups(await request.reading(), self.spec, group, wanted)


async def read_groups(ctx: Context, spec: NodeSpec, group: str | None, wanted: Any) -> list[AggregateGroup]:
    """Count and add up in one statement. Raises: PermissionDenied, InvalidFilter, InvalidId."""
    parameters = Parameters(ctx.tenant_id)
    where = visibility(ctx, spec, parameters)
    if wanted is not None:
        where += conditions(spec, wanted, parameters)
    key = "null::text" if group is None else _key(ctx, spec, group, parameters)
    sums = "".join(f", coalesce(sum(t.{spec.columns[name].column}), 0)::bigint" for name in spec.sums)
    grouping = "" if group is None else f" group by 1 order by 1 limit {GROUPS_MAX}"
    sql = f"select {key}, count(*){sums} from {spec.table_name} t where {' and '.join(where)}{grouping}"
    return [_group(spec, group, tuple(row)) for row in await ctx.db.fetch(sql, *parameters.values)]


def _key(ctx: Context, spec: NodeSpec, group: str, parameters: Parameters) -> str:
    if group == "area":
        return "t.area_id::text"
    column = spec.columns[group]
    if column.kind is ValueKind.MOMENT:
        zone = parameters.add(ctx.tenant.time_zone)
        return f"to_char(t.{column.column} at time zone {zone}, 'YYYY-MM')"
    if column.kind is ValueKind.DATE:
        return f"to_char(t.{column.column}, 'YYYY-MM')"
    return f"t.{column.column}::text"


def _group(spec: NodeSpec, group: str | None, row: tuple[Any, ...]) -> AggregateGroup:
    key, count, *sums = row
    return AggregateGroup(
        key=_shown(spec, group, key),
        count=count,
        sums=[
            AggregateSum(name=camel(name), value=value) for name, value in zip(spec.sums, sums, strict=True)
        ],
    )


def _shown(spec: NodeSpec, group: str | None, key: str | None) -> str | None:
    if group is None or key is None:
        return None
    if group == "area":
        return to_global_id("Area", UUID(key))
    return _names(spec, group).get(key, key)


@cache
def _names(spec: NodeSpec, name: str) -> dict[str, str]:
    """The API's names of an enumeration's stored values; empty for a column that is none."""
    field = next(f for f in get_object_definition(spec.cls, strict=True).fields if f.python_name == name)
    enum = enum_of(field)
    return {str(one.value): one.name for one in enum} if enum else {}


def _arguments(spec: NodeSpec) -> list[StrawberryArgument]:
    wanted = (
        ("filter", filter_type(spec), "Which rows."),
        (
            "group_by",
            group_type(spec) if spec.groups else None,
            "By what to group; one group of all by default.",
        ),
    )
    return [
        StrawberryArgument(
            python_name=name,
            graphql_name=None,
            type_annotation=StrawberryAnnotation(kind | None),
            description=said,
            default=strawberry.UNSET,
        )
        for name, kind, said in wanted
        if kind is not None
    ]
