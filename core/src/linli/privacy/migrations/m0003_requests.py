"""Requests of people about their own data, exports, and for how long data are kept."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """What was asked and answered is encrypted, and so is an export."""
    m.tenant_table(
        "privacy_request",
        """
        person_id uuid not null,
        kind text not null check (kind in ('see', 'correct', 'export', 'erase')),
        state text not null default 'received'
            check (state in ('received', 'verified', 'answered', 'refused', 'withdrawn')),
        detail bytea check (octet_length(detail) >= 46),
        answer bytea check (octet_length(answer) >= 46),
        received_at timestamptz not null,
        received_by uuid,
        verified_at timestamptz,
        verified_by uuid,
        verified_how text not null default '' check (length(verified_how) <= 100),
        due_at timestamptz not null,
        extended boolean not null default false,
        decided_at timestamptz,
        decided_by uuid
        """,
        references={"person_id": "identity_person"},
        indexes=[("person_id",), ("state", "due_at"), ("due_at", "id"), ("decided_at", "id")],
        area=True,
    )
    m.tenant_table(
        "privacy_export",
        """
        person_id uuid not null,
        request_id uuid not null,
        content bytea check (octet_length(content) >= 46),
        expires_at timestamptz not null,
        made_by uuid
        """,
        references={"person_id": "identity_person", "request_id": "privacy_request"},
        indexes=[("request_id",), ("expires_at", "id")],
    )
    m.tenant_table(
        "privacy_retention",
        """
        data_class text collate "C" not null check (length(data_class) between 3 and 80),
        days integer not null check (days between 1 and 36500)
        """,
        unique=[("data_class",)],
    )
    m.tenant_table(
        "privacy_retention_report",
        """
        data_class text collate "C" not null check (length(data_class) between 1 and 80),
        days integer not null,
        deleted bigint not null,
        outcome text not null default '' check (length(outcome) <= 100),
        run_on date not null
        """,
        indexes=[("run_on", "id")],
    )
