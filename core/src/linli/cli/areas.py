"""`linli areas`: loading the area tree."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linli.cli.session import (
    bulk_context,
    progress,
    say,
    tenant_of,
    with_runtime,
    words,
)

if TYPE_CHECKING:
    from linli.areas.importing import ImportReport
    from linli.runtime import Runtime


@click.group()
def areas() -> None:
    """Load areas from files."""


@areas.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tenant", "slug", required=True, metavar="SLUG")
@click.option("--create", is_flag=True, help="Make the tenant, with the standard levels, when there is none.")
@click.option("--strict", is_flag=True, help="Load nothing when a row is bad.")
def import_(file: Path, slug: str, *, create: bool, strict: bool) -> None:
    """Load FILE (CSV, plain or gzip: code, name, level, parent_code).

    Every bad row is named by line and reason; the good ones are loaded, unless --strict.
    """
    started = time.monotonic()
    report, refused = with_runtime(lambda runtime: _load(runtime, file, slug, create=create, strict=strict))
    for row in report.bad:
        click.echo(f"{file.name}:{row.line}: {say(row.code, **row.details)} [{row.code}]")
    if report.bad_count > len(report.bad):
        more = report.bad_count - len(report.bad)
        click.echo(words(f"……另有 {more:,} 行", f"... and {more:,} more rows"))
    seconds = time.monotonic() - started
    if refused:
        click.echo(
            words(
                f"{report.bad_count:,} 行有误，没有载入任何数据（{seconds:.1f} 秒）",
                f"{report.bad_count:,} bad rows, nothing was loaded ({seconds:.1f} s)",
            )
        )
        sys.exit(1)
    click.echo(
        words(
            f"载入 {report.loaded:,} 个区域（新增 {report.created:,}，更名 {report.renamed:,}，"
            f"不变 {report.unchanged:,}）；{report.bad_count:,} 行有误（{seconds:.1f} 秒）",
            f"{report.loaded:,} areas loaded ({report.created:,} new, {report.renamed:,} renamed,"
            f" {report.unchanged:,} unchanged); {report.bad_count:,} bad rows ({seconds:.1f} s)",
        )
    )


async def _load(
    runtime: Runtime, file: Path, slug: str, *, create: bool, strict: bool
) -> tuple[ImportReport, bool]:
    from linli.areas.errors import RowsRefused
    from linli.areas.importing import import_areas
    from linli.context import Context
    from linli.errors import NotFound
    from linli.tenancy.profile import standard_profile
    from linli.tenancy.profile_rules import standard_levels
    from linli.tenancy.provisioning import create_tenant

    tell = _Ticker()
    reports: list[ImportReport] = []

    async def load(ctx: Context) -> None:
        reports.append(await import_areas(ctx, file, strict=strict, progress=tell))

    try:
        try:
            tenant = await tenant_of(runtime, slug)
        except NotFound:
            if not create:
                raise
            await create_tenant(
                runtime.database,
                runtime.catalogue,
                runtime.composition,
                standard_profile(slug, slug, standard_levels()),
                then=load,
                progress=progress,
            )
        else:
            async with bulk_context(runtime, tenant) as ctx:
                await load(ctx)
    except RowsRefused as error:
        return error.report, True
    return reports[0], False


class _Ticker:
    """Says how far an import is, at most twice a second."""

    def __init__(self) -> None:
        self._due = 0.0
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage == self._stage and now < self._due and done != total:
            return
        self._stage, self._due = stage, now + 0.5
        names = {
            "read": words("读取", "read"),
            "compare": words("比对", "compared"),
            "check": words("检查", "checking"),
            "write": words("写入", "written"),
            "analyze": words("整理索引和统计信息……", "tidying indexes and statistics ..."),
        }
        count = f"{done:,} / {total:,}" if total else f"{done:,}" if done else ""
        progress(f"{names.get(stage, stage)} {count}".rstrip())
