"""The states of things, and all that leads from one to another."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from linli.plugin import Facts, StateMachine, Transition, has_part
from linli_volunteers.errors import SelfVerification


class ActivityState(StrEnum):
    """Where an activity stands."""

    DRAFT = "draft"
    RECRUITING = "recruiting"
    RUNNING = "running"
    FINISHED = "finished"
    SETTLED = "settled"
    CANCELLED = "cancelled"


class VolunteerState(StrEnum):
    """Whether somebody is registered as a volunteer now."""

    ACTIVE = "active"
    WITHDRAWN = "withdrawn"


class EnrolmentState(StrEnum):
    """Whether an enrolment holds."""

    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"


class HoursState(StrEnum):
    """Where an entry of hours stands."""

    CLAIMED = "claimed"
    VERIFIED = "verified"
    POSTED = "posted"
    REVERSED = "reversed"


class CertificateState(StrEnum):
    """Whether a certificate may be relied on."""

    VALID = "valid"
    REVOKED = "revoked"


def by_somebody_else(facts: Facts) -> None:
    """Refuse a checker who claimed the hours or served them, and one who is nobody (the system).

    `facts.values["person_id"]` is the person behind the actor's account. Raises: SelfVerification.
    """
    if has_part(facts, persons=facts.of_subject("person_id"), actors=facts.of_subject("claimed_by")):
        raise SelfVerification()


ACTIVITY: Final = StateMachine(
    "volunteers.activity",
    ActivityState.DRAFT,
    transitions=[
        Transition("open", ActivityState.DRAFT, ActivityState.RECRUITING),
        Transition("start", ActivityState.RECRUITING, ActivityState.RUNNING),
        Transition("finish", ActivityState.RUNNING, ActivityState.FINISHED),
        Transition("settle", ActivityState.FINISHED, ActivityState.SETTLED),
        Transition("cancel", ActivityState.DRAFT, ActivityState.CANCELLED),
        Transition("cancel", ActivityState.RECRUITING, ActivityState.CANCELLED),
    ],
    final=(ActivityState.SETTLED, ActivityState.CANCELLED),
)

VOLUNTEER: Final = StateMachine(
    "volunteers.volunteer",
    VolunteerState.ACTIVE,
    transitions=[
        Transition("withdraw", VolunteerState.ACTIVE, VolunteerState.WITHDRAWN),
        Transition("return", VolunteerState.WITHDRAWN, VolunteerState.ACTIVE),
    ],
)

ENROLMENT: Final = StateMachine(
    "volunteers.enrolment",
    EnrolmentState.ENROLLED,
    transitions=[
        Transition("withdraw", EnrolmentState.ENROLLED, EnrolmentState.WITHDRAWN),
        Transition("return", EnrolmentState.WITHDRAWN, EnrolmentState.ENROLLED),
    ],
)

HOURS: Final = StateMachine(
    "volunteers.hours",
    HoursState.CLAIMED,
    transitions=[
        Transition("verify", HoursState.CLAIMED, HoursState.VERIFIED, guard=by_somebody_else),
        Transition("post", HoursState.VERIFIED, HoursState.POSTED),
        Transition("reverse", HoursState.CLAIMED, HoursState.REVERSED),
        Transition("reverse", HoursState.VERIFIED, HoursState.REVERSED),
        Transition("reverse", HoursState.POSTED, HoursState.REVERSED),
    ],
    final=(HoursState.REVERSED,),
)

CERTIFICATE: Final = StateMachine(
    "volunteers.certificate",
    CertificateState.VALID,
    transitions=[Transition("revoke", CertificateState.VALID, CertificateState.REVOKED)],
    final=(CertificateState.REVOKED,),
)
