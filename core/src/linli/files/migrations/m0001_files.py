"""Attachments."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """A row stays when its file is removed: the audit trail refers to it."""
    m.tenant_table(
        "files_file",
        """
        kind text collate "C" not null check (length(kind) between 3 and 80),
        owner_table text collate "C" not null check (length(owner_table) between 3 and 80),
        owner_id uuid not null,
        person_id uuid,
        name bytea check (octet_length(name) >= 46),
        media_type text collate "C" not null check (length(media_type) between 3 and 100),
        size_bytes bigint not null check (size_bytes > 0),
        address text collate "C" not null check (length(address) = 64),
        cipher text not null default '' check (cipher in ('', 'aes-256-gcm', 'sm4-gcm')),
        file_key bytea check (octet_length(file_key) >= 46),
        scanned_by text not null default '' check (length(scanned_by) <= 200),
        uploaded_by uuid,
        removed_at timestamptz
        """,
        references={"person_id": "identity_person"},
        indexes=[("owner_id", "id"), ("person_id", "id"), ("address",)],
        area=True,
    )
    m.execute(f"revoke delete on files_file from {m.api}")
