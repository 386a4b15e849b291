"""Reading and writing single rows: always within the tenant, always audited, always by version.

These take the place of Piccolo's `save`, `remove` and `refresh`, which ignore the tenant.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from linli.audit.record import Change, record
from linli.context import Context
from linli.db.encryption.fields import encrypted_values
from linli.db.shapes import HIDDEN, shape_of
from linli.db.tables import TenantTable, table_name
from linli.errors import NotFound, StaleVersion
from linli.ids import new_id

T = TypeVar("T", bound=TenantTable)
_KEPT = ("tenant_id", "id", "version", "created_at", "updated_at")


async def find(ctx: Context, table: type[T], row_id: UUID | None) -> T | None:
    """The row with this id in the context's tenant, or None."""
    if row_id is None:
        return None
    return await find_by(ctx, table, id=row_id)


async def find_by(ctx: Context, table: type[T], **values: object) -> T | None:
    """The one row whose columns equal `values`, or None."""
    where = " and ".join(f"{name} = ${i}" for i, name in enumerate(values, start=2))
    sql = f"select * from {table_name(table)} where tenant_id = $1 and {where} limit 1"
    row = await ctx.db.fetchrow(sql, ctx.tenant_id, *values.values())
    return from_record(table, row) if row is not None else None


async def find_all(ctx: Context, table: type[T], *, limit: int, **values: object) -> list[T]:
    """Up to `limit` rows whose columns equal `values`, in the order of their ids, held against other writers."""
    where = " and ".join(f"{name} = ${i}" for i, name in enumerate(values, start=3))
    sql = (
        f"select * from {table_name(table)} where tenant_id = $1 and {where} order by id limit $2 for update"
    )
    return [
        from_record(table, row) for row in await ctx.db.fetch(sql, ctx.tenant_id, limit, *values.values())
    ]


async def get(ctx: Context, table: type[T], row_id: UUID, *, lock: bool = False) -> T:
    """The row with this id; with `lock`, held against other writers until the transaction ends.

    Raises: NotFound, also for a row of another tenant.
    """
    sql = f"select * from {table_name(table)} where tenant_id = $1 and id = $2" + (
        " for update" if lock else ""
    )
    row = await ctx.db.fetchrow(sql, ctx.tenant_id, row_id)
    if row is None:
        raise NotFound(kind=table_name(table))
    return from_record(table, row)


async def insert(ctx: Context, table: type[T], /, *, action: str = "create", **values: object) -> T:
    """Insert one row and its audit entry; gives the row as stored. Encrypted columns take the text.

    Raises: Duplicate, BrokenReference.
    """
    row_id = UUID(str(values.pop("id", None) or new_id()))
    row = {"id": row_id, **await encrypted_values(ctx, table, row_id, values)}
    names = ("tenant_id", *row)
    places = ", ".join(f"${i}" for i in range(1, len(names) + 1))
    sql = f"insert into {table_name(table)} ({', '.join(names)}) values ({places}) returning *"
    arguments = [ctx.tenant_id, *(_argument(table, name, value) for name, value in row.items())]
    stored = await ctx.db.fetchrow(sql, *arguments)
    assert stored is not None
    made = from_record(table, stored)
    await record(ctx, Change(action, table_name(table), made.id, before=None, after=snapshot(made)))
    return made


async def update(
    ctx: Context,
    row: T,
    /,
    *,
    action: str = "update",
    expected_version: int | None = None,
    **changes: object,
) -> T:
    """Change columns of a row that was read in this transaction; bumps its version and audits the difference.

    `expected_version` is what the caller saw; the row must still have it. Raises: StaleVersion.
    """
    if expected_version is not None and row.version != expected_version:
        raise StaleVersion(expected=expected_version, actual=row.version)
    if not changes:
        return row
    table = type(row)
    stored_changes = await encrypted_values(ctx, table, row.id, changes)
    sets = ", ".join(f"{name} = ${i}" for i, name in enumerate(stored_changes, start=4))
    sql = (
        f"update {table_name(table)} set {sets}, version = version + 1, updated_at = now()"
        " where tenant_id = $1 and id = $2 and version = $3 returning *"
    )
    arguments = [_argument(table, name, value) for name, value in stored_changes.items()]
    stored = await ctx.db.fetchrow(sql, ctx.tenant_id, row.id, row.version, *arguments)
    if stored is None:
        raise StaleVersion(expected=row.version)
    made = from_record(table, stored)
    before, after = _difference(snapshot(row), snapshot(made))
    await record(ctx, Change(action, table_name(table), made.id, before=before, after=after))
    return made


async def delete(ctx: Context, row: TenantTable, /, *, action: str = "delete") -> None:
    """Delete a row that was read in this transaction, and audit what it held. Raises: StaleVersion."""
    sql = (
        f"delete from {table_name(type(row))} where tenant_id = $1 and id = $2 and version = $3 returning id"
    )
    if await ctx.db.fetchval(sql, ctx.tenant_id, row.id, row.version) is None:
        raise StaleVersion(expected=row.version)
    await record(ctx, Change(action, table_name(type(row)), row.id, before=snapshot(row), after=None))


def from_record(table: type[T], row: Mapping[str, Any]) -> T:
    """A Piccolo object from a database row that has the table's columns; its own constructor would set defaults."""
    made = table.__new__(table)
    made._exists_in_db, made._was_created = True, None
    vars(made).update({name: row[stored] for name, stored in shape_of(table).names})
    return made


def snapshot(row: TenantTable) -> dict[str, object]:
    """The row's content for the audit trail: secrets left out, personal and encrypted values masked."""
    values = vars(row)
    return {one.name: one.shown(values[one.name]) for one in shape_of(type(row)).told}


def changed_columns(before: TenantTable, after: TenantTable) -> Sequence[str]:
    """The names of the columns that differ, without the row's bookkeeping."""
    return [
        column._meta.name
        for column in type(before)._meta.columns
        if column._meta.name not in _KEPT
        and getattr(before, column._meta.name) != getattr(after, column._meta.name)
    ]


def _difference(
    before: dict[str, object], after: dict[str, object]
) -> tuple[dict[str, object], dict[str, object]]:
    names = [name for name in after if before.get(name) != after[name] or after[name] == HIDDEN]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def _argument(table: type[TenantTable], name: str, value: object) -> object:
    if name in shape_of(table).json and value is not None and not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value
