"""Typed filters: one input per kind of value, and the SQL condition of each operator.

Only operators that an index may serve under row-level security are offered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

import strawberry

from linli.plugin import Invalid
from linli_graphql.declaration import ColumnSpec, NodeSpec, ValueKind
from linli_graphql.ids import from_global_id

IN_LENGTH_MAX = 100
TEXT_LENGTH_MAX = 200


class InvalidFilter(Invalid):
    """A filter is empty, null, or too long (`reason`)."""

    code = "graphql.invalid_filter"


def _operator(description: str) -> Any:
    return strawberry.field(default=strawberry.UNSET, description=description)


@strawberry.input(description="Conditions on a text; all must hold.")
class TextFilter:
    """Conditions on a text; all must hold."""

    eq: str | None = _operator("Equals this text.")
    in_: list[str] | None = strawberry.field(
        name="in", default=strawberry.UNSET, description="Is one of these texts; at most 100."
    )
    starts_with: str | None = _operator("Starts with this text.")


@strawberry.input(description="Conditions on a whole number; all must hold.")
class IntegerFilter:
    """Conditions on a whole number; all must hold."""

    eq: int | None = _operator("Equals this number.")
    gte: int | None = _operator("Is this number or more.")
    lte: int | None = _operator("Is this number or less.")


@strawberry.input(description="A condition on a yes-or-no value.")
class BooleanFilter:
    """A condition on a yes-or-no value."""

    eq: bool | None = _operator("Equals this value.")


@strawberry.input(description="Conditions on a date; all must hold.")
class DateFilter:
    """Conditions on a date; all must hold."""

    eq: date | None = _operator("Is this day.")
    gte: date | None = _operator("Is this day or later.")
    lte: date | None = _operator("Is this day or earlier.")


@strawberry.input(description="Conditions on a moment; all must hold.")
class MomentFilter:
    """Conditions on a moment; all must hold."""

    gte: datetime | None = _operator("Is this moment or later.")
    lt: datetime | None = _operator("Is before this moment.")


@strawberry.input(description="A condition on the object referred to.")
class ReferenceFilter:
    """A condition on the object referred to."""

    eq: strawberry.ID | None = _operator("Is this object.")
    in_: list[strawberry.ID] | None = strawberry.field(
        name="in", default=strawberry.UNSET, description="Is one of these objects; at most 100."
    )


@strawberry.input(description="A condition on the area in which a row lies.")
class PlaceFilter:
    """A condition on the area in which a row lies."""

    at: strawberry.ID | None = _operator("Lies in exactly this area.")
    within: strawberry.ID | None = _operator("Lies in this area or anywhere below it.")


_BY_KIND: dict[ValueKind, type] = {
    ValueKind.TEXT: TextFilter,
    ValueKind.INTEGER: IntegerFilter,
    ValueKind.BOOLEAN: BooleanFilter,
    ValueKind.DATE: DateFilter,
    ValueKind.MOMENT: MomentFilter,
    ValueKind.ID: ReferenceFilter,
}
_SQL_OPERATORS = {"eq": "=", "gte": ">=", "lte": "<=", "lt": "<"}


class Parameters:
    """The parameters of a statement; `$1` is always the tenant's id."""

    def __init__(self, tenant_id: UUID) -> None:
        self.values: list[object] = [tenant_id]

    def add(self, value: object) -> str:
        """The placeholder of a value."""
        self.values.append(value)
        return f"${len(self.values)}"


@cache
def enum_filter(enum: type[Enum]) -> type:
    """The filter input of an enumeration."""
    name = f"{enum.__name__}Filter"
    annotations = {"eq": enum | None, "in_": list[enum] | None}  # type: ignore[valid-type]
    body = {
        "__annotations__": annotations,
        "__doc__": f"A condition on {enum.__name__}.",
        "eq": _operator("Equals this value."),
        "in_": strawberry.field(name="in", default=strawberry.UNSET, description="Is one of these values."),
    }
    return strawberry.input(type(name, (), body), description=f"A condition on {enum.__name__}.")


def filter_type_of(spec: ColumnSpec | None, enum: type[Enum] | None) -> type:
    """The filter input for a column (or for a reference, when `spec` is None)."""
    if spec is None:
        return ReferenceFilter
    return _BY_KIND[spec.kind] if enum is None else enum_filter(enum)


@dataclass(frozen=True, slots=True)
class Term:
    """One condition of a filter: a column (or, for `within`, the row's area path), an operator, a value."""

    column: str
    operator: str
    value: object

    def sql(self, placeholder: str, alias: str) -> str:
        """The condition in SQL; the tenant's id is `$1`."""
        if self.operator == "within":
            area = f"(select a.path from areas_area a where a.tenant_id = $1 and a.id = {placeholder})"
            return f"{alias}.area_path >= {area} and {alias}.area_path < {area} || '~'"
        if self.operator in ("any text", "any uuid"):
            return f"{alias}.{self.column} = any({placeholder}::{self.operator.split()[1]}[])"
        return f"{alias}.{self.column} {self.operator} {placeholder}"


def terms(spec: NodeSpec, value: Any) -> Iterator[Term]:
    """The conditions of a filter input. Raises: InvalidFilter, InvalidId."""
    for item in dataclass_fields(value):
        operators = getattr(value, item.name)
        if operators is strawberry.UNSET:
            continue
        path = ("filter", item.name)
        given = [] if operators is None else _given(operators, path)
        if not given:
            raise InvalidFilter(path=path, reason="null" if operators is None else "empty")
        if isinstance(operators, PlaceFilter):
            for name, text in given:
                yield Term("area_id", "=" if name == "at" else "within", from_global_id(str(text))[1])
            continue
        column = spec.columns[item.name].column if item.name in spec.columns else spec.ones[item.name].column
        for name, one in given:
            yield _term(column, name, one, operators, path)


def conditions(spec: NodeSpec, value: Any, parameters: Parameters, alias: str = "t") -> list[str]:
    """The SQL conditions of a filter input. Raises: InvalidFilter, InvalidId."""
    return [term.sql(parameters.add(term.value), alias) for term in terms(spec, value)]


def _given(operators: Any, path: tuple[str, ...]) -> list[tuple[str, Any]]:
    found = [(item.name, getattr(operators, item.name)) for item in dataclass_fields(operators)]
    found = [(name, value) for name, value in found if value is not strawberry.UNSET]
    if any(value is None for _name, value in found):
        raise InvalidFilter(path=path, reason="null")
    return found


def _term(column: str, name: str, value: Any, operators: Any, path: tuple[str, ...]) -> Term:
    if name == "in_":
        if not 1 <= len(value) <= IN_LENGTH_MAX:
            raise InvalidFilter(path=path, reason=f"1-{IN_LENGTH_MAX}")
        kind = "any uuid" if isinstance(operators, ReferenceFilter) else "any text"
        return Term(column, kind, [_plain(one, operators, path) for one in value])
    if name == "starts_with":
        return Term(column, "^@", _short(value, path))
    return Term(column, _SQL_OPERATORS[name], _plain(value, operators, path))


def _plain(value: object, operators: object, path: tuple[str, ...]) -> object:
    if isinstance(operators, ReferenceFilter):
        return from_global_id(str(value))[1]
    if isinstance(value, Enum):
        return value.value
    return _short(value, path) if isinstance(value, str) else value


def _short(value: str, path: tuple[str, ...]) -> str:
    if not value.strip() or len(value) > TEXT_LENGTH_MAX or "\x00" in value:
        raise InvalidFilter(path=path, reason=f"1-{TEXT_LENGTH_MAX}")
    return value
