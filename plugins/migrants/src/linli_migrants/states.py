"""The states of stays, dwellings and contracts, and all that leads from one to another."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from linli.plugin import Facts, StateMachine, Transition, has_part
from linli_migrants.errors import OwnReport


class StayState(StrEnum):
    """Where a stay stands."""

    REPORTED = "reported"
    VERIFIED = "verified"
    ACTIVE = "active"
    DEPARTED = "departed"
    SETTLED = "settled"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ReportState(StrEnum):
    """Where a landlord's or employer's report stands."""

    REPORTED = "reported"
    TAKEN = "taken"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class DwellingState(StrEnum):
    """Whether a dwelling is in use."""

    ACTIVE = "active"
    RETIRED = "retired"


class ContractState(StrEnum):
    """Whether a tenancy contract holds."""

    ACTIVE = "active"
    ENDED = "ended"


PRESENT: Final = (StayState.REPORTED, StayState.VERIFIED, StayState.ACTIVE)


def by_somebody_else(facts: Facts) -> None:
    """Refuse a checker who reported the stay, whose stay it is, and who is nobody (the system). Raises: OwnReport."""
    if has_part(facts, persons=facts.of_subject("person_id"), actors=facts.of_subject("reported_by")):
        raise OwnReport()


STAY: Final = StateMachine(
    "migrants.stay",
    StayState.REPORTED,
    transitions=[
        Transition("verify", StayState.REPORTED, StayState.VERIFIED, guard=by_somebody_else),
        Transition("refuse", StayState.REPORTED, StayState.REFUSED, guard=by_somebody_else),
        Transition("withdraw", StayState.REPORTED, StayState.WITHDRAWN),
        Transition("activate", StayState.VERIFIED, StayState.ACTIVE),
        Transition("depart", StayState.VERIFIED, StayState.DEPARTED),
        Transition("depart", StayState.ACTIVE, StayState.DEPARTED),
        Transition("settle", StayState.ACTIVE, StayState.SETTLED),
    ],
    final=(StayState.DEPARTED, StayState.SETTLED, StayState.REFUSED, StayState.WITHDRAWN),
)

REPORT: Final = StateMachine(
    "migrants.report",
    ReportState.REPORTED,
    transitions=[
        Transition("take", ReportState.REPORTED, ReportState.TAKEN),
        Transition("refuse", ReportState.REPORTED, ReportState.REFUSED),
        Transition("withdraw", ReportState.REPORTED, ReportState.WITHDRAWN),
    ],
    final=(ReportState.TAKEN, ReportState.REFUSED, ReportState.WITHDRAWN),
)

DWELLING: Final = StateMachine(
    "migrants.dwelling",
    DwellingState.ACTIVE,
    transitions=[
        Transition("retire", DwellingState.ACTIVE, DwellingState.RETIRED),
        Transition("reopen", DwellingState.RETIRED, DwellingState.ACTIVE),
    ],
)

CONTRACT: Final = StateMachine(
    "migrants.contract",
    ContractState.ACTIVE,
    transitions=[Transition("end", ContractState.ACTIVE, ContractState.ENDED)],
    final=(ContractState.ENDED,),
)
