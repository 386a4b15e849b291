"""The jobs of imports, and the clearing away of files whose time is over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.jobs import Job, enqueue
from linli.transfer import files
from linli.transfer.checking import check
from linli.transfer.errors import GivenUp
from linli.transfer.imports import CHECK_JOB, RUN_JOB
from linli.transfer.leftovers import sweep
from linli.transfer.results import write_result
from linli.transfer.running import run
from linli.transfer.steps import RESULT_JOB, AtWork, come_to, move_on
from linli.transfer.tables import DataImport

TIMEOUT_S: Final = 900
AGAIN_AFTER: Final = timedelta(seconds=2)
_ROUNDS_MAX: Final = 50

Step = Callable[[Context, UUID], Awaitable[str | None]]
STEPS: Final[Mapping[str, Step]] = {CHECK_JOB: check, RUN_JOB: run, RESULT_JOB: write_result}
"""What each job does for one import; it gives the job that must follow. A command runs them itself."""


def _job(name: str, step: Step) -> Job:
    async def work(ctx: Context, arguments: Mapping[str, object]) -> None:
        import_id = UUID(str(arguments["import_id"]))
        try:
            following = await step(ctx, import_id)
        except AtWork:
            await enqueue(ctx, name, arguments, run_at=ctx.now() + AGAIN_AFTER)
            return
        if following is not None:
            await enqueue(ctx, following, arguments)

    return Job(name, work, timeout_s=TIMEOUT_S, given_up=_given_up)


async def _given_up(ctx: Context, arguments: Mapping[str, object], code: str) -> None:
    """An import whose job is given up has failed; one that only lacks its result file comes to its end without."""
    found = await rows.get(ctx, DataImport, UUID(str(arguments["import_id"])), lock=True)
    if found.ending:
        await move_on(ctx, found, found.ending)
    elif found.state in ("checking", "running"):
        following = await come_to(ctx, found.id, "failed", error=GivenUp(error=code))
        if following is not None:
            await enqueue(ctx, following, arguments)


async def _remove_expired(ctx: Context, _arguments: Mapping[str, object]) -> None:
    for _ in range(_ROUNDS_MAX):
        if await files.remove_expired(ctx) == 0:
            break
    await asyncio.to_thread(sweep)


JOBS: Final = (
    *(_job(name, step) for name, step in STEPS.items()),
    Job("transfer.remove_expired", _remove_expired, schedule="37 3 * * *", timeout_s=300),
)
