"""Licences for solo practice, practice under them, and supervision."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, Duplicate, Facts, Person, checks, rows
from linli_social_workers.access import person_meant, visible_or_own
from linli_social_workers.errors import (
    EndsBeforeStart,
    NoLicence,
    NoRegistration,
    NumberOutOfRange,
    NumberTaken,
    OwnCase,
    OwnSupervision,
    PersonNotActive,
)
from linli_social_workers.exams import number_of
from linli_social_workers.states import CERTIFICATE
from linli_social_workers.tables import Licence, Practice, Supervision

READ: Final = "social_workers.licence.read"
WRITE: Final = "social_workers.licence.write"
PRACTISE: Final = "social_workers.practice.write"
SUBJECT_MAX: Final = 200
HOURS_MAX: Final = 24
_REGISTERED: Final = """
select exists (select from social_workers_registration
    where tenant_id = $1 and person_id = $2 and state = 'registered' and valid_until > $3)"""
_COVERING: Final = """
select id from social_workers_licence
where tenant_id = $1 and person_id = $2 and state = 'valid' and valid_from <= $3 and valid_until >= $4
order by valid_until desc limit 1"""


async def license_solo(
    ctx: Context, *, person_id: UUID, number: str, valid_from: date, valid_until: date
) -> Licence:
    """License a registered social worker for solo practice; never oneself.

    Raises: NotFound, PermissionDenied, PersonNotActive, OwnCase, NoRegistration, EndsBeforeStart, NumberTaken,
    Required, TooLong, NumberOutOfRange.
    """
    person = await person_meant(ctx, person_id, WRITE)
    ctx.require(WRITE, person.area_path)
    if ctx.actor.person_id == person.id:
        raise OwnCase()
    if valid_until <= valid_from:
        raise EndsBeforeStart(path=("valid_until",))
    if not await ctx.db.fetchval(_REGISTERED, ctx.tenant_id, person.id, ctx.today()):
        raise NoRegistration(path=("person_id",))
    try:
        return await rows.insert(
            ctx,
            Licence,
            action="license",
            area_id=person.area_id,
            area_path=person.area_path,
            person_id=person.id,
            number=number_of(number),
            valid_from=valid_from,
            valid_until=valid_until,
        )
    except Duplicate as error:
        raise NumberTaken(path=("number",)) from error


async def revoke(
    ctx: Context, licence_id: UUID, *, reason: str, expected_version: int | None = None
) -> Licence:
    """Take a licence back. Raises: NotFound, PermissionDenied, Required, TooLong, UndefinedTransition, StaleVersion."""
    licence = await visible_or_own(ctx, Licence, licence_id, READ)
    ctx.require(WRITE, licence.area_path)
    why = checks.line(reason, "reason", checks.REASON_MAX)
    state = CERTIFICATE.apply(licence.state, "revoke", Facts(actor_id=ctx.actor.id))
    return await rows.update(
        ctx, licence, action="revoke", expected_version=expected_version, state=state, reason=why
    )


async def practise(
    ctx: Context, *, subject: str, from_on: date, to_on: date, person_id: UUID | None = None
) -> Practice:
    """Enter solo practice of a person (the actor by default), whose licence covers all of its days.

    Raises: NotFound, PermissionDenied, PersonNotActive, Required, TooLong, EndsBeforeStart, NoLicence.
    """
    person = await person_meant(ctx, person_id, PRACTISE)
    if to_on <= from_on:
        raise EndsBeforeStart(path=("to_on",))
    licence_id: UUID | None = await ctx.db.fetchval(_COVERING, ctx.tenant_id, person.id, from_on, to_on)
    if licence_id is None:
        raise NoLicence(path=("from_on",))
    return await rows.insert(
        ctx,
        Practice,
        action="enter",
        area_id=person.area_id,
        area_path=person.area_path,
        person_id=person.id,
        licence_id=licence_id,
        subject=checks.line(subject, "subject", SUBJECT_MAX),
        from_on=from_on,
        to_on=to_on,
    )


async def supervise(
    ctx: Context, *, person_id: UUID, on_day: date, hours: int, supervisor_id: UUID | None = None
) -> Supervision:
    """Note that a registered social worker (the actor by default) supervised another on a day.

    Raises: NotFound, PermissionDenied, PersonNotActive, OwnSupervision, NoRegistration, NumberOutOfRange, FutureDate.
    """
    supervisor = await person_meant(ctx, supervisor_id, PRACTISE)
    if supervisor.id == person_id:
        raise OwnSupervision(path=("person_id",))
    supervised = await rows.get(ctx, Person, person_id)
    if supervised.state != "active":
        raise PersonNotActive(path=("person_id",))
    if not 1 <= hours <= HOURS_MAX:
        raise NumberOutOfRange(path=("hours",), minimum=1, maximum=HOURS_MAX)
    if not await ctx.db.fetchval(_REGISTERED, ctx.tenant_id, supervisor.id, ctx.today()):
        raise NoRegistration(path=("supervisor_id",))
    return await rows.insert(
        ctx,
        Supervision,
        action="enter",
        area_id=supervisor.area_id,
        area_path=supervisor.area_path,
        supervisor_id=supervisor.id,
        person_id=supervised.id,
        on_day=checks.not_future(ctx, on_day, "on_day"),
        hours=hours,
    )
