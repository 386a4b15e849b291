"""What printing refuses."""

from __future__ import annotations

from linli.errors import Invalid


class TooManyPages(Invalid):
    """A document would have more pages than it may (`limit`)."""

    code = "printing.too_many_pages"


class BadDocumentAddress(Invalid):
    """The address for the QR code is not one that begins with https:// or http:// (`limit` characters at most)."""

    code = "printing.bad_address"
