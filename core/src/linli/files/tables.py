"""The table of attachments; their contents lie in the store."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Boolean, Text, Timestamptz

from linli.db.encryption.columns import EncryptedText
from linli.db.tables import AreaTable

NAME_MAX = 200
PURPOSE = "files.content"


class File(AreaTable, tablename="files_file"):
    """A file that belongs to a row. It lies where that lay then.

    `address` names the content in the store: the SHA-256 of what is stored in clear; for what is encrypted a keyed
    hash, so that nobody can try out what it may be. `file_key` is the key of this content alone; without it, the
    content is gone for good, in backups of the store too.
    """

    kind = Text()
    owner_table = Text()
    owner_id = UUID()
    person_id = UUID(default=None, null=True)
    name = EncryptedText(purpose=PURPOSE, limit=NAME_MAX)
    media_type = Text()
    size_bytes = BigInt()
    address = Text()
    cipher = Text(default="", help_text="empty for what is stored in clear")
    file_key = EncryptedText(purpose=PURPOSE, limit=64, secret=True)
    scanned_by = Text(default="", help_text="the scanners that found nothing; empty when there was none")
    uploaded_by = UUID(default=None, null=True)
    removed_at = Timestamptz(default=None, null=True)
    sealed = Boolean(
        default=False, help_text="no list shows it, as what it belongs to is nobody else's business yet"
    )
