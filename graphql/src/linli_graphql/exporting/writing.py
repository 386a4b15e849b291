"""The job that writes an export: it reads as the list is read, with the rights of whoever asked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.db.failures import DatabaseBusy
from linli.errors import LinliError, Unavailable
from linli.jobs import Job
from linli.registry import PluginSet
from linli.tenancy.wording import tenant_catalogue
from linli.transfer import exports
from linli.transfer.acting import acting_for
from linli.transfer.errors import ExportTooLarge, GivenUp
from linli.transfer.formats import Format
from linli.transfer.steps import allow_long_work
from linli.transfer.tables import DataExport
from linli.transfer.writing import list_writer
from linli_graphql.declaration import NodeSpec
from linli_graphql.exporting.asking import EXPORT_JOB, chosen_columns, exported, require_reading
from linli_graphql.exporting.columns import ExportColumn, Words, selected, specs_of
from linli_graphql.exporting.pages import Wanted, pages, wanted
from linli_graphql.naming import camel
from linli_graphql.schema import PluginSetSchema

_TELL_EVERY_S: Final = 1.0
_PROGRESS: Final = "update transfer_export set rows_done = $3 where tenant_id = $1 and id = $2"
SchemaFor = Callable[[PluginSet], PluginSetSchema]


def export_job(schema_for: SchemaFor) -> Job:
    """The job of exports, for an interface that makes schemas."""

    async def work(ctx: Context, arguments: Mapping[str, object]) -> None:
        found = await rows.find(ctx, DataExport, UUID(str(arguments["export_id"])))
        if found is None or found.state != "waiting":
            return
        await allow_long_work(ctx)
        try:
            async with ctx.db.savepoint():
                acting = await acting_for(ctx, found, reason=f"export {found.id}")
                await _export(acting, schema_for(ctx.plugins), found)
        except LinliError as error:
            if isinstance(error, Unavailable):
                raise
            await exports.fail(ctx, found.id, error)

    return Job(EXPORT_JOB, work, timeout_s=900, given_up=_given_up)


async def _given_up(ctx: Context, arguments: Mapping[str, object], code: str) -> None:
    await exports.fail(ctx, UUID(str(arguments["export_id"])), GivenUp(error=code))


async def _export(ctx: Context, schema: PluginSetSchema, found: DataExport) -> None:
    spec = exported(schema, found.connection)
    require_reading(ctx, spec)
    columns = chosen_columns(ctx, spec, found.columns)
    asked = wanted(schema, spec, json.loads(found.filter), found.order_by)
    texts = await tenant_catalogue(ctx)
    words = Words(texts, found.locale, ctx.time_zone, Format(found.format))
    async with exports.export_folder() as folder:
        path = folder / "list"
        count = await _write(ctx, found, asked, columns, words, path)
        name = f"{_title(spec, words)}-{ctx.today().isoformat()}.{found.format}"
        await exports.finish(ctx, found, path, name=name, table=spec.table_name, rows_done=count)


async def _write(
    ctx: Context, found: DataExport, asked: Wanted, columns: list[ExportColumn], words: Words, path: Path
) -> int:
    """Write all rows; gives how many. Raises: ExportTooLarge."""
    limit = ctx.setting("transfer.export_rows_max")
    assert isinstance(limit, int)
    headers = [column.header(words.texts, words.locale) for column in columns]
    keys = [column.name for column in columns]
    row = selected(asked.spec, columns)
    readers = [(f"c{place}", column.reader(words)) for place, column in enumerate(columns)]
    count, due = 0, 0.0
    async with (
        list_writer(path, words.file_format, headers, keys=keys) as writer,
        aclosing(pages(ctx, asked, row, specs_of(asked.spec, columns))) as listed,
    ):
        async for page in listed:
            count += len(page)
            if count > limit:
                raise ExportTooLarge(limit=limit)
            for values in page:
                writer.row([read(values[name]) for name, read in readers])
            if time.monotonic() >= due:
                due = time.monotonic() + _TELL_EVERY_S
                await _tell(ctx, found, count)
    return count


async def _tell(ctx: Context, found: DataExport, rows_done: int) -> None:
    """Say how far it is; a file is not worth less because nobody hears of it."""
    if ctx.aside is not None:
        with suppress(DatabaseBusy):
            async with ctx.aside() as db:
                await db.execute(_PROGRESS, ctx.tenant_id, found.id, rows_done)


def _title(spec: NodeSpec, words: Words) -> str:
    return words.texts.text(f"exports.titles.{spec.plural}", words.locale) or camel(spec.plural)
