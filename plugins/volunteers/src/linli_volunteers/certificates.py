"""Certificates: how much a person served, under a number by which anybody can check it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Facts,
    Person,
    changeable,
    checks,
    mask_name,
    new_number,
    normal_number,
    place_for,
    rows,
    visible,
)
from linli_volunteers.errors import NothingToCertify
from linli_volunteers.states import CERTIFICATE
from linli_volunteers.tables import Certificate, Hours, Volunteer
from linli_volunteers.times import end_of

PERMISSION: Final = "volunteers.certificate"
CERTIFICATES_MAX: Final = 1_000

_POSTED = """
select coalesce(sum(minutes), 0)::bigint from volunteers_hours
where tenant_id = $1 and person_id = $2 and state = 'posted' and overlap_found_at is null and to_at < $3"""
_COUNTING = """
select id from volunteers_certificate
where tenant_id = $1 and person_id = $2 and state = 'valid' and as_of >= $3 and issued_at >= $4
order by id limit $5"""


@dataclass(frozen=True, slots=True)
class CheckedCertificate:
    """What anybody may know of a certificate: its state, the masked name, the minutes, and their day."""

    state: str
    masked_name: str
    minutes: int
    as_of: date


async def posted_minutes(ctx: Context, person_id: UUID, as_of: date) -> int:
    """The minutes that a person served up to and including a day and that were posted; without marked ones."""
    found: int = await ctx.db.fetchval(_POSTED, ctx.tenant_id, person_id, end_of(ctx, as_of))
    return found


async def issue(ctx: Context, *, volunteer_id: UUID, as_of: date | None = None) -> Certificate:
    """Certify what a volunteer served up to and including a day (today by default).

    Raises: NotFound, PermissionDenied, AreaRetired, FutureDate, NothingToCertify.
    """
    day = checks.not_future(ctx, as_of or ctx.today(), "as_of")
    volunteer = await visible(ctx, Volunteer, volunteer_id, "volunteers.volunteer.read")
    place = await place_for(ctx, volunteer.area_id, f"{PERMISSION}.write")
    minutes = await posted_minutes(ctx, volunteer.person_id, day)
    if minutes == 0:
        raise NothingToCertify(path=("volunteer_id",))
    return await rows.insert(
        ctx,
        Certificate,
        action="issue",
        area_id=place.area_id,
        area_path=place.area_path,
        number=new_number(ctx.today().year),
        volunteer_id=volunteer.id,
        person_id=volunteer.person_id,
        minutes=minutes,
        as_of=day,
        issued_at=ctx.now(),
    )


async def revoke(
    ctx: Context, certificate_id: UUID, *, reason: str, expected_version: int | None = None
) -> Certificate:
    """The certificate no longer counts.

    Raises: NotFound, PermissionDenied, Required, TooLong, UndefinedTransition, StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    certificate = await changeable(ctx, Certificate, certificate_id, PERMISSION)
    return await _revoke(ctx, certificate, why, expected_version)


async def revoke_counting(ctx: Context, hours: Hours, *, reason: str) -> None:
    """Revoke the person's certificates (at most 1,000) that counted these hours, which are being reversed."""
    await rows.get(ctx, Volunteer, hours.volunteer_id, lock=True)  # none is issued meanwhile
    covered = (hours.person_id, ctx.day_of(hours.to_at), hours.posted_at)
    for row in await ctx.db.fetch(_COUNTING, ctx.tenant_id, *covered, CERTIFICATES_MAX):
        certificate = await rows.get(ctx, Certificate, row["id"], lock=True)
        await _revoke(ctx, certificate, reason, None)


async def check(ctx: Context, typed: str) -> CheckedCertificate | None:
    """What anybody may know of the certificate with this number; None when there is none."""
    number = normal_number(typed)
    found = await rows.find_by(ctx, Certificate, number=number) if number else None
    person = await rows.find(ctx, Person, found.person_id) if found else None
    if found is None or person is None:
        return None
    return CheckedCertificate(found.state, mask_name(person.full_name), found.minutes, found.as_of)


async def _revoke(
    ctx: Context, certificate: Certificate, reason: str, expected_version: int | None
) -> Certificate:
    state = CERTIFICATE.apply(certificate.state, "revoke", Facts(actor_id=ctx.actor.id))
    return await rows.update(
        ctx,
        certificate,
        action="revoke",
        expected_version=expected_version,
        state=state,
        revoke_reason=reason,
    )
