"""From the cells of a row to the values of a kind's columns: the faults that a row has by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from linli.errors import LinliError, Required, TooLong, UnknownValue
from linli.privacy.forbidden import forbidden_header
from linli.transfer.errors import (
    ColumnTwice,
    DigitsLost,
    InvalidDate,
    InvalidInteger,
    MissingColumns,
    NothingToIdentify,
    RepeatedRow,
)
from linli.transfer.kinds import ColumnType, ImportColumn, ImportedRow, ImportKind, Value
from linli.transfer.sheet_process import CELL_CHARACTERS_MAX
from linli.transfer.sheet_reading import Cell, RawRow
from linli.transfer.wording import Words, folded

HEADER_ROWS_MAX: Final = 30
HEADER_SHOWN_MAX: Final = 60
HEADERS_TOLD_MAX: Final = 50
_EXACT_MAX: Final = 1e15
_SHOWN_MAX: Final = 50
_DAY: Final = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-([0-9]{1,2})|/([0-9]{1,2})/([0-9]{1,2})|\.([0-9]{1,2})\.([0-9]{1,2})"
    r"|年([0-9]{1,2})月([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))(?:[ T]00:00(?::00)?)?"
)
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns stand: `places` gives each found column's place in a row; `cells` is the row of headers.

    Both are without the columns that are never kept, whose places in the file are `dropped`; `dropped_columns` and
    `ignored_columns` are their headers, and those that name nothing that is known.
    """

    number: int
    cells: tuple[str, ...]
    places: Mapping[str, int]
    dropped: frozenset[int] = frozenset()
    dropped_columns: tuple[str, ...] = ()
    ignored_columns: tuple[str, ...] = ()

    def kept(self, row: RawRow) -> RawRow:
        """A row of the file without the columns that are never kept."""
        if not self.dropped:
            return row
        number, cells = row
        return number, [cell for i, cell in enumerate(cells) if i not in self.dropped]


def find_header(words: Words, rows: Sequence[RawRow]) -> tuple[Header, int]:
    """The row among the first 30 that names all required columns, and how many of `rows` end with it.

    Raises: MissingColumns, ColumnTwice.
    """
    known = words.headers()
    required = {column.key for column in words.kind.columns if column.required}
    missing = required
    for i, (number, cells) in enumerate(rows[:HEADER_ROWS_MAX], start=1):
        texts = [text_of(cell) for cell in cells]
        keys = [known.get(folded(text)) for text in texts]
        found = [key for key in keys if key is not None]
        if found and required <= set(found):
            if twice := next((key for key in found if found.count(key) > 1), None):
                raise ColumnTwice(column=words.both_headers(twice))
            return _header(number, texts, keys), i
        if len(required - set(found)) < len(missing):
            missing = required - set(found)
    raise MissingColumns(columns=[words.both_headers(key) for key in _in_order(words.kind, missing)])


def _header(number: int, texts: Sequence[str], keys: Sequence[str | None]) -> Header:
    dropped = frozenset(
        i for i, text in enumerate(texts) if keys[i] is None and forbidden_header(text) is not None
    )
    kept = [i for i in range(len(texts)) if i not in dropped]
    ignored = [texts[i] for i in kept if keys[i] is None and texts[i].strip()]
    return Header(
        number=number,
        cells=tuple(texts[i] for i in kept),
        places={key: place for place, key in enumerate(keys[i] for i in kept) if key is not None},
        dropped=dropped,
        dropped_columns=tuple(_told(texts[i] for i in sorted(dropped))),
        ignored_columns=tuple(_told(ignored)),
    )


def _told(headers: Iterable[str]) -> list[str]:
    return [header.strip()[:HEADER_SHOWN_MAX] for header in headers][:HEADERS_TOLD_MAX]


class Converter:
    """Reads rows one after the other; it remembers what identifies them, so that a repeated one is found."""

    def __init__(self, words: Words, places: Mapping[str, int]) -> None:
        self._kind = words.kind
        self._words = words
        self._readers = [
            (column, places.get(column.key, -1), words.choices(column) if column.choices else {})
            for column in words.kind.columns
        ]
        self._seen: dict[int, int] = {}

    def read(self, row: RawRow) -> ImportedRow | list[LinliError]:
        """The row's values, or all that is wrong with its cells."""
        number, cells = row
        values: dict[str, Value] = {}
        faults: list[LinliError] = []
        for column, place, choices in self._readers:
            cell = cells[place] if 0 <= place < len(cells) else None
            try:
                values[column.key] = _value(column, cell, choices)
            except UnknownValue as error:
                allowed = [self._words.both(column, one) for one in column.choices[:_SHOWN_MAX]]
                faults.append(UnknownValue(path=error.path, value=error.details["value"], allowed=allowed))
            except LinliError as error:
                faults.append(error)
        if faults:
            return faults
        if fault := self._repeated(number, values):
            return [fault]
        return ImportedRow(number, values)

    def shown(self, row: RawRow, key: str) -> str:
        """What the file has in a column of the row, shortened, and masked where it is personal."""
        for column, place, _choices in self._readers:
            if column.key == key and 0 <= place < len(row[1]):
                text = "".join(one for one in text_of(row[1][place]).strip() if one.isprintable())
                return column.shown(text)[:_SHOWN_MAX]
        return ""

    def _repeated(self, number: int, values: Mapping[str, Value]) -> LinliError | None:
        for key in self._kind.keys:
            if all(values[name] is not None for name in key):
                # A number for each row of a file: equal texts of 64 bits by chance are one in a thousand million files.
                identity = hash((key, *(values[name] for name in key)))
                first = self._seen.setdefault(identity, number)
                return None if first == number else RepeatedRow(path=(key[0],), first_row=first)
        names = _in_order(self._kind, {name for key in self._kind.keys for name in key})
        shown = [self._words.both_headers(name) for name in names]
        return NothingToIdentify(path=(self._kind.keys[0][0],), columns=shown)


def text_of(cell: Cell) -> str:
    """A cell as text: whole numbers without a fraction, days as 2026-05-06."""
    match cell:
        case None:
            return ""
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT_MAX else repr(cell)
        case [_, day]:
            return day
        case _:
            return str(cell)


def _value(column: ImportColumn, cell: Cell, choices: Mapping[str, str]) -> Value:
    if isinstance(cell, str):
        cell = cell.strip()
        if len(cell) > CELL_CHARACTERS_MAX:
            raise TooLong(path=(column.key,), limit=CELL_CHARACTERS_MAX)
    if cell is None or cell == "":
        if column.required:
            raise Required(path=(column.key,))
        return None
    match column.type:
        case ColumnType.TEXT:
            if isinstance(cell, float) and abs(cell) >= _EXACT_MAX:
                raise DigitsLost(path=(column.key,))
            return text_of(cell)
        case ColumnType.INTEGER:
            return _whole(column.key, cell)
        case ColumnType.DATE:
            return _day(column.key, cell)
        case ColumnType.CHOICE:
            return _choice(column, text_of(cell), choices)


def _whole(key: str, cell: Cell) -> int:
    text = text_of(cell)
    if isinstance(cell, bool) or not _INTEGER.fullmatch(text):
        raise InvalidInteger(path=(key,))
    return int(text)


def _day(key: str, cell: Cell) -> date:
    match = _DAY.fullmatch(text_of(cell))
    if match is None or isinstance(cell, bool):
        raise InvalidDate(path=(key,))
    year, month, day = (part for part in match.groups() if part is not None)
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise InvalidDate(path=(key,)) from None


def _choice(column: ImportColumn, text: str, choices: Mapping[str, str]) -> str:
    found = choices.get(folded(text))
    if found is None:
        raise UnknownValue(path=(column.key,), value=column.shown(text)[:_SHOWN_MAX])
    return found


def _in_order(kind: ImportKind, keys: set[str]) -> list[str]:
    return [column.key for column in kind.columns if column.key in keys]
