"""What the plugin tells others. Ids, codes and dates only."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from linli.plugin import Event
from linli_organisations.terms import Grade, Kind, Track


class Registered(Event, frozen=True):
    """An organisation was registered or filed; `upgraded_from_id` names the filing that was upgraded."""

    name: ClassVar[str] = "organisations.registered"
    version: ClassVar[int] = 1

    registration_id: UUID
    organisation_id: UUID
    track: Track
    kind: Kind
    entered_on: date
    upgraded_from_id: UUID | None = None


class RegistrationCancelled(Event, frozen=True):
    """An organisation is no longer registered, or filed, from `ended_on` on."""

    name: ClassVar[str] = "organisations.registration_cancelled"
    version: ClassVar[int] = 1

    registration_id: UUID
    organisation_id: UUID
    track: Track
    ended_on: date


class GradePublished(Event, frozen=True):
    """A grade holds from `published_on` to `valid_until`, both included."""

    name: ClassVar[str] = "organisations.grade_published"
    version: ClassVar[int] = 1

    grading_id: UUID
    organisation_id: UUID
    grade: Grade
    published_on: date
    valid_until: date


class GradeExpired(Event, frozen=True):
    """A grade's last day has passed."""

    name: ClassVar[str] = "organisations.grade_expired"
    version: ClassVar[int] = 1

    grading_id: UUID
    organisation_id: UUID
    grade: Grade
    valid_until: date
