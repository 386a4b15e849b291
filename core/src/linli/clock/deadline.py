"""Deadlines: when something is due, with the time during which the clock stood still taken out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from linli.clock.calendar import WORKING_DAYS_MAX, WorkingCalendar
from linli.clock.errors import (
    AlreadyPaused,
    LengthOutOfRange,
    NotPaused,
    OutOfOrder,
    TooManyPauses,
    UnknownYear,
)
from linli.clock.source import SHANGHAI, in_utc

CALENDAR_DAYS_MAX: Final = 36_600
WALL_CLOCK_MAX: Final = timedelta(days=3_660)
PAUSES_MAX: Final = 200
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A length of `count` working days, 0 to `WORKING_DAYS_MAX`; 0 means: within the day it starts.

    Raises:
        LengthOutOfRange: `count` lies outside.
    """

    count: int

    def __post_init__(self) -> None:
        if not 0 <= self.count <= WORKING_DAYS_MAX:
            raise LengthOutOfRange(limit=WORKING_DAYS_MAX)


@dataclass(frozen=True, slots=True)
class CalendarDays:
    """A length of `count` calendar days, 0 to `CALENDAR_DAYS_MAX`; 0 means: within the day it starts.

    It may end on a holiday; a rule that then grants the next working day says so itself.

    Raises:
        LengthOutOfRange: `count` lies outside.
    """

    count: int

    def __post_init__(self) -> None:
        if not 0 <= self.count <= CALENDAR_DAYS_MAX:
            raise LengthOutOfRange(limit=CALENDAR_DAYS_MAX)


@dataclass(frozen=True, slots=True)
class WallClock:
    """A length in real time, at most `WALL_CLOCK_MAX`, for emergencies: it runs at night and on holidays.

    Raises:
        LengthOutOfRange: `duration` is negative or too long.
    """

    duration: timedelta

    def __post_init__(self) -> None:
        if not timedelta(0) <= self.duration <= WALL_CLOCK_MAX:
            raise LengthOutOfRange(limit=str(WALL_CLOCK_MAX))


Length = WorkingDays | CalendarDays | WallClock


@dataclass(frozen=True, slots=True)
class Pause:
    """An interval during which the clock stood still: from `start`, up to and without `end`.

    `end` is None while it still stands. Both are aware and kept in UTC.

    Raises:
        NaiveTime: a moment has no time zone.
        OutOfOrder: `end` lies before `start`.
    """

    start: datetime
    end: datetime | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", in_utc(self.start))
        if self.end is not None:
            object.__setattr__(self, "end", in_utc(self.end))
            if self.end < self.start:
                raise OutOfOrder


@dataclass(frozen=True, slots=True)
class Deadline:
    """A clock that was started, may have been stopped for a while, and runs out.

    *Due moment.* It is the last moment that is still on time: what happens at it is on time, what happens a
    microsecond later is late. A `WallClock` of one hour is due 60:00 after its start. A length in days is due
    at the last microsecond of a local day in `zone`.

    *Counting days.* The local day of the start is not counted. Every later day counts when it is a working
    day (every day, for `CalendarDays`) and the clock does not stand still at its end. So a pause that ends on
    the day on which it began shifts nothing, the day of a resumption counts, and the last day of a
    working-day deadline is always a working day.

    *Pauses.* For a `WallClock` the due moment moves by exactly the time paused. A pause that begins after the
    due moment changes nothing: what was late stays late. A pause that begins at the due moment is in time.

    Raises:
        NaiveTime: a moment has no time zone.
        OutOfOrder: a pause begins before the start or before the end of the pause before it.
        AlreadyPaused: a pause other than the last one is open.
        TooManyPauses: there are more than `PAUSES_MAX`.

    Source: 《民法典》第二百零一条、第二百零三条第二款; 《行政许可法》第四十五条、第八十二条.
    """

    started_at: datetime
    length: Length
    pauses: tuple[Pause, ...] = ()
    zone: ZoneInfo = SHANGHAI
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)

    def __post_init__(self) -> None:
        object.__setattr__(self, "started_at", in_utc(self.started_at))
        if len(self.pauses) > PAUSES_MAX:
            raise TooManyPauses(limit=PAUSES_MAX)
        if self.pauses and self.pauses[0].start < self.started_at:
            raise OutOfOrder
        for earlier, later in pairwise(self.pauses):
            if earlier.end is None:
                raise AlreadyPaused
            if later.start < earlier.end:
                raise OutOfOrder

    @property
    def is_paused(self) -> bool:
        """Tell whether the clock stands still."""
        return bool(self.pauses) and self.pauses[-1].end is None

    def due_at(self) -> datetime | None:
        """Give the last moment that is on time, in UTC; None while a pause that began in time is open.

        Raises:
            UnknownYear: counting working days reaches a year without an official holiday notice.
        """
        if not self.is_paused:
            return self._due(self.pauses)
        due_without_stop = self._due(self.pauses[:-1])
        return None if self.pauses[-1].start <= due_without_stop else due_without_stop

    def is_overdue(self, at: datetime) -> bool:
        """Tell whether `at` is later than the due moment; never while a pause that began in time is open.

        Raises:
            NaiveTime: `at` has no time zone.
            UnknownYear: as for `due_at`.
        """
        moment, due = in_utc(at), self.due_at()
        return due is not None and moment > due

    def remaining(self, at: datetime) -> timedelta:
        """Give the real time from `at` to the due moment, negative when late.

        While the clock stands still it is the time that would remain if it were resumed at `at`.

        Raises:
            NaiveTime: `at` has no time zone.
            OutOfOrder: the clock stands still since a moment after `at`.
            UnknownYear: as for `due_at`.
        """
        running = self.resume(at) if self.is_paused else self
        return running._due(running.pauses) - in_utc(at)

    def pause(self, at: datetime) -> Deadline:
        """Give this deadline with the clock stopped at `at`.

        Raises:
            AlreadyPaused: it stands still already.
            OutOfOrder: `at` lies before the start or before the last resumption.
            TooManyPauses: it was stopped `PAUSES_MAX` times.
        """
        if self.is_paused:
            raise AlreadyPaused
        return replace(self, pauses=(*self.pauses, Pause(at)))

    def resume(self, at: datetime) -> Deadline:
        """Give this deadline with the clock running again from `at`.

        Raises:
            NotPaused: it is running.
            OutOfOrder: `at` lies before the pause began.
        """
        if not self.is_paused:
            raise NotPaused
        return replace(self, pauses=(*self.pauses[:-1], Pause(self.pauses[-1].start, at)))

    def _due(self, pauses: tuple[Pause, ...]) -> datetime:
        """Give the due moment with the closed pauses given."""
        if isinstance(self.length, WallClock):
            return _due_by_wall_clock(self.started_at, self.length.duration, pauses)
        day = self._last_day(self.length, pauses)
        return datetime.combine(day, time.max, self.zone).replace(fold=1).astimezone(UTC)

    def _last_day(self, length: WorkingDays | CalendarDays, pauses: tuple[Pause, ...]) -> date:
        stops = [(self._local_day(p.start), self._local_day(p.end)) for p in pauses if p.end is not None]
        first = self._local_day(self.started_at)
        day, left = (first, length.count) if length.count else (first - _ONE_DAY, 1)
        while left > 0:  # ends: stops are finite, counts bounded, and unknown years raise
            day = _after_stops(day + _ONE_DAY, stops)
            left -= isinstance(length, CalendarDays) or self.calendar.is_working_day(day)
        return day

    def _local_day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


def due_if_known(deadline: Deadline) -> datetime | None:
    """The due moment, or None while the official calendar of a year that it reaches is not published.

    For what must go on all the same; whoever keeps the None asks again later.
    """
    try:
        return deadline.due_at()
    except UnknownYear:
        return None


def _due_by_wall_clock(started_at: datetime, duration: timedelta, pauses: tuple[Pause, ...]) -> datetime:
    due = started_at + duration
    for stop in pauses:
        if stop.start > due:
            break
        if stop.end is not None:
            due += stop.end - stop.start
    return due


def _after_stops(day: date, stops: list[tuple[date, date]]) -> date:
    """Give the first day from `day` on at whose end the clock runs; `stops` are in order of time."""
    for first, resumed in stops:
        if first <= day < resumed:
            day = resumed
    return day
