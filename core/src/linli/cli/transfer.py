"""`linli transfer`: lists from files, without the web."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click

from linli.cli.session import operator_context, progress, say, tenant_of, with_runtime, words

if TYPE_CHECKING:
    from linli.context import Context
    from linli.runtime import Runtime
    from linli.tenancy.catalogue import Tenant
    from linli.transfer.tables import DataImport

_SHOWN_MAX = 100


@click.group()
def transfer() -> None:
    """Import lists from files."""


@transfer.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--kind", required=True, metavar="NAME", help="Which list, such as identity.people.")
@click.option("--tenant", "slug", required=True, metavar="SLUG")
@click.option("--good-rows", is_flag=True, help="Import the good rows when there are bad ones.")
def import_(file: Path, kind: str, slug: str, *, good_rows: bool) -> None:
    """Check FILE (.xlsx, .csv or .jsonl) and import it.

    Every bad row is named by number, column and reason. Nothing is imported when there is one, unless --good-rows.
    """
    found, problems = with_runtime(lambda runtime: _import(runtime, file, kind, slug, good_rows=good_rows))
    if found.dropped_columns:
        dropped = "、".join(found.dropped_columns)
        click.echo(
            words(
                f"以下各列依法不收集，已丢弃、未保存：{dropped}",
                f"These columns are never kept, and nothing of them was: {dropped}",
            )
        )
    if found.ignored_columns:
        ignored = "、".join(found.ignored_columns)
        click.echo(
            words(f"未识别的列，已忽略：{ignored}", f"Columns that name nothing known, not used: {ignored}")
        )
    for row_number, said in problems:
        click.echo(f"{file.name}:{row_number}: {said}")
    if found.problem_count > len(problems):
        more = found.problem_count - len(problems)
        click.echo(words(f"……另有 {more:,} 个问题", f"... and {more:,} more problems"))
    if found.error_code:
        details = json.loads(found.error_details)
        click.echo(f"linli: {say(found.error_code, **details)} [{found.error_code}]", err=True)
    click.echo(
        words(
            f"新增 {found.created_count:,}，更新 {found.updated_count:,}，不变 {found.unchanged_count:,}，"
            f"未通过 {found.refused_count:,}",
            f"{found.created_count:,} created, {found.updated_count:,} updated, {found.unchanged_count:,} unchanged,"
            f" {found.refused_count:,} refused",
        )
    )
    if found.state != "done":
        click.echo(words("没有导入任何数据", "nothing was imported"), err=True)
        sys.exit(1)


async def _import(
    runtime: Runtime, file: Path, kind: str, slug: str, *, good_rows: bool
) -> tuple[DataImport, list[tuple[int, str]]]:
    from linli.transfer import imports
    from linli.transfer.imports import CHECK_JOB, RUN_JOB, ImportMode

    tenant = await tenant_of(runtime, slug)
    async with operator_context(runtime, tenant) as ctx:
        with file.open("rb") as content:
            made = await imports.send(ctx, content, kind=kind, name=file.name)
        import_id = UUID(str(made.id))
        await imports.preview(ctx, import_id, by_worker=False)
    progress(words("检查……", "checking ..."))
    found = await _work(runtime, tenant, import_id, CHECK_JOB)
    if found.state == "checked" and (good_rows or not found.refused_count):
        async with operator_context(runtime, tenant) as ctx:
            mode = ImportMode.GOOD_ROWS if good_rows else ImportMode.ALL_OR_NOTHING
            await imports.confirm(ctx, import_id, mode=mode, by_worker=False)
        found = await _work(runtime, tenant, import_id, RUN_JOB)
    async with operator_context(runtime, tenant, read_only=True) as ctx:
        return found, await _problems(ctx, import_id)


async def _work(runtime: Runtime, tenant: Tenant, import_id: UUID, first: str) -> DataImport:
    """Do the steps of an import one after the other, as a worker would, and say how far it is."""
    from linli.db import rows
    from linli.transfer.jobs import STEPS
    from linli.transfer.tables import DataImport

    following: str | None = first
    while following is not None:
        async with operator_context(runtime, tenant) as ctx:
            following = await STEPS[following](ctx, import_id)
            found = await rows.get(ctx, DataImport, import_id)
        progress(f"{found.rows_done:,} / {found.rows_total:,}")
    return found


async def _problems(ctx: Context, import_id: UUID) -> list[tuple[int, str]]:
    """The first problems: the row's number, and column, sentence and code."""
    sql = (
        "select row_number, column_key, code, details from transfer_problem"
        " where tenant_id = $1 and import_id = $2 order by row_number, id limit $3"
    )
    found = []
    for one in await ctx.db.fetch(sql, ctx.tenant_id, import_id, _SHOWN_MAX):
        details = json.loads(one["details"])
        said = ctx.plugins.texts.translate(f"problems.{one['code']}", ctx.locale, **details)
        found.append((one["row_number"], f"{one['column_key']}: {said} [{one['code']}]".removeprefix(": ")))
    return found
