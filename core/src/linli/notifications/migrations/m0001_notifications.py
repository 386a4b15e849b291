"""Messages, their deliveries by channel, and what people prefer."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """The kernel role looks for tenants with due deliveries; these hold ids and masked addresses only."""
    m.tenant_table(
        "notifications_message",
        """
        person_id uuid not null,
        type text collate "C" not null check (length(type) between 3 and 120),
        message_class text not null check (message_class in ('service', 'reminder', 'required')),
        dedupe_key text collate "C" not null check (length(dedupe_key) between 1 and 200),
        content text not null check (length(content) <= 10000),
        sent_at timestamptz not null,
        read_at timestamptz
        """,
        references={"person_id": "identity_person"},
        unique=[("person_id", "type", "dedupe_key")],
        indexes=[("person_id", "sent_at", "id"), ("sent_at", "id")],
    )
    m.index("notifications_message", "person_id", where="read_at is null")
    _deliveries(m)
    _choices(m)


def _deliveries(m: Migration) -> None:
    m.tenant_table(
        "notifications_delivery",
        """
        message_id uuid not null,
        person_id uuid not null,
        type text collate "C" not null,
        channel text collate "C" not null check (length(channel) between 1 and 40),
        status text not null check (status in ('pending', 'done', 'bounced', 'skipped', 'dead')),
        digest boolean not null default false,
        attempts integer not null default 0,
        due_at timestamptz not null,
        finished_at timestamptz,
        error_code text not null default '' check (length(error_code) <= 100),
        address_masked text not null default '' check (length(address_masked) <= 300),
        check ((status = 'pending') = (finished_at is null))
        """,
        references={"message_id": "notifications_message", "person_id": "identity_person"},
        unique=[("message_id", "channel")],
        indexes=[
            ("created_at", "id"),
            ("finished_at", "id"),
            ("due_at", "id"),
            ("status", "due_at", "id"),
            ("type", "channel"),
            ("channel", "id"),
            ("person_id", "channel"),
        ],
        kernel=True,
    )
    m.index("notifications_delivery", "due_at", "id", where="status = 'pending'")


def _choices(m: Migration) -> None:
    m.tenant_table(
        "notifications_preference",
        """
        person_id uuid not null,
        message_class text not null check (message_class in ('service', 'reminder')),
        channel text collate "C" not null check (length(channel) between 1 and 40),
        wanted boolean not null
        """,
        references={"person_id": "identity_person"},
        unique=[("person_id", "message_class", "channel")],
    )
    m.tenant_table(
        "notifications_address",
        """
        person_id uuid not null,
        channel text collate "C" not null check (length(channel) between 1 and 40),
        address bytea,
        bounced bytea,
        bounced_at timestamptz,
        bounced_code text not null default '' check (length(bounced_code) <= 100),
        check ((bounced is null) = (bounced_at is null))
        """,
        references={"person_id": "identity_person"},
        unique=[("person_id", "channel")],
    )
