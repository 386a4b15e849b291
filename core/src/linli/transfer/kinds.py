"""What a plugin declares of a list that can be imported: columns, what identifies a row, and what is done."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from linli.errors import LinliError, Unavailable

if TYPE_CHECKING:
    from linli.context import Context

COLUMNS_MAX: Final = 50
CHOICES_MAX: Final = 200
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HIDDEN: Final = "***"
_NUMBERS: Final = re.compile(r"(?<!\d)(?:\d{17}[\dXxＸｘ]|\d{15}|1\d{10}|１\d{10})(?!\d)")

Value = str | int | date | None
"""What a cell holds once it is read: a text, a whole number, a day, or nothing."""


class ColumnType(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    INTEGER = "integer"
    DATE = "date"
    CHOICE = "choice"


class RowResult(StrEnum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportColumn:
    """A column of a list.

    Its header is the text `imports.<kind>.columns.<key>`, in Chinese and in English. Values that are `personal` are
    shown in problems by `mask`, or as `***` without one. A column of `choices` accepts these and their texts
    `imports.<kind>.choices.<key>.<choice>`, which the template offers. `example` is shown in the template.

    Raises: ValueError for a key or choices that cannot be used.
    """

    key: str
    type: ColumnType = ColumnType.TEXT
    required: bool = False
    personal: bool = False
    mask: Callable[[str], str] | None = None
    choices: tuple[str, ...] = ()
    example: str = ""

    def __post_init__(self) -> None:
        if not _KEY.fullmatch(self.key):
            raise ValueError(f"column {self.key!r}: the key is lower case, at most 40 characters")
        if bool(self.choices) is not (self.type is ColumnType.CHOICE) or len(self.choices) > CHOICES_MAX:
            raise ValueError(f"column {self.key!r}: a choice has 1 to {CHOICES_MAX} choices, others none")

    def shown(self, text: str) -> str:
        """A value as it may stand in a problem. A number of a person or telephone is hidden in any column."""
        if not self.personal or not text:
            return _NUMBERS.sub(_HIDDEN, text)
        return self.mask(text) if self.mask is not None else _HIDDEN


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """A row of a file whose cells could be read. `values` has every column's key; None is an empty cell.

    `number` is the row's number in the file, as a spreadsheet shows it.
    """

    number: int
    values: Mapping[str, Value]

    def text(self, key: str) -> str:
        """The text of a cell; "" for an empty one."""
        value = self.values[key]
        return "" if value is None else str(value)

    def day(self, key: str) -> date | None:
        """The day in a cell of a date column."""
        value = self.values[key]
        assert value is None or isinstance(value, date)
        return value

    def whole(self, key: str) -> int | None:
        """The number in a cell of an integer column."""
        value = self.values[key]
        assert value is None or isinstance(value, int)
        return value


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row; `problems` are why it was refused, each with the column's key as its path."""

    result: RowResult
    problems: tuple[LinliError, ...] = ()


Apply = Callable[["Context", Sequence[ImportedRow]], Awaitable[Sequence[RowOutcome]]]
"""Takes up to 500 rows, gives the outcome of each in their order."""


@dataclass(frozen=True, slots=True)
class ImportKind:
    """A list that can be imported, such as `identity.people`; `name` starts with the plugin's name and a dot.

    `permission` is held, somewhere, by whoever imports; the rights at each row's place are for `apply` to check.
    `keys` are sets of columns: the first of which a row fills all identifies it, so that a second row with the same is
    refused and a repeated import changes nothing; a row that fills none is refused. `apply` writes a batch of rows with
    the rights of `ctx.actor`, and never raises for a single row. `check` foretells what `apply` would answer
    and writes nothing; without it `apply` itself is run and undone, which is as true and takes longer.
    The title is the text `imports.<kind>.title`.

    Raises: ValueError for a declaration that contradicts itself.
    """

    name: str
    permission: str
    columns: tuple[ImportColumn, ...]
    keys: tuple[tuple[str, ...], ...]
    apply: Apply
    check: Apply | None = field(default=None)

    def __post_init__(self) -> None:
        known = [column.key for column in self.columns]
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"import {self.name!r}: the name is `plugin.list`")
        if not 1 <= len(known) <= COLUMNS_MAX or len(set(known)) < len(known):
            raise ValueError(f"import {self.name!r}: 1 to {COLUMNS_MAX} columns with different keys")
        if not self.keys or not all(key and set(key) <= set(known) for key in self.keys):
            raise ValueError(f"import {self.name!r}: keys are sets of its columns")

    def column(self, key: str) -> ImportColumn | None:
        """The column with this key."""
        return next((column for column in self.columns if column.key == key), None)

    def text_keys(self) -> list[str]:
        """The keys of all texts that the kind needs."""
        start = f"imports.{self.name}"
        choices = [f"choices.{column.key}.{one}" for column in self.columns for one in column.choices]
        return [f"{start}.{key}" for key in ("title", *(f"columns.{c.key}" for c in self.columns), *choices)]


def refused(*problems: LinliError) -> RowOutcome:
    """The outcome of a row that is not imported, for these reasons."""
    return RowOutcome(RowResult.REFUSED, problems)


def row_by_row(work: Callable[[Context, ImportedRow], Awaitable[RowResult]]) -> Apply:
    """An `apply` from a function of one row: what it writes is kept alone, and a `LinliError` refuses the row."""

    async def apply(ctx: Context, rows: Sequence[ImportedRow]) -> Sequence[RowOutcome]:
        outcomes = []
        for row in rows:
            try:
                async with ctx.db.savepoint():
                    outcomes.append(RowOutcome(await work(ctx, row)))
            except Unavailable:
                raise  # of no fault of the row: the block is tried again
            except LinliError as error:
                outcomes.append(refused(error))
        return outcomes

    return apply
