"""Pools, their sources and what came in for them, in the API."""

from __future__ import annotations

from datetime import date

from linli_graphql.plugin import (
    Amount,
    Area,
    Connection,
    LedgerAccount,
    Node,
    Organisation,
    Person,
    column,
    expose,
    many,
    node,
    one,
)
from linli_venture.money import tables
from linli_venture.money.terms import GiverKind, PoolState, ReceiptState, SourceKind

expose(
    PoolState,
    "Whether grants are awarded from a pool.",
    {"OPEN": "Grants are awarded from it.", "CLOSED": "Nothing is awarded any more."},
    name="VenturePoolState",
)
expose(
    SourceKind,
    "Where money comes from.",
    {
        "FISCAL": "The public budget (财政预算).",
        "DONATION": "Donations (社会捐赠).",
        "SPECIAL_FUND": "A named fund that is restricted to a category (专项基金).",
    },
    name="VentureSourceKind",
)
expose(
    GiverKind,
    "Who gives.",
    {
        "GOVERNMENT": "A government office.",
        "ORGANISATION": "A unit.",
        "PERSON": "A person, who is not named.",
    },
    name="VentureGiverKind",
)
expose(
    ReceiptState,
    "Whether what came in counts.",
    {"POSTED": "It stands in the ledger.", "CANCELLED": "It was a mistake, and was reversed."},
    name="VentureReceiptState",
)


@node(
    tables.Pool,
    plural="venture_pools",
    permission="venture.pool.read",
    filters=("state", "year"),
    order_by=("year",),
)
class VenturePool(Node):
    """A budget for calls of one year; its money is that of its sources."""

    title: str = column("What it is called.")
    year: int = column("For which year.")
    purpose: str = column("What it is for; empty when it is for any call.")
    state: PoolState = column("Where it stands.")
    area: Area | None = one("area_id", "Where; null is the whole tenant.")
    sources: Connection[VentureSource] = many("pool_id", "Where its money comes from.")
    receipts: Connection[VentureReceipt] = many("pool_id", "What came in.")
    carried_in: Connection[VentureCarryOver] = many("to_pool_id", "What was carried over from closed pools.")
    carried_out: Connection[VentureCarryOver] = many("from_pool_id", "What was carried over into others.")


@node(
    tables.Source,
    plural="venture_sources",
    permission="venture.pool.read",
    filters=("kind", "category", "pool"),
)
class VentureSource(Node):
    """A named source of a pool: the public budget, donations, a special fund."""

    kind: SourceKind = column("Where its money comes from.")
    name: str = column("What it is called.")
    category: str = column("The only category that it pays for; empty when it pays for any.")
    terms: str = column("What the giver asked for.")
    area: Area | None = one("area_id", "Where its pool lies.")
    pool: VenturePool | None = one("pool_id", "The pool.")
    fund: LedgerAccount | None = one(
        "fund_account_id", "What is left of it, and what is reserved for grants."
    )
    given: LedgerAccount | None = one("given_account_id", "Below zero by what came in.")
    receipts: Connection[VentureReceipt] = many("source_id", "What came in.")


@node(
    tables.Receipt,
    plural="venture_receipts",
    permission="venture.pool.read",
    filters=("received_on", "state", "source", "pool"),
    order_by=("received_on",),
    group_by=("state", "received_on"),
    sums=("amount_fen",),
)
class VentureReceipt(Node):
    """Money that came in for a source."""

    giver_kind: GiverKind = column("Who gave.")
    giver: str = column("The office or unit; empty for a person.")
    amount_fen: Amount = column("How much, in fen.")
    received_on: date = column("When it came in.")
    basis: str = column("The number of the document or bank voucher.")
    state: ReceiptState = column("Whether it counts.")
    cancel_reason: str = column("Why it was cancelled; empty when it was not.")
    area: Area | None = one("area_id", "Where its pool lies.")
    source: VentureSource | None = one("source_id", "The source.")
    pool: VenturePool | None = one("pool_id", "The pool.")
    organisation: Organisation | None = one(
        "organisation_id", "The unit that gave, when the register has it."
    )
    person: Person | None = one("person_id", "The person who gave, when the register has them.")


@node(
    tables.CarryOver,
    plural="venture_carry_overs",
    permission="venture.pool.read",
    filters=("carried_on", "state"),
    order_by=("carried_on",),
)
class VentureCarryOver(Node):
    """What was left of a closed pool's source, carried over into an open pool."""

    amount_fen: Amount = column("How much, in fen.")
    basis: str = column("The number of the decision.")
    reason: str = column("Why.")
    carried_on: date = column("When.")
    state: ReceiptState = column("Whether it counts.")
    cancel_reason: str = column("Why it was cancelled; empty when it was not.")
    area: Area | None = one("area_id", "Where the closed pool lies.")
    from_pool: VenturePool | None = one("from_pool_id", "The pool that was closed.")
    from_source: VentureSource | None = one("from_source_id", "Its source.")
    to_pool: VenturePool | None = one("to_pool_id", "The pool that has it now.")
    to_source: VentureSource | None = one("to_source_id", "The source that has it now.")


MONEY_NODES = (VenturePool, VentureSource, VentureReceipt, VentureCarryOver)
