"""The arguments of a list: page, typed filter, order. Made once for each node from its declaration."""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import get_object_definition

from linli_graphql.connections import PageRequest
from linli_graphql.cursors import CursorKey
from linli_graphql.declaration import NodeSpec
from linli_graphql.fields import enum_of
from linli_graphql.filters import PlaceFilter, filter_type_of
from linli_graphql.naming import camel
from linli_graphql.reading import ListRequest

_PAGE_ARGUMENTS = (
    ("first", int | None, "How many rows from the front: 1 to 100, 20 by default."),
    ("after", str | None, "Rows after this cursor."),
    ("last", int | None, "How many rows from the back: 1 to 100."),
    ("before", str | None, "Rows before this cursor."),
)


@cache
def filter_type(spec: NodeSpec) -> type | None:
    """The filter input of a node, or None when nothing can be filtered."""
    fields = {field.python_name: field for field in get_object_definition(spec.cls, strict=True).fields}
    annotations: dict[str, Any] = {}
    body: dict[str, Any] = {}
    for name in spec.filters:
        kind = (
            PlaceFilter if name == "area" else filter_type_of(spec.columns.get(name), enum_of(fields[name]))
        )
        annotations[name] = kind | None
        body[name] = strawberry.field(
            default=strawberry.UNSET,
            description=f"A condition on {camel(name)}.",
            deprecation_reason=fields[name].deprecation_reason if name in fields else None,
        )
    if not annotations:
        return None
    body["__annotations__"] = annotations
    made: type = type(f"{spec.name}Filter", (), body)
    return strawberry.input(made, description=f"Conditions on {spec.name}; all must hold.")


@cache
def order_type(spec: NodeSpec) -> type[Enum]:
    """The orders in which a node's lists can be had."""
    fields = {field.python_name: field for field in get_object_definition(spec.cls, strict=True).fields}
    values: dict[str, Any] = {}
    for name in ("id", *spec.orders):
        label = "ENTERED" if name == "id" else name.upper()
        said = "time of entry" if name == "id" else camel(name)
        for direction, suffix in (("ASC", "ascending"), ("DESC", "descending")):
            values[f"{label}_{direction}"] = strawberry.enum_value(
                f"{name} {direction}",
                description=f"By {said}, {suffix}.",
                deprecation_reason=fields[name].deprecation_reason,
            )
    made = Enum(f"{spec.name}Order", values)  # type: ignore[misc]
    return strawberry.enum(made, description=f"The orders in which a list of {spec.name} can be had.")


def list_arguments(spec: NodeSpec) -> list[StrawberryArgument]:
    """The arguments of a list of a node."""
    arguments = [_argument(name, annotation, said) for name, annotation, said in _PAGE_ARGUMENTS]
    filters = filter_type(spec)
    if filters is not None:
        arguments.append(_argument("filter", filters | None, "Which rows."))
    arguments.append(_argument("order_by", order_type(spec) | None, "In which order."))
    return arguments


def list_request(
    field: str, spec: NodeSpec, arguments: dict[str, Any], *, secret: str, tenant: str, parent: str | None
) -> ListRequest:
    """What a list's arguments ask for. Raises: InvalidPageSize."""
    page = PageRequest.of(
        arguments.get("first"), arguments.get("after"), arguments.get("last"), arguments.get("before")
    )
    chosen = arguments.get("order_by")
    order, _, direction = str(chosen.value if isinstance(chosen, Enum) else "id ASC").partition(" ")
    wanted = arguments.get("filter")
    scope = (tenant, field, order, direction, repr(wanted))
    return ListRequest(
        spec=spec,
        page=page,
        order=order,
        descending=direction == "DESC",
        filter=wanted,
        cursors=CursorKey(secret, scope),
        parent_column=parent,
    )


def _argument(name: str, annotation: Any, description: str) -> StrawberryArgument:
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(annotation),
        description=description,
        default=strawberry.UNSET,
    )
