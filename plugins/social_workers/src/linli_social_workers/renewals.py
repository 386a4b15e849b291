"""Renewal (续期): three more years, in the last three months, with the hours of education of the term."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, Duplicate, add_months, checks, rows
from linli_social_workers import facts, telling
from linli_social_workers.access import facts_of, require_for, visible_or_own
from linli_social_workers.education import approved_hours
from linli_social_workers.errors import (
    HoursShort,
    NoRegistration,
    RenewalOpen,
    RenewalTooEarly,
    RenewalTooLate,
)
from linli_social_workers.registrations import DECIDE, READ, WRITE
from linli_social_workers.states import RENEWAL, STANDING, RegistrationState, RenewalState
from linli_social_workers.tables import Certificate, Registration, Renewal
from linli_social_workers.terms import HOURS, TERM_YEARS, FactKind, Level, last_day

WINDOW_MONTHS: Final = 3


async def apply(ctx: Context, registration_id: UUID) -> Renewal:
    """Apply for three more years, within the last three months, with the hours of education of this term.

    Raises: NotFound, PermissionDenied, NoRegistration, RenewalTooEarly, RenewalTooLate, HoursShort, RenewalOpen.
    """
    registration = await visible_or_own(ctx, Registration, registration_id, READ)
    require_for(ctx, registration, WRITE, registration.person_id)
    if registration.state != RegistrationState.REGISTERED:
        raise NoRegistration()
    opens = add_months(registration.valid_until, -WINDOW_MONTHS)
    if ctx.today() < opens:
        raise RenewalTooEarly(from_on=opens)
    if ctx.today() >= registration.valid_until:
        raise RenewalTooLate(valid_until=registration.valid_until)
    certificate = await rows.get(ctx, Certificate, registration.certificate_id)
    required = HOURS[Level(certificate.level)]
    counted = await approved_hours(ctx, registration.person_id, registration.valid_from, ctx.today())
    if counted < required:
        raise HoursShort(required=required, counted=counted)
    try:
        return await rows.insert(
            ctx,
            Renewal,
            action="apply",
            area_id=registration.area_id,
            area_path=registration.area_path,
            registration_id=registration.id,
            person_id=registration.person_id,
            applied_on=ctx.today(),
            applied_by=ctx.actor.id,
            hours_required=required,
            hours_counted=counted,
        )
    except Duplicate as error:
        raise RenewalOpen() from error


async def renew(ctx: Context, renewal_id: UUID, *, expected_version: int | None = None) -> Renewal:
    """Renew for three years from the end of the term, also where the decision comes later than that.

    Raises: NotFound, PermissionDenied, OwnCase, UndefinedTransition, StaleVersion; NoRegistration for one that ended.
    """
    renewal, registration = await _case(ctx, renewal_id)
    state = RENEWAL.apply(renewal.state, "approve", await facts_of(ctx, renewal, renewal.person_id))
    if registration.state not in STANDING:
        raise NoRegistration()
    renewal = await rows.update(
        ctx,
        renewal,
        action="approve",
        expected_version=expected_version,
        state=state,
        decided_by=ctx.actor.id,
        decided_on=ctx.today(),
    )
    begin = registration.valid_until
    until = add_months(begin, 12 * TERM_YEARS)
    registration = await rows.update(ctx, registration, action="renew", valid_from=begin, valid_until=until)
    if registration.state == RegistrationState.REGISTERED:
        await facts.add(
            ctx, FactKind.REGISTRATION, registration, registration.person_id, from_on=begin, to_on=until
        )
    await telling.tell(ctx, telling.RENEWED, renewal, {"last_day": last_day(until)})
    return renewal


async def refuse(
    ctx: Context, renewal_id: UUID, *, reason: str, expected_version: int | None = None
) -> Renewal:
    """Refuse a renewal; the registration lapses at its end. Raises: Required, TooLong; as `renew`."""
    renewal, registration = await _case(ctx, renewal_id)
    why = checks.line(reason, "reason", checks.REASON_MAX)
    state = RENEWAL.apply(renewal.state, "refuse", await facts_of(ctx, renewal, renewal.person_id))
    renewal = await rows.update(
        ctx,
        renewal,
        action="refuse",
        expected_version=expected_version,
        state=RenewalState(state).value,
        decided_by=ctx.actor.id,
        decided_on=ctx.today(),
        reason=why,
    )
    await telling.tell(
        ctx, telling.RENEWAL_REFUSED, renewal, {"last_day": last_day(registration.valid_until)}
    )
    return renewal


async def _case(ctx: Context, renewal_id: UUID) -> tuple[Renewal, Registration]:
    renewal = await visible_or_own(ctx, Renewal, renewal_id, READ)
    ctx.require(DECIDE, renewal.area_path)
    return renewal, await rows.get(ctx, Registration, renewal.registration_id, lock=True)
