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
    column,
    expose,
    many,
    node,
    one,
)
from linli_venture.grants import tables
from linli_venture.grants.terms import GrantState
from linli_venture.graphql.money import VenturePool, VentureSource

expose(
    GrantState,
    "Where a grant stands.",
    {
        "AWARDED": "Its amount is reserved, and the contract is being prepared.",
        "SIGNED": "The contract is signed.",
        "ACTIVE": "The work is being done.",
        "SUSPENDED": "Nothing is paid for the time being.",
        "FINAL": "The work is done, and is appraised and audited.",
        "CLOSED": "All is accounted for.",
        "TERMINATED": "It was ended for a breach; what is not accounted for is recovered.",
        "DECLINED": "The organisation did not take it.",
    },
    name="VentureGrantState",
)


@node(
    tables.Grant,
    plural="venture_grants",
    permission="venture.grant.read",
    filters=("state", "category", "pool", "organisation", "awarded_at"),
    order_by=("awarded_at",),
    group_by=("state", "category", "area", "awarded_at"),
    sums=(
        "amount_fen", "verified_fen", "paid_fen", "released_fen", "refunded_fen", "settled_fen", "recovery_fen",
    ),
)  # fmt: skip
class VentureGrant(Node):
    """What an organisation was awarded for a project."""

    title: str = column("The project.")
    category: str = column("The code of its category.")
    state: GrantState = column("Where it stands.")
    amount_fen: Amount = column("What was awarded, in fen.")
    own_fen: Amount = column("What the organisation adds of its own, in fen.")
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
    started_on: date | None = column("When the work began.")
    suspended_on: date | None = column("Since when nothing is paid; null when it is not suspended.")
    suspend_reason: str = column("Why.")
    finished_on: date | None = column("When the work was done.")
    ended_on: date | None = column("When it was closed, terminated or declined.")
    end_reason: str = column("Why it was terminated or declined.")
    end_rule: str = column("The rule, with its version, that a termination rests on.")
    object_until: date | None = column("The last day to object to a termination.")
    area: Area | None = one("area_id", "Where the project is.")
    pool: VenturePool | None = one("pool_id", "The pool that pays.")
    organisation: Organisation | None = one("organisation_id", "Who carries it out.")
    account: LedgerAccount | None = one("account_id", "What was paid and is not accounted for.")
    allocations: Connection[VentureAllocation] = many("grant_id", "How much comes from which source.")


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


GRANT_NODES = (VentureGrant, VentureAllocation)
