"""What happens to grants by the clock: milestones become overdue, and last days to object become known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from linli.plugin import Context, Job, enqueue
from linli_venture.grants import ending, milestones

BATCH_MAX: Final = 500

_DUE: Final = """
select m.id from venture_milestone m join venture_grant g on g.tenant_id = $1 and g.id = m.grant_id
where m.tenant_id = $1 and m.state in ('planned', 'returned') and m.due_on < $2 and g.state in ('active', 'final')
order by m.due_on, m.id limit $3"""


async def lapse_milestones(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Put down a job for each milestone that nobody has shown by its day, at most 500."""
    for row in await ctx.db.fetch(_DUE, ctx.tenant_id, ctx.today(), BATCH_MAX):
        await enqueue(ctx, LAPSE_MILESTONE.name, {"id": row["id"]}, key=str(row["id"]))


async def lapse_milestone(ctx: Context, arguments: Mapping[str, object]) -> None:
    """Mark one milestone; nothing when it was shown meanwhile."""
    await milestones.lapse(ctx, UUID(str(arguments["id"])))


async def fill_last_days(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """State until when terminations can be objected to, once the calendar of that year is published."""
    await ending.fill_last_days(ctx)


LAPSE_MILESTONE: Final = Job("venture.lapse_milestone", lapse_milestone)
GRANT_JOBS: Final = (
    Job("venture.lapse_milestones", lapse_milestones, schedule="20 * * * *"),
    Job("venture.fill_last_days", fill_last_days, schedule="25 * * * *"),
    LAPSE_MILESTONE,
)
