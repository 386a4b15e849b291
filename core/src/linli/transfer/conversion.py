"""From the cells of a row to the values of a kind's columns: the faults that a row has by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from linli.errors import LinliError, Required, TooLong, UnknownValue
from linli.transfer.errors import (
    DigitsLost,
    InvalidDate,
    InvalidInteger,
    NothingToIdentify,
    RepeatedRow,
)
from linli.transfer.kinds import ColumnType, ImportColumn, ImportedRow, ImportKind, Value
from linli.transfer.sheet_process import CELL_CHARACTERS_MAX
from linli.transfer.sheet_reading import Cell, RawRow
from linli.transfer.wording import Words, folded

_EXACT_MAX: Final = 1e15
_SHOWN_MAX: Final = 50
_DAY: Final = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-([0-9]{1,2})|/([0-9]{1,2})/([0-9]{1,2})|\.([0-9]{1,2})\.([0-9]{1,2})"
    r"|年([0-9]{1,2})月([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))(?:[ T]00:00(?::00)?)?"
)
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,15}")


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
        names = in_order(self._kind, {name for key in self._kind.keys for name in key})
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


def in_order(kind: ImportKind, keys: set[str]) -> list[str]:
    """Keys of columns in the order of the kind."""
    return [column.key for column in kind.columns if column.key in keys]
