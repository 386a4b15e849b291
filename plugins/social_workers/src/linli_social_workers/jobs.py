"""What happens by the clock, and what is told to many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from linli.plugin import Context, Job, enqueue, rows
from linli_social_workers import registrations, reminding, telling
from linli_social_workers.allowances import TELL_PAID_JOB
from linli_social_workers.tables import AllowanceRun

LAPSE_JOB: Final = "social_workers.lapse"
REMIND_JOB: Final = "social_workers.remind"
_FIRST: Final = UUID(int=0)


async def lapse(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Let registrations lapse whose term is over, and fill in deadlines; goes on at once while there are more."""
    await registrations.fill_deadlines(ctx)
    if await registrations.lapse_due(ctx) == registrations.BATCH_MAX:
        await enqueue(ctx, LAPSE_JOB)


async def remind(ctx: Context, arguments: Mapping[str, object]) -> None:
    """Remind of renewals that come due and hours that are short; goes on at once while there are more."""
    last = await reminding.remind(ctx, after=_after(arguments))
    if last is not None:
        await enqueue(ctx, REMIND_JOB, {"after": str(last)})


async def tell_paid(ctx: Context, arguments: Mapping[str, object]) -> None:
    """Tell those whom a run paid; goes on at once while there are more."""
    run = await rows.get(ctx, AllowanceRun, UUID(str(arguments["run_id"])))
    last = await telling.tell_paid(ctx, run.id, run.month, after=_after(arguments))
    if last is not None:
        await enqueue(ctx, TELL_PAID_JOB, {"run_id": str(run.id), "after": str(last)})


def _after(arguments: Mapping[str, object]) -> UUID:
    return UUID(str(arguments.get("after", _FIRST)))


JOBS: Final = (
    Job(LAPSE_JOB, lapse, schedule="15 0 * * *", timeout_s=120),
    Job(REMIND_JOB, remind, schedule="40 7 * * *", timeout_s=120),
    Job(TELL_PAID_JOB, tell_paid, timeout_s=120),
)
