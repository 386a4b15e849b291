"""Reports by landlords and employers of people who moved in: an officer takes them over as stays, or refuses.

Who reports does not learn whether the register knows the person; who the person is stays encrypted until then.
"""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Facts,
    NotFound,
    Person,
    checks,
    in_place,
    is_self,
    mask_name,
    people,
    privacy,
    rows,
)
from linli_migrants import dwellings, stays
from linli_migrants.access import person_with, reports_as, require_for
from linli_migrants.errors import PersonUnclear
from linli_migrants.origins import check_elsewhere
from linli_migrants.origins import origin_code as whole_code
from linli_migrants.states import REPORT
from linli_migrants.tables import Report, Stay
from linli_migrants.terms import Reporter, ReportField, StayReason

READ: Final = stays.READ
VERIFY: Final = stays.VERIFY
_GONE: Final = {"full_name": None, "id_number": None, "phone": None, "masked_name": ""}


async def submit(
    ctx: Context,
    *,
    dwelling_id: UUID,
    full_name: str,
    id_number: str,
    origin_code: str,
    reason: str,
    from_on: date,
    phone: str | None = None,
    employer_id: UUID | None = None,
) -> Report:
    """Report somebody who lives in a dwelling that one lets, or who works for the unit that one reports for.

    Raises: NotFound, PermissionDenied, NotInOwnHands, DwellingNotActive, Required, TooLong, InvalidResidentId,
    InvalidPhone, NotOriginCode, OriginIsHere, UnknownValue, EmployerUnusable, FutureDate.
    """
    dwelling = await dwellings.lived_in(ctx, dwelling_id)
    reporter = await reports_as(ctx, dwelling, employer_id)
    code = whole_code(origin_code)
    await check_elsewhere(ctx, code)
    await dwellings.usable_unit(ctx, employer_id, "employer_id")
    name = checks.line(full_name, "full_name", checks.PERSON_NAME_MAX)
    number = checks.id_number(ctx, checks.line(id_number, "id_number", checks.PERSON_NAME_MAX), "id_number")
    return await rows.insert(
        ctx,
        Report,
        action="submit",
        area_id=dwelling.area_id,
        area_path=dwelling.area_path,
        dwelling_id=dwelling.id,
        full_name=name,
        masked_name=mask_name(name),
        id_number=number,
        phone=checks.phone(phone, "phone"),
        origin_code=code,
        reason=checks.one_of(reason, tuple(StayReason), "reason"),
        employer_id=employer_id,
        from_on=checks.not_future(ctx, from_on, "from_on"),
        reporter=reporter.value,
        reported_by=ctx.actor.id,
        reporter_person_id=ctx.actor.person_id,
    )


async def reveal(ctx: Context, report_id: UUID, field: str, *, reason: str) -> privacy.Revealed:
    """Show one value of a report, for a stated reason; the log names the reporter, who is known of both.

    `field` is a value of `ReportField`. Raises: NotFound, PermissionDenied, UnknownValue, Required, TooLong.
    """
    report = await _decided(ctx, report_id)
    return await privacy.reveal(
        ctx,
        report,
        checks.one_of(field, tuple(ReportField), "field"),
        person_id=report.reporter_person_id,
        permission=VERIFY,
        reason=reason,
    )


async def take(ctx: Context, report_id: UUID, *, expected_version: int | None = None) -> Stay:
    """Take a report over as a stay of the person with that identity number, who is entered when not yet known.

    A known person must have the reported name. The stay still waits to be verified; whoever reported cannot.
    Raises: NotFound, PermissionDenied, PersonUnclear, StayOverlaps, PersonNotActive, DwellingNotActive,
    UndefinedTransition, StaleVersion.
    """
    report = await _decided(ctx, report_id)
    state = REPORT.apply(report.state, "take", Facts(actor_id=ctx.actor.id))
    person = await _person(ctx, report)
    dwelling = await dwellings.lived_in(ctx, report.dwelling_id)
    await dwellings.usable_unit(ctx, report.employer_id, "employer_id")
    stay = await stays.enter(
        ctx,
        dwelling,
        person_id=person.id,
        origin_code=report.origin_code,
        reason=report.reason,
        employer_id=report.employer_id,
        from_on=report.from_on,
        reporter=Reporter(report.reporter),
        reported_by=report.reported_by,
    )
    await rows.update(
        ctx,
        report,
        action="take",
        expected_version=expected_version,
        state=state,
        stay_id=stay.id,
        ended_at=ctx.now(),
        **_GONE,
    )
    return stay


async def refuse(
    ctx: Context, report_id: UUID, *, reason: str, expected_version: int | None = None
) -> Report:
    """The report is wrong; what it said of the person goes. Raises: Required, TooLong; as `take`."""
    report = await _decided(ctx, report_id)
    why = checks.line(reason, "reason", checks.REASON_MAX)
    return await _close(ctx, report, "refuse", expected_version, end_reason=why)


async def withdraw(ctx: Context, report_id: UUID, *, expected_version: int | None = None) -> Report:
    """Take one's own report back. Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion."""
    report = await in_place(ctx, Report, report_id, lock=True)
    if not is_self(ctx, report.reporter_person_id) and not ctx.can(READ, report.area_path):
        raise NotFound(kind="migrants_report")
    require_for(ctx, report, stays.WRITE, report.reporter_person_id)
    return await _close(ctx, report, "withdraw", expected_version)


async def _decided(ctx: Context, report_id: UUID) -> Report:
    """The report, for an officer who may verify there. Raises: NotFound, PermissionDenied."""
    report = await in_place(ctx, Report, report_id, lock=True)
    if not ctx.can(READ, report.area_path):
        raise NotFound(kind="migrants_report")
    ctx.require(VERIFY, report.area_path)
    return report


async def _close(
    ctx: Context, report: Report, action: str, expected_version: int | None, **changes: object
) -> Report:
    state = REPORT.apply(report.state, action, Facts(actor_id=ctx.actor.id))
    gone = {**_GONE, "ended_at": ctx.now()}
    return await rows.update(
        ctx, report, action=action, expected_version=expected_version, state=state, **gone, **changes
    )


async def _person(ctx: Context, report: Report) -> Person:
    """The register's entry with the reported number, or a new one in the dwelling's area. Raises: PersonUnclear."""
    number = await privacy.decrypt(ctx, report, "id_number")
    name = await privacy.decrypt(ctx, report, "full_name")
    if number is None or name is None:
        raise PersonUnclear(path=("id",), count=0)
    known = await person_with(ctx, number, name, path="id")
    if known is not None:
        return await rows.get(ctx, Person, known.id, lock=True)
    phone = await privacy.decrypt(ctx, report, "phone")
    return await people.register(ctx, area_id=report.area_id, full_name=name, id_number=number, phone=phone)
