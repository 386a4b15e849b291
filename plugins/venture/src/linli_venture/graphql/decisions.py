"""Decisions, outcomes and objections in the API."""

from __future__ import annotations

from datetime import datetime

from linli_graphql.plugin import Amount, Connection, Node, OwnThrough, column, expose, many, node, one
from linli_venture.decisions import proposing, tables
from linli_venture.decisions.states import DecisionState, OutcomeKind
from linli_venture.graphql.calls import VentureCall
from linli_venture.graphql.proposals import VentureProposal
from linli_venture.objecting import ObjectionState
from linli_venture.proposals.tables import Member

expose(
    DecisionState,
    "Where a decision stands.",
    {
        "DRAFT": "It was proposed, and waits for somebody else to announce it.",
        "ANNOUNCED": "It is under public notice.",
        "CONCLUDED": "The grants were opened.",
        "DISCARDED": "It was given up before the notice.",
        "WITHDRAWN": "It was taken back during the notice.",
    },
    name="VentureDecisionState",
)
expose(
    OutcomeKind,
    "What becomes of a proposal.",
    {
        "AWARD": "It gets a grant.",
        "RESERVE": "It gets a grant if another falls away.",
        "REJECT": "It gets no grant.",
    },
    name="VentureOutcomeKind",
)
expose(
    ObjectionState,
    "Where an objection stands.",
    {
        "RAISED": "It waits for a decision.",
        "UPHELD": "It is right: what was decided is undone.",
        "DISMISSED": "It is not right.",
        "WITHDRAWN": "The applicant took it back.",
    },
    name="VentureObjectionState",
)


@node(
    tables.Outcome,
    plural="venture_outcomes",
    permission=proposing.READ,
    filters=("call", "proposal", "kind", "decision"),
    group_by=("kind",),
    sums=("amount_fen",),
)
class VentureOutcome(Node):
    """What a decision says of one proposal."""

    kind: OutcomeKind = column("What becomes of it.")
    amount_fen: Amount = column("The grant, in fen; 0 for a rejection.")
    reserve_place: int = column("The place on the reserve list, from 1; 0 when it is not on it.")
    reason: str = column("Why.")
    settled_reason: str = column("Why a reserve was awarded or let go; empty until then.")
    decision: VentureDecision | None = one("decision_id", "The decision.")
    call: VentureCall | None = one("call_id", "The call.")
    proposal: VentureProposal | None = one("proposal_id", "The proposal.")


@node(
    tables.Objection,
    plural="venture_objections",
    permission=proposing.READ,
    own_through=OwnThrough(Member, "organisation_id"),
    filters=("call", "state", "decision"),
)
class VentureObjection(Node):
    """An applicant's objection to awards under notice."""

    state: ObjectionState = column("Where it stands.")
    reason: str = column("What is objected.")
    raised_at: datetime = column("When it was raised.")
    decided_at: datetime | None = column("When it was decided.")
    decision_reason: str = column("Why it was upheld or dismissed.")
    decision: VentureDecision | None = one("decision_id", "The decision.")
    call: VentureCall | None = one("call_id", "The call.")
    proposal: VentureProposal | None = one("proposal_id", "The applicant's proposal.")


@node(
    tables.Decision,
    plural="venture_decisions",
    permission=proposing.READ,
    filters=("call", "state"),
)
class VentureDecision(Node):
    """What becomes of a call's proposals."""

    state: DecisionState = column("Where it stands.")
    order_reason: str = column("Why awards do not follow the ranks; empty when they do.")
    awarded_fen: Amount = column("The sum of the awards, in fen.")
    announced_at: datetime | None = column("When the public notice began.")
    notice_until: datetime | None = column("The last moment for objections.")
    concluded_at: datetime | None = column("When the grants were opened.")
    withdraw_reason: str = column("Why it was taken back; empty when it was not.")
    call: VentureCall | None = one("call_id", "The call.")
    outcomes: Connection[VentureOutcome] = many("decision_id", "What it says of each proposal.")
    objections: Connection[VentureObjection] = many("decision_id", "The objections to it.")


DECISION_NODES = (VentureDecision, VentureOutcome, VentureObjection)
