"""What happens to residence permits by the clock, and the exchange with the authority."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linli.plugin import Context, Job, enqueue
from linli_migrants import applications, permits
from linli_migrants.exchange import is_on
from linli_migrants.exchange.files import file_exchange
from linli_migrants.exchange.inbox import BATCHES_MAX, receive_batch
from linli_migrants.exchange.outbox import BATCH_MAX, SEND_JOB, send_due
from linli_migrants.exchange.reconciling import reconcile

RECEIVE_JOB: Final = "migrants.receive_from_authority"
SUSPEND_JOB: Final = "migrants.suspend_permits"


async def suspend(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Suspend what was not endorsed in time; goes on at once while there is more."""
    if await permits.suspend_late(ctx) == permits.BATCH_MAX:
        await enqueue(ctx, SUSPEND_JOB)


async def remind(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Tell of endorsements that are due, and fill in deadlines that waited for a year's calendar."""
    await permits.remind(ctx)
    await applications.fill_deadlines(ctx)


async def send(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Send messages that are due; goes on at once while there are more."""
    if is_on(ctx) and await send_due(ctx, file_exchange(ctx)) == BATCH_MAX:
        await enqueue(ctx, SEND_JOB)


async def receive(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Take one batch of answers, and clear away what was taken before; goes on at once while there is more."""
    if not is_on(ctx):
        return
    exchange = file_exchange(ctx)
    for batch in await exchange.receive(BATCHES_MAX):
        if await receive_batch(ctx, exchange, batch):
            await enqueue(ctx, RECEIVE_JOB)
            return


async def compare(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Compare what we forwarded with the authority's list, and send again what it lacks."""
    if is_on(ctx):
        await reconcile(ctx, file_exchange(ctx))
        await enqueue(ctx, SEND_JOB)


PERMIT_JOBS: Final = (
    Job(SUSPEND_JOB, suspend, schedule="5 0 * * *", timeout_s=120),
    Job("migrants.remind_of_endorsements", remind, schedule="30 8 * * *", timeout_s=120),
    Job(SEND_JOB, send, schedule="*/5 * * * *", timeout_s=120),
    Job(RECEIVE_JOB, receive, schedule="*/5 * * * *", timeout_s=300),
    Job("migrants.reconcile_with_authority", compare, schedule="20 3 * * *", timeout_s=600),
)
