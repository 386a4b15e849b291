"""Idempotency keys of mutations."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """A key belongs to the tenant, the caller and the field."""
    m.tenant_table(
        "graphql_idempotency",
        """
        principal text not null,
        field text not null,
        key text not null,
        request_hash text not null,
        row_id uuid
        """,
        unique=[("principal", "field", "key")],
        indexes=[("created_at",)],
    )
