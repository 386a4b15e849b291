"""An export as an Excel workbook, made in memory: no temporary file ever holds it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import xlsxwriter

_SHEET_NAME_MAX: Final = 31
_CELL_MAX: Final = 32_000
# Texts stay texts: a value that begins with `=` is no formula, and an address no link.
_OPTIONS: Final = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def workbook(content: Mapping[str, Any]) -> bytes:
    """One sheet for each part that has something, with a row for each item."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        bold = book.add_format({"bold": True})
        cover = book.add_worksheet("_")
        for number, key in enumerate(("tenant", "made_at", "person_id")):
            cover.write_string(number, 0, key, bold)
            cover.write_string(number, 1, str(content.get(key, "")))
        data: Mapping[str, Sequence[Mapping[str, Any]]] = content.get("data", {})
        for part, items in data.items():
            if items:
                _sheet(book.add_worksheet(part[:_SHEET_NAME_MAX]), items, bold)
    return buffer.getvalue()


def _sheet(sheet: Any, items: Sequence[Mapping[str, Any]], bold: Any) -> None:
    names = list(dict.fromkeys(name for item in items for name in item))
    for place, name in enumerate(names):
        sheet.write_string(0, place, name, bold)
    for number, item in enumerate(items, start=1):
        for place, name in enumerate(names):
            value = item.get(name)
            if value is not None:
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
                sheet.write_string(number, place, text[:_CELL_MAX])
