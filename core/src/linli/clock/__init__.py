"""Time in Linli: what the time is, which days are working days, and when something is due."""

from linli.clock.calendar import WorkingCalendar, official_years
from linli.clock.deadline import (
    CalendarDays,
    Deadline,
    Length,
    Pause,
    WallClock,
    WorkingDays,
    due_if_known,
)
from linli.clock.months import add_months, last_of_month
from linli.clock.source import SHANGHAI, Clock, FixedClock, SystemClock

__all__ = [
    "SHANGHAI",
    "CalendarDays",
    "Clock",
    "Deadline",
    "FixedClock",
    "Length",
    "Pause",
    "SystemClock",
    "WallClock",
    "WorkingCalendar",
    "WorkingDays",
    "add_months",
    "due_if_known",
    "last_of_month",
    "official_years",
]
