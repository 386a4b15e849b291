"""Applications for residence permits, as the applicant sees them: drafted, papers shown, submitted, withdrawn.

What officers and the issuing authority decide stands in `permit_decisions.py`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Deadline,
    Duplicate,
    Facts,
    Required,
    WorkingDays,
    checks,
    due_if_known,
    in_place,
    new_number,
    own_or,
    own_or_visible,
    rows,
)
from linli_migrants import slips
from linli_migrants.access import active_person
from linli_migrants.origins import is_local
from linli_migrants.permit_dates import Period, continuous_since, eligible_from
from linli_migrants.permit_errors import (
    HasApplication,
    HasPermit,
    NoActiveStay,
    NotChangeable,
    NotYetEligible,
    PaperGiven,
    PermitForLocals,
)
from linli_migrants.permit_states import APPLICATION, ApplicationState
from linli_migrants.permit_tables import Application, Paper
from linli_migrants.permit_terms import Ground, PaperKind
from linli_migrants.states import StayState
from linli_migrants.tables import Stay

READ: Final = "migrants.permit.read"
WRITE: Final = "migrants.permit.write"
APPLY: Final = "migrants.own.apply"
REFERENCE_MAX: Final = 100
STAYS_MAX: Final = 500
UNDATED_MAX: Final = 500
_CHANGEABLE: Final = (ApplicationState.DRAFT, ApplicationState.RETURNED)

_PRESENT: Final = """
select * from migrants_stay
where tenant_id = $1 and person_id = $2 and state in ('verified', 'active') order by from_on desc limit 1"""
_STAYS: Final = """
select from_on, to_on from migrants_stay
where tenant_id = $1 and person_id = $2 and state in ('verified', 'active', 'departed') order by from_on limit $3"""
_UNDATED: Final = """
select id from migrants_application
where tenant_id = $1 and state = 'submitted' and return_until is null order by id limit $2"""
_STANDING: Final = """
select id from migrants_permit where tenant_id = $1 and person_id = $2 and state in ('active', 'suspended') limit 1"""


async def draft(
    ctx: Context, *, ground: str, person_id: UUID | None = None, application_id: UUID | None = None
) -> Application:
    """Begin an application for a person (the actor by default) who has a stay on file.

    Raises: Required, NotFound, PermissionDenied, PersonNotActive, NoActiveStay, PermitForLocals, HasPermit,
    HasApplication, UnknownValue.
    """
    who = person_id or ctx.actor.person_id
    if who is None:
        raise Required(path=("person_id",))
    person = await active_person(ctx, who, WRITE)
    stay = await present_stay(ctx, person.id)
    _require(ctx, stay.area_path, person.id)
    await _check_fit(ctx, stay)
    try:
        return await rows.insert(
            ctx,
            Application,
            action="draft",
            id=application_id,
            area_id=stay.area_id,
            area_path=stay.area_path,
            number=new_number(ctx.today().year),
            person_id=person.id,
            stay_id=stay.id,
            ground=checks.one_of(ground, tuple(Ground), "ground"),
        )
    except Duplicate as error:
        raise HasApplication(path=("person_id",)) from error


async def change_ground(
    ctx: Context, application_id: UUID, *, ground: str, expected_version: int | None = None
) -> Application:
    """Rest the application on another ground. Raises: NotFound, PermissionDenied, NotChangeable, UnknownValue."""
    application = await _changeable(ctx, application_id)
    chosen = checks.one_of(ground, tuple(Ground), "ground")
    return await rows.update(ctx, application, expected_version=expected_version, ground=chosen)


async def show_paper(ctx: Context, application_id: UUID, *, kind: str, reference: str) -> Paper:
    """Note a paper of the application: its kind, and its number or where it is.

    Raises: NotFound, PermissionDenied, NotChangeable, UnknownValue, Required, TooLong, PaperGiven.
    """
    application = await _changeable(ctx, application_id)
    try:
        return await rows.insert(
            ctx,
            Paper,
            action="show",
            area_id=application.area_id,
            area_path=application.area_path,
            application_id=application.id,
            person_id=application.person_id,
            kind=checks.one_of(kind, tuple(PaperKind), "kind"),
            reference=checks.line(reference, "reference", REFERENCE_MAX),
        )
    except Duplicate as error:
        raise PaperGiven(path=("kind",)) from error


async def take_paper_back(ctx: Context, paper_id: UUID) -> Application:
    """Take a paper out again; gives the application. Raises: NotFound, PermissionDenied, NotChangeable."""
    paper = own_or_visible(ctx, await rows.get(ctx, Paper, paper_id), READ)
    application = await _changeable(ctx, paper.application_id)
    await rows.delete(ctx, await rows.get(ctx, Paper, paper_id, lock=True), action="take_back")
    return application


async def submit(ctx: Context, application_id: UUID, *, expected_version: int | None = None) -> Application:
    """Hand an application in, for the first time or completed. Papers may still be missing: officers say which.

    Raises: NotFound, PermissionDenied, NoActiveStay, PermitForLocals, HasPermit, NotYetEligible,
    UndefinedTransition, StaleVersion. Until a year's official calendar is published, the deadline is filled in later.
    """
    application = await case(ctx, application_id)
    _require(ctx, application.area_path, application.person_id)
    state = APPLICATION.apply(application.state, "submit", Facts(actor_id=ctx.actor.id))
    stay = await present_stay(ctx, application.person_id)
    await _check_fit(ctx, stay)
    await _check_half_a_year(ctx, application.person_id)
    return await rows.update(
        ctx,
        application,
        action="submit",
        expected_version=expected_version,
        state=state,
        area_id=stay.area_id,
        area_path=stay.area_path,
        stay_id=stay.id,
        submitted_at=ctx.now(),
        submitted_by=ctx.actor.id,
        return_until=return_deadline(ctx),
    )


async def withdraw(ctx: Context, application_id: UUID, *, expected_version: int | None = None) -> Application:
    """Give an application up, as long as it has not been forwarded.

    Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion.
    """
    application = await case(ctx, application_id)
    _require(ctx, application.area_path, application.person_id)
    state = APPLICATION.apply(application.state, "withdraw", Facts(actor_id=ctx.actor.id))
    application = await rows.update(
        ctx, application, action="withdraw", expected_version=expected_version, state=state
    )
    await slips.revoke_slips(ctx, application.id, why="withdrawn")
    return application


def return_deadline(ctx: Context) -> datetime | None:
    """Until when what is handed in now can be returned; None until the year's official calendar is published."""
    days = ctx.setting("migrants.permit_return_days")
    assert isinstance(days, int)
    return due_if_known(Deadline(ctx.now(), WorkingDays(days), zone=ctx.time_zone))


async def case(ctx: Context, application_id: UUID) -> Application:
    """The application, held against other writers; one's own, or by permission at its place. Raises: NotFound."""
    return own_or_visible(ctx, await in_place(ctx, Application, application_id, lock=True), READ)


async def papers_of(ctx: Context, application: Application) -> frozenset[str]:
    """The kinds of the papers that were shown."""
    sql = "select kind from migrants_paper where tenant_id = $1 and application_id = $2 limit 50"
    return frozenset(row["kind"] for row in await ctx.db.fetch(sql, ctx.tenant_id, application.id))


async def present_stay(ctx: Context, person_id: UUID) -> Stay:
    """The stay that somebody has on file now. Raises: NoActiveStay."""
    row = await ctx.db.fetchrow(_PRESENT, ctx.tenant_id, person_id)
    if row is None:
        raise NoActiveStay()
    return rows.from_record(Stay, row)


async def has_stay(ctx: Context, person_id: UUID) -> bool:
    """Whether somebody has a stay on file that is active now."""
    row = await ctx.db.fetchrow(_PRESENT, ctx.tenant_id, person_id)
    return row is not None and row["state"] == StayState.ACTIVE


async def resident_since(ctx: Context, person_id: UUID) -> date | None:
    """Since when somebody has lived in this place without a break; None when they do not live here."""
    gap = ctx.setting("migrants.permit_gap_days")
    assert isinstance(gap, int)
    found = await ctx.db.fetch(_STAYS, ctx.tenant_id, person_id, STAYS_MAX)
    periods = [Period(row["from_on"], row["to_on"]) for row in found]
    return continuous_since(periods, ctx.today(), gap_days=gap)


async def _check_fit(ctx: Context, stay: Stay) -> None:
    if await is_local(ctx, stay.origin_code):
        raise PermitForLocals()
    if await ctx.db.fetchval(_STANDING, ctx.tenant_id, stay.person_id) is not None:
        raise HasPermit()


async def _check_half_a_year(ctx: Context, person_id: UUID) -> None:
    since = await resident_since(ctx, person_id)
    if since is None:
        raise NoActiveStay()
    if ctx.today() < eligible_from(since):
        raise NotYetEligible(eligible_from=eligible_from(since))


async def _changeable(ctx: Context, application_id: UUID) -> Application:
    application = await case(ctx, application_id)
    _require(ctx, application.area_path, application.person_id)
    if application.state not in _CHANGEABLE:
        raise NotChangeable(state=application.state)
    return application


def _require(ctx: Context, area_path: str, person_id: UUID) -> None:
    ctx.require(own_or(ctx, APPLY, WRITE, person_id=person_id, area_path=area_path), area_path)


async def fill_deadlines(ctx: Context) -> int:
    """Fill in the deadlines of applications that waited for a year's official calendar, at most 500; gives how many."""
    days = ctx.setting("migrants.permit_return_days")
    assert isinstance(days, int)
    filled = 0
    for row in await ctx.db.fetch(_UNDATED, ctx.tenant_id, UNDATED_MAX):
        application = await rows.get(ctx, Application, row["id"], lock=True)
        deadline = Deadline(application.submitted_at, WorkingDays(days), zone=ctx.time_zone)
        due = due_if_known(deadline)
        if due is not None:
            await rows.update(ctx, application, action="date", return_until=due)
            filled += 1
    return filled
