"""Drawing beside the event loop. The library is loaded with the first document, as few processes draw any."""

from __future__ import annotations

import asyncio
from typing import Final

from linli.printing.errors import BadDocumentAddress
from linli.printing.sheet import Sheet

PDF: Final = "application/pdf"
ADDRESS_MAX: Final = 400


async def draw(sheet: Sheet) -> bytes:
    """The sheet as PDF; the same sheet gives the same bytes. Raises: TooManyPages, BadDocumentAddress."""
    if sheet.address and not _usable(sheet.address):
        raise BadDocumentAddress(limit=ADDRESS_MAX)
    return await asyncio.to_thread(_drawn, sheet)


def _usable(address: str) -> bool:
    return address.startswith(("https://", "http://")) and len(address) <= ADDRESS_MAX


def _drawn(sheet: Sheet) -> bytes:
    from linli.printing.paper import drawn

    return drawn(sheet)
