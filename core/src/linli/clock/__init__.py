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
    "due_if_known",
    "official_years",
]
