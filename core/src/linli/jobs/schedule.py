"""Schedules: for each active tenant and scheduled job, the row of the next occurrence."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from cronsim import CronSim

from linli.ids import new_id
from linli.tenancy.catalogue import TenantState

if TYPE_CHECKING:
    from linli.runtime import Runtime

SCHEDULE_EVERY_S: Final = 10.0
_BATCH: Final = 1_000

_AHEAD = """
select tenant_id, name from jobs_job
where status = 'pending' and scheduled_for is not null and scheduled_for > $1"""

_INSERT = """
insert into jobs_job (tenant_id, id, name, run_at, scheduled_for) values ($1, $2, $3, $4, $4)
on conflict (tenant_id, name, scheduled_for) where scheduled_for is not null do nothing"""


class Scheduler:
    """Keeps one occurrence ahead for each schedule.

    An occurrence whose time passes while no worker runs is waiting when one comes back, and runs once; the
    next row is then made for the next occurrence after the present, so that what was missed in between is not
    made up for. The unique key on the occurrence lets any number of workers do this at once.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def run_once(self) -> int:
        """Write the occurrences that are missing; gives how many."""
        now = self._runtime.clock.now()
        tenants = [one for one in await self._runtime.catalogue.all() if one.state is TenantState.ACTIVE]
        async with self._runtime.database.kernel() as db:
            ahead = {(row["tenant_id"], row["name"]) for row in await db.fetch(_AHEAD, now)}
            rows: list[tuple[UUID, UUID, str, datetime]] = []
            for tenant in tenants:
                for job in self._runtime.composition.plugin_set(tenant.plugins).jobs.values():
                    if job.schedule is not None and (tenant.id, job.name) not in ahead:
                        at = next_occurrence(job.schedule, tenant.time_zone, now)
                        rows.append((tenant.id, new_id(), job.name, at))
            for start in range(0, len(rows), _BATCH):
                await db.executemany(_INSERT, rows[start : start + _BATCH])
        return len(rows)


@lru_cache(maxsize=1_024)
def next_occurrence(schedule: str, time_zone: str, after: datetime) -> datetime:
    """The first moment of a cron line after `after`, on the clocks of a time zone; in UTC.

    A time that daylight saving skips or repeats is handled as Debian's cron does.
    """
    return next(CronSim(schedule, after.astimezone(ZoneInfo(time_zone)))).astimezone(UTC)
