"""Files that are given out: their names, and the ranges that are asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

_RANGE: Final = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


class Unsatisfiable(Exception):
    """The range begins behind the end."""


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes from `start` up to, without, `end`."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """How many they are."""
        return self.end - self.start


def saved_as(name: str) -> dict[str, str]:
    """The name of a file that is to be saved, in Chinese too. Source: RFC 6266 §4.3, RFC 8187 §3.2."""
    plain = "".join(one if one.isascii() and (one.isalnum() or one in " ._-") else "_" for one in name)
    return {
        "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    }


def span_of(given: str | None, size: int) -> Span | None:
    """The range that is asked for of `size` bytes; None for all: without one, or with one that is not understood.

    Several ranges at once are answered by all. Raises: Unsatisfiable. Source: RFC 9110 §14.
    """
    match = _RANGE.fullmatch(given.strip()) if given else None
    if match is None or match[0] == "bytes=-":
        return None
    first, last = match[1], match[2]
    if not first:
        wanted = min(int(last), size)
        if wanted == 0:
            raise Unsatisfiable
        return Span(size - wanted, size)
    start, end = int(first), min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return Span(start, end)
