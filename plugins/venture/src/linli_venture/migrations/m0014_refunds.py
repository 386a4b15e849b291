"""Refunds are recorded by one person and confirmed by another, and can be reversed."""

from linli.plugin import Migration

_REFUND = "venture_refund"
_COLUMNS = (
    "state text not null default 'confirmed'"
    " check (state in ('recorded', 'confirmed', 'rejected', 'reversed', 'repaid'))",
    "decided_by uuid check (decided_by <> recorded_by)",
    "decided_at timestamptz check (state <> 'recorded' or decided_at is null)",
    "decided_reason text not null default '' check (length(decided_reason) <= 500)",
    "undone_by uuid check (state <> 'reversed' or undone_by not in (recorded_by, decided_by))",
    "undone_at timestamptz check ((state in ('reversed', 'repaid')) = (undone_at is not null))",
    "undone_reason text not null default '' check (length(undone_reason) <= 500)",
)


def upgrade(m: Migration) -> None:
    """What was recorded before stands in the ledger, and so does what a process of the last version records."""
    for column in _COLUMNS:
        m.add_column(_REFUND, column)
    m.execute(f"alter table {_REFUND} drop constraint {_REFUND}_tenant_id_grant_id_basis_key")
    counts = "state not in ('rejected', 'reversed')"
    m.index(_REFUND, "grant_id", "basis", unique=True, where=counts)
    m.index(_REFUND, "grant_id", "state")
    m.index(_REFUND, "state", "id")
