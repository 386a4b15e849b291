"""Clearing away work that was done long ago. The event log itself stays, so all can be replayed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

if TYPE_CHECKING:
    from linli.runtime import Runtime


KEPT: Final = timedelta(days=30)
PRUNE_EVERY_S: Final = 3_600.0
BATCH: Final = 5_000
TABLES: Final = ("events_delivery", "handover_delivery", "jobs_job")

# Ids are ordered by time, so the primary key finds old rows.
_DELETE = """
delete from {table} where tenant_id = $1 and id in (
    select id from {table} where tenant_id = $1 and id < $2 and status = 'done' and finished_at < $3
    order by id limit $4)"""


class Pruner:
    """Deletes what was done more than 30 days ago, up to 5,000 rows of each tenant and table a time."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def run_once(self) -> int:
        """Delete a batch of each tenant; gives how many rows went."""
        before = self._runtime.clock.now() - KEPT
        oldest_kept = UUID(int=int(before.timestamp() * 1_000) << 80)
        count = 0
        for tenant in await self._runtime.catalogue.all():
            async with self._runtime.database.kernel() as db:
                for table in TABLES:
                    sql = _DELETE.format(table=table)
                    tag = await db.execute(sql, tenant.id, oldest_kept, before, BATCH)
                    count += int(tag.rpartition(" ")[2])
        return count
