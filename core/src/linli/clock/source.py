"""Where the present comes from, so that rules can be tested at any moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from linli.clock.errors import NaiveTime

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the present. Code that needs the time takes a clock; it never asks the system itself."""

    def now(self) -> datetime:
        """Give the present as an aware moment in UTC."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Give the present as an aware moment in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands where a test puts it.

    Raises:
        NaiveTime: `at` has no time zone.
    """

    def __init__(self, at: datetime) -> None:
        self._at = in_utc(at)

    def now(self) -> datetime:
        """Give the moment at which the clock was put, in UTC."""
        return self._at

    def advance(self, by: timedelta) -> None:
        """Move the clock on (or back, with a negative duration)."""
        self._at += by


def in_utc(moment: datetime) -> datetime:
    """Give the same moment in UTC.

    Raises:
        NaiveTime: `moment` has no time zone.
    """
    if moment.utcoffset() is None:
        raise NaiveTime
    return moment.astimezone(UTC)
