"""What happens to calls by the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linli.plugin import Context, Job, enqueue
from linli_venture.calls import publishing

CLOSE_DUE: Final = "venture.close_due_calls"


async def close_due_calls(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Close calls whose time is over; a full batch is followed by another at once."""
    if await publishing.close_due(ctx) == publishing.BATCH_MAX:
        await enqueue(ctx, CLOSE_DUE, key="next")


CALL_JOBS: Final = (Job(CLOSE_DUE, close_due_calls, schedule="* * * * *"),)
