"""The text of a PDF, as a reader's search finds it."""

from __future__ import annotations

import pypdfium2


def printed_pages(pdf: bytes) -> list[str]:
    """The text of each page."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()
