"""Sources of pools, and what came in for them."""

from linli.plugin import Migration

_FEN_MAX = 100_000_000_000_000


def upgrade(m: Migration) -> None:
    """Named sources with their accounts in the ledger; receipts by voucher."""
    m.tenant_table(
        "venture_source",
        """
        pool_id uuid not null,
        kind text not null check (kind in ('fiscal', 'donation', 'special_fund')),
        name text collate "C" not null check (length(name) between 1 and 100),
        category text not null default '' check (length(category) <= 40),
        terms text not null default '' check (length(terms) <= 1000),
        given_account_id uuid not null,
        fund_account_id uuid not null,
        opened_by uuid,
        check (kind <> 'special_fund' or category <> '')
        """,
        references={
            "pool_id": "venture_pool",
            "given_account_id": "ledger_account",
            "fund_account_id": "ledger_account",
        },
        unique=[("pool_id", "name"), ("given_account_id",), ("fund_account_id",)],
        indexes=[("kind", "id"), ("category", "id")],
        area=True,
    )
    m.tenant_table(
        "venture_receipt",
        f"""
        source_id uuid not null,
        pool_id uuid not null,
        giver_kind text not null check (giver_kind in ('government', 'organisation', 'person')),
        giver text not null default '' check (length(giver) <= 200),
        organisation_id uuid,
        person_id uuid,
        amount_fen bigint not null check (amount_fen between 1 and {_FEN_MAX}),
        received_on date not null,
        basis text collate "C" not null check (length(basis) between 1 and 100),
        state text not null default 'posted' check (state in ('posted', 'cancelled')),
        recorded_by uuid,
        entry_id uuid,
        cancelled_by uuid check (cancelled_by <> recorded_by),
        cancelled_at timestamptz,
        cancel_reason text not null default '' check (length(cancel_reason) <= 500),
        check ((giver_kind = 'person') = (giver = '')),
        check (giver_kind = 'person' or person_id is null),
        check ((state = 'cancelled') = (cancelled_at is not null))
        """,
        references={
            "source_id": "venture_source",
            "pool_id": "venture_pool",
            "organisation_id": "identity_organisation",
            "person_id": "identity_person",
            "entry_id": "ledger_entry",
        },
        indexes=[("source_id", "received_on"), ("pool_id", "received_on"), ("received_on", "id"), ("state", "id"),
                 ("organisation_id",), ("person_id",)],
        area=True,
    )  # fmt: skip
    m.index("venture_receipt", "source_id", "basis", unique=True, where="state = 'posted'")
