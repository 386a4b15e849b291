"""What an event is: in the publisher's hands, and as the log keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import msgspec

from linli.errors import Invalid

E = TypeVar("E", bound="Event")


class EventMismatch(Invalid):
    """A stored event was read as another kind or version of event (`event`, `version`, `expected`)."""

    code = "events.mismatch"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Base of events. Fields are ids, numbers, dates and short codes; never personal data.

    Example:
        class RegistrationCancelled(Event, frozen=True, kw_only=True):
            name: ClassVar[str] = "organisations.registration_cancelled"
            version: ClassVar[int] = 1
            organisation_id: UUID
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as the log keeps it, which is what a handler is given."""

    id: UUID
    name: str
    version: int
    payload: Mapping[str, Any]
    actor_kind: str
    actor_id: UUID | None
    occurred_at: datetime

    def read(self, kind: type[E]) -> E:
        """The event in the publisher's type. Raises: EventMismatch."""
        if (self.name, self.version) != (kind.name, kind.version):
            expected = f"{kind.name} v{kind.version}"
            raise EventMismatch(event=self.name, version=self.version, expected=expected)
        try:
            return msgspec.convert(dict(self.payload), kind)
        except msgspec.ValidationError as error:
            expected = f"{kind.name} v{kind.version}"
            raise EventMismatch(event=self.name, version=self.version, expected=expected) from error
