"""Hours of service: claimed, verified by somebody else, posted once; a reversal corrects, never an edit."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    FutureDate,
    checks,
    decision_facts,
    notifications,
    publish,
    rows,
    visible,
)
from linli_volunteers import certificates, overlaps
from linli_volunteers.access import place_beside
from linli_volunteers.enrolments import visible_activity
from linli_volunteers.errors import AlreadyClaimed, BeyondShift, HoursOverlap, NotClaimable, NotEnrolled
from linli_volunteers.events import HoursPosted, HoursReversed
from linli_volunteers.states import HOURS, ActivityState, EnrolmentState, HoursState
from linli_volunteers.tables import Activity, Enrolment, Hours, Volunteer
from linli_volunteers.times import moment, whole_minutes
from linli_volunteers.volunteers import volunteer_meant

READ: Final = "volunteers.hours.read"
CLAIMING: Final = (ActivityState.RUNNING, ActivityState.FINISHED)

_OTHERS: Final = """
select activity_id from volunteers_hours
where tenant_id = $1 and person_id = $2 and state <> 'reversed'
    and (activity_id = $3 or (from_at < $5 and to_at > $4))
order by activity_id = $3 desc limit 1"""


async def claim(
    ctx: Context, *, activity_id: UUID, from_at: datetime, to_at: datetime, volunteer_id: UUID | None = None
) -> Hours:
    """Claim that a volunteer (the actor by default) served from one moment to another.

    Raises: NotFound, PermissionDenied, ImpossibleTime, EndsBeforeStart, FutureDate, NotClaimable,
    NotEnrolled, BeyondShift, AlreadyClaimed, HoursOverlap.
    """
    begin, end = moment(from_at, "from_at"), moment(to_at, "to_at")
    minutes = whole_minutes(begin, end, "to_at")
    if end > ctx.now():
        raise FutureDate(path=("to_at",))
    seen = await visible_activity(ctx, activity_id)
    meant = await volunteer_meant(ctx, volunteer_id)
    place = await place_beside(ctx, seen, "volunteers.hours.write", person_id=meant.person_id)
    volunteer = await rows.get(ctx, Volunteer, meant.id, lock=True)
    activity = await rows.get(ctx, Activity, activity_id, lock=True)
    await _check_claim(ctx, activity, volunteer, begin, end)
    return await rows.insert(
        ctx,
        Hours,
        action="claim",
        area_id=place.area_id,
        area_path=place.area_path,
        activity_id=activity.id,
        volunteer_id=volunteer.id,
        person_id=volunteer.person_id,
        from_at=begin,
        to_at=end,
        minutes=minutes,
        claimed_by=ctx.actor.id,
    )


async def verify(ctx: Context, hours_id: UUID, *, expected_version: int | None = None) -> Hours:
    """Confirm somebody else's hours.

    Raises: NotFound, PermissionDenied, SelfVerification, HoursOverlap, UndefinedTransition, StaleVersion.
    """
    return await _turn(
        ctx, hours_id, "verify", expected_version, verified_by=ctx.actor.id, verified_at=ctx.now()
    )


async def post(ctx: Context, hours_id: UUID, *, expected_version: int | None = None) -> Hours:
    """Let verified hours count; the event that feeds points is part of the same transaction.

    Raises: NotFound, PermissionDenied, HoursOverlap, UndefinedTransition, StaleVersion.
    """
    hours = await _turn(ctx, hours_id, "post", expected_version, posted_at=ctx.now())
    await publish(
        ctx,
        HoursPosted(
            hours_id=hours.id,
            activity_id=hours.activity_id,
            person_id=hours.person_id,
            minutes=hours.minutes,
        ),
    )
    await _tell(ctx, hours, "volunteers.hours_posted")
    return hours


async def reverse(ctx: Context, hours_id: UUID, *, reason: str, expected_version: int | None = None) -> Hours:
    """Take hours back for good; they may then be claimed anew. Certificates that counted them are revoked.

    Raises: NotFound, PermissionDenied, Required, TooLong, UndefinedTransition, StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    reversal = {"reverse_reason": why, "reversed_at": ctx.now(), "overlap_found_at": None}
    hours = await _turn(ctx, hours_id, "reverse", expected_version, **reversal)
    await overlaps.release(ctx, hours)
    if not hours.posted_at:
        return hours
    await certificates.revoke_counting(ctx, hours, reason=why)
    await publish(
        ctx,
        HoursReversed(
            hours_id=hours.id,
            activity_id=hours.activity_id,
            person_id=hours.person_id,
            minutes=hours.minutes,
        ),
    )
    await _tell(ctx, hours, "volunteers.hours_reversed")
    return hours


async def _tell(ctx: Context, hours: Hours, message_type: str) -> None:
    """Tell the volunteer what became of their hours."""
    activity = await rows.get(ctx, Activity, hours.activity_id)
    values = {"activity": activity.title, "minutes": hours.minutes}
    await notifications.send(ctx, message_type, values, dedupe_key=str(hours.id), person_id=hours.person_id)


async def _turn(
    ctx: Context, hours_id: UUID, action: str, expected_version: int | None, **changes: object
) -> Hours:
    hours = await visible(ctx, Hours, hours_id, READ)
    ctx.require(f"volunteers.hours.{action}", hours.area_path)
    state: str = HoursState(HOURS.apply(hours.state, action, await decision_facts(ctx, hours)))
    if hours.overlap_found_at and state != HoursState.REVERSED:
        raise HoursOverlap()
    return await rows.update(
        ctx, hours, action=action, expected_version=expected_version, state=state, **changes
    )


async def _check_claim(
    ctx: Context, activity: Activity, volunteer: Volunteer, begin: datetime, end: datetime
) -> None:
    if activity.state not in CLAIMING:
        raise NotClaimable(path=("activity_id",), state=activity.state)
    enrolment = await rows.find_by(ctx, Enrolment, activity_id=activity.id, volunteer_id=volunteer.id)
    if enrolment is None or enrolment.state != EnrolmentState.ENROLLED:
        raise NotEnrolled(path=("activity_id",))
    if begin < activity.starts_at:
        raise BeyondShift(path=("from_at",))
    if end > activity.ends_at:
        raise BeyondShift(path=("to_at",))
    other: UUID | None = await ctx.db.fetchval(
        _OTHERS, ctx.tenant_id, volunteer.person_id, activity.id, begin, end
    )
    if other == activity.id:
        raise AlreadyClaimed(path=("activity_id",))
    if other is not None:
        raise HoursOverlap(path=("from_at",))
