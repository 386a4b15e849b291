"""What happens by the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linli.plugin import Context, Job, enqueue
from linli_social_workers import registrations

LAPSE_JOB: Final = "social_workers.lapse"


async def lapse(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Let registrations lapse whose term is over, and fill in deadlines; goes on at once while there are more."""
    await registrations.fill_deadlines(ctx)
    if await registrations.lapse_due(ctx) == registrations.BATCH_MAX:
        await enqueue(ctx, LAPSE_JOB)


JOBS: Final = (Job(LAPSE_JOB, lapse, schedule="15 0 * * *", timeout_s=120),)
