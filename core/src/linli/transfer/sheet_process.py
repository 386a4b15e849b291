"""Reads a file of rows in a process of its own, with bounds on memory and time, and writes them out as JSON lines.

A spreadsheet comes from outside, and a small one can unpack to anything: this process has no secrets, and when it
dies of its bounds only the file is refused. Usage: python -P -m linli.transfer.sheet_process FORMAT PATH ROWS_MAX

Each line of the output is a block: a list of `[row number, [cell, …]]`. A cell is a text, a number, true, false,
null, or `["d", "2026-05-06"]` for a day. The first row of a JSONL file is numbered 0: the names of its columns. The
last line is `{}`, or `{"fault": …}` with what is wrong.
"""

from __future__ import annotations

import csv
import io
import json
import math
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

MEMORY_BYTES_MAX: Final = 640 * 1024 * 1024
CPU_S_MAX: Final = 60
COLUMNS_MAX: Final = 100
CELL_CHARACTERS_MAX: Final = 10_000
BLOCK_ROWS_MAX: Final = 500
BLOCK_CHARACTERS_MAX: Final = 400_000
UNPACKED_BYTES_MAX: Final = 400 * 1024 * 1024
_ENTRIES_MAX: Final = 2_000
_EXACT_MAX: Final = 10**15
_FORMULA_STARTS: Final = "=+-@\t\r"
_OLE: Final = b"\xd0\xcf\x11\xe0"
_ZIP: Final = b"PK\x03\x04"
Row = tuple[int, list[Any]]


class Fault(Exception):
    """What is wrong with the file: a word, and what belongs to it."""

    def __init__(self, fault: str, **details: object) -> None:
        super().__init__(fault)
        self.answer = {"fault": fault, **details}


def main(arguments: list[str]) -> None:
    """Read one file and write its rows to standard output."""
    kind, path, rows_max = arguments
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S_MAX, CPU_S_MAX + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ending: dict[str, object] = {}
    try:
        for block in _blocks(_rows(kind, Path(path)), int(rows_max)):
            _write(block)
    except Fault as fault:
        ending = fault.answer
    except MemoryError:
        ending = {"fault": "too_demanding"}
    _write(ending)


def _rows(kind: str, path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(_OLE):
        raise Fault("old_excel")
    if (kind == "xlsx") is not start.startswith(_ZIP):
        raise Fault("not_of_format")
    if kind == "xlsx":
        return _xlsx_rows(path)
    return _csv_rows(path) if kind == "csv" else _jsonl_rows(path)


def _blocks(rows: Iterable[Row], rows_max: int) -> Iterator[list[Row]]:
    """Rows that hold something, some at a time."""
    block: list[Row] = []
    characters = count = 0
    for number, cells in rows:
        while cells and cells[-1] in (None, ""):
            cells.pop()
        if not cells:
            continue
        if len(cells) > COLUMNS_MAX:
            raise Fault("too_many_columns", limit=COLUMNS_MAX)
        count += 1
        if count > rows_max + 1:  # the header is a row as well
            raise Fault("too_many_rows", limit=rows_max)
        block.append((number, cells))
        characters += sum(len(cell) if isinstance(cell, str) else 12 for cell in cells)
        if len(block) >= BLOCK_ROWS_MAX or characters >= BLOCK_CHARACTERS_MAX:
            yield block
            block, characters = [], 0
    if block:
        yield block


def _xlsx_rows(path: Path) -> Iterator[Row]:
    from python_calamine import CalamineWorkbook

    _check_archive(path)
    try:
        sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0)
        first = sheet.start[0] if sheet.start else 0
        rows = sheet.iter_rows()
    except MemoryError:
        raise
    except (
        BaseException
    ) as error:  # the reader's panics are no Exception; whatever it is, the file is at fault
        raise Fault("damaged") from error
    for i, cells in enumerate(rows):
        yield first + i + 1, [_cell(cell) for cell in cells]


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise Fault("damaged") from error
    if not any(entry.filename == "xl/workbook.xml" for entry in entries):
        raise Fault("not_of_format")
    if len(entries) > _ENTRIES_MAX or sum(entry.file_size for entry in entries) > UNPACKED_BYTES_MAX:
        raise Fault("too_demanding")


def _cell(value: object) -> object:
    if isinstance(value, str):
        return value[: CELL_CHARACTERS_MAX + 1]
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
        return ["d", value.date().isoformat()] if midnight else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if isinstance(value, int) and abs(value) >= _EXACT_MAX:
        return str(value)[: CELL_CHARACTERS_MAX + 1]
    if value is None or isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return str(value)


def _csv_rows(path: Path) -> Iterator[Row]:
    text = _decoded(path.read_bytes())
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(CELL_CHARACTERS_MAX * 100)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 1
    try:
        for cells in reader:
            yield number, [_unquoted(cell)[: CELL_CHARACTERS_MAX + 1] for cell in cells]
            number = reader.line_num + 1
    except csv.Error as error:
        raise Fault("damaged") from error


def _unquoted(cell: str) -> str:
    """A cell without the apostrophe by which our own files keep a spreadsheet from calculating it."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA_STARTS and cell[1:2] else cell


def _jsonl_rows(path: Path) -> Iterator[Row]:
    """The names of all columns, in the order in which they come, and then the rows."""
    lines = _decoded(path.read_bytes()).split("\n")
    names: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            for name in _object(line, number):
                names.setdefault(name, len(names))
            if len(names) > COLUMNS_MAX:
                raise Fault("too_many_columns", limit=COLUMNS_MAX)
    yield 0, [name[: CELL_CHARACTERS_MAX + 1] for name in names]
    for number, line in enumerate(lines, start=1):
        if line.strip():
            found = _object(line, number)
            yield number, [_plain(found.get(name)) for name in names]


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Fault("not_an_object", line=number)
    return found


def _plain(value: object) -> object:
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False)
    return _cell(value)


def _decoded(content: bytes) -> str:
    """UTF-8 with or without a byte-order mark, UTF-16 with one, or GB18030, of which GBK and GB2312 are parts."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ("utf-16",) if wide else ("utf-8-sig", "gb18030")
    line = 0
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            line = line or content.count(b"\n", 0, error.start) + 1
    raise Fault("unknown_encoding", line=line)


def _write(answer: object) -> None:
    text = json.dumps(answer, ensure_ascii=True, separators=(",", ":"))
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
