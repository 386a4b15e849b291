"""Messages to the issuing authority, its answers, and what comparing the two found."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """An answer is kept once under the authority's key for it, so that it can be applied once only."""
    m.tenant_table(
        "migrants_message",
        """
        application_id uuid not null,
        person_id uuid not null,
        sequence integer not null check (sequence between 1 and 1000),
        body bytea check (octet_length(body) >= 46),
        state text not null default 'queued' check (state in ('queued', 'sent', 'answered', 'failed')),
        attempts integer not null default 0,
        due_at timestamptz not null,
        sent_at timestamptz,
        answered_at timestamptz,
        error_code text not null default '' check (length(error_code) <= 100),
        check (state not in ('sent') or sent_at is not null)
        """,
        references={"application_id": "migrants_application", "person_id": "identity_person"},
        unique=[("application_id", "sequence")],
        indexes=[("state", "due_at"), ("person_id",)],
        area=True,
    )
    m.tenant_table(
        "migrants_answer",
        """
        answer_key text collate "C" not null check (length(answer_key) between 1 and 80),
        number text collate "C" not null check (length(number) <= 40),
        application_id uuid,
        person_id uuid,
        kind text not null check (kind in ('approved', 'refused', 'issued', 'error')),
        body bytea check (octet_length(body) >= 46),
        state text not null check (state in ('applied', 'stale', 'set_aside', 'settled')),
        error_code text not null default '' check (length(error_code) <= 100),
        note text not null default '' check (length(note) <= 500),
        settled_by uuid,
        check ((state = 'settled') = (note <> ''))
        """,
        references={"application_id": "migrants_application", "person_id": "identity_person"},
        unique=[("answer_key",)],
        indexes=[("state", "id"), ("application_id",), ("person_id",)],
        area=True,
    )
    m.tenant_table(
        "migrants_reconciliation",
        """
        run_on date not null,
        compared integer not null,
        agreed integer not null,
        resent integer not null,
        asked_again integer not null,
        waiting integer not null,
        set_aside integer not null,
        failed integer not null
        """,
        indexes=[("run_on", "id")],
    )
