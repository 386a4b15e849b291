"""Days and months."""

from __future__ import annotations

import calendar
from datetime import date


def add_months(day: date, months: int) -> date:
    """The same day some months later or earlier; the month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_day(month: date) -> date:
    """The last day of the month that begins on a day."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])
