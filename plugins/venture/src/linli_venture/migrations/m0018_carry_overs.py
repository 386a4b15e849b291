"""What is left of a closed pool is carried over into an open one."""

from linli.plugin import Migration

_FEN_MAX = 100_000_000_000_000


def upgrade(m: Migration) -> None:
    """From a source to one of the same restrictions, by a decision's number."""
    m.tenant_table(
        "venture_carry_over",
        f"""
        from_pool_id uuid not null,
        from_source_id uuid not null,
        to_pool_id uuid not null check (to_pool_id <> from_pool_id),
        to_source_id uuid not null,
        amount_fen bigint not null check (amount_fen between 1 and {_FEN_MAX}),
        basis text collate "C" not null check (length(basis) between 1 and 100),
        reason text not null check (length(reason) between 1 and 500),
        carried_on date not null,
        state text not null default 'posted' check (state in ('posted', 'cancelled')),
        carried_by uuid,
        entry_id uuid,
        cancelled_by uuid check (cancelled_by <> carried_by),
        cancelled_at timestamptz,
        cancel_reason text not null default '' check (length(cancel_reason) <= 500),
        check ((state = 'cancelled') = (cancelled_at is not null))
        """,
        references={
            "from_pool_id": "venture_pool",
            "from_source_id": "venture_source",
            "to_pool_id": "venture_pool",
            "to_source_id": "venture_source",
            "entry_id": "ledger_entry",
        },
        indexes=[("from_pool_id", "id"), ("to_pool_id", "id"), ("to_source_id", "id"), ("carried_on", "id"),
                 ("state", "id")],
        area=True,
    )  # fmt: skip
    m.index("venture_carry_over", "from_source_id", "basis", unique=True, where="state = 'posted'")
