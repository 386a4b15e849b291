"""`linli tenants`: profiles and the life of tenants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from linli.cli.session import progress, refuse, tenant_of, with_runtime, words

if TYPE_CHECKING:
    from linli.runtime import Runtime
    from linli.tenancy.provisioning import ProvisionReport


@click.group()
def tenants() -> None:
    """Apply profiles; list, show, suspend and resume tenants."""


@tenants.command()
@click.argument("directories", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DIR...")
@click.option("--again", is_flag=True, help="Go through all steps although the profile is applied already.")
def apply(directories: Sequence[Path], *, again: bool) -> None:
    """Make tenants what their profile folders say; a folder of profiles means all of them.

    Applying a profile twice changes nothing. A broken one changes nothing either: its faults are named by
    file, line and reason.
    """
    from linli.errors import LinliError
    from linli.tenancy.provisioning import apply_profile
    from linli.tenancy.sequence import in_order

    async def work(runtime: Runtime) -> list[LinliError]:
        failures: list[LinliError] = []
        for directory in in_order(directories):
            try:
                report = await apply_profile(
                    runtime.database,
                    runtime.catalogue,
                    runtime.composition,
                    directory,
                    progress=progress,
                    force=again,
                )
            except LinliError as error:
                failures.append(error)
                progress(f"{directory.name}: {words('未应用', 'not applied')}")
            else:
                await _announce(runtime, report)
                click.echo(_summary(report))
        return failures

    failures = with_runtime(work)
    for error in failures[:-1]:
        _tell(error)
    if failures:
        refuse(failures[-1])


@tenants.command("list")
def list_tenants() -> None:
    """List all tenants: slug, state, kind, parent, name, plugins."""

    async def work(runtime: Runtime) -> None:
        for tenant in await runtime.catalogue.all():
            plugins = ",".join(sorted(tenant.plugins)) or "-"
            parent = tenant.parent_slug or "-"
            facts = f"{tenant.slug:<24} {tenant.state:<13} {tenant.kind:<9} {parent:<16}"
            click.echo(f"{facts} {plugins:<26} {tenant.name}")

    with_runtime(work)


@tenants.command()
@click.argument("slug")
def show(slug: str) -> None:
    """Show one tenant: its facts, settings that hold, plugins, and counts of rows."""

    async def work(runtime: Runtime) -> None:
        from linli.tenancy.probe import row_counts, tenant_tables

        tenant = await tenant_of(runtime, slug)
        async with runtime.database.unit_of_work(tenant.id, read_only=True) as db:
            counts = await row_counts(db, tenant.id, tenant_tables(runtime.composition))
        facts = {
            "slug": tenant.slug,
            "id": tenant.id,
            "name": tenant.name,
            "kind": tenant.kind,
            "state": tenant.state,
            "parent": tenant.parent_slug or "-",
            "placement": tenant.placement,
            "time_zone": tenant.time_zone,
            "locale": tenant.locale,
            "plugins": ", ".join(sorted(tenant.plugins)) or "-",
        }
        for name, value in facts.items():
            click.echo(f"{name:<10} {value}")
        for name, setting in sorted(tenant.settings.items()):
            click.echo(f"setting    {name} = {setting}")
        for table, count in sorted(counts.items()):
            if count:
                click.echo(f"rows       {table} {count:,}")

    with_runtime(work)


@tenants.command()
@click.argument("slug")
@click.option("--reason", default="", help="Why; it is kept in the audit trail.")
def suspend(slug: str, reason: str) -> None:
    """Stop serving a tenant; its data stay."""
    _move(slug, "suspend", reason)


@tenants.command()
@click.argument("slug")
@click.option("--reason", default="", help="Why; it is kept in the audit trail.")
def resume(slug: str, reason: str) -> None:
    """Serve a suspended tenant again."""
    _move(slug, "resume", reason)


def _move(slug: str, action: str, reason: str) -> None:
    async def work(runtime: Runtime) -> None:
        from linli.tenancy.invalidation import announcer
        from linli.tenancy.lifecycle import TenantLife

        announce = announcer(runtime.catalogue, runtime.redis)
        life = TenantLife(runtime.database, runtime.catalogue, runtime.composition, announce)
        tenant = await life.apply(slug, action, reason=reason)
        click.echo(f"{tenant.slug}: {tenant.state}")

    with_runtime(work)


async def _announce(runtime: Runtime, report: ProvisionReport) -> None:
    from linli.tenancy.invalidation import announcer

    await announcer(runtime.catalogue, runtime.redis)(report.tenant_id)


def _tell(error: Exception) -> None:
    try:
        refuse(error)  # type: ignore[arg-type]
    except SystemExit:
        return


def _summary(report: ProvisionReport) -> str:
    if report.rows is None:
        return words(
            f"{report.slug}：无变化（{report.seconds:.1f} 秒）",
            f"{report.slug}: unchanged ({report.seconds:.1f} s)",
        )
    rows, tables = sum(report.rows.values()), sum(1 for count in report.rows.values() if count)
    plugins = ", ".join(report.plugins) or "-"
    return words(
        f"{report.slug}：{report.state}，区域 {report.areas:,}，角色 {len(report.roles)}，模块 {plugins}，"
        f"{tables} 张表共 {rows:,} 行，从另一租户探测 {report.tables_probed} 张表（{report.seconds:.1f} 秒）",
        f"{report.slug}: {report.outcome}, {report.state}, {report.areas:,} areas, {len(report.roles)} roles,"
        f" plugins {plugins}, {rows:,} rows in {tables} tables, {report.tables_probed} tables probed from"
        f" another tenant ({report.seconds:.1f} s)",
    )
