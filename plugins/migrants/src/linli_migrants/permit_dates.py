"""The days of a residence permit: when somebody is eligible, when it is endorsed, from when its use is suspended.

All are days in the tenant's time zone.
Source: 《居住证暂行条例》(国务院令第 663 号) art. 2, 8, 10; 《行政许可法》 art. 32.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from linli.plugin import add_months

HALF_A_YEAR_MONTHS: Final = 6
YEARS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `from_on` up to, and without, `to_on`; None while it goes on."""

    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What an endorsement on a day does: the anniversary that it is for, and until which one the permit then holds."""

    anniversary: date
    covers_until: date
    on_time: bool


def anniversary(issued_on: date, years: int) -> date:
    """The day on which a permit is that many years old; of 29 February it is the 28th in common years."""
    return add_months(issued_on, 12 * years)


def next_anniversary(issued_on: date, day: date) -> date:
    """The first anniversary after a day."""
    years = max(1, day.year - issued_on.year)
    found = anniversary(issued_on, years)
    return found if found > day else anniversary(issued_on, years + 1)


def window_opens(anniversary_on: date) -> date:
    """The first day on which an endorsement for an anniversary is taken: a month before it."""
    return add_months(anniversary_on, -1)


def endorsed(issued_on: date, valid_until: date, day: date) -> Coverage | None:
    """What an endorsement on `day` does for a permit that holds until, and without, `valid_until`.

    None where there is nothing to endorse yet. A late one restores the permit up to the next anniversary, and where
    that one's window is open too, up to the one after it, so that nobody has to come twice.
    """
    opens = window_opens(valid_until)
    if day < opens:
        return None
    coming = next_anniversary(issued_on, day)
    if day >= window_opens(coming):
        coming = next_anniversary(issued_on, coming)
    return Coverage(anniversary=valid_until, covers_until=coming, on_time=day < valid_until)


def continuous_since(periods: Sequence[Period], day: date, *, gap_days: int = 0) -> date | None:
    """Since when somebody has lived here without a break, on `day`; None when they do not live here then.

    Stays with at most `gap_days` days between them are one.
    """
    since: date | None = None
    reaches: date | None = None
    for period in sorted(periods, key=lambda one: one.from_on):
        if period.from_on > day:
            break
        if since is None or (reaches is not None and period.from_on > reaches + timedelta(days=gap_days)):
            since = period.from_on
        reaches = None if period.to_on is None else max(period.to_on, reaches or period.to_on)
    if since is None or (reaches is not None and reaches <= day):
        return None
    return since


def eligible_from(since: date) -> date:
    """The first day on which half a year of residence is over."""
    return add_months(since, HALF_A_YEAR_MONTHS)
