"""Input types and enumerations of plugins, each with a description."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, TypeVar

import strawberry

from linli_graphql.ids import local_id

C = TypeVar("C")
E = TypeVar("E", bound=type[Enum])


def input_type(cls: type[C]) -> type[C]:
    """An input object from an annotated class whose fields are made with `described`."""
    made: type[C] = strawberry.input(cls, description=" ".join((cls.__doc__ or "").split()))
    return made


def described(description: str, *, optional: bool = False) -> Any:
    """A field of an input; `optional` ones may be left out (see `values_of`)."""
    if optional:
        return strawberry.field(default=strawberry.UNSET, description=description)
    return strawberry.field(description=description)


def values_of(
    given_input: Any, *, ids: Mapping[str, str] | None = None, drop: Sequence[str] = ()
) -> dict[str, Any]:
    """The values of an input, ready for a service: what was left out is dropped, enumerations become their values.

    `ids` maps fields that hold a global id (or a list of them) to the type that it must be of. Raises: InvalidId.
    """
    found: dict[str, Any] = {}
    for item in dataclasses.fields(given_input):
        value = getattr(given_input, item.name)
        if value is strawberry.UNSET or item.name in drop:
            continue
        found[item.name] = _plain(value, item.name, (ids or {}).get(item.name))
    return found


def _plain(value: Any, name: str, type_name: str | None) -> Any:
    if isinstance(value, list):
        return [_plain(one, name, type_name) for one in value]
    if isinstance(value, Enum):
        return value.value
    return local_id(type_name, str(value), path=(name,)) if type_name and value is not None else value


def expose(enum: E, description: str, values: dict[str, str] | None = None) -> E:
    """Make a Python enumeration one of the API. `values` describes its members by name.

    The enumeration of the rules knows no GraphQL; this is called in the plugin's `graphql.py`.
    """
    made = strawberry.enum(enum, description=description)
    definition: Any = made.__strawberry_definition__  # type: ignore[attr-defined]
    for item in definition.values:
        item.description = (values or {}).get(
            item.name, item.description or item.name.replace("_", " ").lower()
        )
    return made
