"""`linli ledger`: checking the books."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from linli.cli.session import tenants_of, with_runtime, words

if TYPE_CHECKING:
    from linli.ledger.verify import LedgerReport
    from linli.runtime import Runtime


@click.group()
def ledger() -> None:
    """Check the books of points and money."""


@ledger.command()
@click.option("--tenant", "slug", metavar="SLUG", help="Check this tenant only.")
def verify(slug: str | None) -> None:
    """Find postings, balances, holds and reversals that do not agree; exit code 1 when there are any."""

    async def work(runtime: Runtime) -> bool:
        from linli.ledger.verify import verify

        intact = True
        for tenant in await tenants_of(runtime, slug):
            report = await verify(runtime.database, tenant)
            _print(tenant.slug, report)
            intact = intact and report.intact
        return intact

    if not with_runtime(work):
        sys.exit(1)


def _print(slug: str, report: LedgerReport) -> None:
    state = words("账目一致", "in order") if report.intact else words("账目不符", "NOT IN ORDER")
    counts = words(
        f"账户 {report.accounts:,}，凭证 {report.entries:,}，分录 {report.postings:,}",
        f"{report.accounts:,} accounts, {report.entries:,} entries, {report.postings:,} postings",
    )
    click.echo(f"{slug}: {state}; {counts}")
    for problem in report.problems:
        click.echo(f"{slug}: {problem.rule}: {problem.id}")
