"""The event log and its deliveries."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """Events are append-only; the kernel role sees deliveries (who has work) but no event's content."""
    m.tenant_table(
        "events_event",
        """
        name text collate "C" not null,
        event_version integer not null,
        payload jsonb not null,
        actor_kind text not null,
        actor_id uuid,
        request_id text not null default '',
        occurred_at timestamptz not null
        """,
        indexes=[("name", "id")],
        append_only=True,
    )
    m.tenant_table(
        "events_delivery",
        """
        event_id uuid not null,
        subscription text collate "C" not null,
        status text not null default 'pending' check (status in ('pending', 'done', 'dead')),
        attempts integer not null default 0,
        next_attempt_at timestamptz not null,
        finished_at timestamptz,
        error_code text not null default ''
        """,
        references={"event_id": "events_event"},
        unique=[("event_id", "subscription")],
        kernel=True,
    )
    m.index("events_delivery", "next_attempt_at", "id", where="status = 'pending'")
    m.index("events_delivery", "id", where="status = 'dead'")
