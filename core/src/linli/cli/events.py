"""`linli events`: deliveries that died, and delivering again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import click

from linli.cli.session import operator_context, tenant_of, with_runtime

if TYPE_CHECKING:
    from linli.runtime import Runtime

_ROUNDS_MAX = 10_000
_DEAD = """
select d.id, e.name, d.subscription, d.attempts, d.error_code, d.finished_at
from events_delivery d join events_event e on e.tenant_id = $1 and e.id = d.event_id
where d.tenant_id = $1 and d.status = 'dead' order by d.id limit $2"""


@click.group()
def events() -> None:
    """Look after the delivery of events."""


@events.command()
@click.option("--tenant", "slug", required=True, metavar="SLUG")
@click.option("--limit", default=100, type=click.IntRange(1, 10_000), show_default=True)
def dead(slug: str, limit: int) -> None:
    """List deliveries that were given up: id, event, subscription, attempts, error, when."""

    async def work(runtime: Runtime) -> None:
        tenant = await tenant_of(runtime, slug)
        async with runtime.database.unit_of_work(tenant.id, read_only=True) as db:
            for row in await db.fetch(_DEAD, tenant.id, limit):
                click.echo(" ".join(str(value) for value in row.values()))

    with_runtime(work)


@events.command()
@click.argument("subscription")
@click.option("--tenant", "slug", required=True, metavar="SLUG")
@click.option("--since", type=click.DateTime(), help="Only events from this moment on (UTC).")
def replay(subscription: str, slug: str, since: datetime | None) -> None:
    """Deliver the log's events to a subscription again."""

    async def work(runtime: Runtime) -> int:
        from linli.events.replay import replay

        tenant = await tenant_of(runtime, slug)
        start = since.replace(tzinfo=UTC) if since is not None else None
        count, following = 0, None
        for _round in range(_ROUNDS_MAX):
            async with operator_context(runtime, tenant) as ctx:
                done = await replay(ctx, subscription=subscription, since=start, from_event=following)
            count, following = count + done.count, done.next_event_id
            if following is None:
                break
        return count

    click.echo(f"{slug}: {subscription}: {with_runtime(work):,}")


@events.command()
@click.argument("delivery_id", type=click.UUID)
@click.option("--tenant", "slug", required=True, metavar="SLUG")
def revive(delivery_id: UUID, slug: str) -> None:
    """Try a dead delivery again."""

    async def work(runtime: Runtime) -> None:
        from linli.events.replay import revive

        tenant = await tenant_of(runtime, slug)
        async with operator_context(runtime, tenant) as ctx:
            await revive(ctx, delivery_id)

    with_runtime(work)
    click.echo(f"{slug}: {delivery_id}")
