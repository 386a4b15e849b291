"""Expressions in SQL that give JSON as text: objects by concatenation, values as the ordinary executor writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from linli_graphql.compiled.selection import NotCompilable
from linli_graphql.declaration import ColumnSpec, Mask, NodeSpec, ValueKind


def object_of(items: Sequence[tuple[str, str]]) -> str:
    """JSON text of an object, by concatenation: `'{"a":' || … || ',"b":' || … || '}'`."""
    if not items:
        return "'{}'"
    text = ""
    for i, (key, expression) in enumerate(items):
        start = literal(("," if i else "{") + json.dumps(key) + ":")
        text = chained(chained(text, start) if text else start, expression)
    return chained(text, "'}'")


def object_of_lists(items: Sequence[tuple[str, str]]) -> str:
    """The same for values that are large: each `||` would copy all that stands before it."""
    pieces = []
    for i, (key, expression) in enumerate(items):
        pieces += [literal(("," if i else "{") + json.dumps(key) + ":"), expression]
    rows = ", ".join(f"({piece})" for piece in [*pieces, "'}'"])
    return f"(select string_agg(v.piece, '') from (values {rows}) v(piece))"


def chained(left: str, right: str) -> str:
    """Two expressions one after the other; literals that meet become one.

    An expression that begins or ends with a quote is a literal, or a chain that begins or ends with one.
    """
    if left.endswith("'") and right.startswith("'"):
        return left[:-1] + right[1:]
    return f"{left} || {right}"


def literal(text: str) -> str:
    """A text as it is written in SQL."""
    return "'" + text.replace("'", "''") + "'"


def global_id(spec: NodeSpec, alias: str) -> str:
    """The global id of a row as JSON text."""
    return f"'\"{spec.name}_' || {alias}.id::text || '\"'"


def json_text(spec: ColumnSpec, value: str, names: Any) -> str:
    """The JSON text of a column's value that is not null, as the ordinary executor would write it."""
    if names is not None:
        cases = " ".join(
            f"when {literal(stored)} then {literal(json.dumps(name))}" for stored, name in names.items()
        )
        return f"case {value} {cases} end"
    match spec.kind:
        case ValueKind.INTEGER:
            return f"{value}::text"
        case ValueKind.BOOLEAN:
            return f"case when {value} then 'true' else 'false' end"
        case ValueKind.DATE | ValueKind.ID:
            return f"'\"' || {value}::text || '\"'"
        case ValueKind.MOMENT:
            return f"to_json({value})::text"  # in the connection's time zone, which is UTC
        case ValueKind.JSON:
            return f"{value}::text"
        case ValueKind.TEXT | ValueKind.TEXTS:
            return f"to_json({value})::text"
        case _:
            raise NotCompilable


def masked_text(mask: Mask, value: str) -> str:
    """The JSON text of what a mask leaves of a value."""
    left = f"({mask.sql.format(value=value)})"
    return f"'\"' || {left} || '\"'" if mask.plain else f"to_json({left}::text)::text"


def key_text(spec: ColumnSpec, value: str) -> str:
    """The text of an ordering value, as it stands in a cursor."""
    if spec.kind is ValueKind.MOMENT:
        return f"(extract(epoch from {value}) * 1000000)::bigint::text"
    return f"{value}::text"
