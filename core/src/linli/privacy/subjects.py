"""What each part of the platform keeps about a person: how it is given out, and what becomes of it at an erasure.

A plugin says so in its hook `personal_data()`, with one `SubjectData` for each kind of thing.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from piccolo.columns import JSON, JSONB

from linli.context import Context
from linli.db import rows
from linli.db.encryption import decrypt_all
from linli.db.encryption.columns import BlindIndex, EncryptedText
from linli.db.tables import TenantTable, table_name
from linli.errors import Conflict

ROWS_MAX: Final = 20_000
Item = Mapping[str, object]


class ExportTooLarge(Conflict):
    """There is more about the person than one export holds (`part`, `limit`)."""

    code = "privacy.export_too_large"


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that is not erased, and the law or reason for it, in both languages."""

    what: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class SubjectData:
    """What is kept about people in some tables.

    `export` gives all about the person who has these ids (an entry, and those merged into it), and nothing about
    anyone else: no names or ids of other people. `erase` replaces personal values by nothing and keeps ids and
    amounts, so that books and figures add up; it gives what must be kept, and why.
    """

    name: str
    zh: str
    en: str
    tables: frozenset[str]
    export: Callable[[Context, Sequence[UUID]], Awaitable[Sequence[Item]]]
    erase: Callable[[Context, Sequence[UUID]], Awaitable[Sequence[Kept]]]


async def rows_about(
    ctx: Context,
    table: type[TenantTable],
    ids: Sequence[UUID],
    *,
    column: str = "person_id",
    without: Sequence[str] = (),
) -> list[dict[str, object]]:
    """The rows of a table whose column holds one of the ids, as plain values; encrypted ones are decrypted.

    Secrets and `without` (columns that tell of others) are left out. Raises: ExportTooLarge, KeyDestroyed.
    """
    sql = (
        f"select * from {table_name(table)} where tenant_id = $1 and {column} = any($2) order by id limit $3"
    )
    found = [
        rows.from_record(table, row)
        for row in await ctx.db.fetch(sql, ctx.tenant_id, list(ids), ROWS_MAX + 1)
    ]
    if len(found) > ROWS_MAX:
        raise ExportTooLarge(part=table_name(table), limit=ROWS_MAX)
    hidden = {"tenant_id", "version", "area_path", *without}
    items: list[dict[str, object]] = [{} for _ in found]
    for declared in table._meta.columns:
        name = declared._meta.name
        if declared._meta.secret or name in hidden or isinstance(declared, BlindIndex):
            continue
        values = (
            await decrypt_all(ctx, found, name)
            if isinstance(declared, EncryptedText)
            else [getattr(one, name) for one in found]
        )
        for item, value in zip(items, values, strict=True):
            item[name] = _from_json(value) if isinstance(declared, JSON | JSONB) else plain(value)
    return items


def plain(value: Any) -> object:
    """A value as JSON has it."""
    if isinstance(value, UUID | datetime | date):
        return str(value) if isinstance(value, UUID) else value.isoformat()
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)


def parts_of(ctx: Context) -> Sequence[SubjectData]:
    """What the kernel and the tenant's plugins keep, in dependency order."""
    return [one for _plugin, many in ctx.plugins.contributions("personal_data") for one in many]


async def export_all(ctx: Context, ids: Sequence[UUID]) -> dict[str, Sequence[Item]]:
    """All that every enabled part keeps about the person with these ids, by the parts' names."""
    return {part.name: await part.export(ctx, ids) for part in parts_of(ctx)}


async def erase_all(ctx: Context, ids: Sequence[UUID]) -> list[Kept]:
    """Erase what the law allows in every enabled part; those that need others come first. Gives what is kept."""
    kept: list[Kept] = []
    for part in reversed(parts_of(ctx)):
        kept += await part.erase(ctx, ids)
    return kept


def _from_json(value: object) -> object:
    return json.loads(value) if isinstance(value, str) else plain(value)
