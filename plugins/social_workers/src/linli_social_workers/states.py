"""The states of certificates, registrations, renewals, credits and runs, and what leads from one to another."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from linli.plugin import Facts, Guard, StateMachine, Transition
from linli_social_workers.errors import OwnCase


class CertificateState(StrEnum):
    """Whether a certificate or licence may be relied on."""

    VALID = "valid"
    REVOKED = "revoked"


class RegistrationState(StrEnum):
    """Where a registration stands."""

    APPLIED = "applied"
    REVIEWED = "reviewed"
    REGISTERED = "registered"
    SUSPENDED = "suspended"
    REFUSED = "refused"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


class RenewalState(StrEnum):
    """Where a renewal stands."""

    APPLIED = "applied"
    APPROVED = "approved"
    REFUSED = "refused"


class CreditState(StrEnum):
    """Whether hours of education count."""

    CLAIMED = "claimed"
    APPROVED = "approved"
    REFUSED = "refused"
    ANNULLED = "annulled"


class RunState(StrEnum):
    """Where the allowances of a month stand."""

    COMPUTED = "computed"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    EXPORTED = "exported"
    PAID = "paid"
    DISCARDED = "discarded"


STANDING: Final = (RegistrationState.REGISTERED, RegistrationState.SUSPENDED)
FINAL_RUNS: Final = (RunState.APPROVED, RunState.EXPORTED, RunState.PAID)


def _by_others_than(*names: str) -> Guard:
    """A guard: neither one's own case, nor somebody who took part as `names`, nor the system. Raises: OwnCase."""

    def by_somebody_else(facts: Facts) -> None:
        own = facts.values["person_id"]
        is_own = own is not None and own == facts.values["of"]
        took_part = any(facts.actor_id == facts.of_subject(name) for name in names)
        if facts.actor_id is None or is_own or took_part:
            raise OwnCase()

    return by_somebody_else


first_review = _by_others_than("applied_by")
final_review = _by_others_than("applied_by", "first_reviewed_by")
renewal_review = _by_others_than("applied_by")
credit_review = _by_others_than("claimed_by")
run_review = _by_others_than("computed_by")
run_approval = _by_others_than("computed_by", "reviewed_by")

_R: Final = RegistrationState
REGISTRATION: Final = StateMachine(
    "social_workers.registration",
    _R.APPLIED,
    transitions=[
        Transition("review", _R.APPLIED, _R.REVIEWED, guard=first_review),
        Transition("refuse", _R.APPLIED, _R.REFUSED, guard=first_review),
        Transition("register", _R.REVIEWED, _R.REGISTERED, guard=final_review),
        Transition("refuse", _R.REVIEWED, _R.REFUSED, guard=final_review),
        Transition("withdraw", _R.APPLIED, _R.WITHDRAWN),
        Transition("withdraw", _R.REVIEWED, _R.WITHDRAWN),
        Transition("suspend", _R.REGISTERED, _R.SUSPENDED),
        Transition("restore", _R.SUSPENDED, _R.REGISTERED),
        Transition("lapse", _R.REGISTERED, _R.LAPSED),
        Transition("lapse", _R.SUSPENDED, _R.LAPSED),
        Transition("cancel", _R.REGISTERED, _R.CANCELLED),
        Transition("cancel", _R.SUSPENDED, _R.CANCELLED),
    ],
    final=(_R.REFUSED, _R.LAPSED, _R.CANCELLED, _R.WITHDRAWN),
)

RENEWAL: Final = StateMachine(
    "social_workers.renewal",
    RenewalState.APPLIED,
    transitions=[
        Transition("approve", RenewalState.APPLIED, RenewalState.APPROVED, guard=renewal_review),
        Transition("refuse", RenewalState.APPLIED, RenewalState.REFUSED, guard=renewal_review),
    ],
    final=(RenewalState.APPROVED, RenewalState.REFUSED),
)

CREDIT: Final = StateMachine(
    "social_workers.credit",
    CreditState.CLAIMED,
    transitions=[
        Transition("approve", CreditState.CLAIMED, CreditState.APPROVED, guard=credit_review),
        Transition("refuse", CreditState.CLAIMED, CreditState.REFUSED, guard=credit_review),
        Transition("annul", CreditState.APPROVED, CreditState.ANNULLED),
    ],
    final=(CreditState.REFUSED, CreditState.ANNULLED),
)

CERTIFICATE: Final = StateMachine(
    "social_workers.certificate",
    CertificateState.VALID,
    transitions=[Transition("revoke", CertificateState.VALID, CertificateState.REVOKED)],
    final=(CertificateState.REVOKED,),
)

RUN: Final = StateMachine(
    "social_workers.allowance_run",
    RunState.COMPUTED,
    transitions=[
        Transition("review", RunState.COMPUTED, RunState.REVIEWED, guard=run_review),
        Transition("approve", RunState.REVIEWED, RunState.APPROVED, guard=run_approval),
        Transition("export", RunState.APPROVED, RunState.EXPORTED),
        Transition("pay", RunState.EXPORTED, RunState.PAID),
        Transition("discard", RunState.COMPUTED, RunState.DISCARDED),
        Transition("discard", RunState.REVIEWED, RunState.DISCARDED),
    ],
    final=(RunState.PAID, RunState.DISCARDED),
)
