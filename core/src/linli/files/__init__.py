"""Attachments: files that belong to something, kept on a disk or in an S3-compatible store.

What can be attached, to what, and who may read it, is declared by plugins in their hook `file_kinds()`.
"""

from linli.files.content import read
from linli.files.jobs import JOBS
from linli.files.keeping import attach, of_owner, readable, remove, unseal
from linli.files.kinds import FileKind, FileOwner, FileScanner, Scanned
from linli.files.links import link
from linli.files.personal import PERSONAL_DATA
from linli.files.tables import File
from linli.signed_links import Link

__all__ = [
    "JOBS",
    "PERSONAL_DATA",
    "File",
    "FileKind",
    "FileOwner",
    "FileScanner",
    "Link",
    "Scanned",
    "attach",
    "link",
    "of_owner",
    "read",
    "readable",
    "remove",
    "unseal",
]
