"""Values that more than one area of the plugin takes in."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from linli.plugin import Context, Required, TooLong, checks
from linli_venture.errors import NaiveMoment, NumberOutOfRange

TITLE_MAX: Final = 100
PROSE_MAX: Final = 5_000
WRITERS_MAX: Final = 50
FEN_MAX: Final = 100_000_000_000


def prose(value: str | None, path: str, limit: int = PROSE_MAX, *, needed: bool = False) -> str:
    """Give a text of several lines, trimmed, in NFC, its lines ended by a line feed.

    Raises: Required, TooLong, UnprintableText.
    """
    given = value or ""
    if len(given) > 4 * limit:
        raise TooLong(path=(path,), limit=limit)
    text = unicodedata.normalize("NFC", given).replace("\r\n", "\n").strip()
    if len(text) > limit:
        raise TooLong(path=(path,), limit=limit)
    for one in text.split("\n"):
        checks.optional_line(one.replace("\t", " "), path, limit)
    if needed and not text:
        raise Required(path=(path,))
    return text


def in_range(value: int, low: int, high: int, path: str) -> int:
    """Give a number back that lies from `low` to `high`. Raises: NumberOutOfRange."""
    if not low <= value <= high:
        raise NumberOutOfRange(path=(path,), low=low, high=high)
    return value


def moment(value: datetime, path: str) -> datetime:
    """Give a moment back, to the second. Raises: NaiveMoment."""
    if value.tzinfo is None:
        raise NaiveMoment(path=(path,))
    return value.replace(microsecond=0)


def writers(ctx: Context, known: Sequence[UUID] = ()) -> list[UUID]:
    """The accounts that wrote on something, the actor last; the latest 50."""
    found = [one for one in known if one != ctx.actor.id]
    return [*found, *([ctx.actor.id] if ctx.actor.id else [])][-WRITERS_MAX:]


def local(ctx: Context, value: datetime) -> str:
    """A moment as the tenant's clocks show it, to the second: 2026-06-30 17:00:00."""
    return value.astimezone(ctx.time_zone).strftime("%Y-%m-%d %H:%M:%S")
