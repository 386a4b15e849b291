"""The days of a residence permit, by table and by property."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.plugin import add_months
from linli_migrants.permit_dates import (
    Period,
    anniversary,
    continuous_since,
    eligible_from,
    endorsed,
    next_anniversary,
    window_opens,
)

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


@pytest.mark.parametrize(
    ("issued", "years", "on", "opens"),
    [
        ("2025-03-31", 1, "2026-03-31", "2026-02-28"),
        ("2025-03-31", 3, "2028-03-31", "2028-02-29"),
        ("2024-02-29", 1, "2025-02-28", "2025-01-28"),
        ("2024-02-29", 4, "2028-02-29", "2028-01-29"),
        ("2025-01-31", 1, "2026-01-31", "2025-12-31"),
        ("2025-01-15", 1, "2026-01-15", "2025-12-15"),
        ("2025-10-31", 1, "2026-10-31", "2026-09-30"),
        ("2025-12-31", 1, "2026-12-31", "2026-11-30"),
        ("2023-02-28", 1, "2024-02-28", "2024-01-28"),
    ],
)
def test_anniversaries_and_windows(issued: str, years: int, on: str, opens: str) -> None:
    found = anniversary(date.fromisoformat(issued), years)
    assert found.isoformat() == on
    assert window_opens(found).isoformat() == opens


@pytest.mark.parametrize(
    ("valid_until", "day", "covers_until", "on_time"),
    [
        ("2026-03-31", "2026-02-27", None, None),
        ("2026-03-31", "2026-02-28", "2027-03-31", True),
        ("2026-03-31", "2026-03-30", "2027-03-31", True),
        ("2026-03-31", "2026-03-31", "2027-03-31", False),
        ("2026-03-31", "2027-02-27", "2027-03-31", False),
        ("2026-03-31", "2027-02-28", "2028-03-31", False),
        ("2026-03-31", "2029-05-01", "2030-03-31", False),
        ("2027-03-31", "2026-03-30", None, None),
    ],
)
def test_what_an_endorsement_does(
    valid_until: str, day: str, covers_until: str | None, on_time: bool | None
) -> None:
    found = endorsed(date(2025, 3, 31), date.fromisoformat(valid_until), date.fromisoformat(day))
    if covers_until is None:
        assert found is None
        return
    assert found is not None
    assert (found.covers_until.isoformat(), found.on_time) == (covers_until, on_time)
    assert found.anniversary.isoformat() == valid_until


@pytest.mark.parametrize(
    ("periods", "day", "gap", "since"),
    [
        ([("2026-01-01", None)], "2026-05-01", 0, "2026-01-01"),
        ([("2026-01-01", "2026-04-01"), ("2026-04-01", None)], "2026-05-01", 0, "2026-01-01"),
        ([("2026-01-01", "2026-04-01"), ("2026-04-02", None)], "2026-05-01", 0, "2026-04-02"),
        ([("2026-01-01", "2026-04-01"), ("2026-04-11", None)], "2026-05-01", 10, "2026-01-01"),
        ([("2026-01-01", "2026-04-01"), ("2026-04-12", None)], "2026-05-01", 10, "2026-04-12"),
        ([("2026-01-01", "2026-04-01")], "2026-04-01", 30, None),
        ([("2026-06-01", None)], "2026-05-01", 0, None),
        ([], "2026-05-01", 0, None),
    ],
)
def test_residence_without_a_break(
    periods: list[tuple[str, str | None]], day: str, gap: int, since: str | None
) -> None:
    stays = [Period(date.fromisoformat(a), date.fromisoformat(b) if b else None) for a, b in periods]
    found = continuous_since(stays, date.fromisoformat(day), gap_days=gap)
    assert (found.isoformat() if found else None) == since


@pytest.mark.parametrize(
    ("since", "on"),
    [("2025-08-31", "2026-02-28"), ("2023-08-31", "2024-02-29"), ("2025-11-06", "2026-05-06")],
)
def test_half_a_year(since: str, on: str) -> None:
    assert eligible_from(date.fromisoformat(since)).isoformat() == on


@given(DAYS, st.integers(1, 60))
def test_anniversaries_stay_on_the_day_of_issue_where_the_month_has_it(issued: date, years: int) -> None:
    found = anniversary(issued, years)
    assert (found.year, found.month) == (issued.year + years, issued.month)
    assert found.day == issued.day or (issued.month, issued.day, found.day) == (2, 29, 28)


@given(DAYS, st.integers(0, 20_000))
def test_the_next_anniversary_is_the_first_after_a_day(issued: date, later: int) -> None:
    day = issued + timedelta(days=later)
    found = next_anniversary(issued, day)
    assert found > day
    before = [one for one in (anniversary(issued, n) for n in range(1, 60)) if day < one < found]
    assert before == []


@given(DAYS, st.integers(1, 30), st.integers(-400, 4_000))
def test_an_endorsement_always_reaches_beyond_its_day_and_never_two_years(
    issued: date, years: int, later: int
) -> None:
    due = anniversary(issued, years)
    day = due + timedelta(days=later)
    found = endorsed(issued, due, day)
    if day < window_opens(due):
        assert found is None
        return
    assert found is not None
    assert found.on_time is (day < due)
    assert day < found.covers_until <= add_months(day, 13) + timedelta(days=3)
    assert endorsed(issued, found.covers_until, day) is None, "nobody endorses twice at once"


@given(DAYS)
def test_a_window_opens_before_its_anniversary_and_within_31_days(day: date) -> None:
    assert 28 <= (day - window_opens(day)).days <= 31
