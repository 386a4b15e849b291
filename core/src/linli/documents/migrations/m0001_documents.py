"""Issued documents."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """A document is never deleted by the API role: its number goes on telling that it was revoked."""
    m.tenant_table(
        "documents_document",
        """
        number text collate "C" not null check (length(number) between 10 and 40),
        kind text collate "C" not null check (length(kind) between 3 and 80),
        template_version integer not null check (template_version >= 1),
        title text not null check (length(title) between 1 and 200),
        subject_table text collate "C" not null check (length(subject_table) between 3 and 80),
        subject_id uuid not null,
        person_id uuid,
        holder_masked text not null default '' check (length(holder_masked) <= 100),
        issued_at timestamptz not null,
        issued_on date not null,
        valid_until date check (valid_until >= issued_on),
        state text not null default 'valid' check (state in ('valid', 'revoked')),
        revoked_at timestamptz,
        revoke_reason text not null default '' check (length(revoke_reason) <= 500),
        sha256 text collate "C" not null check (length(sha256) = 64),
        key_id uuid not null,
        content bytea check (octet_length(content) >= 46),
        constraint documents_document_revoked check ((state = 'revoked') = (revoked_at is not null))
        """,
        references={"person_id": "identity_person"},
        unique=[("number",)],
        indexes=[("subject_id", "issued_at"), ("person_id", "id"), ("kind", "issued_at", "id")],
        area=True,
    )
    m.execute(f"revoke delete on documents_document from {m.api}")
