"""What the clock refuses."""

from __future__ import annotations

from typing import ClassVar

from linli.errors import Conflict, Invalid


class UnknownYear(Invalid):
    """No official holiday notice is known for `year`; known are `first` to `last`."""

    code: ClassVar[str] = "clock.unknown_year"


class LengthOutOfRange(Invalid):
    """A number of days or a duration lies outside `0` to `limit`."""

    code: ClassVar[str] = "clock.length_out_of_range"


class ContradictoryDays(Invalid):
    """A tenant calendar declares the same `day` both open and closed."""

    code: ClassVar[str] = "clock.contradictory_days"


class NaiveTime(Invalid):
    """A moment came without a time zone."""

    code: ClassVar[str] = "clock.naive_time"


class OutOfOrder(Invalid):
    """A pause or resumption lies before what happened last on the same clock."""

    code: ClassVar[str] = "clock.out_of_order"


class AlreadyPaused(Conflict):
    """The clock stands still already."""

    code: ClassVar[str] = "clock.already_paused"


class NotPaused(Conflict):
    """The clock is running, so there is nothing to resume."""

    code: ClassVar[str] = "clock.not_paused"


class TooManyPauses(Conflict):
    """The clock was stopped `limit` times; it cannot be stopped again."""

    code: ClassVar[str] = "clock.too_many_pauses"
