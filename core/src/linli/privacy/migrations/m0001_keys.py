"""The keys of tenants, and how far their rotation is."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """The kernel role may read the wrapped keys: at start it is proved that the master keys open them."""
    m.tenant_table(
        "privacy_data_key",
        """
        purpose text collate "C" not null check (length(purpose) between 3 and 80),
        kind text not null check (kind in ('cipher', 'index')),
        algorithm text not null check (algorithm in ('aes-256-gcm', 'sm4-gcm', 'hmac-sha256', 'hmac-sm3')),
        master_key_id text collate "C" not null check (length(master_key_id) between 1 and 40),
        wrapped bytea,
        state text not null default 'current' check (state in ('current', 'draining', 'retired', 'destroyed')),
        destroyed_at timestamptz,
        destroyed_reason text not null default '' check (length(destroyed_reason) <= 500),
        constraint privacy_data_key_destroyed check (
            (state = 'destroyed') = (wrapped is null) and (state = 'destroyed') = (destroyed_at is not null))
        """,
        indexes=[("purpose", "state")],
        kernel=True,
    )
    m.index("privacy_data_key", "purpose", "kind", unique=True, where="state = 'current'")
    m.execute(f"revoke delete on privacy_data_key from {m.api}")
    m.execute(f"revoke insert, update, delete on privacy_data_key from {m.kernel}")
    m.tenant_table(
        "privacy_rotation",
        """
        purpose text collate "C" not null check (length(purpose) between 3 and 80),
        table_name text collate "C" not null,
        column_name text collate "C" not null,
        with_index boolean not null default false,
        last_id uuid not null,
        passes integer not null default 0,
        rows_done bigint not null default 0,
        rows_left bigint not null default 0,
        state text not null default 'running' check (state in ('running', 'done', 'incomplete')),
        finished_at timestamptz
        """,
        unique=[("table_name", "column_name")],
        indexes=[("purpose",)],
    )
