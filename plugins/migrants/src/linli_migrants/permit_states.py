"""The states of applications, permits, messages to the issuing authority and its answers."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from linli.plugin import Facts, StateMachine, Transition, has_part
from linli_migrants.permit_errors import OwnApplication, ReturnedBefore, SameDecider


class ApplicationState(StrEnum):
    """Where an application for a residence permit stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    FORWARDED = "forwarded"
    APPROVED = "approved"
    ISSUED = "issued"
    REFUSED = "refused"
    OBJECTED = "objected"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class PermitState(StrEnum):
    """Whether a residence permit can be used."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


OPEN: Final = (
    ApplicationState.DRAFT,
    ApplicationState.SUBMITTED,
    ApplicationState.RETURNED,
    ApplicationState.ACCEPTED,
    ApplicationState.FORWARDED,
    ApplicationState.APPROVED,
    ApplicationState.OBJECTED,
)
STANDING: Final = (PermitState.ACTIVE, PermitState.SUSPENDED)


def by_somebody_else(facts: Facts) -> None:
    """Refuse whoever applied, whoever submitted, and nobody (the system). Raises: OwnApplication."""
    if has_part(facts, persons=facts.of_subject("person_id"), actors=facts.of_subject("submitted_by")):
        raise OwnApplication()


def returned_once(facts: Facts) -> None:
    """Refuse a second return: all that is missing is said at once. Raises: ReturnedBefore; as `by_somebody_else`."""
    by_somebody_else(facts)
    if facts.of_subject("returned_at"):
        raise ReturnedBefore()


def by_a_new_decider(facts: Facts) -> None:
    """An objection is decided by somebody who did not refuse. Raises: SameDecider; as `by_somebody_else`."""
    by_somebody_else(facts)
    if facts.by_one_of(facts.of_subject("refused_by")):
        raise SameDecider()


_A: Final = ApplicationState
APPLICATION: Final = StateMachine(
    "migrants.application",
    _A.DRAFT,
    transitions=[
        Transition("submit", _A.DRAFT, _A.SUBMITTED),
        Transition("submit", _A.RETURNED, _A.SUBMITTED),
        Transition("return", _A.SUBMITTED, _A.RETURNED, guard=returned_once),
        Transition("accept", _A.SUBMITTED, _A.ACCEPTED, guard=by_somebody_else),
        Transition("refuse", _A.SUBMITTED, _A.REFUSED, guard=by_somebody_else),
        Transition("forward", _A.ACCEPTED, _A.FORWARDED),
        Transition("approve", _A.FORWARDED, _A.APPROVED),
        Transition("refuse_by_authority", _A.FORWARDED, _A.REFUSED),
        Transition("refuse_by_authority", _A.APPROVED, _A.REFUSED),
        Transition("issue", _A.APPROVED, _A.ISSUED),
        Transition("object", _A.REFUSED, _A.OBJECTED),
        Transition("uphold", _A.OBJECTED, _A.CLOSED, guard=by_a_new_decider),
        Transition("reopen", _A.OBJECTED, _A.SUBMITTED, guard=by_a_new_decider),
        Transition("withdraw", _A.DRAFT, _A.WITHDRAWN),
        Transition("withdraw", _A.SUBMITTED, _A.WITHDRAWN),
        Transition("withdraw", _A.RETURNED, _A.WITHDRAWN),
        Transition("withdraw", _A.ACCEPTED, _A.WITHDRAWN),
    ],
    final=(_A.ISSUED, _A.CLOSED, _A.WITHDRAWN),
)

PERMIT: Final = StateMachine(
    "migrants.permit",
    PermitState.ACTIVE,
    transitions=[
        Transition("endorse", PermitState.ACTIVE, PermitState.ACTIVE),
        Transition("suspend", PermitState.ACTIVE, PermitState.SUSPENDED),
        Transition("restore", PermitState.SUSPENDED, PermitState.ACTIVE),
        Transition("terminate", PermitState.ACTIVE, PermitState.TERMINATED),
        Transition("terminate", PermitState.SUSPENDED, PermitState.TERMINATED),
    ],
    final=(PermitState.TERMINATED,),
)
