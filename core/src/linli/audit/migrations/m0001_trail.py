"""The audit trail and its hash chain."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """Entries are append-only for the API role; seals can be written by the kernel role only."""
    m.tenant_table(
        "audit_entry",
        """
        occurred_at timestamptz not null,
        actor_kind text not null,
        actor_id uuid,
        actor_name text not null default '',
        action text not null,
        subject_table text not null default '',
        subject_id uuid,
        request_id text not null default '',
        origin text not null default '',
        reason text not null default '',
        before jsonb,
        after jsonb
        """,
        indexes=[("subject_table", "subject_id"), ("actor_id",), ("occurred_at", "id")],
        append_only=True,
        kernel=True,
    )
    m.execute(f"revoke insert, update, delete on audit_entry from {m.kernel}")
    m.tenant_table(
        "audit_seal",
        """
        position bigint not null,
        entry_id uuid not null,
        algorithm text not null check (algorithm in ('sha256', 'sm3')),
        previous_hash text not null,
        hash text not null
        """,
        references={"entry_id": "audit_entry"},
        unique=[("position",), ("entry_id",)],
        kernel=True,
    )
    m.execute(f"revoke insert, update, delete on audit_seal from {m.api}")
    m.execute(f"revoke update, delete on audit_seal from {m.kernel}")
    m.tenant_table(
        "audit_head",
        """
        position bigint not null,
        hash text not null,
        last_entry_id uuid not null
        """,
        kernel=True,
    )
    m.index("audit_head", unique=True)
    m.execute(f"revoke insert, update, delete on audit_head from {m.api}")
    m.execute(f"revoke delete on audit_head from {m.kernel}")
