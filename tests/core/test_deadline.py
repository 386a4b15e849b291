"""Deadlines with pauses, and clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.clock import (
    SHANGHAI,
    CalendarDays,
    Deadline,
    FixedClock,
    Length,
    Pause,
    SystemClock,
    WallClock,
    WorkingCalendar,
    WorkingDays,
    official_years,
)
from linli.clock.deadline import PAUSES_MAX
from linli.clock.errors import (
    AlreadyPaused,
    LengthOutOfRange,
    NaiveTime,
    NotPaused,
    OutOfOrder,
    TooManyPauses,
    UnknownYear,
)

HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)
STARTS = st.datetimes(datetime(2015, 1, 1), datetime(2023, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
SPANS = st.timedeltas(timedelta(0), timedelta(days=40))
LENGTHS: st.SearchStrategy[Length] = st.one_of(
    st.builds(WorkingDays, st.integers(0, 60)),
    st.builds(CalendarDays, st.integers(0, 90)),
    st.builds(WallClock, SPANS),
)


def local(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def end_of(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.combine(date.fromisoformat(text), time.max, zone)


def due(deadline: Deadline) -> datetime:
    moment = deadline.due_at()
    assert moment is not None
    return moment


def test_an_hour_ends_at_sixty_minutes_and_not_a_second_later() -> None:
    start = local("2026-02-17T23:30:00")  # at night, within the Spring Festival
    deadline = Deadline(start, WallClock(HOUR))
    assert not deadline.is_overdue(start + timedelta(minutes=59, seconds=59))
    assert not deadline.is_overdue(start + timedelta(minutes=60))
    assert deadline.is_overdue(start + timedelta(minutes=60, microseconds=1))
    assert deadline.is_overdue(start + timedelta(minutes=60, seconds=1))
    assert deadline.remaining(start + timedelta(minutes=45)) == timedelta(minutes=15)
    assert deadline.remaining(start + timedelta(minutes=61)) == timedelta(minutes=-1)


@pytest.mark.parametrize(
    ("start", "length", "last_day"),
    [
        ("2026-02-13T09:00", WorkingDays(1), "2026-02-14"),  # a make-up Saturday
        ("2026-02-13T23:59:59", WorkingDays(5), "2026-02-27"),
        ("2026-02-13T09:00", CalendarDays(5), "2026-02-18"),
        ("2026-03-02T09:00", WorkingDays(0), "2026-03-02"),  # within the day
        ("2026-03-07T09:00", WorkingDays(0), "2026-03-09"),  # within the day, but it is a Saturday
        ("2026-03-07T09:00", CalendarDays(0), "2026-03-07"),
    ],
)
def test_days_end_with_the_last_local_day(start: str, length: Length, last_day: str) -> None:
    deadline = Deadline(local(start), length)
    assert due(deadline) == end_of(last_day)
    assert due(deadline).tzinfo is UTC
    assert not deadline.is_overdue(end_of(last_day))
    assert deadline.is_overdue(end_of(last_day) + MICROSECOND)


def test_the_local_day_of_the_start_depends_on_the_zone() -> None:
    start = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # Tuesday 01:00 in Shanghai, still Monday in London
    assert due(Deadline(start, WorkingDays(1))) == end_of("2026-03-04")
    london = ZoneInfo("Europe/London")
    assert due(Deadline(start, WorkingDays(1), zone=london)) == end_of("2026-03-03", london)


def test_a_tenants_closed_day_moves_the_deadline() -> None:
    closed = WorkingCalendar(closed=frozenset({date(2026, 3, 3)}))
    assert due(Deadline(local("2026-03-02T09:00"), WorkingDays(1), calendar=closed)) == end_of("2026-03-04")


@pytest.mark.parametrize(
    ("paused", "resumed", "last_day"),
    [
        ("2026-03-03T08:00", "2026-03-03T20:00", "2026-03-06"),  # within one day: nothing shifts
        ("2026-03-03T08:00", "2026-03-05T20:00", "2026-03-10"),  # Tuesday and Wednesday do not count
        ("2026-03-06T08:00", "2026-03-09T08:00", "2026-03-09"),  # Friday goes, the weekend never counted
        ("2026-03-07T08:00", "2026-03-08T08:00", "2026-03-06"),  # after the due moment
        ("2026-03-02T10:00", "2026-03-04T10:00", "2026-03-09"),  # from the day of the start
    ],
)
def test_days_at_whose_end_the_clock_stands_do_not_count(paused: str, resumed: str, last_day: str) -> None:
    deadline = Deadline(local("2026-03-02T09:00"), WorkingDays(4))
    assert due(deadline) == end_of("2026-03-06")
    assert due(deadline.pause(local(paused)).resume(local(resumed))) == end_of(last_day)


def test_a_clock_that_stands_still_has_no_due_moment_and_is_never_late() -> None:
    start = local("2026-03-02T09:00")
    standing = Deadline(start, WallClock(HOUR)).pause(start + timedelta(minutes=20))
    assert standing.is_paused
    assert standing.due_at() is None
    assert not standing.is_overdue(start + timedelta(days=300))
    assert standing.remaining(start + timedelta(days=300)) == timedelta(minutes=40)


def test_a_pause_at_the_due_moment_is_in_time_and_one_after_it_changes_nothing() -> None:
    start = local("2026-03-02T09:00")
    deadline = Deadline(start, WallClock(HOUR))
    assert deadline.pause(start + HOUR).due_at() is None
    late = deadline.pause(start + HOUR + MICROSECOND)
    assert late.due_at() == start + HOUR
    assert late.is_overdue(start + 2 * HOUR)
    assert late.resume(start + 3 * HOUR).due_at() == start + HOUR


@given(start=STARTS, length=LENGTHS, before=SPANS, stopped=SPANS)
def test_a_pause_never_brings_the_due_moment_forward(
    start: datetime, length: Length, before: timedelta, stopped: timedelta
) -> None:
    plain = Deadline(start, length)
    paused = plain.pause(start + before).resume(start + before + stopped)
    assert due(paused) >= due(plain)
    if start + before > due(plain):
        assert due(paused) == due(plain)


@given(start=STARTS, duration=SPANS, share=st.floats(0, 1), stopped=SPANS)
def test_a_pause_in_time_shifts_a_wall_clock_by_exactly_its_length(
    start: datetime, duration: timedelta, share: float, stopped: timedelta
) -> None:
    plain = Deadline(start, WallClock(duration))
    at = start + duration * share
    assert due(plain.pause(at).resume(at + stopped)) == due(plain) + stopped


@given(start=STARTS, length=LENGTHS, before=SPANS, stopped=SPANS)
def test_what_is_late_is_what_has_no_time_remaining(
    start: datetime, length: Length, before: timedelta, stopped: timedelta
) -> None:
    deadline = Deadline(start, length).pause(start + before).resume(start + before + stopped)
    for at in (start, start + before, due(deadline), due(deadline) + MICROSECOND):
        assert deadline.is_overdue(at) == (deadline.remaining(at) < timedelta(0))


@given(start=STARTS, count=st.integers(1, 60), before=SPANS, stopped=SPANS)
def test_a_working_day_deadline_ends_on_a_working_day(
    start: datetime, count: int, before: timedelta, stopped: timedelta
) -> None:
    calendar = WorkingCalendar()
    plain = Deadline(start, WorkingDays(count))
    first = start.astimezone(SHANGHAI).date()
    assert due(plain).astimezone(SHANGHAI).date() == calendar.add_working_days(first, count)
    paused = plain.pause(start + before).resume(start + before + stopped)
    assert calendar.is_working_day(due(paused).astimezone(SHANGHAI).date())


@given(start=STARTS, length=LENGTHS, before=SPANS, first=SPANS, second=SPANS)
def test_two_pauses_that_touch_are_one_pause(
    start: datetime, length: Length, before: timedelta, first: timedelta, second: timedelta
) -> None:
    at, middle, end = start + before, start + before + first, start + before + first + second
    once = Deadline(start, length).pause(at).resume(end)
    twice = Deadline(start, length).pause(at).resume(middle).pause(middle).resume(end)
    assert once.due_at() == twice.due_at()


def test_pausing_and_resuming_out_of_order_is_refused() -> None:
    start = local("2026-03-02T09:00")
    running = Deadline(start, WallClock(HOUR))
    standing = running.pause(start + HOUR / 2)
    with pytest.raises(NotPaused):
        running.resume(start)
    with pytest.raises(AlreadyPaused):
        standing.pause(start + HOUR)
    with pytest.raises(OutOfOrder):
        running.pause(start - MICROSECOND)
    with pytest.raises(OutOfOrder):
        standing.resume(start)
    with pytest.raises(OutOfOrder):
        standing.resume(start + HOUR).pause(start + HOUR - MICROSECOND)
    with pytest.raises(AlreadyPaused):
        Deadline(start, WallClock(HOUR), pauses=(Pause(start), Pause(start + HOUR)))


def test_a_clock_can_be_stopped_only_so_often() -> None:
    start = local("2026-03-02T09:00")
    full = Deadline(start, WallClock(HOUR), pauses=(Pause(start, start),) * PAUSES_MAX)
    with pytest.raises(TooManyPauses):
        full.pause(start)


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001
    deadline = Deadline(local("2026-03-02T09:00"), WallClock(HOUR))
    with pytest.raises(NaiveTime):
        Deadline(naive, WallClock(HOUR))
    with pytest.raises(NaiveTime):
        deadline.is_overdue(naive)
    with pytest.raises(NaiveTime):
        deadline.pause(naive)
    with pytest.raises(NaiveTime):
        FixedClock(naive)


@pytest.mark.parametrize("count", [-1, 100_000])
def test_a_length_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(LengthOutOfRange):
        WorkingDays(count)
    with pytest.raises(LengthOutOfRange):
        CalendarDays(count)
    with pytest.raises(LengthOutOfRange):
        WallClock(timedelta(days=count))


def test_working_days_that_reach_an_unknown_year_are_refused() -> None:
    start = datetime(official_years()[-1], 12, 30, tzinfo=UTC)
    with pytest.raises(UnknownYear):
        Deadline(start, WorkingDays(5)).due_at()
    assert due(Deadline(start, CalendarDays(5))) > start


def test_clocks_tell_aware_moments_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
    clock = FixedClock(local("2026-03-02T09:00"))
    assert clock.now() == datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    clock.advance(HOUR)
    assert clock.now() == datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
