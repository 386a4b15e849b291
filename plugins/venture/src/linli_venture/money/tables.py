"""The tables of money. Balances lie in the ledger; the rows here say whose they are, and for what."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Date, Integer, Text, Timestamptz

from linli.plugin import AreaTable


class Pool(AreaTable, tablename="venture_pool"):
    """A budget for calls of one year, in an area; its money is that of its sources."""

    title = Text()
    year = Integer()
    purpose = Text(default="")
    state = Text(default="open")
    opened_by = UUID(default=None, null=True)


class Source(AreaTable, tablename="venture_source"):
    """A named source of a pool: a fiscal budget, donations, a special fund.

    Restricted money has the `category` of projects for which alone it may be awarded. `given_account_id` is where the
    money comes from, below zero by what came in; `fund_account_id` has what is left of it.
    """

    pool_id = UUID()
    kind = Text()
    name = Text()
    category = Text(default="")
    terms = Text(default="", help_text="what the giver asked for")
    given_account_id = UUID()
    fund_account_id = UUID()
    opened_by = UUID(default=None, null=True)


class Receipt(AreaTable, tablename="venture_receipt"):
    """Money that came in for a source; a mistake is cancelled by somebody else, which reverses the entry."""

    source_id = UUID()
    pool_id = UUID()
    giver_kind = Text()
    giver = Text(default="", help_text="an office or organisation; empty for a person")
    organisation_id = UUID(default=None, null=True)
    person_id = UUID(default=None, null=True)
    amount_fen = BigInt()
    received_on = Date()
    basis = Text(help_text="the number of the document or bank voucher")
    state = Text(default="posted")
    recorded_by = UUID(default=None, null=True)
    entry_id = UUID(default=None, null=True)
    cancelled_by = UUID(default=None, null=True)
    cancelled_at = Timestamptz(default=None, null=True)
    cancel_reason = Text(default="")


class CarryOver(AreaTable, tablename="venture_carry_over"):
    """What was left of a closed pool's source, carried over into an open pool by a decision; lies where the first does.

    A mistake is cancelled by somebody else, which reverses the entry.
    """

    from_pool_id = UUID()
    from_source_id = UUID()
    to_pool_id = UUID()
    to_source_id = UUID()
    amount_fen = BigInt()
    basis = Text(help_text="the number of the decision")
    reason = Text()
    carried_on = Date()
    state = Text(default="posted")
    carried_by = UUID(default=None, null=True)
    entry_id = UUID(default=None, null=True)
    cancelled_by = UUID(default=None, null=True)
    cancelled_at = Timestamptz(default=None, null=True)
    cancel_reason = Text(default="")
