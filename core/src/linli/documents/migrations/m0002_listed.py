"""Lists of issued documents."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """Lists are ordered by when a document was issued, and filtered by when it ends."""
    m.index("documents_document", "issued_at", "id")
    m.index("documents_document", "valid_until", "id")
    m.index("documents_document", "state", "issued_at", "id")
