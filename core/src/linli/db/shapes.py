"""What is asked of a table's columns for each of its rows, found once: Piccolo would be asked for every row anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from piccolo.columns import JSON, JSONB

from linli.db.encryption.columns import encrypted_columns
from linli.db.tables import TenantTable

HIDDEN: Final = "***"
_UNTOLD: Final = frozenset({"tenant_id", "id", "created_at", "updated_at"})


@dataclass(frozen=True, slots=True)
class Told:
    """A column of which the audit trail tells: its value, or only that there is one."""

    name: str
    stored: str
    hidden: bool

    def shown(self, value: object) -> object:
        """The value as the trail holds it."""
        return HIDDEN if self.hidden and value not in (None, "") else _plain(value)


@dataclass(frozen=True, slots=True)
class Shape:
    """The columns of a table: each with its name in the database, those that are told of, those that hold JSON."""

    names: tuple[tuple[str, str], ...]
    told: tuple[Told, ...]
    json: frozenset[str]


@lru_cache(maxsize=1_024)
def shape_of(table: type[TenantTable]) -> Shape:
    """The shape of a table. Secret columns are not told of; personal, hidden and encrypted ones are masked."""
    columns: list[Any] = list(table._meta.columns)
    encrypted = {one.name for one in encrypted_columns(table)}
    hidden = table.personal_columns | table.hidden_columns | encrypted
    return Shape(
        names=tuple((one._meta.name, one._meta.db_column_name) for one in columns),
        told=tuple(
            Told(one._meta.name, one._meta.db_column_name, one._meta.name in hidden)
            for one in columns
            if not one._meta.secret and one._meta.name not in _UNTOLD
        ),
        json=frozenset(one._meta.name for one in columns if isinstance(one, JSON | JSONB)),
    )


def _plain(value: object) -> object:
    """A value as JSON holds it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    return value
