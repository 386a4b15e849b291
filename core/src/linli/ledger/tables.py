"""Tables of the ledger. Balances and postings are written by `app.ledger_post` alone: no role may do it directly."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Boolean, SmallInt, Text, Timestamptz

from linli.db.tables import AreaTable, TenantTable


class Account(AreaTable, tablename="ledger_account"):
    """What somebody owns of one unit, in one role; lies where its owner does.

    `available` and `reserved` are whole numbers in the unit's minor part (a point, a fen). Both are null while the
    balance is kept in `stripes`.
    """

    unit = Text()
    role = Text()
    owner_kind = Text()
    owner_id = UUID()
    period = Text(default="", help_text="such as a year, for accounts that are opened anew for each")
    may_be_negative = Boolean(default=False)
    state = Text(default="open")
    stripes = SmallInt(default=0)
    available = BigInt(default=0, null=True)
    reserved = BigInt(default=0, null=True)


class Stripe(TenantTable, tablename="ledger_stripe"):
    """A part of the balance of an account on which many post at once."""

    account_id = UUID()
    stripe = SmallInt()
    available = BigInt()
    reserved = BigInt()


class Entry(TenantTable, tablename="ledger_entry"):
    """Postings that were made together and add up to zero. Rows are only ever added."""

    kind = Text()
    key = Text(help_text="what the entry is for: it can be posted once")
    digest = Text(help_text="SHA-256 of the key, kind and postings")
    posted_at = Timestamptz()
    reason = Text(default="")
    actor_kind = Text()
    actor_id = UUID(default=None, null=True)
    actor_name = Text(default="")
    source_table = Text(default="")
    source_id = UUID(default=None, null=True)
    reverses_id = UUID(default=None, null=True)
    hold_id = UUID(default=None, null=True, help_text="the hold that the entry makes or draws on")


class Posting(AreaTable, tablename="ledger_posting"):
    """An amount put to an account (above zero) or taken from it. Rows are only ever added.

    Unit, role, owner, kind and moment are those of its account and entry, so that sums need no join. Lies where the
    account did when it was posted.
    """

    entry_id = UUID()
    account_id = UUID()
    part = Text()
    amount = BigInt()
    unit = Text()
    role = Text()
    owner_id = UUID()
    entry_kind = Text()
    category = Text(default="")
    posted_at = Timestamptz()


class Hold(TenantTable, tablename="ledger_hold"):
    """An amount that an account reserved for something; `remaining` is what is neither committed nor released."""

    account_id = UUID()
    entry_id = UUID()
    amount = BigInt()
    remaining = BigInt()
