"""The events that this plugin publishes."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from linli.plugin import Event


class HoursPosted(Event, frozen=True):
    """An entry of hours counts from now on. Points take this as their evidence: once for each `hours_id`."""

    name: ClassVar[str] = "volunteers.hours_posted"
    version: ClassVar[int] = 1

    hours_id: UUID
    activity_id: UUID
    person_id: UUID
    minutes: int


class HoursReversed(Event, frozen=True):
    """An entry of hours that was posted no longer counts."""

    name: ClassVar[str] = "volunteers.hours_reversed"
    version: ClassVar[int] = 1

    hours_id: UUID
    activity_id: UUID
    person_id: UUID
    minutes: int
