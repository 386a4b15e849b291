"""The states of visits, census rounds, services and deliveries, and all that leads from one to another."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from linli.plugin import Facts, StateMachine, Transition
from linli_migrants.visit_errors import OnlyByThePerson


class VisitState(StrEnum):
    """Where a visit stands; `missed` is overdue."""

    PLANNED = "planned"
    APPOINTED = "appointed"
    DONE = "done"
    DECLINED = "declined"
    MISSED = "missed"
    CANCELLED = "cancelled"


class RoundState(StrEnum):
    """Where a census round stands."""

    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ServiceState(StrEnum):
    """Whether a service is offered."""

    ACTIVE = "active"
    RETIRED = "retired"


class DeliveryState(StrEnum):
    """Where a service for a person stands."""

    OFFERED = "offered"
    BOOKED = "booked"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


OPEN_VISITS: Final = (VisitState.PLANNED, VisitState.APPOINTED, VisitState.MISSED)


def booked_by_the_person(facts: Facts) -> None:
    """Refuse whoever is not the person, for a service that only the person books. Raises: OnlyByThePerson."""
    if facts.values["only_by_person"] and not facts.values["is_own"]:
        raise OnlyByThePerson()


def without_booking(facts: Facts) -> None:
    """Refuse a delivery without a booking, for a service that only the person books. Raises: OnlyByThePerson."""
    if facts.values["only_by_person"]:
        raise OnlyByThePerson()


VISIT: Final = StateMachine(
    "migrants.visit",
    VisitState.PLANNED,
    transitions=[
        Transition("appoint", VisitState.PLANNED, VisitState.APPOINTED),
        Transition("appoint", VisitState.APPOINTED, VisitState.APPOINTED),
        Transition("appoint", VisitState.MISSED, VisitState.MISSED),
        Transition("do", VisitState.PLANNED, VisitState.DONE),
        Transition("do", VisitState.APPOINTED, VisitState.DONE),
        Transition("do", VisitState.MISSED, VisitState.DONE),
        Transition("decline", VisitState.PLANNED, VisitState.DECLINED),
        Transition("decline", VisitState.APPOINTED, VisitState.DECLINED),
        Transition("decline", VisitState.MISSED, VisitState.DECLINED),
        Transition("miss", VisitState.PLANNED, VisitState.MISSED),
        Transition("miss", VisitState.APPOINTED, VisitState.MISSED),
        Transition("escalate", VisitState.MISSED, VisitState.MISSED),
        Transition("cancel", VisitState.PLANNED, VisitState.CANCELLED),
        Transition("cancel", VisitState.APPOINTED, VisitState.CANCELLED),
        Transition("cancel", VisitState.MISSED, VisitState.CANCELLED),
    ],
    final=(VisitState.DONE, VisitState.DECLINED, VisitState.CANCELLED),
)

ROUND: Final = StateMachine(
    "migrants.census_round",
    RoundState.OPEN,
    transitions=[
        Transition("close", RoundState.OPEN, RoundState.CLOSED),
        Transition("reopen", RoundState.CLOSED, RoundState.OPEN),
        Transition("cancel", RoundState.OPEN, RoundState.CANCELLED),
    ],
    final=(RoundState.CANCELLED,),
)

SERVICE: Final = StateMachine(
    "migrants.service",
    ServiceState.ACTIVE,
    transitions=[
        Transition("retire", ServiceState.ACTIVE, ServiceState.RETIRED),
        Transition("reopen", ServiceState.RETIRED, ServiceState.ACTIVE),
    ],
)

DELIVERY: Final = StateMachine(
    "migrants.delivery",
    DeliveryState.OFFERED,
    transitions=[
        Transition("book", DeliveryState.OFFERED, DeliveryState.BOOKED, guard=booked_by_the_person),
        Transition("deliver", DeliveryState.OFFERED, DeliveryState.DELIVERED, guard=without_booking),
        Transition("deliver", DeliveryState.BOOKED, DeliveryState.DELIVERED),
        Transition("cancel", DeliveryState.OFFERED, DeliveryState.CANCELLED),
        Transition("cancel", DeliveryState.BOOKED, DeliveryState.CANCELLED),
    ],
    final=(DeliveryState.DELIVERED, DeliveryState.CANCELLED),
)
