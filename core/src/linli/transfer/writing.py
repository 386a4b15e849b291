"""Writing lists: a row at a time, in constant memory, in the three formats.

What begins like a formula stays a text: in a spreadsheet it is written as one, in CSV it is given an apostrophe.
"""

from __future__ import annotations

import asyncio
import csv
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Protocol

import xlsxwriter

from linli.transfer.formats import Format

CELL_CHARACTERS_MAX: Final = 32_767  # of a spreadsheet
SHEET_ROWS_MAX: Final = 1_048_576
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_WIDTH: Final = 18

OutCell = str | int | float | bool | date | datetime | None
"""What a cell of a written list may hold."""


class ListWriter(Protocol):
    """Takes the rows of one list, in their order."""

    def row(self, cells: Sequence[OutCell]) -> None:
        """Write one row."""
        ...


@asynccontextmanager
async def list_writer(
    path: Path, file_format: Format, headers: Sequence[str], *, keys: Sequence[str]
) -> AsyncIterator[ListWriter]:
    """A writer of a list into a new file at `path`, which is whole when the block ends.

    `headers` stand in the first row of a spreadsheet or CSV file; `keys` name the values of a JSONL object.
    """
    match file_format:
        case Format.XLSX:
            async with _xlsx(path, headers) as writer:
                yield writer
        case Format.CSV:
            with path.open("w", encoding="utf-8-sig", newline="") as file:
                made = _Csv(csv.writer(file))
                made.row(headers)
                yield made
        case Format.JSONL:
            with path.open("w", encoding="utf-8") as file:
                yield _Jsonl(file, keys)


def safe_text(text: str) -> str:
    """A text for a CSV file: one that a spreadsheet would calculate is given an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


class _Csv:
    def __init__(self, writer: Any) -> None:
        self._writer = writer

    def row(self, cells: Sequence[OutCell]) -> None:
        self._writer.writerow([_csv_cell(cell) for cell in cells])


class _Jsonl:
    def __init__(self, file: Any, keys: Sequence[str]) -> None:
        self._file = file
        self._keys = keys

    def row(self, cells: Sequence[OutCell]) -> None:
        values = [cell.isoformat() if isinstance(cell, date) else cell for cell in cells]
        # Beyond the named columns there is nothing: a row is as wide as its header.
        found = dict(zip(self._keys, values, strict=False))
        self._file.write(json.dumps(found, ensure_ascii=False) + "\n")


@asynccontextmanager
async def _xlsx(path: Path, headers: Sequence[str]) -> AsyncIterator[ListWriter]:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
        "tmpdir": str(path.parent),
    }
    workbook = xlsxwriter.Workbook(str(path), options)
    try:
        sheet = workbook.add_worksheet()
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        formats = {
            date: workbook.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        sheet.set_column(0, max(0, len(headers) - 1), _WIDTH)
        sheet.freeze_panes(1, 0)
        for place, header in enumerate(headers):
            sheet.write_string(0, place, header[:CELL_CHARACTERS_MAX], bold)
        yield _Sheet(sheet, formats)
    finally:
        # Packing a large sheet takes a second or two, in which the process has other work to do.
        await asyncio.to_thread(workbook.close)


class _Sheet:
    def __init__(self, sheet: Any, formats: dict[type[date], Any]) -> None:
        self._sheet = sheet
        self._formats = formats
        self._number = 0

    def row(self, cells: Sequence[OutCell]) -> None:
        self._number += 1
        for place, cell in enumerate(cells):
            match cell:
                case None | "":
                    continue
                case str():
                    self._sheet.write_string(self._number, place, cell[:CELL_CHARACTERS_MAX])
                case bool():
                    self._sheet.write_boolean(self._number, place, cell)
                case datetime():  # a spreadsheet knows no time zones: the caller gives local time
                    self._sheet.write_datetime(
                        self._number, place, cell.replace(tzinfo=None), self._formats[datetime]
                    )
                case date():
                    self._write_day(place, cell)
                case _:
                    self._sheet.write_number(self._number, place, cell)

    def _write_day(self, place: int, day: date) -> None:
        if day.year < 1900:  # a spreadsheet's days begin there
            self._sheet.write_string(self._number, place, day.isoformat())
        else:
            self._sheet.write_datetime(self._number, place, day, self._formats[date])


def _csv_cell(cell: OutCell) -> object:
    match cell:
        case None:
            return ""
        case str():
            return safe_text(cell)
        case bool():
            return "true" if cell else "false"
        case datetime():
            return cell.isoformat(sep=" ", timespec="seconds")
        case date():
            return cell.isoformat()
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return int(cell)
        case _:
            return cell
