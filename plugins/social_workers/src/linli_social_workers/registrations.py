"""Registration (登记): two reviews by different people, three years, lapse, sanctions."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Deadline,
    Duplicate,
    NotFound,
    WorkingDays,
    add_months,
    checks,
    due_if_known,
    is_self,
    new_number,
    publish,
    rows,
)
from linli_social_workers import facts, papers, telling
from linli_social_workers.access import facts_of, person_meant, require_for, visible_or_own
from linli_social_workers.errors import (
    CertificateOfOther,
    HasRegistration,
    OwnCase,
)
from linli_social_workers.events import Registered, RegistrationEnded
from linli_social_workers.states import REGISTRATION, CertificateState, RegistrationState
from linli_social_workers.tables import Certificate, Registration
from linli_social_workers.terms import TERM_YEARS, FactKind, last_day

READ: Final = "social_workers.registration.read"
CERTIFICATE_READ: Final = "social_workers.certificate.read"
WRITE: Final = "social_workers.registration.write"
REVIEW: Final = "social_workers.registration.review"
DECIDE: Final = "social_workers.registration.decide"
SANCTION: Final = "social_workers.registration.sanction"
BATCH_MAX: Final = 500
_UNDATED: Final = """
select id from social_workers_registration
where tenant_id = $1 and state in ('applied', 'reviewed') and due_at is null order by id limit $2"""
_LAPSING: Final = """
select r.id from social_workers_registration r
where r.tenant_id = $1 and r.state in ('registered', 'suspended') and r.valid_until <= $2 and not exists (
    select 1 from social_workers_renewal n
    where n.tenant_id = $1 and n.registration_id = r.id and n.state = 'applied')
order by r.valid_until, r.id limit $3"""


async def apply(ctx: Context, *, certificate_id: UUID, person_id: UUID | None = None) -> Registration:
    """Apply for the registration of a person (the actor by default) on a certificate.

    An application later than a year after the certificate is marked as overdue, and handled all the same. The final
    review is due within the working days that the tenant sets; while a year's calendar is not published, that is
    filled in later.
    Raises: NotFound, PermissionDenied, PersonNotActive, CertificateOfOther, HasRegistration.
    """
    person = await person_meant(ctx, person_id, WRITE)
    certificate = await rows.find(ctx, Certificate, certificate_id)
    if certificate is None or not (
        is_self(ctx, certificate.person_id) or ctx.can(CERTIFICATE_READ, certificate.area_path)
    ):
        raise NotFound(path=("certificate_id",), kind="social_workers_certificate")
    if certificate.person_id != person.id or certificate.state != "valid":
        raise CertificateOfOther(path=("certificate_id",))
    days = ctx.setting("social_workers.review_working_days")
    assert isinstance(days, int)
    try:
        return await rows.insert(
            ctx,
            Registration,
            action="apply",
            area_id=person.area_id,
            area_path=person.area_path,
            person_id=person.id,
            certificate_id=certificate.id,
            applied_on=ctx.today(),
            applied_by=ctx.actor.id,
            overdue=ctx.today() > add_months(certificate.issued_on, 12),
            due_at=due_if_known(Deadline(ctx.now(), WorkingDays(days), zone=ctx.time_zone)),
        )
    except Duplicate as error:
        raise HasRegistration(path=("person_id",)) from error


async def review(ctx: Context, registration_id: UUID, *, expected_version: int | None = None) -> Registration:
    """The first review finds an application right.

    Raises: NotFound, PermissionDenied, OwnCase, UndefinedTransition, StaleVersion.
    """
    registration = await _case(ctx, registration_id, REVIEW)
    return await _step(ctx, registration, "review", expected_version, first_reviewed_by=ctx.actor.id)


async def register(
    ctx: Context,
    registration_id: UUID,
    *,
    valid_from: date | None = None,
    expected_version: int | None = None,
) -> Registration:
    """The final review, by somebody else than the first, registers for three years from a day (today by default).

    Raises: NotFound, PermissionDenied, OwnCase, FutureDate, UndefinedTransition, StaleVersion; CertificateOfOther for
    a certificate that was taken back meanwhile.
    """
    registration = await _case(ctx, registration_id, DECIDE)
    begin = checks.not_future(ctx, valid_from or ctx.today(), "valid_from")
    certificate = await rows.get(ctx, Certificate, registration.certificate_id, lock=True)
    until = add_months(begin, 12 * TERM_YEARS)
    registration = await _step(
        ctx,
        registration,
        "register",
        expected_version,
        final_reviewed_by=ctx.actor.id,
        number=new_number(begin.year),
        valid_from=begin,
        valid_until=until,
    )
    if certificate.state != CertificateState.VALID:
        raise CertificateOfOther()
    await facts.add(
        ctx, FactKind.REGISTRATION, registration, registration.person_id, from_on=begin, to_on=until
    )
    await publish(ctx, Registered(registration_id=registration.id, person_id=registration.person_id))
    await telling.tell(ctx, telling.REGISTERED, registration, {"last_day": last_day(until)})
    return registration


async def refuse(
    ctx: Context, registration_id: UUID, *, reason: str, expected_version: int | None = None
) -> Registration:
    """Either review finds an application wrong. Raises: Required, TooLong; as `review`."""
    registration = await visible_or_own(ctx, Registration, registration_id, READ)
    first = registration.state == RegistrationState.APPLIED
    ctx.require(REVIEW if first else DECIDE, registration.area_path)
    why = checks.line(reason, "reason", checks.REASON_MAX)
    registration = await _step(
        ctx, registration, "refuse", expected_version, reason=why, ended_on=ctx.today()
    )
    message = telling.RETURNED if first else telling.REFUSED
    await telling.tell(ctx, message, registration, {"applied_on": registration.applied_on})
    return registration


async def withdraw(
    ctx: Context, registration_id: UUID, *, expected_version: int | None = None
) -> Registration:
    """Take an application back. Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion."""
    registration = await visible_or_own(ctx, Registration, registration_id, READ)
    require_for(ctx, registration, WRITE, registration.person_id)
    return await _step(ctx, registration, "withdraw", expected_version, ended_on=ctx.today())


async def suspend(
    ctx: Context,
    registration_id: UUID,
    *,
    reason: str,
    on: date | None = None,
    expected_version: int | None = None,
) -> Registration:
    """A sanction: the registration does not count from a day on (today by default), until it is restored.

    Raises: NotFound, PermissionDenied, OwnCase, Required, TooLong, FutureDate, UndefinedTransition, StaleVersion.
    """
    registration = await _case(ctx, registration_id, SANCTION)
    why = checks.line(reason, "reason", checks.REASON_MAX)
    day = checks.not_future(ctx, on or ctx.today(), "on")
    registration = await _step(ctx, registration, "suspend", expected_version, suspended_on=day, reason=why)
    await facts.cut(ctx, registration, day)
    await papers.revoke_cards(ctx, registration.id, reason=why)
    await telling.tell(ctx, telling.SUSPENDED, registration, {"on": day})
    return registration


async def restore(
    ctx: Context, registration_id: UUID, *, on: date | None = None, expected_version: int | None = None
) -> Registration:
    """A suspension is over, from a day on (today by default). Raises: as `suspend`."""
    registration = await _case(ctx, registration_id, SANCTION)
    day = max(checks.not_future(ctx, on or ctx.today(), "on"), registration.suspended_on or date.min)
    registration = await _step(ctx, registration, "restore", expected_version, suspended_on=None, reason="")
    if day < registration.valid_until:
        await facts.add(
            ctx,
            FactKind.REGISTRATION,
            registration,
            registration.person_id,
            from_on=day,
            to_on=registration.valid_until,
        )
    await telling.tell(ctx, telling.RESTORED, registration, {"on": day})
    return registration


async def cancel(
    ctx: Context,
    registration_id: UUID,
    *,
    reason: str,
    on: date | None = None,
    expected_version: int | None = None,
) -> Registration:
    """A registration is struck off, from a day on (today by default). Raises: as `suspend`."""
    registration = await _case(ctx, registration_id, SANCTION)
    why = checks.line(reason, "reason", checks.REASON_MAX)
    day = checks.not_future(ctx, on or ctx.today(), "on")
    registration = await _end(ctx, registration, "cancel", day, expected_version, reason=why)
    await papers.revoke_cards(ctx, registration.id, reason=why)
    await telling.tell(ctx, telling.CANCELLED, registration, {"on": day})
    return registration


async def fill_deadlines(ctx: Context) -> int:
    """Fill in the due moments that waited for a year's official calendar, at most 500; gives how many."""
    days = ctx.setting("social_workers.review_working_days")
    assert isinstance(days, int)
    filled = 0
    for row in await ctx.db.fetch(_UNDATED, ctx.tenant_id, BATCH_MAX):
        registration = await rows.get(ctx, Registration, row["id"], lock=True)
        due = due_if_known(Deadline(registration.created_at, WorkingDays(days), zone=ctx.time_zone))
        if due is not None:
            await rows.update(ctx, registration, action="date", due_at=due)
            filled += 1
    return filled


async def lapse_due(ctx: Context) -> int:
    """Let registrations lapse whose term is over without a renewal that waits, at most 500; gives how many."""
    found = await ctx.db.fetch(_LAPSING, ctx.tenant_id, ctx.today(), BATCH_MAX)
    why = ctx.plugins.texts.translate("social_workers.reasons.lapsed", ctx.locale)
    lapsed = []
    for row in found:
        registration = await rows.get(ctx, Registration, row["id"], lock=True)
        lapsed.append(await _end(ctx, registration, "lapse", registration.valid_until, None))
        await papers.revoke_cards(ctx, registration.id, reason=why)
    await telling.tell_lapsed(ctx, lapsed)
    return len(found)


async def _end(
    ctx: Context,
    registration: Registration,
    action: str,
    on: date,
    expected_version: int | None,
    **changes: object,
) -> Registration:
    registration = await _step(
        ctx, registration, action, expected_version, ended_on=on, suspended_on=None, **changes
    )
    await facts.cut(ctx, registration, on)
    await publish(
        ctx,
        RegistrationEnded(
            registration_id=registration.id, person_id=registration.person_id, state=registration.state
        ),
    )
    return registration


async def _case(ctx: Context, registration_id: UUID, permission: str) -> Registration:
    registration = await visible_or_own(ctx, Registration, registration_id, READ)
    ctx.require(permission, registration.area_path)
    if is_self(ctx, registration.person_id):
        raise OwnCase()
    return registration


async def _step(
    ctx: Context, registration: Registration, action: str, expected_version: int | None, **changes: object
) -> Registration:
    given = await facts_of(ctx, registration, registration.person_id)
    state = REGISTRATION.apply(registration.state, action, given)
    return await rows.update(
        ctx, registration, action=action, expected_version=expected_version, state=state, **changes
    )
