"""Visits (月访视): one appointment a month for each stay on file. It may be declined, without reason or consequence."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, TypeVar
from uuid import UUID

from linli.plugin import Context, Facts, checks, is_self, own_or_visible, rows
from linli_migrants import posts
from linli_migrants.tables import Stay
from linli_migrants.visit_errors import AppointmentOutOfRange, OwnVisit, VisitOutsideItsTime
from linli_migrants.visit_states import OPEN_VISITS, VISIT
from linli_migrants.visit_tables import Delivery, Visit
from linli_migrants.visit_terms import VisitOutcome

READ: Final = "migrants.visit.read"
WRITE: Final = "migrants.visit.write"
OWN: Final = "migrants.own.visit"
APPOINTMENT_DAYS_MAX: Final = 92
VISITS_OF_STAY_MAX: Final = 1_000
Personal = TypeVar("Personal", Visit, Delivery)
_OPEN_OF_STAY: Final = """
select * from migrants_visit where tenant_id = $1 and stay_id = $2 and state = any($3::text[])
order by id limit $4 for update"""


async def appoint(
    ctx: Context, visit_id: UUID, *, appointed_for: datetime, expected_version: int | None = None
) -> Visit:
    """Agree on a time, or on another one. The clock of an overdue visit goes on all the same.

    Raises: NotFound, PermissionDenied, AppointmentOutOfRange, UndefinedTransition, StaleVersion.
    """
    visit = await visible_or_own(ctx, Visit, visit_id, READ)
    require_for(ctx, visit, WRITE, OWN)
    latest = ctx.now() + timedelta(days=APPOINTMENT_DAYS_MAX)
    if appointed_for.utcoffset() is None or not ctx.now() <= appointed_for <= latest:
        raise AppointmentOutOfRange(path=("appointed_for",), days=APPOINTMENT_DAYS_MAX)
    return await step(ctx, visit, "appoint", expected_version, appointed_for=appointed_for)


async def decline(ctx: Context, visit_id: UUID, *, expected_version: int | None = None) -> Visit:
    """The person wants no visit this month. No reason is asked for, and nothing follows from it.

    Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion.
    """
    visit = await visible_or_own(ctx, Visit, visit_id, READ)
    require_for(ctx, visit, WRITE, OWN)
    return await step(ctx, visit, "decline", expected_version, ended_at=ctx.now(), tier_due_at=None)


async def do(
    ctx: Context,
    visit_id: UUID,
    *,
    done_on: date,
    outcome: str,
    post_id: UUID | None = None,
    expected_version: int | None = None,
) -> Visit:
    """The visit was made on that day, under a post (the actor's own by default), and did that for the person.

    Raises: NotFound, PermissionDenied, OwnVisit, FutureDate, VisitOutsideItsTime, UnknownValue, NoPostHere,
    UndefinedTransition, StaleVersion.
    """
    visit = await visible_or_own(ctx, Visit, visit_id, READ)
    ctx.require(WRITE, visit.area_path)
    post = await posts.named(ctx, post_id)
    VISIT.transition(visit.state, "do")
    if is_self(ctx, visit.person_id):
        raise OwnVisit()
    day = await _day_of_visit(ctx, visit, done_on)
    post = await posts.post_for(ctx, visit.area_path, day, post)
    if post.person_id is not None and post.person_id == visit.person_id:
        raise OwnVisit(path=("post_id",))
    return await step(
        ctx,
        visit,
        "do",
        expected_version,
        done_on=day,
        outcome=checks.one_of(outcome, tuple(VisitOutcome), "outcome"),
        post_id=post.id,
        ended_at=ctx.now(),
        tier_due_at=None,
    )


async def cancel_of_stay(ctx: Context, stay_id: UUID) -> int:
    """The stay is over: its open visits are not made any more. Gives how many there were."""
    states = [state.value for state in OPEN_VISITS]
    found = await ctx.db.fetch(_OPEN_OF_STAY, ctx.tenant_id, stay_id, states, VISITS_OF_STAY_MAX)
    for row in found:
        visit = rows.from_record(Visit, row)
        await step(ctx, visit, "cancel", None, ended_at=ctx.now(), tier_due_at=None)
    return len(found)


async def step(
    ctx: Context, visit: Visit, action: str, expected_version: int | None, **changes: object
) -> Visit:
    """Take a visit that is held a step further, and nothing else. Raises: UndefinedTransition, StaleVersion."""
    state = VISIT.apply(visit.state, action, Facts(actor_id=ctx.actor.id))
    return await rows.update(
        ctx, visit, action=action, expected_version=expected_version, state=state, **changes
    )


async def visible_or_own(ctx: Context, table: type[Personal], row_id: UUID, permission: str) -> Personal:
    """The actor's own row, or one by permission, held against other writers. Raises: NotFound, for others too."""
    return own_or_visible(ctx, await rows.get(ctx, table, row_id, lock=True), permission)


def require_for(ctx: Context, row: Visit | Delivery, permission: str, own: str) -> None:
    """Go on with the permission at the row's area, or as the person with the own one. Raises: PermissionDenied."""
    mine = is_self(ctx, row.person_id) and ctx.can(own)
    if not mine:
        ctx.require(permission, row.area_path)


async def _day_of_visit(ctx: Context, visit: Visit, done_on: date) -> date:
    day = checks.not_future(ctx, done_on, "done_on")
    stay = await rows.get(ctx, Stay, visit.stay_id)
    if day < max(visit.month, stay.from_on) or (stay.to_on is not None and day >= stay.to_on):
        raise VisitOutsideItsTime(path=("done_on",))
    return day
