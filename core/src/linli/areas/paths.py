"""Paths of areas: one short segment per ancestor, compared byte by byte.

A segment numbers the areas that were ever made below one parent: `00` to `yz`, then `z0000` to `zzzzz`, so
that segments sort in the order in which they were given out. It stays when the area is renamed and is replaced
when it moves. `docs/decisions/0001-area-paths.md` has the reasons.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from linli.areas.errors import TooManyChanges

DEPTH_MAX: Final = 16
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_SHORT: Final = 35 * 36
SIBLINGS_MAX: Final = _SHORT + 36**4


@lru_cache(maxsize=2_048)
def segment(number: int) -> str:
    """The segment of the `number`-th area (from 0) below a parent, without its dot. Raises: TooManyChanges."""
    if not 0 <= number < SIBLINGS_MAX:
        raise TooManyChanges(limit=SIBLINGS_MAX)
    if number < _SHORT:
        return _DIGITS[number // 36] + _DIGITS[number % 36]
    rest, text = number - _SHORT, ""
    for _ in range(4):
        rest, digit = divmod(rest, 36)
        text = _DIGITS[digit] + text
    return "z" + text


def number_of(text: str) -> int:
    """The number from which `segment` made the text."""
    return int(text, 36) if len(text) == 2 else _SHORT + int(text[1:], 36)


def child_path(parent_path: str, number: int) -> str:
    """The path of the `number`-th area (from 0) below the parent; "" is the top of the tree."""
    return f"{parent_path}{segment(number)}."


def end_of(path: str) -> str:
    """The exclusive upper end of a subtree's range: `path >= p and path < end_of(p)`."""
    return path + "~"


def within(column: str, scopes: Sequence[str], values: list[Any]) -> str:
    """The condition of SQL that a path lies in one of the subtrees; what it compares with is added to `values`.

    `scopes` is as `Context.scopes` gives it: "" is the whole tenant, no scope is nothing.
    """
    if "" in scopes:
        return "true"
    ranges = []
    for path in scopes:
        values += (path, end_of(path))
        ranges.append(f"{column} >= ${len(values) - 1} and {column} < ${len(values)}")
    return f"({' or '.join(ranges)})" if ranges else "false"


def depth_of(path: str) -> int:
    """How many areas stand on the path, the last one included."""
    return path.count(".")


def prefixes(path: str) -> list[str]:
    """The paths of all ancestors from the top down, without the path itself."""
    parts = path.split(".")[:-1]
    return [".".join(parts[:size]) + "." for size in range(1, len(parts))]


def covered(scopes: Sequence[str], path: str) -> bool:
    """Whether one of the scopes is the path or above it."""
    return any(path.startswith(scope) for scope in scopes)
