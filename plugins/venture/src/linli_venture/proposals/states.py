"""The states of proposals, and what applicants declare."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from linli.plugin import Facts, StateMachine, Transition, has_part
from linli_venture.proposals.errors import OwnProposal


class ProposalState(StrEnum):
    """Where a proposal stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ELIGIBLE = "eligible"
    INELIGIBLE = "ineligible"
    SCORED = "scored"
    SHORTLISTED = "shortlisted"
    NOTICE = "notice"
    AWARDED = "awarded"
    RESERVED = "reserved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"


class Declaration(StrEnum):
    """What an applicant declares at every submission."""

    TRUE = "true"
    NOT_FUNDED = "not_funded"
    PRIVACY = "privacy"


def by_others(facts: Facts) -> None:
    """Refuse whoever acts for the applicant. Raises: OwnProposal."""
    if facts.actor_id is not None and has_part(
        facts, persons=facts.values["members"], actors=facts.of_subject("drafted_by")
    ):
        raise OwnProposal()


P: Final = ProposalState

PROPOSAL: Final = StateMachine(
    "venture.proposal",
    P.DRAFT,
    transitions=[
        Transition("submit", P.DRAFT, P.SUBMITTED),
        Transition("submit", P.RETURNED, P.SUBMITTED),
        Transition("return", P.SUBMITTED, P.RETURNED, guard=by_others),
        Transition("accept", P.SUBMITTED, P.ELIGIBLE, guard=by_others),
        Transition("refuse", P.SUBMITTED, P.INELIGIBLE, guard=by_others),
        Transition("lapse", P.RETURNED, P.INELIGIBLE),
        Transition("uphold", P.INELIGIBLE, P.INELIGIBLE, guard=by_others, not_by=("checked_by",)),
        Transition("overturn", P.INELIGIBLE, P.ELIGIBLE, guard=by_others, not_by=("checked_by",)),
        Transition("withdraw", P.DRAFT, P.WITHDRAWN),
        Transition("withdraw", P.SUBMITTED, P.WITHDRAWN),
        Transition("withdraw", P.RETURNED, P.WITHDRAWN),
        Transition("withdraw", P.ELIGIBLE, P.WITHDRAWN),
        Transition("cancel", P.DRAFT, P.CANCELLED),
        Transition("cancel", P.SUBMITTED, P.CANCELLED),
        Transition("cancel", P.RETURNED, P.CANCELLED),
        Transition("cancel", P.ELIGIBLE, P.CANCELLED),
        Transition("cancel", P.INELIGIBLE, P.CANCELLED),
        Transition("cancel", P.SCORED, P.CANCELLED),
        Transition("cancel", P.SHORTLISTED, P.CANCELLED),
        Transition("score", P.ELIGIBLE, P.SCORED),
        Transition("shortlist", P.SCORED, P.SHORTLISTED),
        Transition("announce", P.SCORED, P.NOTICE),
        Transition("announce", P.SHORTLISTED, P.NOTICE),
        Transition("reopen", P.NOTICE, P.SCORED),
        Transition("award", P.NOTICE, P.AWARDED),
        Transition("reserve", P.NOTICE, P.RESERVED),
        Transition("reject", P.NOTICE, P.REJECTED),
        Transition("award", P.RESERVED, P.AWARDED),
        Transition("reject", P.RESERVED, P.REJECTED),
    ],
    final=(P.AWARDED, P.REJECTED, P.WITHDRAWN, P.CANCELLED),
)
