"""The changes that a change set can hold, as data. Areas are named by the codes that they have at that point.

To take a part out of an area that goes on, create the new area and move the children; a split is for an area
that ends. To join areas into a new one, create it first and merge into it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from linli.areas.errors import InvalidChange

_Code = Annotated[str, Meta(min_length=1, max_length=32)]
_Name = Annotated[str, Meta(min_length=1, max_length=400)]
_Codes = Annotated[list[_Code], Meta(max_length=500)]


class _Base(Struct, frozen=True, forbid_unknown_fields=True, tag_field="op"):
    pass


class Create(_Base, frozen=True, tag="create"):
    """A new area below `parent`, or at the top."""

    code: _Code
    name: _Name
    level: Annotated[str, Meta(min_length=1, max_length=32)]
    parent: _Code | None = None


class Rename(_Base, frozen=True, tag="rename"):
    """Another name, another code, or both."""

    area: _Code
    name: _Name | None = None
    code: _Code | None = None


class Move(_Base, frozen=True, tag="move"):
    """The area and all below it go below another parent, or to the top."""

    area: _Code
    parent: _Code | None = None


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """A new area that a split makes, and the children that it takes over."""

    code: _Code
    name: _Name
    takes: _Codes = []


class Split(_Base, frozen=True, tag="split"):
    """The area ends; its parts take its place. The part `heir` gets what no part takes: children and rows."""

    area: _Code
    parts: Annotated[list[Part], Meta(min_length=2, max_length=50)]
    heir: _Code


class Merge(_Base, frozen=True, tag="merge"):
    """The areas end; their children and rows go to `into`, which goes on."""

    areas: Annotated[list[_Code], Meta(min_length=1, max_length=50)]
    into: _Code


class Retire(_Base, frozen=True, tag="retire"):
    """The area ends; what it holds goes to its successor, if there is anything."""

    area: _Code
    successor: _Code | None = None


Change = Create | Rename | Move | Split | Merge | Retire
CHANGES_MAX: Final = 1_000


def parse_changes(content: Sequence[Mapping[str, Any] | Change]) -> list[Change]:
    """The changes from plain data. Raises: InvalidChange naming the place and the reason."""
    changes: list[Change] = []
    for number, item in enumerate(content[: CHANGES_MAX + 1]):
        try:
            plain = msgspec.to_builtins(item) if isinstance(item, Struct) else dict(item)
            changes.append(msgspec.convert(plain, Change))
        except (msgspec.ValidationError, TypeError, ValueError) as error:
            raise InvalidChange(path=("changes", str(number)), reason=str(error)[:200]) from error
    return changes


def codes_of(change: Change) -> list[str]:
    """The codes that a change names, of areas that may exist already."""
    match change:
        case Create():
            named = [change.parent]
        case Rename():
            named = [change.area]
        case Move():
            named = [change.area, change.parent]
        case Split():
            named = [change.area, *(code for part in change.parts for code in part.takes)]
        case Merge():
            named = [*change.areas, change.into]
        case Retire():
            named = [change.area, change.successor]
    return [code for code in named if code is not None]
