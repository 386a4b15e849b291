"""What happens by the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linli.plugin import Context, Job, enqueue
from linli_points import inheritance, posting
from linli_points.spending_jobs import SPENDING_JOBS

POST_DUE: Final = "points.post_due_claims"
RECEIVE: Final = "points.receive_standard"


async def post_due_claims(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Post the claims whose notice is over; a full batch is followed by another at once."""
    if await posting.post_due(ctx) == posting.BATCH_MAX:
        await enqueue(ctx, POST_DUE, key="next")


async def receive_standard(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Copy what the city handed down, so that it can be read before the first claim under it."""
    await inheritance.receive(ctx)


EARNING_JOBS: Final = (
    Job(POST_DUE, post_due_claims, schedule="*/10 * * * *", timeout_s=300),
    Job(RECEIVE, receive_standard, schedule="*/15 * * * *"),
)
JOBS: Final = (*EARNING_JOBS, *SPENDING_JOBS)
