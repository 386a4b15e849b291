"""Accounts, stripes, entries, postings and holds, and the functions that write them."""

from linli.db.ddl import Migration
from linli.ledger.migrations.posting import DRAW, POST, POST_ARGUMENTS
from linli.ledger.migrations.spreading import SET_STRIPES, SPREAD, STRIPE_ARGUMENTS, STRIPE_MAX

AMOUNT_MAX = 9_007_199_254_740_991  # 2^53 - 1: exact in every client's numbers


def upgrade(m: Migration) -> None:
    """The API role may open, close and place accounts; balances, entries, postings and holds it can only read.

    They are written by `app.ledger_post`, which runs as the owner and refuses any tenant but the bound one: that an
    entry adds up to zero and that no balance is overdrawn does not rest on the caller. The role may change
    `updated_at` of a hold, because who locks a row must be able to change something of it.
    """
    _accounts(m)
    _journal(m)
    for statement in (SPREAD, DRAW, POST, SET_STRIPES):
        m.execute(statement)
    for function in (f"app.ledger_post{POST_ARGUMENTS}", f"app.ledger_set_stripes{STRIPE_ARGUMENTS}"):
        m.execute(f"revoke execute on function {function} from public")
        m.execute(f"grant execute on function {function} to {m.api}")
    for inner in ("app.ledger_spread", "app.ledger_draw"):
        m.execute(f"revoke execute on function {inner} from public")


def _accounts(m: Migration) -> None:
    opened = "tenant_id, id, area_id, area_path, unit, role, owner_kind, owner_id, period, may_be_negative"
    m.tenant_table(
        "ledger_account",
        f"""
        unit text not null check (unit in ('points', 'CNY')),
        role text collate "C" not null check (role ~ '^[a-z][a-z0-9_]{{1,39}}$'),
        owner_kind text not null
            check (owner_kind in ('person', 'household', 'organisation', 'area', 'tenant', 'other')),
        owner_id uuid not null,
        period text collate "C" not null default '' check (length(period) <= 20),
        may_be_negative boolean not null default false,
        state text not null default 'open' check (state in ('open', 'closed')),
        stripes smallint not null default 0 check (stripes between 0 and 64),
        available bigint default 0,
        reserved bigint default 0,
        constraint ledger_account_bounded check (
            available between -{AMOUNT_MAX} and {AMOUNT_MAX} and reserved <= {AMOUNT_MAX}),
        constraint ledger_account_covered check ((may_be_negative or available >= 0) and reserved >= 0),
        constraint ledger_account_closed check (state = 'open' or (stripes = 0 and available = 0 and reserved = 0)),
        constraint ledger_account_parts check (
            (stripes = 0) = (available is not null) and (stripes = 0) = (reserved is not null))
        """,
        unique=[("unit", "role", "owner_id", "period")],
        indexes=[("owner_id",)],
        area=True,
        append_only=True,
    )
    m.execute(f"revoke insert on ledger_account from {m.api}")
    m.execute(f"grant insert ({opened}) on ledger_account to {m.api}")
    m.execute(f"grant update (area_id, area_path, state, version, updated_at) on ledger_account to {m.api}")
    m.tenant_table(
        "ledger_stripe",
        f"""
        account_id uuid not null,
        stripe smallint not null check (stripe between 0 and 63),
        available bigint not null,
        reserved bigint not null check (reserved >= 0),
        constraint ledger_stripe_bounded check (
            available between -{STRIPE_MAX} and {STRIPE_MAX} and reserved <= {STRIPE_MAX})
        """,
        references={"account_id": "ledger_account"},
        unique=[("account_id", "stripe")],
        append_only=True,
    )
    m.execute(f"revoke insert on ledger_stripe from {m.api}")


def _journal(m: Migration) -> None:
    m.tenant_table(
        "ledger_entry",
        """
        kind text collate "C" not null check (length(kind) between 3 and 80),
        key text collate "C" not null check (length(key) between 1 and 200),
        digest text not null check (length(digest) = 64),
        posted_at timestamptz not null,
        reason text not null default '' check (length(reason) <= 500),
        actor_kind text not null,
        actor_id uuid,
        actor_name text not null default '',
        source_table text not null default '',
        source_id uuid,
        reverses_id uuid,
        hold_id uuid,
        constraint ledger_entry_reversal check (reverses_id is null or (hold_id is null and reason ~ '\\S'))
        """,
        references={"reverses_id": "ledger_entry"},
        unique=[("key",)],
        indexes=[("posted_at", "id"), ("source_id",), ("kind", "posted_at")],
        append_only=True,
    )
    m.index("ledger_entry", "reverses_id", unique=True, where="reverses_id is not null")
    m.index("ledger_entry", "hold_id", where="hold_id is not null")
    m.tenant_table(
        "ledger_posting",
        f"""
        entry_id uuid not null,
        account_id uuid not null,
        part text not null check (part in ('available', 'reserved')),
        amount bigint not null check (amount <> 0 and amount between -{AMOUNT_MAX} and {AMOUNT_MAX}),
        unit text not null check (unit in ('points', 'CNY')),
        role text collate "C" not null,
        owner_id uuid not null,
        entry_kind text collate "C" not null,
        category text collate "C" not null default '' check (length(category) <= 80),
        posted_at timestamptz not null
        """,
        references={"entry_id": "ledger_entry", "account_id": "ledger_account"},
        indexes=[("entry_id",), ("account_id", "posted_at", "id"), ("owner_id", "posted_at", "id"),
                 ("posted_at", "id")],
        area=True,
        append_only=True,
    )  # fmt: skip
    m.tenant_table(
        "ledger_hold",
        """
        account_id uuid not null,
        entry_id uuid not null,
        amount bigint not null check (amount > 0),
        remaining bigint not null,
        constraint ledger_hold_remaining check (remaining between 0 and amount)
        """,
        references={"account_id": "ledger_account", "entry_id": "ledger_entry"},
        unique=[("entry_id",)],
        append_only=True,
    )
    m.index("ledger_hold", "account_id", where="remaining > 0")
    m.execute(f"revoke insert on ledger_entry from {m.api}")
    m.execute(f"revoke insert on ledger_posting from {m.api}")
    m.execute(f"grant update (area_id, area_path, version, updated_at) on ledger_posting to {m.api}")
    m.execute(f"revoke insert on ledger_hold from {m.api}")
    m.execute(f"grant update (updated_at) on ledger_hold to {m.api}")
