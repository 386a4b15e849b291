"""The table of issued documents."""

from __future__ import annotations

from typing import ClassVar

from piccolo.columns import UUID, Date, Integer, Text, Timestamptz

from linli.db.encryption.columns import EncryptedBytes
from linli.db.tables import AreaTable

DOCUMENT_BYTES_MAX = 1_000_000


class Document(AreaTable, tablename="documents_document"):
    """A document as it was handed out. It lies where its subject lay then.

    `title` and `holder_masked` are what the public page shows; `sha256` is of `content`,
    the file itself; it stands in the audit trail.
    """

    number = Text()
    kind = Text()
    template_version = Integer()
    title = Text()
    subject_table = Text()
    subject_id = UUID()
    person_id = UUID(default=None, null=True)
    holder_masked = Text(default="")
    issued_at = Timestamptz()
    issued_on = Date()
    valid_until = Date(default=None, null=True)
    state = Text(default="valid")
    revoked_at = Timestamptz(default=None, null=True)
    revoke_reason = Text(default="")
    sha256 = Text()
    key_id = UUID()
    content = EncryptedBytes(purpose="documents.content", limit=DOCUMENT_BYTES_MAX, secret=True)

    personal_columns: ClassVar[frozenset[str]] = frozenset({"holder_masked", "revoke_reason"})
