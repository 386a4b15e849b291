"""Indexes for what the API offers to filter and order by."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """Events are listed by their moment, deliveries by their subscription and by when they are due."""
    m.index("events_event", "occurred_at", "id")
    m.index("events_delivery", "subscription", "id")
    m.index("events_delivery", "next_attempt_at", "id")
