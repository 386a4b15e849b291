"""The events of visits, the census and services. They carry ids and codes."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from linli.plugin import Event


class VisitMissed(Event, frozen=True):
    """A visit's due day passed; told once for each."""

    name: ClassVar[str] = "migrants.visit_missed"
    version: ClassVar[int] = 1

    visit_id: UUID
    stay_id: UUID


class VisitEscalated(Event, frozen=True):
    """An overdue visit went to the next tier: `community`, then `street`."""

    name: ClassVar[str] = "migrants.visit_escalated"
    version: ClassVar[int] = 1

    visit_id: UUID
    stay_id: UUID
    tier: str


class CensusClosed(Event, frozen=True):
    """Every dwelling of a round's area was answered, and the round was closed."""

    name: ClassVar[str] = "migrants.census_closed"
    version: ClassVar[int] = 1

    round_id: UUID


class ServiceDelivered(Event, frozen=True):
    """A service was delivered; of which kind is read where it is allowed."""

    name: ClassVar[str] = "migrants.service_delivered"
    version: ClassVar[int] = 1

    delivery_id: UUID
