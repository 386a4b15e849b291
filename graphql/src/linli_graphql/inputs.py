"""Input types and enumerations of plugins, each with a description."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeVar

import strawberry

C = TypeVar("C")
E = TypeVar("E", bound=type[Enum])


def input_type(cls: type[C]) -> type[C]:
    """An input object from an annotated class whose fields are made with `described`."""
    made: type[C] = strawberry.input(cls, description=" ".join((cls.__doc__ or "").split()))
    return made


def described(description: str, *, optional: bool = False) -> Any:
    """A field of an input; `optional` ones may be left out (see `given`)."""
    if optional:
        return strawberry.field(default=strawberry.UNSET, description=description)
    return strawberry.field(description=description)


def given(**values: Any) -> dict[str, Any]:
    """The values that the caller gave: those that were left out are dropped."""
    return {name: value for name, value in values.items() if value is not strawberry.UNSET}


def expose(enum: E, description: str, values: dict[str, str] | None = None) -> E:
    """Make a Python enumeration one of the API. `values` describes its members by name.

    The enumeration of the rules knows no GraphQL; this is called in the plugin's `graphql.py`.
    """
    made = strawberry.enum(enum, description=description)
    definition: Any = made.__strawberry_definition__  # type: ignore[attr-defined]
    for item in definition.values:
        item.description = (values or {}).get(item.name, item.description or item.name.replace("_", " ").lower())
    return made
