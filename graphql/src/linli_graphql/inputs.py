"""Input types and enumerations of plugins, each with a description."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, TypeVar

import strawberry

from linli_graphql.fields import reason_of
from linli_graphql.ids import local_id

EXPECTED_VERSION = "The version that the caller saw; the change is refused when there is a newer one."
C = TypeVar("C")
E = TypeVar("E", bound=type[Enum])


def input_type(cls: type[C]) -> type[C]:
    """An input object from an annotated class whose fields are made with `described`."""
    made: type[C] = strawberry.input(cls, description=" ".join((cls.__doc__ or "").split()))
    return made


def described(description: str, *, optional: bool = False, deprecated: str | None = None) -> Any:
    """A field of an input; `optional` ones may be left out (see `values_of`). Only these can be `deprecated`."""
    reason = reason_of(deprecated)
    if optional:
        return strawberry.field(default=strawberry.UNSET, description=description, deprecation_reason=reason)
    if reason is not None:
        raise TypeError("a field that must be given cannot be deprecated: make it optional first")
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


def expose(
    enum: E,
    description: str,
    values: Mapping[str, str] | None = None,
    *,
    name: str | None = None,
    deprecated: Mapping[str, str] | None = None,
) -> E:
    """Make a Python enumeration one of the API, under its own or another `name`. `values` describes its members.

    The enumeration of the rules knows no GraphQL; this is called in the plugin's `graphql.py`. `deprecated` gives
    members by name with the reason not to use them any more. Raises: TypeError for names that are no members.
    """
    unknown = {*(values or {}), *(deprecated or {})} - set(enum.__members__)
    if unknown:
        raise TypeError(f"{enum.__name__} has no members {sorted(unknown)}")
    made = strawberry.enum(enum, name=name, description=description)
    definition: Any = made.__strawberry_definition__  # type: ignore[attr-defined]
    for item in definition.values:
        words = item.name.replace("_", " ").capitalize()
        item.description = (values or {}).get(item.name, item.description or f"{words}.")
        item.deprecation_reason = reason_of((deprecated or {}).get(item.name))
    return made
