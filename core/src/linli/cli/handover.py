"""`linli handover`: what was handed over between tenants."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from linli.cli.session import operator_context, tenant_of, with_runtime, words

if TYPE_CHECKING:
    from linli.handover.verify import Verdict
    from linli.runtime import Runtime


@click.group()
def handover() -> None:
    """Check what was handed over between tenants."""


@handover.command()
@click.option("--tenant", "slug", metavar="SLUG", required=True, help="The tenant.")
def verify(slug: str) -> None:
    """Check the signatures of a tenant's messages and receipts; exit with 1 when one does not fit."""

    async def work(runtime: Runtime) -> Verdict:
        from linli.handover.directory import Directory
        from linli.handover.verify import verify

        tenant = await tenant_of(runtime, slug)
        keys = await Directory(runtime.catalogue.database).all()
        async with operator_context(runtime, tenant, read_only=True) as ctx:
            return await verify(ctx, {key_id: key for key_id, (_owner, key) in keys.items()})

    verdict = with_runtime(work)
    for fault in verdict.faults:
        click.echo(f"{fault.message_row_id}: {fault.what}", err=True)
    counts = f"{verdict.checked:,} / {verdict.emptied:,} / {len(verdict.faults):,}"
    click.echo(words(f"消息 / 已清空 / 不符：{counts}", f"messages / emptied / faults: {counts}"))
    if verdict.faults:
        sys.exit(1)
