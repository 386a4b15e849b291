"""What happens to proposals by the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linli.plugin import Context, Job, enqueue
from linli_venture.proposals import checking

LAPSE_DUE: Final = "venture.lapse_due_corrections"


async def lapse_due_corrections(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """End corrections whose time is over; a full batch is followed by another at once."""
    if await checking.lapse_due(ctx) == checking.BATCH_MAX:
        await enqueue(ctx, LAPSE_DUE, key="next")


PROPOSAL_JOBS: Final = (Job(LAPSE_DUE, lapse_due_corrections, schedule="*/10 * * * *"),)
