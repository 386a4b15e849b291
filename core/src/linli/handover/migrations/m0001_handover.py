"""Hand-overs: both sides' records, the messages between them, their queue, and the keys that sign them."""

from linli.db.ddl import Migration

_FIELDS = "fields text[] not null check (cardinality(fields) between 1 and 100)"
_SEALED = "check (octet_length({}) >= 46)"
_ENDS = "('here', 'there', 'person', 'time', 'erasure')"


def upgrade(m: Migration) -> None:
    """The kernel role sees who has messages to deliver, but no content; it alone writes the public keys."""
    _keys(m)
    _records(m)
    _messages(m)


def _keys(m: Migration) -> None:
    m.tenant_table(
        "handover_key",
        f"""
        public_key bytea not null check (octet_length(public_key) = 32),
        private_key bytea {_SEALED.format("private_key")},
        state text not null default 'current' check (state in ('current', 'retired'))
        """,
    )
    m.index("handover_key", "state", unique=True, where="state = 'current'")
    m.tenant_table(
        "handover_public_key", "public_key bytea not null check (octet_length(public_key) = 32)", kernel=True
    )
    m.execute(f"revoke insert, update, delete on handover_public_key from {m.api}")
    m.execute(f"revoke update, delete on handover_public_key from {m.kernel}")


def _records(m: Migration) -> None:
    m.tenant_table(
        "handover_offered",
        f"""
        exchange_id uuid not null,
        person_id uuid not null,
        counterpart_slug text collate "C" not null,
        counterpart_name text not null check (length(counterpart_name) between 1 and 200),
        {_FIELDS},
        purpose text not null check (length(purpose) between 1 and 200),
        state text not null default 'offered'
            check (state in ('offered', 'accepted', 'declined', 'expired', 'revoked')),
        offered_at timestamptz not null,
        offered_by uuid,
        expires_at timestamptz not null,
        decided_at timestamptz,
        ended_at timestamptz,
        ended_by text check (ended_by in {_ENDS}),
        reason text not null default '' check (length(reason) <= 500)
        """,
        references={"person_id": "identity_person"},
        unique=[("exchange_id",)],
        indexes=[("person_id", "id"), ("offered_at", "id"), ("state", "expires_at"), ("ended_at", "id")],
        area=True,
    )
    m.tenant_table(
        "handover_received",
        f"""
        exchange_id uuid not null,
        person_id uuid,
        counterpart_slug text collate "C" not null,
        counterpart_name text not null check (length(counterpart_name) between 1 and 200),
        {_FIELDS},
        purpose text not null check (length(purpose) between 1 and 200),
        state text not null default 'offered'
            check (state in ('offered', 'accepted', 'declined', 'expired', 'revoked')),
        received_at timestamptz not null,
        expires_at timestamptz not null,
        decided_at timestamptz,
        decided_by uuid,
        ended_at timestamptz,
        ended_by text check (ended_by in {_ENDS}),
        reason text not null default '' check (length(reason) <= 500),
        constraint handover_received_person check (state <> 'accepted' or person_id is not null)
        """,
        references={"person_id": "identity_person"},
        unique=[("exchange_id",)],
        indexes=[("person_id", "id"), ("received_at", "id"), ("state", "expires_at"), ("ended_at", "id")],
        area=True,
    )


def _messages(m: Migration) -> None:
    m.tenant_table(
        "handover_message",
        f"""
        direction text not null check (direction in ('out', 'in')),
        exchange_id uuid not null,
        counterpart_slug text collate "C" not null,
        message_id uuid not null,
        sequence integer not null check (sequence between 1 and 10000),
        kind text not null check (kind in ('offer', 'update', 'accept', 'decline', 'revoke')),
        state text not null default 'pending'
            check (state in ('pending', 'acknowledged', 'void', 'applied', 'ignored')),
        content bytea {_SEALED.format("content")},
        digest bytea not null check (octet_length(digest) = 32),
        sent_at timestamptz not null,
        key_id uuid not null,
        public_key bytea not null check (octet_length(public_key) = 32),
        signature bytea not null,
        receipt_at timestamptz,
        receipt_key_id uuid,
        receipt_public_key bytea,
        receipt_signature bytea,
        ended_at timestamptz
        """,
        unique=[
            ("direction", "message_id"),
            ("direction", "counterpart_slug", "exchange_id", "sequence"),
        ],
        indexes=[("exchange_id", "sequence"), ("ended_at", "id")],
    )
    m.tenant_table(
        "handover_delivery",
        """
        status text not null default 'pending' check (status in ('pending', 'done', 'dead')),
        attempts integer not null default 0,
        next_attempt_at timestamptz not null,
        finished_at timestamptz,
        error_code text not null default ''
        """,
        kernel=True,
    )
    m.index("handover_delivery", "next_attempt_at", "id", where="status = 'pending'")
    m.index("handover_delivery", "id", where="status = 'dead'")
