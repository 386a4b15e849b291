"""The events that the identity part publishes."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from linli.events import Event


class PersonRegistered(Event, frozen=True):
    """A person was entered in the register."""

    name: ClassVar[str] = "identity.person_registered"
    version: ClassVar[int] = 1

    person_id: UUID
    area_id: UUID | None


class PersonMoved(Event, frozen=True):
    """A person's entry now lies in another area."""

    name: ClassVar[str] = "identity.person_moved"
    version: ClassVar[int] = 1

    person_id: UUID
    from_area_id: UUID | None
    to_area_id: UUID | None


class PersonEnded(Event, frozen=True):
    """A person left or died: `state` says which."""

    name: ClassVar[str] = "identity.person_ended"
    version: ClassVar[int] = 1

    person_id: UUID
    state: str


class PersonMerged(Event, frozen=True):
    """Two entries were one person: what refers to `merged_person_id` should now refer to `person_id`."""

    name: ClassVar[str] = "identity.person_merged"
    version: ClassVar[int] = 1

    person_id: UUID
    merged_person_id: UUID


class OrganisationRegistered(Event, frozen=True):
    """An organisation was entered in the register."""

    name: ClassVar[str] = "identity.organisation_registered"
    version: ClassVar[int] = 1

    organisation_id: UUID
    area_id: UUID | None


class OrganisationMoved(Event, frozen=True):
    """An organisation's entry now lies in another area."""

    name: ClassVar[str] = "identity.organisation_moved"
    version: ClassVar[int] = 1

    organisation_id: UUID
    from_area_id: UUID | None
    to_area_id: UUID | None


class AccountCreated(Event, frozen=True):
    """Somebody can log in who could not before."""

    name: ClassVar[str] = "identity.account_created"
    version: ClassVar[int] = 1

    account_id: UUID
    person_id: UUID | None


class RoleGranted(Event, frozen=True):
    """An account was granted a role at an area, or for the whole tenant."""

    name: ClassVar[str] = "identity.role_granted"
    version: ClassVar[int] = 1

    grant_id: UUID
    account_id: UUID
    role: str
    area_id: UUID | None


class GrantRevoked(Event, frozen=True):
    """A grant ends, or ended."""

    name: ClassVar[str] = "identity.grant_revoked"
    version: ClassVar[int] = 1

    grant_id: UUID
    account_id: UUID
