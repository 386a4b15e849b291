"""The events of hand-overs: ids only, of the tenant's own rows."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from linli.events import Event


class Offered(Event, frozen=True):
    """A hand-over was offered to another place."""

    name: ClassVar[str] = "handover.offered"
    version: ClassVar[int] = 1

    offered_id: UUID
    person_id: UUID


class UpdateSent(Event, frozen=True):
    """An update was put down for the place of destination."""

    name: ClassVar[str] = "handover.update_sent"
    version: ClassVar[int] = 1

    offered_id: UUID
    person_id: UUID


class Accepted(Event, frozen=True):
    """The other place accepted."""

    name: ClassVar[str] = "handover.accepted"
    version: ClassVar[int] = 1

    offered_id: UUID
    person_id: UUID


class Declined(Event, frozen=True):
    """The other place declined."""

    name: ClassVar[str] = "handover.declined"
    version: ClassVar[int] = 1

    offered_id: UUID
    person_id: UUID


class OfferReceived(Event, frozen=True):
    """Another place offers to hand a person over."""

    name: ClassVar[str] = "handover.offer_received"
    version: ClassVar[int] = 1

    received_id: UUID


class ValuesReceived(Event, frozen=True):
    """Values of an accepted hand-over are there, in this message: those of the offer first, then each update's."""

    name: ClassVar[str] = "handover.values_received"
    version: ClassVar[int] = 1

    received_id: UUID
    person_id: UUID
    message_row_id: UUID


class Ended(Event, frozen=True):
    """A hand-over ended on this side: no update follows. One of the ids is there."""

    name: ClassVar[str] = "handover.ended"
    version: ClassVar[int] = 1

    offered_id: UUID | None
    received_id: UUID | None
    state: str
    ended_by: str


class Undeliverable(Event, frozen=True):
    """All attempts to deliver a message failed; it is tried again only when somebody asks for it."""

    name: ClassVar[str] = "handover.undeliverable"
    version: ClassVar[int] = 1

    message_row_id: UUID
    error_code: str
