"""Enrolments: a place at an activity, as long as there is one, and at no two activities at a time."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, Facts, NotFound, rows
from linli_volunteers.access import place_beside, require, visible_or_own
from linli_volunteers.errors import (
    AlreadyEnrolled,
    EnrolmentOverlaps,
    HasHours,
    NoPlaceLeft,
    NotAVolunteer,
    NotRecruiting,
)
from linli_volunteers.states import ENROLMENT, ActivityState, EnrolmentState, VolunteerState
from linli_volunteers.tables import Activity, Enrolment, Volunteer
from linli_volunteers.volunteers import volunteer_meant

READ: Final = "volunteers.enrolment.read"
WRITE: Final = "volunteers.enrolment.write"
# Those who turn up unannounced are enrolled while the activity runs.
ENROLLING: Final = (ActivityState.RECRUITING, ActivityState.RUNNING)

_TAKEN = """
select count(*) from volunteers_enrolment where tenant_id = $1 and activity_id = $2 and state = 'enrolled'"""
_OVERLAPPING = """
select a.id from volunteers_enrolment e
join volunteers_activity a on a.tenant_id = $1 and a.id = e.activity_id
where e.tenant_id = $1 and e.volunteer_id = $2 and e.state = 'enrolled' and a.id <> $3
    and a.state <> 'cancelled' and a.starts_at < $5 and a.ends_at > $4
limit 1"""
_STANDING_HOURS = """
select id from volunteers_hours
where tenant_id = $1 and activity_id = $2 and person_id = $3 and state <> 'reversed' limit 1"""


async def enrol(ctx: Context, *, activity_id: UUID, volunteer_id: UUID | None = None) -> Enrolment:
    """Enrol a volunteer (the actor by default) for an activity.

    Raises: NotFound, PermissionDenied, NotRecruiting, NotAVolunteer, AlreadyEnrolled, NoPlaceLeft,
    EnrolmentOverlaps.
    """
    seen = await visible_activity(ctx, activity_id)
    meant = await volunteer_meant(ctx, volunteer_id)
    place = await place_beside(ctx, seen, WRITE, person_id=meant.person_id)
    # Locks are always taken in this order: tree, volunteer, activity.
    volunteer = await rows.get(ctx, Volunteer, meant.id, lock=True)
    activity = await rows.get(ctx, Activity, activity_id, lock=True)
    if activity.state not in ENROLLING:
        raise NotRecruiting(path=("activity_id",), state=activity.state)
    if volunteer.state != VolunteerState.ACTIVE:
        raise NotAVolunteer(path=("volunteer_id",))
    known = await rows.find_by(ctx, Enrolment, activity_id=activity.id, volunteer_id=volunteer.id)
    if known is not None and known.state == EnrolmentState.ENROLLED:
        raise AlreadyEnrolled(path=("activity_id",))
    await _check_room(ctx, activity, volunteer)
    if known is not None:
        state = ENROLMENT.apply(known.state, "return", Facts(actor_id=ctx.actor.id))
        return await rows.update(ctx, known, action="return", state=state)
    return await rows.insert(
        ctx,
        Enrolment,
        area_id=place.area_id,
        area_path=place.area_path,
        activity_id=activity.id,
        volunteer_id=volunteer.id,
        person_id=volunteer.person_id,
    )


async def withdraw(ctx: Context, enrolment_id: UUID, *, expected_version: int | None = None) -> Enrolment:
    """Give the place back.

    Raises: NotFound, PermissionDenied, HasHours, UndefinedTransition, StaleVersion.
    """
    enrolment = await visible_or_own(ctx, Enrolment, enrolment_id, READ, lock=False)
    require(ctx, WRITE, enrolment.area_path, person_id=enrolment.person_id)
    await rows.get(ctx, Activity, enrolment.activity_id, lock=True)  # no hours are claimed meanwhile
    enrolment = await rows.get(ctx, Enrolment, enrolment_id, lock=True)
    standing = (ctx.tenant_id, enrolment.activity_id, enrolment.person_id)
    if await ctx.db.fetchval(_STANDING_HOURS, *standing) is not None:
        raise HasHours()
    state = ENROLMENT.apply(enrolment.state, "withdraw", Facts(actor_id=ctx.actor.id))
    return await rows.update(
        ctx, enrolment, action="withdraw", expected_version=expected_version, state=state
    )


async def visible_activity(ctx: Context, activity_id: UUID) -> Activity:
    """An activity that the actor may see, not held. Raises: NotFound."""
    activity = await rows.find(ctx, Activity, activity_id)
    if activity is None or not ctx.can("volunteers.activity.read", activity.area_path):
        raise NotFound(path=("activity_id",), kind="volunteers_activity")
    return activity


async def _check_room(ctx: Context, activity: Activity, volunteer: Volunteer) -> None:
    taken: int = await ctx.db.fetchval(_TAKEN, ctx.tenant_id, activity.id)
    if taken >= activity.places:
        raise NoPlaceLeft(path=("activity_id",), places=activity.places)
    times = (activity.id, activity.starts_at, activity.ends_at)
    if await ctx.db.fetchval(_OVERLAPPING, ctx.tenant_id, volunteer.id, *times) is not None:
        raise EnrolmentOverlaps(path=("activity_id",))
