"""What is decided about an application: by officers of the community, who accept and forward, and by the authority.

The police issue the permit; its answers come through `exchange`, or are entered from paper by an officer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Duplicate,
    checks,
    decision_facts,
    own_or,
    publish,
    rows,
)
from linli_migrants import exchange, slips
from linli_migrants.applications import APPLY, WRITE, case, papers_of, return_deadline
from linli_migrants.permit_errors import (
    HasApplication,
    NothingMissing,
    ObjectionTooLate,
    PapersMissing,
    ReturnTooLate,
)
from linli_migrants.permit_events import ApplicationDecided
from linli_migrants.permit_states import APPLICATION, ApplicationState, by_somebody_else
from linli_migrants.permit_tables import Application
from linli_migrants.permit_terms import Decision, Ground, missing_papers

DECIDE: Final = "migrants.permit.decide"
RECORD: Final = "migrants.permit.record"
_NO_REFUSAL: Final = {
    "refused_by": None,
    "refuse_reason": "",
    "rule_version": "",
    "objection_until": None,
    "decided_at": None,
}


async def send_back(
    ctx: Context, application_id: UUID, *, note: str | None = None, expected_version: int | None = None
) -> Application:
    """Return an application once, with all that it lacks (一次性告知), within the working days that the law gives.

    Raises: NotFound, PermissionDenied, OwnApplication, ReturnedBefore, ReturnTooLate, NothingMissing,
    UndefinedTransition, StaleVersion, TooLong.
    """
    application = await _decided(ctx, application_id)
    state = APPLICATION.apply(application.state, "return", await decision_facts(ctx, application))
    if _is_late(ctx, application):
        raise ReturnTooLate(limit=ctx.setting("migrants.permit_return_days"))
    missing = await _missing(ctx, application)
    if not missing:
        raise NothingMissing()
    return await rows.update(
        ctx,
        application,
        action="return",
        expected_version=expected_version,
        state=state,
        returned_at=ctx.now(),
        returned_by=ctx.actor.id,
        lacking=" ".join(missing),
        note=checks.optional_line(note, "note", checks.REASON_MAX),
    )


async def accept(
    ctx: Context, application_id: UUID, *, remote: bool | None = False, expected_version: int | None = None
) -> Application:
    """Accept a complete application; the authority decides within 15 days of this one, or 30 in remote areas.

    One that was not returned in time counts as accepted since it was handed in (Administrative Licensing Law,
    art. 32), so its papers are no longer asked for. Where the tenant exchanges with the authority, the application is
    forwarded at once.
    Raises: NotFound, PermissionDenied, OwnApplication, PapersMissing, UndefinedTransition, StaleVersion.
    """
    application = await _decided(ctx, application_id)
    state = APPLICATION.apply(application.state, "accept", await decision_facts(ctx, application))
    missing = await _missing(ctx, application)
    late = not application.returned_at and _is_late(ctx, application)
    if missing and not late:
        raise PapersMissing(missing=", ".join(missing))
    days = ctx.setting(f"migrants.permit_{'remote_' if remote else ''}days")
    assert isinstance(days, int)
    since: datetime = application.submitted_at if late else ctx.now()
    application = await rows.update(
        ctx,
        application,
        action="accept",
        expected_version=expected_version,
        state=state,
        accepted_at=since,
        accepted_by=ctx.actor.id,
        remote=bool(remote),
        decision_due_on=ctx.day_of(since) + timedelta(days=days),
        lacking="",
    )
    await slips.revoke_slips(ctx, application.id, why="anew")
    return await _forward(ctx, application) if exchange.is_on(ctx) else application


async def refuse(
    ctx: Context, application_id: UUID, *, reason: str, expected_version: int | None = None
) -> Application:
    """Refuse an application before it is accepted, with the reason and until when one can object.

    Raises: NotFound, PermissionDenied, OwnApplication, Required, TooLong, UndefinedTransition, StaleVersion.
    """
    application = await _decided(ctx, application_id)
    why = checks.line(reason, "reason", checks.REASON_MAX)
    return await _refuse(ctx, application, "refuse", why, "", expected_version)


async def forward(ctx: Context, application_id: UUID, *, expected_version: int | None = None) -> Application:
    """Hand an accepted application on to the issuing authority.

    Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion.
    """
    application = await _decided(ctx, application_id)
    return await _forward(ctx, application, expected_version)


async def record_decision(
    ctx: Context,
    application_id: UUID,
    *,
    decision: str,
    reference: str,
    reason: str | None = None,
    expected_version: int | None = None,
) -> Application:
    """Enter the authority's decision from its paper; a refusal needs the reason.

    Raises: NotFound, PermissionDenied, OwnApplication, UnknownValue, Required, TooLong, UndefinedTransition,
    StaleVersion.
    """
    application = await recordable(ctx, application_id)
    what = Decision(checks.one_of(decision, tuple(Decision), "decision"))
    said = checks.line(reference, "reference", 100)
    return await decided(ctx, application, what, said, reason, expected_version)


async def decided(
    ctx: Context,
    application: Application,
    decision: Decision,
    reference: str,
    reason: str | None,
    expected_version: int | None = None,
) -> Application:
    """What the authority decided, from paper or the exchange. Raises: Required, TooLong, UndefinedTransition."""
    if decision is Decision.REFUSED:
        why = checks.line(reason or "", "reason", checks.REASON_MAX)
        return await _refuse(ctx, application, "refuse_by_authority", why, reference, expected_version)
    state = APPLICATION.apply(application.state, "approve", await decision_facts(ctx, application))
    application = await rows.update(
        ctx,
        application,
        action="approve",
        expected_version=expected_version,
        state=state,
        decided_at=ctx.now(),
        decision_reference=reference,
    )
    await _told(ctx, application)
    return application


async def object_to(
    ctx: Context, application_id: UUID, *, objection: str, expected_version: int | None = None
) -> Application:
    """Object to a refusal, as the applicant or on their behalf, until the day that was told.

    Raises: NotFound, PermissionDenied, ObjectionTooLate, HasApplication, Required, TooLong, UndefinedTransition,
    StaleVersion.
    """
    application = await case(ctx, application_id)
    needed = own_or(ctx, APPLY, WRITE, person_id=application.person_id, area_path=application.area_path)
    ctx.require(needed, application.area_path)
    said = checks.line(objection, "objection", checks.REASON_MAX)
    state = APPLICATION.apply(application.state, "object", await decision_facts(ctx, application))
    if ctx.today() > application.objection_until:
        raise ObjectionTooLate(until=application.objection_until)
    try:
        return await rows.update(
            ctx, application, action="object", expected_version=expected_version, state=state, objection=said
        )
    except Duplicate as error:
        raise HasApplication() from error


async def uphold(
    ctx: Context, application_id: UUID, *, answer: str, expected_version: int | None = None
) -> Application:
    """Let a refusal stand after an objection, with the reason; by somebody who did not refuse.

    Raises: NotFound, PermissionDenied, OwnApplication, SameDecider, Required, TooLong, UndefinedTransition,
    StaleVersion.
    """
    application = await _decided(ctx, application_id)
    why = checks.line(answer, "answer", checks.REASON_MAX)
    state = APPLICATION.apply(application.state, "uphold", await decision_facts(ctx, application))
    return await rows.update(
        ctx,
        application,
        action="uphold",
        expected_version=expected_version,
        state=state,
        objection_answer=why,
    )


async def reopen(
    ctx: Context, application_id: UUID, *, answer: str, expected_version: int | None = None
) -> Application:
    """Take a refusal back after an objection: the application is looked at as if handed in now. Raises: as `uphold`."""
    application = await _decided(ctx, application_id)
    why = checks.line(answer, "answer", checks.REASON_MAX)
    state = APPLICATION.apply(application.state, "reopen", await decision_facts(ctx, application))
    return await rows.update(
        ctx,
        application,
        action="reopen",
        expected_version=expected_version,
        state=state,
        objection_answer=why,
        submitted_at=ctx.now(),
        return_until=return_deadline(ctx),
        accepted_at=None,
        accepted_by=None,
        decision_due_on=None,
        **_NO_REFUSAL,
    )


async def recordable(ctx: Context, application_id: UUID) -> Application:
    """The application, for an officer who enters the authority's papers; never one's own.

    Raises: NotFound, PermissionDenied, OwnApplication.
    """
    application = await case(ctx, application_id)
    ctx.require(RECORD, application.area_path)
    by_somebody_else(await decision_facts(ctx, application))
    return application


async def _decided(ctx: Context, application_id: UUID) -> Application:
    application = await case(ctx, application_id)
    ctx.require(DECIDE, application.area_path)
    return application


async def _forward(
    ctx: Context, application: Application, expected_version: int | None = None
) -> Application:
    state = APPLICATION.apply(application.state, "forward", await decision_facts(ctx, application))
    application = await rows.update(
        ctx,
        application,
        action="forward",
        expected_version=expected_version,
        state=state,
        forwarded_at=ctx.now(),
    )
    if exchange.is_on(ctx):
        await exchange.enqueue_application(ctx, application)
    return application


async def _refuse(
    ctx: Context,
    application: Application,
    action: str,
    reason: str,
    reference: str,
    expected_version: int | None,
) -> Application:
    """Every refusal says why, by which rule, and until when one can object."""
    state = APPLICATION.apply(application.state, action, await decision_facts(ctx, application))
    days = ctx.setting("migrants.permit_objection_days")
    assert isinstance(days, int)
    application = await rows.update(
        ctx,
        application,
        action=action,
        expected_version=expected_version,
        state=state,
        decided_at=ctx.now(),
        decision_reference=reference,
        refused_by=ctx.actor.id,
        refuse_reason=reason,
        rule_version=str(ctx.setting("migrants.permit_rule")),
        objection_until=ctx.today() + timedelta(days=days),
    )
    await _told(ctx, application)
    return application


async def _told(ctx: Context, application: Application) -> None:
    await publish(
        ctx,
        ApplicationDecided(
            application_id=application.id,
            person_id=application.person_id,
            approved=application.state == ApplicationState.APPROVED,
        ),
    )


def _is_late(ctx: Context, application: Application) -> bool:
    """Whether the time to return it is over; never while its deadline is not known."""
    until: datetime | None = application.return_until
    return until is not None and until < ctx.now()


async def _missing(ctx: Context, application: Application) -> list[str]:
    given = await papers_of(ctx, application)
    return [one.value for one in missing_papers(Ground(application.ground), given)]
