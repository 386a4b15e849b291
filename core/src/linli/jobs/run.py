"""Running jobs: each in a transaction of its own, with the tenant bound."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from uuid import UUID

from linli.context import Context
from linli.jobs.job import Job
from linli.queues.work import Item

_TAKE = """
select id, name, args, attempts from jobs_job
where tenant_id = $1 and status = 'pending' and run_at <= $2 and name = any($3)
order by run_at, id limit 1 for update skip locked"""


class Jobs:
    """The jobs as a source of work. Those of a plugin that is off wait until it is on again."""

    table = "jobs_job"
    moment = "run_at"

    async def take(self, ctx: Context) -> Item | None:
        """Lock one due job whose plugin is on."""
        known = ctx.plugins.jobs
        if not known:
            return None
        row = await ctx.db.fetchrow(_TAKE, ctx.tenant_id, ctx.now(), list(known))
        if row is None:
            return None
        job = known[row["name"]]
        args: Mapping[str, object] = json.loads(row["args"])
        return Item(
            id=row["id"],
            name=job.name,
            attempts=row["attempts"],
            attempts_max=job.attempts_max,
            timeout_s=job.timeout_s,
            run=partial(_run, job, row["id"], args),
            given_up=partial(_give_up, job, row["id"], args) if job.given_up is not None else None,
        )


async def _run(job: Job, job_id: UUID, args: Mapping[str, object], ctx: Context) -> None:
    ctx.request_id = f"job:{job_id}"
    ctx.reason = job.name
    await job.handler(ctx, args)


async def _give_up(job: Job, job_id: UUID, args: Mapping[str, object], ctx: Context, error_code: str) -> None:
    ctx.request_id = f"job:{job_id}"
    ctx.reason = job.name
    assert job.given_up is not None
    await job.given_up(ctx, args, error_code)
