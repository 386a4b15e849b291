"""Questions that `Sight` asks of the API: root fields of lists, and how many of them go into one document."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from strawberry.types.base import get_object_definition

from linli_graphql.declaration import NodeSpec, ValueKind
from linli_graphql.fields import enum_of
from linli_graphql.limits import LIMITS
from linli_graphql.naming import camel

ROWS_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Ask:
    """A root field of a document, by its name, and what the test makes of its answer."""

    spec: NodeSpec
    name: str
    text: str
    key: Any


def packed(asks: Iterable[Ask]) -> Iterator[list[Ask]]:
    """What may go into one document: a refusal of one must not hide the answers to others."""
    groups: dict[tuple[str | None, bool], list[Ask]] = {}
    for ask in asks:
        groups.setdefault(together(ask.spec), []).append(ask)
    for group in groups.values():
        pack: list[Ask] = []
        names: Counter[str] = Counter()
        for ask in group:
            if len(pack) == LIMITS.root_fields or names[ask.name] == LIMITS.repeats:
                yield pack
                pack, names = [], Counter()
            pack.append(ask)
            names[ask.name] += 1
        yield pack


def together(spec: NodeSpec) -> tuple[str | None, bool]:
    """What is refused together: nodes alike in this may be asked for in one document."""
    return spec.permission, spec.has_owners


def listing(spec: NodeSpec, order: str, shown: str) -> Ask:
    """A list in an order ("" is that of entry), of which so much is shown."""
    by = f", orderBy: {order}" if order else ""
    name = camel(spec.plural)
    return Ask(spec, name, f"{name}(first: {ROWS_MAX}{by}) {{ {shown} }}", order)


def orders(spec: NodeSpec) -> tuple[str, ...]:
    """All orders of a list; "" is that which nobody asks for."""
    return "", *(f"{one.upper()}_{way}" for one in spec.orders for way in ("ASC", "DESC"))


def global_id(spec: NodeSpec, row_id: object) -> str:
    """The global id of a row, as the database has it."""
    return f"{spec.name}_{row_id}"


def column_of(spec: NodeSpec, name: str) -> str:
    """The column of the database on which a filter works."""
    if name in spec.columns:
        return spec.columns[name].column
    return "area_id" if name == "area" else spec.ones[name].column


def filter_text(spec: NodeSpec, name: str, value: Any) -> str:
    """A filter for one value, as it is written in a document."""
    if name not in spec.columns:
        if name == "area":
            return f'{{ area: {{ at: "Area_{value}" }} }}'
        return f'{{ {camel(name)}: {{ eq: "{global_id(spec.ones[name].target(), value)}" }} }}'
    defined = get_object_definition(spec.cls, strict=True).fields
    enum = enum_of(next(one for one in defined if one.python_name == name))
    operator = "gte" if spec.columns[name].kind is ValueKind.MOMENT else "eq"
    if enum is not None:
        written = enum(value).name
    elif isinstance(value, date | datetime):
        written = f'"{value.isoformat()}"'
    else:
        written = json.dumps(value, ensure_ascii=False)
    return f"{{ {camel(name)}: {{ {operator}: {written} }} }}"
