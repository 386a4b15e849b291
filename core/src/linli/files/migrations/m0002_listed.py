"""Lists of attachments, and what a tenant keeps."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """Lists are ordered by when a file was attached; the sum of sizes is read from an index alone."""
    m.index("files_file", "created_at", "id")
    m.index("files_file", "kind", "id")
    m.execute(
        "create index files_file_stored on files_file (tenant_id) include (size_bytes) where removed_at is null"
    )
