"""Privacy services: encrypted columns, the log of reveals, consents, service tags, requests, retention, small cells."""

from linli.db.encryption import BlindIndex, EncryptedText, decrypt, decrypt_all, find_equal
from linli.privacy.consents import consents_of, has_consent, require_consent
from linli.privacy.forbidden import forbidden_word
from linli.privacy.register import of_table as subject_table
from linli.privacy.reveals import Revealed, reveal
from linli.privacy.rotation import rewrap, rotate
from linli.privacy.shredding import shred
from linli.privacy.small_cells import SMALL_CELL, is_small, shown_count, suppress
from linli.privacy.subjects import Kept, SubjectData, rows_about
from linli.privacy.tags import tags_of

__all__ = [
    "SMALL_CELL",
    "BlindIndex",
    "EncryptedText",
    "Kept",
    "Revealed",
    "SubjectData",
    "consents_of",
    "decrypt",
    "decrypt_all",
    "find_equal",
    "forbidden_word",
    "has_consent",
    "is_small",
    "require_consent",
    "reveal",
    "rewrap",
    "rotate",
    "rows_about",
    "shown_count",
    "shred",
    "subject_table",
    "suppress",
    "tags_of",
]
