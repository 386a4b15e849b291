"""Running a job again that failed for good."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from linli.audit.record import Change, record
from linli.errors import Conflict, NotFound
from linli.queues.revive import revive_row

if TYPE_CHECKING:
    from linli.context import Context


class JobNotDead(Conflict):
    """Only a dead job can be revived (`status`)."""

    code = "jobs.job_not_dead"


async def revive_job(ctx: Context, job_id: UUID) -> None:
    """Put a dead job up for another full round of attempts.

    Raises: PermissionDenied, NotFound, JobNotDead.
    """
    ctx.require("jobs.job.revive", "")
    status = await revive_row(ctx, "jobs_job", "run_at", job_id)
    if not status:
        raise NotFound(kind="jobs_job")
    if status != "dead":
        raise JobNotDead(status=status)
    await record(
        ctx, Change("revive", "jobs_job", job_id, before={"status": "dead"}, after={"status": "pending"})
    )
