"""What issued documents refuse."""

from __future__ import annotations

from linli.errors import Conflict, Invalid


class BadValidity(Invalid):
    """A document would end before it is issued."""

    code = "documents.bad_validity"


class DocumentTooLarge(Invalid):
    """The file would be larger than a document may be (`limit`, bytes)."""

    code = "documents.too_large"


class DocumentErased(Conflict):
    """The file is gone: its period is over, or the person's data were erased."""

    code = "documents.erased"
