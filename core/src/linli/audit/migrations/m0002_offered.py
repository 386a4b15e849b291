"""Indexes for what the API offers to filter and order by."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """An auditor asks who did it, what was done, and what one request did."""
    m.index("audit_entry", "action", "id")
    m.index("audit_entry", "actor_name", "id")
    m.index("audit_entry", "request_id", "id")
