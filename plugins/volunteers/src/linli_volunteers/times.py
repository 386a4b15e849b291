"""Moments and days: what is taken in, and how they are counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from linli.plugin import Context
from linli_volunteers.errors import EndsBeforeStart, ImpossibleTime

YEARS: Final = range(2000, 2200)


def moment(value: datetime, path: str) -> datetime:
    """Give a moment in UTC. Raises: ImpossibleTime for one without a time zone or of another century."""
    if value.utcoffset() is None or value.year not in YEARS:
        raise ImpossibleTime(path=(path,))
    return value.astimezone(UTC)


def whole_minutes(start: datetime, end: datetime, path: str) -> int:
    """Give the whole minutes between two moments, at least one. Raises: EndsBeforeStart naming `path`."""
    minutes = (end - start) // timedelta(minutes=1)
    if minutes < 1:
        raise EndsBeforeStart(path=(path,))
    return minutes


def end_of(ctx: Context, day: date) -> datetime:
    """The moment at which a day of the tenant's calendar is over: midnight after it."""
    return ctx.start_of(day + timedelta(days=1))
