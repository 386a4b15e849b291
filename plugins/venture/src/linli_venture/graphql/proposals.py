"""Applicants and proposals in the API."""

from __future__ import annotations

from datetime import date, datetime

from strawberry.scalars import JSON

from linli_graphql.plugin import (
    Amount,
    Connection,
    Node,
    Organisation,
    OwnThrough,
    Person,
    column,
    expose,
    many,
    node,
    one,
)
from linli_venture.graphql.calls import VentureCall, VentureNeed
from linli_venture.proposals import applicants, checking, tables
from linli_venture.proposals.states import Declaration, ProposalState

expose(
    ProposalState,
    "Where a proposal stands.",
    {
        "DRAFT": "The applicant writes on it; nobody else reads it.",
        "SUBMITTED": "It was handed in, and waits for the check.",
        "RETURNED": "It was returned for its one correction.",
        "ELIGIBLE": "It goes to review.",
        "INELIGIBLE": "It does not go to review; the applicant may object.",
        "SCORED": "Its reviews are complete.",
        "SHORTLISTED": "It is heard in the defence.",
        "NOTICE": "What becomes of it is under public notice.",
        "AWARDED": "It gets a grant.",
        "RESERVED": "It gets a grant if another falls away.",
        "REJECTED": "It gets no grant.",
        "WITHDRAWN": "The applicant took it back.",
        "CANCELLED": "The call was given up.",
    },
    name="VentureProposalState",
)
expose(
    Declaration,
    "What an applicant declares.",
    {
        "TRUE": "All that is said is true.",
        "NOT_FUNDED": "The project gets no other public funds.",
        "PRIVACY": "Personal data of those served are protected.",
    },
    name="VentureDeclaration",
)
_TEAM = OwnThrough(tables.Member, "organisation_id")


@node(
    tables.Member,
    plural="venture_members",
    permission=applicants.READ,
    own_column="person_id",
    filters=("organisation", "person"),
)
class VentureMember(Node):
    """A person who acts for an organisation that applies."""

    organisation: Organisation | None = one("organisation_id", "The organisation.")
    person: Person | None = one("person_id", "The person.")


@node(
    tables.BudgetLine,
    plural="venture_budget_lines",
    permission=checking.READ,
    own_through=_TEAM,
    sealed_column="sealed",
    filters=("proposal",),
)
class VentureBudgetLine(Node):
    """An item of a proposal's budget."""

    position: int = column("Its place in the budget, from 1.")
    item: str = column("What is bought.")
    unit: str = column("In which unit.")
    quantity: int = column("How many units.")
    unit_price_fen: Amount = column("What a unit costs, in fen.")
    amount_fen: Amount = column("Quantity times price, in fen.")
    proposal: VentureProposal | None = one("proposal_id", "The proposal.")


@node(
    tables.Submission,
    plural="venture_submissions",
    permission=checking.READ,
    own_through=_TEAM,
    filters=("proposal", "call"),
    order_by=("submitted_at",),
)
class VentureSubmission(Node):
    """A proposal as it was handed in; never changed."""

    round: int = column("Which submission; the one correction is 2.")
    content: JSON = column("All that was handed in.")
    digest: str = column("SHA-256 of the content in canonical JSON: keys sorted, no spaces, UTF-8.")
    rules_version: int = column("The version of the call's rules at that moment.")
    submitted_at: datetime = column("When.")
    proposal: VentureProposal | None = one("proposal_id", "The proposal.")
    call: VentureCall | None = one("call_id", "The call.")


@node(
    tables.Proposal,
    plural="venture_proposals",
    permission=checking.READ,
    own_through=_TEAM,
    sealed_column="sealed",
    filters=("call", "organisation", "state", "category", "need", "number"),
    order_by=("grant_fen",),
    group_by=("state", "category"),
    sums=("grant_fen", "budget_fen"),
)
class VentureProposal(Node):
    """A project for which an organisation asks for a grant."""

    number: str | None = column("Its number, given at the first submission.")
    title: str = column("What the project is called.")
    category: str = column("Its field, one of the call's.")
    summary: str = column("What it is about.")
    needs_text: str = column("Which need it answers.")
    plan_text: str = column("What is to be done.")
    team_text: str = column("Who does it; no names are needed.")
    innovation_text: str = column("What is new in it.")
    sustainability_text: str = column("How it goes on afterwards.")
    risk_text: str = column("Its risks, and how privacy is protected.")
    starts_on: date | None = column("Its first day.")
    ends_on: date | None = column("Its last day.")
    budget_fen: Amount = column("The sum of the budget, in fen.")
    own_funds_fen: Amount = column("What the organisation pays itself, in fen.")
    grant_fen: Amount = column("What it asks for, in fen.")
    state: ProposalState = column("Where it stands.")
    rounds: int = column("How often it was handed in.")
    submitted_at: datetime | None = column("When it was last handed in.")
    correction_due_at: datetime | None = column("The last moment for the correction.")
    reason: str = column("Why it was returned, or found ineligible.")
    object_until: datetime | None = column("The last moment to object to being found ineligible.")
    objection: str = column("What the applicant objected; empty when nothing.")
    objection_reason: str = column("Why the objection was upheld or dismissed.")
    call: VentureCall | None = one("call_id", "The call.")
    organisation: Organisation | None = one("organisation_id", "Who applies.")
    need: VentureNeed | None = one("need_id", "The published need that it answers.")
    lines: Connection[VentureBudgetLine] = many("proposal_id", "The budget.")
    submissions: Connection[VentureSubmission] = many("proposal_id", "What was handed in.")


PROPOSAL_NODES = (VentureMember, VentureProposal, VentureBudgetLine, VentureSubmission)
