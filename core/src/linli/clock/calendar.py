"""The working-day calendar: official holidays with their make-up workdays, and a tenant's own days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import chinese_calendar

from linli.clock.errors import ContradictoryDays, LengthOutOfRange, UnknownYear

WORKING_DAYS_MAX: Final = 2_600  # ten years of five-day weeks
_ONE_DAY: Final = timedelta(days=1)


def official_years() -> range:
    """Give the years whose official holiday notice is known.

    A deadline that runs past the last of them cannot be computed; a health check warns before that happens.
    """
    holidays = chinese_calendar.holidays
    return range(min(holidays).year, max(holidays).year + 1)


_YEARS: Final = official_years()


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Says which days are working days in one tenant.

    Mondays to Fridays work, apart from official holidays; weekend days declared as make-up workdays (调休)
    work. `closed` and `opened` are the tenant's own exceptions and win over the official calendar. A year
    without an official notice is refused, never guessed, also for a tenant's own days.

    Raises:
        ContradictoryDays: a day is both closed and opened.

    Source: 国务院《全国年节及纪念日放假办法》 and the State Council's yearly notice on holiday arrangements,
    as collected by the package `chinesecalendar`.
    """

    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        both = self.closed & self.opened
        if both:
            raise ContradictoryDays(day=min(both).isoformat())

    def is_working_day(self, day: date) -> bool:
        """Tell whether `day`, a local calendar day, is a working day.

        Raises:
            UnknownYear: there is no official notice for the year of `day`.
        """
        if isinstance(day, datetime):
            raise TypeError("a moment has no working day without a time zone: pass its local date")
        if day.year not in _YEARS:
            raise UnknownYear(year=day.year, first=_YEARS.start, last=_YEARS.stop - 1)
        if day in self.closed:
            return False
        return day in self.opened or bool(chinese_calendar.is_workday(day))

    def add_working_days(self, start: date, count: int) -> date:
        """Give the working day that is the `count`-th after `start`.

        `start` itself is not counted, whether it is a working day or not; with a count of 0 the answer is
        `start`.

        Raises:
            LengthOutOfRange: `count` is negative or above `WORKING_DAYS_MAX`.
            UnknownYear: the way leads through a year without an official notice.

        Source: 《民法典》第二百零一条 (the first day is not counted).
        """
        if not 0 <= count <= WORKING_DAYS_MAX:
            raise LengthOutOfRange(limit=WORKING_DAYS_MAX)
        day, left = start, count
        while left > 0:  # ends: from the last known year on, is_working_day raises
            day += _ONE_DAY
            left -= self.is_working_day(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Count the working days after `start` up to and including `end`.

        Negative when `end` lies before `start`. For every count, `working_days_between(a,
        add_working_days(a, count))` is that count.

        Raises:
            UnknownYear: the days counted reach into a year without an official notice.
        """
        if end < start:
            return -self.working_days_between(end, start)
        return sum(self.is_working_day(day) for day in _days_after(start, end))


def _days_after(start: date, end: date) -> Iterator[date]:
    day = start
    while day < end:
        day += _ONE_DAY
        yield day
