"""`linli audit`: checking the audit trail."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from linli.cli.session import tenants_of, with_runtime, words

if TYPE_CHECKING:
    from linli.audit.verify import AuditReport
    from linli.runtime import Runtime


@click.group()
def audit() -> None:
    """Check the audit trail."""


@audit.command()
@click.option("--tenant", "slug", metavar="SLUG", help="Check this tenant only.")
@click.option(
    "--anchor", metavar="POSITION:HASH", help="A place of the chain that was noted earlier (with --tenant)."
)
def verify(slug: str | None, anchor: str | None) -> None:
    """Find changed, removed and reordered entries; exit code 1 when there are any."""
    if anchor is not None and slug is None:
        raise click.UsageError("--anchor needs --tenant")
    position, _, digest = (anchor or "0:").partition(":")
    if not position.isdecimal():
        raise click.BadParameter("POSITION:HASH", param_hint="--anchor")

    async def work(runtime: Runtime) -> bool:
        from linli.audit.verify import Anchor, verify

        noted = Anchor(int(position), digest) if anchor is not None else None
        intact = True
        for tenant in await tenants_of(runtime, slug):
            report = await verify(runtime.database, tenant, anchor=noted, clock=runtime.clock)
            _print(tenant.slug, report)
            intact = intact and report.intact
        return intact

    if not with_runtime(work):
        sys.exit(1)


def _print(slug: str, report: AuditReport) -> None:
    state = words("完整", "intact") if report.intact else words("已被改动", "BROKEN")
    counts = words(
        f"已封存 {report.sealed:,}，待封存 {report.unsealed:,}",
        f"{report.sealed:,} sealed, {report.unsealed:,} to be sealed",
    )
    click.echo(f"{slug}: {state}; {counts}; {report.head.position}:{report.head.hash}")
    for problem in report.problems:
        click.echo(f"{slug}: {problem.kind} @ {problem.position} {problem.entry_id or ''}".rstrip())
