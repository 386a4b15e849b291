"""Two entries of the register were one person: what either did as a volunteer, that person did.

Nothing that was decided is changed: the reference to the person is carried over, with an audit entry for each
row. Whatever is done again finds nothing left to do.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final, TypeVar
from uuid import UUID

from linli.plugin import Context, Facts, Person, in_place, people, rows
from linli_volunteers import overlaps
from linli_volunteers.states import ENROLMENT, VOLUNTEER, EnrolmentState, VolunteerState
from linli_volunteers.tables import Certificate, Enrolment, Hours, Volunteer

ROWS_MAX: Final = 10_000

_OF_PEOPLE = """
select * from {table} where tenant_id = $1 and person_id = any($2::uuid[]) order by id limit $3 for update"""

Personal = TypeVar("Personal", Volunteer, Enrolment, Hours, Certificate)


async def carry_over(ctx: Context, merged_person_id: UUID) -> Person:
    """Carry what belongs to a merged entry over to the entry that was kept, which is given.

    Raises: NotFound.
    """
    kept = await in_place(ctx, Person, (await people.present_entry(ctx, merged_person_id)).id)
    both = (merged_person_id, kept.id)
    await _of(ctx, Hours, *both)  # locked before the volunteers, as everywhere
    found = {one.person_id: one for one in await _of(ctx, Volunteer, *both)}
    duplicate, own = found.get(merged_person_id), found.get(kept.id)
    if duplicate is not None:
        own = await _as_one(ctx, own, duplicate, kept)
    if own is None:
        return kept
    for enrolment in await _of(ctx, Enrolment, merged_person_id):
        await _carry_enrolment(ctx, enrolment, own)
    for hours in await _of(ctx, Hours, merged_person_id):
        await _carry_hours(ctx, hours, own)
    for certificate in await _of(ctx, Certificate, merged_person_id):
        await _carry(ctx, certificate, own)
    if duplicate is not None and duplicate.id != own.id:
        await rows.delete(ctx, duplicate, action="merge")
    return kept


async def _as_one(ctx: Context, own: Volunteer | None, duplicate: Volunteer, kept: Person) -> Volunteer:
    """The kept entry's volunteer: the duplicate's, or both in one.

    One that either was is one; registered since the earlier day, withdrawn on the later one.
    """
    place: dict[str, Any] = {"area_id": kept.area_id, "area_path": kept.area_path}
    if own is None:
        return await rows.update(ctx, duplicate, action="merge", person_id=kept.id, **place)
    changes: dict[str, Any] = {**place, "registered_on": min(own.registered_on, duplicate.registered_on)}
    if own.state == VolunteerState.WITHDRAWN:
        if duplicate.state == VolunteerState.ACTIVE:
            changes |= {"state": VOLUNTEER.apply(own.state, "return", _facts(ctx)), "withdrawn_on": None}
        else:
            days: list[date] = [own.withdrawn_on, duplicate.withdrawn_on]
            changes |= {"withdrawn_on": max(days)}
    return await rows.update(ctx, own, action="merge", **changes)


async def _carry_enrolment(ctx: Context, enrolment: Enrolment, own: Volunteer) -> None:
    """Two places of one person at one activity become one."""
    known = None
    if enrolment.volunteer_id != own.id:
        known = await rows.find_by(ctx, Enrolment, activity_id=enrolment.activity_id, volunteer_id=own.id)
    if known is None:
        await _carry(ctx, enrolment, own)
        return
    if (known.state, enrolment.state) == (EnrolmentState.WITHDRAWN, EnrolmentState.ENROLLED):
        state = ENROLMENT.apply(known.state, "return", _facts(ctx))
        await rows.update(ctx, known, action="merge", state=state)
    await rows.delete(ctx, enrolment, action="merge")


async def _carry_hours(ctx: Context, hours: Hours, own: Volunteer) -> None:
    marks = await overlaps.to_be_marked(ctx, hours, beside=own)
    found_at = hours.overlap_found_at
    for marked in marks:
        if marked.id == hours.id:
            found_at = ctx.now()
        else:
            await rows.update(ctx, marked, action="mark_overlap", overlap_found_at=ctx.now())
    await _carry(ctx, hours, own, overlap_found_at=found_at)


async def _carry(ctx: Context, row: Enrolment | Hours | Certificate, own: Volunteer, **also: Any) -> None:
    await rows.update(ctx, row, action="merge", person_id=own.person_id, volunteer_id=own.id, **also)


async def _of(ctx: Context, table: type[Personal], *person_ids: UUID) -> list[Personal]:
    sql = _OF_PEOPLE.format(table=table._meta.tablename)
    found = await ctx.db.fetch(sql, ctx.tenant_id, list(person_ids), ROWS_MAX)
    return [rows.from_record(table, row) for row in found]


def _facts(ctx: Context) -> Facts:
    return Facts(actor_id=ctx.actor.id)
