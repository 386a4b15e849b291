"""The events of this plugin. They carry ids; whoever needs more reads it."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from linli.plugin import Event


class StayReported(Event, frozen=True):
    """A stay was reported."""

    name: ClassVar[str] = "migrants.stay_reported"
    version: ClassVar[int] = 1

    stay_id: UUID


class StayActivated(Event, frozen=True):
    """A stay was taken onto file: visits and services may be planned."""

    name: ClassVar[str] = "migrants.stay_activated"
    version: ClassVar[int] = 1

    stay_id: UUID
    person_id: UUID


class StayEnded(Event, frozen=True):
    """A stay ended; `state` is `departed` or `settled`, or `refused` or `withdrawn` when its report came to nothing."""

    name: ClassVar[str] = "migrants.stay_ended"
    version: ClassVar[int] = 1

    stay_id: UUID
    person_id: UUID
    state: str
