"""The register of volunteers: who registered, and who withdrew."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, Duplicate, Facts, NotFound, Person, checks, is_self, rows
from linli_volunteers.access import place_beside, require, visible_or_own
from linli_volunteers.errors import AlreadyRegistered, PersonNotActive
from linli_volunteers.states import ENROLMENT, VOLUNTEER, VolunteerState
from linli_volunteers.tables import Enrolment, Volunteer

READ: Final = "volunteers.volunteer.read"
WRITE: Final = "volunteers.volunteer.write"
ENROLMENTS_MAX: Final = 1_000

_AHEAD = """
select e.id from volunteers_enrolment e
join volunteers_activity a on a.tenant_id = $1 and a.id = e.activity_id
where e.tenant_id = $1 and e.volunteer_id = $2 and e.state = 'enrolled' and a.state = 'recruiting'
order by e.id limit $3"""


async def register(ctx: Context, *, person_id: UUID, registered_on: date | None = None) -> Volunteer:
    """Register a person as a volunteer; one who withdrew is back, with the first day of registration.

    Raises: NotFound, PermissionDenied, AreaRetired, PersonNotActive, FutureDate, AlreadyRegistered.
    """
    person = await rows.find(ctx, Person, person_id)
    if person is None or not (is_self(ctx, person_id) or ctx.can("identity.person.read", person.area_path)):
        raise NotFound(path=("person_id",), kind="identity_person")
    place = await place_beside(ctx, person, WRITE, person_id=person_id)
    if person.state != "active":
        raise PersonNotActive(path=("person_id",))
    day = checks.not_future(ctx, registered_on or ctx.today(), "registered_on")
    known = await rows.find_by(ctx, Volunteer, person_id=person_id)
    if known is not None:
        return await _return(ctx, known.id)
    try:
        return await rows.insert(
            ctx,
            Volunteer,
            area_id=place.area_id,
            area_path=place.area_path,
            person_id=person_id,
            registered_on=day,
        )
    except Duplicate as error:
        raise AlreadyRegistered(path=("person_id",)) from error


async def withdraw(ctx: Context, volunteer_id: UUID, *, expected_version: int | None = None) -> Volunteer:
    """The volunteer withdraws, also from activities that still recruit; hours and certificates stay.

    Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion.
    """
    volunteer = await visible_or_own(ctx, Volunteer, volunteer_id, READ)
    require(ctx, WRITE, volunteer.area_path, person_id=volunteer.person_id)
    state = VOLUNTEER.apply(volunteer.state, "withdraw", Facts(actor_id=ctx.actor.id))
    for row in await ctx.db.fetch(_AHEAD, ctx.tenant_id, volunteer.id, ENROLMENTS_MAX):
        enrolment = await rows.get(ctx, Enrolment, row["id"], lock=True)
        left = ENROLMENT.apply(enrolment.state, "withdraw", Facts(actor_id=ctx.actor.id))
        await rows.update(ctx, enrolment, action="withdraw", state=left)
    return await rows.update(
        ctx,
        volunteer,
        action="withdraw",
        expected_version=expected_version,
        state=state,
        withdrawn_on=max(ctx.today(), volunteer.registered_on),
    )


async def volunteer_meant(ctx: Context, volunteer_id: UUID | None) -> Volunteer:
    """The volunteer with this id, or the actor when none is given; not held.

    Raises: NotFound, also for what the actor may not read.
    """
    if volunteer_id is not None:
        return await visible_or_own(ctx, Volunteer, volunteer_id, READ, lock=False)
    own = await rows.find_by(ctx, Volunteer, person_id=ctx.actor.person_id) if ctx.actor.person_id else None
    if own is None:
        raise NotFound(path=("volunteer_id",), kind="volunteers_volunteer")
    return own


async def _return(ctx: Context, volunteer_id: UUID) -> Volunteer:
    volunteer = await rows.get(ctx, Volunteer, volunteer_id, lock=True)
    if volunteer.state == VolunteerState.ACTIVE:
        raise AlreadyRegistered(path=("person_id",))
    state = VOLUNTEER.apply(volunteer.state, "return", Facts(actor_id=ctx.actor.id))
    return await rows.update(ctx, volunteer, action="return", state=state, withdrawn_on=None)
