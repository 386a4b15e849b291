"""The events of this plugin. They carry ids; whoever needs more reads it."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from linli.plugin import Event


class Registered(Event, frozen=True):
    """Somebody was registered as a social worker."""

    name: ClassVar[str] = "social_workers.registered"
    version: ClassVar[int] = 1

    registration_id: UUID
    person_id: UUID


class RegistrationEnded(Event, frozen=True):
    """A registration lapsed or was cancelled; `state` says which."""

    name: ClassVar[str] = "social_workers.registration_ended"
    version: ClassVar[int] = 1

    registration_id: UUID
    person_id: UUID
    state: str


class AllowancesApproved(Event, frozen=True):
    """The allowances of a month are approved, and can be paid."""

    name: ClassVar[str] = "social_workers.allowances_approved"
    version: ClassVar[int] = 1

    run_id: UUID
    month: date
