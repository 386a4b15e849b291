"""Values for a row of any table: tried against the table's own check constraints, by PostgreSQL itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from linli.db.unit_of_work import UnitOfWork
from linli.ids import new_id
from linli.testing.isolation.shape import Check, Column, Table

_BYTES_MAX: Final = 1_024
_ROUNDS_MAX: Final = 12
_COMBINATIONS_MAX: Final = 4_000
_DAY: Final = date(2024, 3, 1)
_MOMENT: Final = datetime(2024, 3, 1, 8, tzinfo=UTC)

Row = dict[str, object]


class NoRowFits(AssertionError):
    """No row was found that a table accepts: give its values by hand (`values` of `make_pair`)."""


async def row_for(db: UnitOfWork, table: Table, variant: int, given: Mapping[str, Sequence[object]]) -> Row:
    """A row that satisfies all checks of the table. Equal arguments give equal values, but for new ids.

    `given` has the values to choose from for the tenant, the references, and what a test knows better.
    Raises: NoRowFits.
    """
    choices = {
        column.name: given.get(column.name) or candidates(column, table.checks, variant)
        for column in table.columns
    }
    row: Row = {name: values[0] for name, values in choices.items()}
    for _ in range(_ROUNDS_MAX):
        failing = await _failing(db, table, row)
        if not failing:
            return row
        for better in _alternatives(row, choices, failing[0].columns):
            still = await _failing(db, table, better)
            if failing[0] not in still and len(still) < len(failing):
                row = better
                break
        else:
            raise NoRowFits(f"{table.name}: {failing[0].name} {failing[0].expression}; tried {row}")
    raise NoRowFits(f"{table.name}: {row}")


def candidates(column: Column, checks: Sequence[Check], variant: int) -> list[object]:
    """The values to try for a column, the likeliest first; None is first for dates that may be missing."""
    about = [check for check in checks if column.name in check.columns]
    numbers = sorted({number for check in about for number in check.numbers})
    found: list[object]
    if column.type == "text":
        listed = [text for check in about if "ANY (ARRAY[" in check.expression for text in check.texts]
        named = [text for check in about for text in check.texts]
        found = [*listed, *_texts(variant, numbers), *named]
    elif column.type in ("integer", "bigint", "smallint"):
        found = [*({variant, *numbers} if variant not in numbers else {*numbers}), *numbers, 0, variant * 10]
        found.sort(key=lambda number: (number != variant, number != 0, number))
    else:
        found = list(_OTHER[column.type](variant))
    if column.type == "bytea" and not column.nullable:  # as long as a check asks for
        found += [bytes([variant]) * number for number in numbers if 0 < number <= _BYTES_MAX]
    if column.nullable:
        moment = column.type.startswith(("timestamp", "date"))
        found = [None, *found] if moment else [*found, None]
    return found


def _texts(variant: int, numbers: Sequence[int]) -> list[object]:
    """Shapes of text: a code, a path segment, digits of every length that a check names."""
    lengths = [number for number in numbers if 1 < number <= 128]
    digits = [f"{variant:0{length}d}" for length in lengths]
    return [f"x{variant}", f"{variant}.", *digits, f"{variant}", f"X{variant}", f"2024-{variant:04d}", ""]


_OTHER: Final[Mapping[str, Callable[[int], Sequence[object]]]] = {
    "boolean": lambda _variant: (False, True),
    "date": lambda variant: (
        _DAY + timedelta(days=variant),
        _DAY + timedelta(days=400 + variant),
        date(2020, 1, 1),
    ),
    "timestamp with time zone": lambda variant: (
        _MOMENT + timedelta(days=variant),
        _MOMENT + timedelta(days=400 + variant),
    ),
    "time without time zone": lambda variant: (time(8 + variant), time(18)),
    "jsonb": lambda _variant: ("{}", "[]"),
    "text[]": lambda variant: ([f"x{variant}"], []),
    "uuid[]": lambda _variant: ([], [new_id()]),
    "integer[]": lambda variant: ([variant], []),
    "numeric": lambda variant: (Decimal(variant), Decimal(0)),
    "double precision": lambda variant: (float(variant), 0.0),
    "bytea": lambda variant: (bytes([variant]) * 32, b""),
    "uuid": lambda _variant: (new_id(),),
}


def _alternatives(row: Row, choices: Mapping[str, Sequence[object]], names: Sequence[str]) -> Iterator[Row]:
    combinations = itertools.product(*(choices[name] for name in names))
    for values in itertools.islice(combinations, _COMBINATIONS_MAX):
        yield {**row, **dict(zip(names, values, strict=True))}


async def _failing(db: UnitOfWork, table: Table, row: Row) -> list[Check]:
    if not table.checks:
        return []
    parts = ", ".join(f"({check.expression}) is not false" for check in table.checks)
    values = ", ".join(
        f"${i}::{column.type} as {column.name}" for i, column in enumerate(table.columns, start=1)
    )
    sql = f"select array[{parts}] from (select {values}) r"
    verdicts = await db.fetchval(sql, *row.values())
    return [check for check, holds in zip(table.checks, verdicts, strict=True) if not holds]
