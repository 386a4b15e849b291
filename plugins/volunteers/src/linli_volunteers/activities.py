"""Activities: made as drafts, opened for enrolment, run by the clock, settled when all hours are."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from linli.plugin import Context, Facts, Organisation, Required, changeable, checks, place_for, rows
from linli_volunteers.errors import (
    FewerPlacesThanEnrolled,
    HoursOpen,
    NotChangeable,
    OrganiserUnusable,
    PlacesOutOfRange,
    ShiftTooLong,
)
from linli_volunteers.states import ACTIVITY, ActivityState
from linli_volunteers.tables import Activity
from linli_volunteers.times import moment, whole_minutes

PERMISSION: Final = "volunteers.activity"
TITLE_MAX: Final = 100
DESCRIPTION_MAX: Final = 2_000
PLACES_MAX: Final = 10_000
SHIFT_HOURS_MAX: Final = 7 * 24
BATCH_MAX: Final = 500

_OPTIONAL: Final = frozenset({"description", "organiser_id"})
_ALL: Final = frozenset({"title", "description", "organiser_id", "starts_at", "ends_at", "places"})
_CHANGEABLE: Final = {
    ActivityState.DRAFT: _ALL,
    # Those who enrolled keep the time that they chose, so that no two of their activities come to overlap.
    ActivityState.RECRUITING: frozenset({"title", "description", "places"}),
}
_ENROLLED = """
select count(*) from volunteers_enrolment where tenant_id = $1 and activity_id = $2 and state = 'enrolled'"""
_OPEN_HOURS = """
select count(*) from volunteers_hours
where tenant_id = $1 and activity_id = $2 and state in ('claimed', 'verified')"""
_DUE = """
select id from volunteers_activity where tenant_id = $1 and state = $2 and {column} <= $3
order by {column}, id limit $4"""
_OF_ORGANISER = """
select id from volunteers_activity
where tenant_id = $1 and organiser_id = $2 and state = 'recruiting' order by id limit $3"""


class ActivityChanges(TypedDict, total=False):
    """What may be changed of an activity; what is left out stays."""

    title: str
    description: str | None
    organiser_id: UUID | None
    starts_at: datetime
    ends_at: datetime
    places: int


async def create(
    ctx: Context,
    *,
    area_id: UUID | None,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    places: int,
    description: str | None = "",
    organiser_id: UUID | None = None,
    activity_id: UUID | None = None,
) -> Activity:
    """Make a draft. The time may lie in the past: what took place is entered afterwards too.

    Raises: PermissionDenied, NotFound, AreaRetired, Required, TooLong, ImpossibleTime, EndsBeforeStart,
    ShiftTooLong, PlacesOutOfRange, OrganiserUnusable.
    """
    place = await place_for(ctx, area_id, f"{PERMISSION}.write")
    given = ActivityChanges(
        title=title,
        description=description,
        organiser_id=organiser_id,
        starts_at=starts_at,
        ends_at=ends_at,
        places=places,
    )
    values = await _checked(ctx, given)
    _check_shift(values["starts_at"], values["ends_at"])
    return await rows.insert(
        ctx, Activity, id=activity_id, area_id=place.area_id, area_path=place.area_path, **values
    )


async def update(
    ctx: Context,
    activity_id: UUID,
    *,
    expected_version: int | None = None,
    **changes: Unpack[ActivityChanges],
) -> Activity:
    """Change an activity: all of a draft; title, description and places while it recruits.

    Raises: NotFound, NotChangeable, FewerPlacesThanEnrolled, StaleVersion, and what `create` does.
    """
    activity = await changeable(ctx, Activity, activity_id, PERMISSION)
    allowed = _CHANGEABLE.get(ActivityState(activity.state), frozenset())
    for name in changes:
        if name not in allowed:
            raise NotChangeable(path=(name,), state=activity.state, field=name)
    values = await _checked(ctx, changes)
    _check_shift(values.get("starts_at", activity.starts_at), values.get("ends_at", activity.ends_at))
    if "places" in values:
        enrolled: int = await ctx.db.fetchval(_ENROLLED, ctx.tenant_id, activity.id)
        if enrolled > values["places"]:
            raise FewerPlacesThanEnrolled(path=("places",), enrolled=enrolled)
    return await rows.update(ctx, activity, expected_version=expected_version, **values)


async def open_for_enrolment(
    ctx: Context, activity_id: UUID, *, expected_version: int | None = None
) -> Activity:
    """Let volunteers enrol. Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion."""
    return await _turn(ctx, activity_id, "open", expected_version)


async def start(ctx: Context, activity_id: UUID, *, expected_version: int | None = None) -> Activity:
    """The activity begins; the clock does this too. Raises: as `open_for_enrolment`."""
    return await _turn(ctx, activity_id, "start", expected_version)


async def finish(ctx: Context, activity_id: UUID, *, expected_version: int | None = None) -> Activity:
    """The activity is over; the clock does this too. Raises: as `open_for_enrolment`."""
    return await _turn(ctx, activity_id, "finish", expected_version)


async def settle(ctx: Context, activity_id: UUID, *, expected_version: int | None = None) -> Activity:
    """Close the books: no hours are claimed from now on. Raises: HoursOpen; as `open_for_enrolment`."""
    activity = await changeable(ctx, Activity, activity_id, PERMISSION)
    ACTIVITY.transition(activity.state, "settle")
    count: int = await ctx.db.fetchval(_OPEN_HOURS, ctx.tenant_id, activity.id)
    if count:
        raise HoursOpen(count=count)
    return await _turn(ctx, activity_id, "settle", expected_version)


async def cancel(
    ctx: Context, activity_id: UUID, *, reason: str, expected_version: int | None = None
) -> Activity:
    """The activity will not take place. Raises: Required, TooLong; as `open_for_enrolment`."""
    why = checks.line(reason, "reason", checks.REASON_MAX)
    return await _turn(ctx, activity_id, "cancel", expected_version, cancel_reason=why)


async def cancel_of_organiser(ctx: Context, organiser_id: UUID, *, reason: str) -> int:
    """Cancel what an organiser recruits for (at most 500 activities); gives how many there were."""
    found = await ctx.db.fetch(_OF_ORGANISER, ctx.tenant_id, organiser_id, BATCH_MAX)
    for row in found:
        await cancel(ctx, row["id"], reason=reason)
    return len(found)


async def advance(ctx: Context) -> int:
    """Start and finish what is due, at most 500 of each; gives how many steps were taken."""
    taken = 0
    for state, column, step in (
        (ActivityState.RECRUITING, "starts_at", start),
        (ActivityState.RUNNING, "ends_at", finish),
    ):
        due = await ctx.db.fetch(_DUE.format(column=column), ctx.tenant_id, state, ctx.now(), BATCH_MAX)
        for row in due:
            await step(ctx, row["id"])
        taken += len(due)
    return taken


async def _turn(
    ctx: Context, activity_id: UUID, action: str, expected_version: int | None, **changes: object
) -> Activity:
    activity = await changeable(ctx, Activity, activity_id, PERMISSION)
    state = ACTIVITY.apply(activity.state, action, Facts(actor_id=ctx.actor.id))
    return await rows.update(
        ctx, activity, action=action, expected_version=expected_version, state=state, **changes
    )


async def _checked(ctx: Context, given: ActivityChanges) -> dict[str, Any]:
    values: dict[str, Any] = dict(given)
    for name in values:
        if values[name] is None and name not in _OPTIONAL:
            raise Required(path=(name,))
    if "title" in given:
        values["title"] = checks.line(given["title"], "title", TITLE_MAX)
    if "description" in given:
        values["description"] = checks.optional_line(given["description"], "description", DESCRIPTION_MAX)
    if "starts_at" in given:
        values["starts_at"] = moment(given["starts_at"], "starts_at")
    if "ends_at" in given:
        values["ends_at"] = moment(given["ends_at"], "ends_at")
    if "places" in given and not 1 <= given["places"] <= PLACES_MAX:
        raise PlacesOutOfRange(path=("places",), limit=PLACES_MAX)
    if given.get("organiser_id") is not None:
        organiser = await rows.find(ctx, Organisation, given["organiser_id"])
        if organiser is None or organiser.state != "active":
            raise OrganiserUnusable(path=("organiser_id",))
    return values


def _check_shift(starts_at: datetime, ends_at: datetime) -> None:
    if whole_minutes(starts_at, ends_at, "ends_at") > SHIFT_HOURS_MAX * 60:
        raise ShiftTooLong(path=("ends_at",), limit=SHIFT_HOURS_MAX)
