"""What the clock does with visits: each month's are planned, overdue ones are noticed and go from tier to tier.

Every function does a bounded batch and gives how far it came, so that a job goes on where the last run stopped; run
twice, it finds nothing left to do. The clock of a visit starts at its due moment and is never reset.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from linli.plugin import (
    CalendarDays,
    Context,
    Deadline,
    WorkingDays,
    due_if_known,
    hold_tree,
    insert_many,
    publish,
    rows,
)
from linli_migrants.visit_events import VisitEscalated, VisitMissed
from linli_migrants.visit_tables import Visit
from linli_migrants.visit_terms import Tier
from linli_migrants.visits import step

PLANNED_MAX: Final = 2_000
STEPS_MAX: Final = 500
TIER_DAYS_MAX: Final = 250
NO_STAY: Final = UUID(int=0)
NEXT_TIER: Final = {Tier.COORDINATOR: Tier.COMMUNITY, Tier.COMMUNITY: Tier.STREET}
_TO_PLAN: Final = """
select s.id, s.area_id, s.area_path, s.person_id, s.dwelling_id from migrants_stay s
where s.tenant_id = $1 and s.state = 'active' and s.id > $2 and s.from_on <= $4
    and not exists (select 1 from migrants_visit v where v.tenant_id = $1 and v.stay_id = s.id and v.month = $3)
order by s.id limit $5 for share of s"""
_OVERDUE: Final = """
select * from migrants_visit
where tenant_id = $1 and state in ('planned', 'appointed') and due_on < $2
order by due_on, id limit $3 for update skip locked"""
_UNANSWERED: Final = """
select * from migrants_visit
where tenant_id = $1 and state = 'missed' and tier_due_at < $2
order by tier_due_at, id limit $3 for update skip locked"""
_WITHOUT_DEADLINE: Final = """
select * from migrants_visit
where tenant_id = $1 and state = 'missed' and tier in ('coordinator', 'community') and tier_due_at is null
order by id limit $2 for update skip locked"""


async def plan(ctx: Context, *, after: UUID = NO_STAY) -> UUID | None:
    """Plan this month's visit for up to 2,000 stays on file whose id is greater than `after`.

    Gives the last stay's id when there may be more, else None. When the month's due day is over, nothing is planned.
    """
    month = ctx.today().replace(day=1)
    due_on = due_day(ctx, month)
    if ctx.today() > due_on:
        return None
    await hold_tree(ctx)
    await ctx.db.take_turns("migrants.plan_visits")
    found = await ctx.db.fetch(_TO_PLAN, ctx.tenant_id, after, month, due_on, PLANNED_MAX)
    await insert_many(ctx, Visit, [_planned(row, month, due_on) for row in found], action="plan")
    return UUID(int=found[-1]["id"].int) if len(found) == PLANNED_MAX else None


async def notice_overdue(ctx: Context) -> int:
    """Visits whose due day is over in the tenant's time zone are overdue; at most 500, gives how many."""
    found = await ctx.db.fetch(_OVERDUE, ctx.tenant_id, ctx.today(), STEPS_MAX)
    for row in found:
        visit = rows.from_record(Visit, row)
        overdue_at = due_moment(ctx, visit.due_on)
        visit = await step(
            ctx,
            visit,
            "miss",
            None,
            overdue_at=overdue_at,
            tier=Tier.COORDINATOR.value,
            tier_due_at=tier_due(ctx, overdue_at, Tier.COORDINATOR),
        )
        await publish(ctx, VisitMissed(visit_id=visit.id, stay_id=visit.stay_id))
    return len(found)


async def escalate(ctx: Context) -> int:
    """Overdue visits whose tier let its time pass go to the next one; at most 500, gives how many.

    Time that is counted from a tier's due moment, not from this run: a late run loses nobody a day.
    """
    found = await ctx.db.fetch(_UNANSWERED, ctx.tenant_id, ctx.now(), STEPS_MAX)
    for row in found:
        visit = rows.from_record(Visit, row)
        tier = NEXT_TIER[Tier(visit.tier)]
        due = tier_due(ctx, visit.tier_due_at, tier)
        await step(ctx, visit, "escalate", None, tier=tier.value, tier_due_at=due)
        await publish(ctx, VisitEscalated(visit_id=visit.id, stay_id=visit.stay_id, tier=tier.value))
    return len(found)


async def set_deadlines(ctx: Context) -> int:
    """Compute the deadlines that could not be, as a year had no official calendar yet; at most 500."""
    computed = 0
    for row in await ctx.db.fetch(_WITHOUT_DEADLINE, ctx.tenant_id, STEPS_MAX):
        visit = rows.from_record(Visit, row)
        due = _due_since_overdue(ctx, visit)
        if due is not None:
            await rows.update(ctx, visit, action="set_deadline", tier_due_at=due)
            computed += 1
    return computed


def due_day(ctx: Context, month: date) -> date:
    """The last day on which a month's visit is on time: the setting's day, or the month's last one."""
    wanted = int(str(ctx.setting("migrants.visit_due_day")))
    return month.replace(day=min(max(wanted, 1), monthrange(month.year, month.month)[1]))


def due_moment(ctx: Context, due_on: date) -> datetime:
    """The last moment of the due day in the tenant's time zone, in UTC."""
    found = Deadline(ctx.start_of(due_on), CalendarDays(0), zone=ctx.time_zone).due_at()
    assert found is not None
    return found


def tier_due(ctx: Context, since: datetime, tier: Tier) -> datetime | None:
    """Until when a tier answers for a visit that came to it at a moment; None for the last tier.

    None too while the official calendar of a year on the way is not published: it is never guessed.
    """
    if tier not in NEXT_TIER:
        return None
    days = int(str(ctx.setting(f"migrants.visit_{tier.value}_working_days")))
    length = WorkingDays(min(max(days, 0), TIER_DAYS_MAX))
    return due_if_known(Deadline(since, length, zone=ctx.time_zone))


def _due_since_overdue(ctx: Context, visit: Visit) -> datetime | None:
    """A visit's present deadline, counted through the tiers from the moment at which it became overdue."""
    due = tier_due(ctx, visit.overdue_at, Tier.COORDINATOR)
    if due is None or visit.tier == Tier.COORDINATOR:
        return due
    return tier_due(ctx, due, Tier.COMMUNITY)


def _planned(stay: Mapping[str, Any], month: date, due_on: date) -> dict[str, object]:
    return {
        "area_id": stay["area_id"],
        "area_path": stay["area_path"],
        "stay_id": stay["id"],
        "person_id": stay["person_id"],
        "dwelling_id": stay["dwelling_id"],
        "month": month,
        "due_on": due_on,
        "state": "planned",
    }
