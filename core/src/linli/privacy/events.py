"""The events that the privacy services publish."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from linli.events import Event


class ConsentGivenEvent(Event, frozen=True):
    """A person consented to a purpose, in a version of its text."""

    name: ClassVar[str] = "privacy.consent_given"
    version: ClassVar[int] = 1

    person_id: UUID
    purpose: str
    text_version: int


class ConsentWithdrawn(Event, frozen=True):
    """A person's consent to a purpose ended: what rests on it alone must stop, and nothing else."""

    name: ClassVar[str] = "privacy.consent_withdrawn"
    version: ClassVar[int] = 1

    person_id: UUID
    purpose: str


class PersonErased(Event, frozen=True):
    """What the law allows to erase of a person was erased; the entry stays, without what it said."""

    name: ClassVar[str] = "privacy.person_erased"
    version: ClassVar[int] = 1

    person_id: UUID
