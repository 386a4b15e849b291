"""Grants, and the money of sources that is reserved for them, in the API."""

from __future__ import annotations

from datetime import date, datetime

from linli_graphql.plugin import (
    Amount,
    Area,
    Connection,
    LedgerAccount,
    Node,
    Organisation,
    OwnThrough,
    column,
    many,
    node,
    one,
)
from linli_venture.grants import tables
from linli_venture.graphql.calls import VentureCall
from linli_venture.graphql.grant_words import GrantState, MilestoneState
from linli_venture.graphql.money import VenturePool, VentureSource
from linli_venture.graphql.proposals import VentureProposal
from linli_venture.proposals.tables import Member

TEAM = OwnThrough(Member, "organisation_id")


@node(
    tables.Grant,
    plural="venture_grants",
    permission="venture.grant.read",
    own_through=TEAM,
    filters=("state", "category", "call", "pool", "organisation", "awarded_at"),
    order_by=("awarded_at",),
    group_by=("state", "category", "area", "awarded_at"),
    sums=(
        "amount_fen", "verified_fen", "paid_fen", "released_fen", "refunded_fen", "settled_fen", "recovery_fen",
        "own_fen", "own_shown_fen",
    ),
)  # fmt: skip
class VentureGrant(Node):
    """What an organisation was awarded for a project."""

    title: str = column("The project.")
    category: str = column("Its category.")
    state: GrantState = column("Where it stands.")
    amount_fen: Amount = column("What was awarded, in fen.")
    own_fen: Amount = column("What the organisation promised to add of its own, in fen.")
    own_shown_fen: Amount = column("What of its own was spent and verified.")
    verified_fen: Amount = column(
        "The tranches of which the evidence was verified; never above what was awarded."
    )
    paid_fen: Amount = column("What was paid; never above what was verified.")
    released_fen: Amount = column("What went back to the pool without being paid.")
    refunded_fen: Amount = column("What the organisation gave back.")
    settled_fen: Amount = column("What was accounted for when the grant ended.")
    recovery_fen: Amount = column("What had to be given back when the grant was terminated.")
    awarded_at: datetime = column("When it was awarded.")
    starts_on: date | None = column("When the project starts; null until the contract is prepared.")
    ends_on: date | None = column("When it ends.")
    signed_on: date | None = column("When the contract was signed.")
    contract_number: str = column("Under which anybody can check the contract at /verify; empty before.")
    started_on: date | None = column("When the work began.")
    suspended_on: date | None = column("Since when nothing is paid; null when it is not suspended.")
    suspend_reason: str = column("Why.")
    finished_on: date | None = column("When the work was done.")
    ended_on: date | None = column("When it was closed, terminated or declined.")
    end_reason: str = column("Why it was terminated or declined.")
    end_rule: str = column("The rule, with its version, that a termination rests on.")
    object_until: date | None = column("The last day to object to a termination.")
    reinstated: int = column("How often a termination was undone.")
    area: Area | None = one("area_id", "Where the project is.")
    call: VentureCall | None = one("call_id", "The call.")
    proposal: VentureProposal | None = one("proposal_id", "The proposal that won.")
    pool: VenturePool | None = one("pool_id", "The pool that pays.")
    organisation: Organisation | None = one("organisation_id", "Who carries it out.")
    account: LedgerAccount | None = one("account_id", "What was paid and is not accounted for.")
    allocations: Connection[VentureAllocation] = many("grant_id", "How much comes from which source.")
    lines: Connection[VentureGrantLine] = many("grant_id", "The budget.")
    milestones: Connection[VentureMilestone] = many("grant_id", "What is to be shown by when.")


@node(
    tables.Allocation,
    plural="venture_allocations",
    permission="venture.grant.read",
    filters=("grant", "source"),
)
class VentureAllocation(Node):
    """How much of a grant comes from one source."""

    place: int = column("The order in which sources pay; money comes back in the opposite one.")
    amount_fen: Amount = column("How much was reserved, in fen.")
    paid_fen: Amount = column("How much of it was paid.")
    released_fen: Amount = column("How much went back without being paid.")
    refunded_fen: Amount = column("How much the organisation gave back.")
    area: Area | None = one("area_id", "Where the project is.")
    grant: VentureGrant | None = one("grant_id", "The grant.")
    source: VentureSource | None = one("source_id", "The source; null to those who may not see pools.")


@node(
    tables.GrantLine,
    plural="venture_grant_lines",
    permission="venture.grant.read",
    own_through=TEAM,
    filters=("grant",),
)
class VentureGrantLine(Node):
    """A line of the budget that a grant pays for."""

    place: int = column("Its place in the budget.")
    name: str = column("What it is for.")
    amount_fen: Amount = column("How much, in fen; more than a tenth above it (a setting) takes a change.")
    area: Area | None = one("area_id", "Where the project is.")
    grant: VentureGrant | None = one("grant_id", "The grant.")


@node(
    tables.Milestone,
    plural="venture_milestones",
    permission="venture.grant.read",
    own_through=TEAM,
    filters=("state", "due_on", "grant"),
    order_by=("due_on",),
    group_by=("state", "area", "due_on"),
    sums=("amount_fen",),
)
class VentureMilestone(Node):
    """What is to be shown by when, and the share of the grant that is paid for it."""

    number: int = column("Counted from 1.")
    title: str = column("What is to be shown.")
    share_percent: int = column("The share of the grant; all together are 100.")
    amount_fen: Amount = column("The tranche, in fen.")
    due_on: date = column("The last day to show it.")
    state: MilestoneState = column("Where it stands.")
    report: str = column("What was shown; files are read at /files.")
    submitted_at: datetime | None = column("When it was shown.")
    decided_reason: str = column("Why it was returned; empty when it was not.")
    verified_at: datetime | None = column("When it was verified.")
    area: Area | None = one("area_id", "Where the project is.")
    grant: VentureGrant | None = one("grant_id", "The grant.")


GRANT_NODES = (VentureGrant, VentureAllocation, VentureGrantLine, VentureMilestone)
