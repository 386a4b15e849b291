"""What the clock does: each job does a bounded batch, and is followed by another while there is more to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from linli.plugin import Context, Job, enqueue
from linli_migrants import census_rounds, visit_clock, visit_figures

PLAN: Final = "migrants.plan_visits"
CLOCK: Final = "migrants.visit_clock"
ROUNDS: Final = "migrants.open_rounds"
STORE: Final = "migrants.store_figures"


async def plan_visits(ctx: Context, arguments: Mapping[str, object]) -> None:
    """Plan this month's visits; a full batch is followed by the next at once."""
    after = arguments.get("after")
    last = await visit_clock.plan(ctx, after=UUID(str(after)) if after else visit_clock.NO_STAY)
    if last is not None:
        await enqueue(ctx, PLAN, {"after": last}, key=str(last))


async def run_visit_clock(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Notice what is overdue, and hand on what a tier let lie."""
    computed = await visit_clock.set_deadlines(ctx)
    noticed = await visit_clock.notice_overdue(ctx)
    handed_on = await visit_clock.escalate(ctx)
    if visit_clock.STEPS_MAX in (computed, noticed, handed_on):
        await enqueue(ctx, CLOCK, key="next")


async def open_rounds(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Open the census rounds that the quarter needs and does not have."""
    if await census_rounds.open_needed(ctx) == census_rounds.ROUNDS_MAX:
        await enqueue(ctx, ROUNDS, key="next")


async def store_figures(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Keep last month's figures."""
    if await visit_figures.store_last_month(ctx) == visit_figures.AREAS_MAX:
        await enqueue(ctx, STORE, key="next")


VISIT_JOBS: Final = (
    Job(PLAN, plan_visits, schedule="20 1 * * *", timeout_s=300),
    Job(CLOCK, run_visit_clock, schedule="5 * * * *", timeout_s=300),
    Job(ROUNDS, open_rounds, schedule="40 1 * * *", timeout_s=300),
    Job(STORE, store_figures, schedule="50 1 2 * *", timeout_s=300),
)
