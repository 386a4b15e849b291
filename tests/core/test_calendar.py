"""The working-day calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.clock import WorkingCalendar, official_years
from linli.clock.calendar import WORKING_DAYS_MAX
from linli.clock.errors import ContradictoryDays, LengthOutOfRange, UnknownYear

CALENDAR = WorkingCalendar()
DAYS = st.dates(date(2005, 1, 1), date(2025, 6, 30))
COUNTS = st.integers(0, 120)

# From the State Council's notices: the days off around the Spring Festival and the make-up workdays.
SPRING_FESTIVALS = [
    ("2024-02-10", "2024-02-17", ["2024-02-04", "2024-02-18"]),
    ("2025-01-28", "2025-02-04", ["2025-01-26", "2025-02-08"]),
    ("2026-02-15", "2026-02-23", ["2026-02-14", "2026-02-28"]),
]


@pytest.mark.parametrize(("first", "last", "makeup"), SPRING_FESTIVALS)
def test_spring_festival_is_off_and_its_make_up_weekend_days_work(
    first: str, last: str, makeup: list[str]
) -> None:
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        assert not CALENDAR.is_working_day(day), day
        day += timedelta(days=1)
    for text in makeup:
        made_up = date.fromisoformat(text)
        assert made_up.weekday() >= 5
        assert CALENDAR.is_working_day(made_up)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-02-13", 1, "2026-02-14"),  # Friday to the make-up Saturday
        ("2026-02-13", 2, "2026-02-24"),  # over the festival
        ("2026-02-14", 5, "2026-02-28"),  # the last is a make-up Saturday again
        ("2026-02-20", 1, "2026-02-24"),  # started within the festival
        ("2026-03-07", 0, "2026-03-07"),  # nothing to add, though a Saturday
        ("2025-12-31", 1, "2026-01-04"),  # over New Year to a make-up Sunday
    ],
)
def test_working_days_are_added_without_the_first(start: str, count: int, end: str) -> None:
    assert CALENDAR.add_working_days(date.fromisoformat(start), count) == date.fromisoformat(end)


@given(start=DAYS, count=COUNTS)
def test_counting_between_is_the_inverse_of_adding(start: date, count: int) -> None:
    end = CALENDAR.add_working_days(start, count)
    assert CALENDAR.working_days_between(start, end) == count
    assert CALENDAR.working_days_between(end, start) == -count


@given(start=DAYS, first=COUNTS, second=COUNTS)
def test_adding_twice_is_adding_the_sum(start: date, first: int, second: int) -> None:
    in_two = CALENDAR.add_working_days(CALENDAR.add_working_days(start, first), second)
    assert in_two == CALENDAR.add_working_days(start, first + second)


@given(start=DAYS, count=st.integers(1, 120))
def test_the_day_reached_is_a_working_day(start: date, count: int) -> None:
    assert CALENDAR.is_working_day(CALENDAR.add_working_days(start, count))


def test_a_year_without_an_official_notice_is_refused_and_never_guessed() -> None:
    years = official_years()
    for year in (years.start - 1, years.stop, 1, 9999):
        with pytest.raises(UnknownYear) as refusal:
            CALENDAR.is_working_day(date(year, 6, 15))
        assert refusal.value.details == {"year": year, "first": years.start, "last": years.stop - 1}


def test_a_deadline_that_leads_into_an_unknown_year_is_refused() -> None:
    last = official_years().stop - 1
    with pytest.raises(UnknownYear):
        CALENDAR.add_working_days(date(last, 12, 25), 30)
    with pytest.raises(UnknownYear):
        CALENDAR.working_days_between(date(last, 1, 1), date(9999, 12, 31))


def test_a_tenants_own_days_win_over_the_official_calendar() -> None:
    monday, saturday = date(2026, 3, 9), date(2026, 3, 14)
    own = WorkingCalendar(closed=frozenset({monday}), opened=frozenset({saturday}))
    assert CALENDAR.is_working_day(monday)
    assert not own.is_working_day(monday)
    assert not CALENDAR.is_working_day(saturday)
    assert own.is_working_day(saturday)
    assert own.working_days_between(date(2026, 3, 8), date(2026, 3, 15)) == 5


def test_a_day_both_closed_and_opened_is_refused() -> None:
    day = frozenset({date(2026, 3, 9)})
    with pytest.raises(ContradictoryDays):
        WorkingCalendar(closed=day, opened=day)


def test_a_tenants_own_days_do_not_open_an_unknown_year() -> None:
    day = date(official_years().stop, 1, 4)
    with pytest.raises(UnknownYear):
        WorkingCalendar(opened=frozenset({day})).is_working_day(day)


@pytest.mark.parametrize("count", [-1, WORKING_DAYS_MAX + 1, 10**12])
def test_a_count_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(LengthOutOfRange):
        CALENDAR.add_working_days(date(2020, 1, 1), count)


def test_a_moment_is_not_taken_for_a_local_day() -> None:
    with pytest.raises(TypeError):
        CALENDAR.is_working_day(datetime(2026, 3, 9, tzinfo=UTC))
