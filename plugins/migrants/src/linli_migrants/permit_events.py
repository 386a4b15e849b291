"""The events of residence permits. They carry ids and days; whoever needs more reads it."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from linli.plugin import Event


class ApplicationDecided(Event, frozen=True):
    """An application was approved, or refused."""

    name: ClassVar[str] = "migrants.application_decided"
    version: ClassVar[int] = 1

    application_id: UUID
    person_id: UUID
    approved: bool


class PermitIssued(Event, frozen=True):
    """A residence permit was issued."""

    name: ClassVar[str] = "migrants.permit_issued"
    version: ClassVar[int] = 1

    permit_id: UUID
    person_id: UUID


class EndorsementDue(Event, frozen=True):
    """A permit is to be endorsed before `anniversary`; told when the window opens, and once more a week before."""

    name: ClassVar[str] = "migrants.endorsement_due"
    version: ClassVar[int] = 1

    permit_id: UUID
    person_id: UUID
    anniversary: date
    again: bool


class PermitSuspended(Event, frozen=True):
    """A permit was not endorsed in time, and cannot be used until it is."""

    name: ClassVar[str] = "migrants.permit_suspended"
    version: ClassVar[int] = 1

    permit_id: UUID
    person_id: UUID


class PermitTerminated(Event, frozen=True):
    """A permit ended for good."""

    name: ClassVar[str] = "migrants.permit_terminated"
    version: ClassVar[int] = 1

    permit_id: UUID
    person_id: UUID
