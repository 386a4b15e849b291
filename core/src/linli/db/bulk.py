"""Inserting many rows of one table at once: rows and audit entries as by `rows.insert` for each, in two statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg
from piccolo.columns import UUID, BigInt, Boolean, Column, Date, Integer, Text, Timestamptz, Varchar

from linli.audit.record import Change, record_many
from linli.context import Context
from linli.db.shapes import shape_of
from linli.db.tables import TenantTable, table_name
from linli.ids import new_id

ROWS_MAX: Final = 5_000
_TYPES: Final[tuple[tuple[type[Column], str], ...]] = (
    (UUID, "uuid"),
    (BigInt, "bigint"),
    (Integer, "integer"),
    (Boolean, "boolean"),
    (Date, "date"),
    (Timestamptz, "timestamptz"),
    (Text, "text"),
    (Varchar, "text"),
)


async def insert_many(
    ctx: Context, table: type[TenantTable], entries: Sequence[Mapping[str, object]], *, action: str = "create"
) -> list[asyncpg.Record]:
    """Insert rows that all give the same columns, at most 5,000; gives them as stored, in their order.

    Raises: Duplicate, BrokenReference; ValueError for too many rows.
    """
    if len(entries) > ROWS_MAX:
        raise ValueError(f"at most {ROWS_MAX} rows a call")
    if not entries:
        return []
    names = ["id", *(name for name in entries[0] if name != "id")]
    rows = [{**entry, "id": entry.get("id") or new_id()} for entry in entries]
    places = ", ".join(f"${i}::{_type(table, name)}[]" for i, name in enumerate(names, start=2))
    columns = ", ".join(names)
    sql = (
        f"insert into {table_name(table)} (tenant_id, {columns})"
        f" select $1, {', '.join(f'n.{name}' for name in names)} from unnest({places}) as n ({columns}) returning *"
    )
    stored = await ctx.db.fetch(sql, ctx.tenant_id, *([row[name] for row in rows] for name in names))
    by_id = {row["id"]: row for row in stored}
    made = [by_id[row["id"]] for row in rows]
    await record_many(
        ctx,
        [
            Change(action, table_name(table), row["id"], before=None, after=_snapshot(table, row))
            for row in made
        ],
    )
    return made


def _snapshot(table: type[TenantTable], row: Mapping[str, Any]) -> dict[str, object]:
    """What `rows.snapshot` gives, from a database row."""
    return {one.name: one.shown(row[one.stored]) for one in shape_of(table).told}


def _type(table: type[TenantTable], name: str) -> str:
    column = next((one for one in table._meta.columns if one._meta.name == name), None)
    for kind, sql in _TYPES:
        if isinstance(column, kind):
            return sql
    raise TypeError(f"{table.__name__}.{name} cannot be inserted in bulk")
