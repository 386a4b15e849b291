"""Exam results from the official lists, pass marks, and certificates that follow from them or come from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, Duplicate, NotFound, checks, is_self, rows
from linli_social_workers import facts, papers
from linli_social_workers.access import facts_of, person_meant
from linli_social_workers.eligibility import SCORE_MAX, Marks, Result, certified
from linli_social_workers.errors import (
    HasCertificate,
    NotPassed,
    NotThisSubject,
    NumberOutOfRange,
    NumberTaken,
    OwnCase,
    ResultKnown,
    YearOutOfRange,
)
from linli_social_workers.states import CERTIFICATE, CertificateState
from linli_social_workers.tables import Certificate, ExamResult, PassMark
from linli_social_workers.terms import SUBJECTS, FactKind, Level, Source, Subject

READ: Final = "social_workers.exam.read"
WRITE: Final = "social_workers.exam.write"
CERTIFY: Final = "social_workers.certificate.write"
FIRST_YEAR: Final = 2000
PLACE_MAX: Final = 12
NUMBER_MAX: Final = 40
_RESULTS: Final = """
select level, subject, year, score, place, fraud from social_workers_result
where tenant_id = $1 and person_id = $2 order by year, id limit 500"""
_MARKS: Final = (
    "select year, level, place, mark from social_workers_pass_mark where tenant_id = $1 limit 5000"
)


async def record_result(
    ctx: Context,
    *,
    person_id: UUID,
    level: str,
    subject: str,
    year: int,
    score: int | None = None,
    place: str | None = None,
    fraud: bool = False,
) -> ExamResult:
    """Enter one subject of a sitting from the official list; never one's own.

    Raises: NotFound, PermissionDenied, PersonNotActive, OwnCase, UnknownValue, NotThisSubject, YearOutOfRange,
    NumberOutOfRange, ResultKnown.
    """
    person = await person_meant(ctx, person_id, WRITE)
    ctx.require(WRITE, person.area_path)
    if is_self(ctx, person.id):
        raise OwnCase()
    values = _result(ctx, level, subject, year, score, place)
    try:
        return await rows.insert(
            ctx,
            ExamResult,
            action="record",
            area_id=person.area_id,
            area_path=person.area_path,
            person_id=person.id,
            fraud=fraud,
            **values,
        )
    except Duplicate as error:
        raise ResultKnown(path=("subject",)) from error


async def correct_result(
    ctx: Context,
    result_id: UUID,
    *,
    reason: str,
    score: int | None = None,
    fraud: bool | None = None,
    expected_version: int | None = None,
) -> ExamResult:
    """Correct a score, or annul a sitting for fraud; the trail keeps what it was, and why it changed.

    Certificates that no longer follow from the results are revoked.
    Raises: NotFound, PermissionDenied, OwnCase, Required, TooLong, NumberOutOfRange, StaleVersion.
    """
    result = await rows.get(ctx, ExamResult, result_id, lock=True)
    if not ctx.can(READ, result.area_path):
        raise NotFound(kind="social_workers_result")
    ctx.require(WRITE, result.area_path)
    if is_self(ctx, result.person_id):
        raise OwnCase()
    ctx.reason = checks.line(reason, "reason", checks.REASON_MAX)
    changes: dict[str, Any] = {}
    if score is not None:
        changes["score"] = _in_range(score, 0, SCORE_MAX, "score")
    if fraud is not None:
        changes["fraud"] = fraud
    result = await rows.update(ctx, result, action="correct", expected_version=expected_version, **changes)
    await _revoke_unfounded(ctx, result.person_id, Level(result.level), ctx.reason)
    return result


async def set_pass_mark(
    ctx: Context, *, year: int, level: str, mark: int, place: str | None = None
) -> PassMark:
    """Enter the pass mark that was announced for a year and level, for all or for one place (its code).

    Raises: PermissionDenied, UnknownValue, YearOutOfRange, NumberOutOfRange, TooLong.
    """
    ctx.require(WRITE, "")
    values: dict[str, Any] = {
        "year": _year(ctx, year),
        "level": checks.one_of(level, tuple(Level), "level"),
        "place": checks.optional_line(place, "place", PLACE_MAX),
    }
    known = await rows.find_by(ctx, PassMark, **values)
    passing = _in_range(mark, 1, SCORE_MAX, "mark")
    if known is None:
        return await rows.insert(ctx, PassMark, action="announce", mark=passing, **values)
    return await rows.update(ctx, known, action="announce", mark=passing)


async def certify(ctx: Context, *, person_id: UUID, level: str, number: str, issued_on: date) -> Certificate:
    """Enter the certificate of somebody whose results certify the level.

    Raises: NotFound, PermissionDenied, PersonNotActive, OwnCase, UnknownValue, NotPassed, HasCertificate,
    NumberTaken, FutureDate, Required, TooLong.
    """
    wanted = Level(checks.one_of(level, tuple(Level), "level"))
    person = await person_meant(ctx, person_id, CERTIFY)
    found = certified(await _results(ctx, person.id), wanted, await _marks(ctx))
    if found is None:
        raise NotPassed(path=("level",))
    return await _enter(
        ctx, person.id, wanted, Source.EXAM, number, issued_on, passed_in=found.year, place=found.place
    )


async def recognise(
    ctx: Context, *, person_id: UUID, level: str, number: str, issued_on: date, passed_in: int
) -> Certificate:
    """Enter a certificate that was issued elsewhere, from its paper. Raises: as `certify`, YearOutOfRange."""
    wanted = Level(checks.one_of(level, tuple(Level), "level"))
    person = await person_meant(ctx, person_id, CERTIFY)
    year = _year(ctx, passed_in, "passed_in")
    return await _enter(ctx, person.id, wanted, Source.ELSEWHERE, number, issued_on, passed_in=year)


async def revoke(
    ctx: Context,
    certificate_id: UUID,
    *,
    reason: str,
    on: date | None = None,
    expected_version: int | None = None,
) -> Certificate:
    """Take a certificate back, from a day on (today by default).

    Raises: NotFound, PermissionDenied, OwnCase, Required, TooLong, FutureDate, UndefinedTransition, StaleVersion.
    """
    certificate = await rows.get(ctx, Certificate, certificate_id, lock=True)
    if not ctx.can("social_workers.certificate.read", certificate.area_path):
        raise NotFound(kind="social_workers_certificate")
    ctx.require(CERTIFY, certificate.area_path)
    if is_self(ctx, certificate.person_id):
        raise OwnCase()
    why = checks.line(reason, "reason", checks.REASON_MAX)
    day = checks.not_future(ctx, on or ctx.today(), "on")
    return await _revoke(ctx, certificate, max(day, certificate.issued_on), why, expected_version)


async def _revoke(
    ctx: Context, certificate: Certificate, on: date, reason: str, expected_version: int | None = None
) -> Certificate:
    state = CERTIFICATE.apply(
        certificate.state, "revoke", await facts_of(ctx, certificate, certificate.person_id)
    )
    certificate = await rows.update(
        ctx,
        certificate,
        action="revoke",
        expected_version=expected_version,
        state=state,
        revoked_on=on,
        reason=reason,
    )
    await facts.cut(ctx, certificate, on)
    await papers.revoke_cards_on(ctx, certificate.id, reason=reason)
    return certificate


async def _revoke_unfounded(ctx: Context, person_id: UUID, level: Level, reason: str) -> None:
    certificate = await rows.find_by(
        ctx, Certificate, person_id=person_id, level=level.value, state=CertificateState.VALID.value
    )
    if certificate is None or certificate.source != Source.EXAM:
        return
    if certified(await _results(ctx, person_id), level, await _marks(ctx)) is None:
        held = await rows.get(ctx, Certificate, certificate.id, lock=True)
        await _revoke(ctx, held, held.issued_on, reason)


async def _enter(
    ctx: Context,
    person_id: UUID,
    level: Level,
    source: Source,
    number: str,
    issued_on: date,
    *,
    passed_in: int,
    place: str = "",
) -> Certificate:
    person = await person_meant(ctx, person_id, CERTIFY)
    ctx.require(CERTIFY, person.area_path)
    if is_self(ctx, person.id):
        raise OwnCase()
    known = await rows.find_by(
        ctx, Certificate, person_id=person.id, level=level.value, state=CertificateState.VALID.value
    )
    if known is not None:
        raise HasCertificate(path=("level",))
    try:
        certificate = await rows.insert(
            ctx,
            Certificate,
            action="enter",
            area_id=person.area_id,
            area_path=person.area_path,
            person_id=person.id,
            number=number_of(number),
            level=level.value,
            source=source.value,
            passed_in=passed_in,
            place=place,
            issued_on=checks.not_future(ctx, issued_on, "issued_on"),
        )
    except Duplicate as error:
        raise NumberTaken(path=("number",)) from error
    await facts.add(
        ctx, FactKind.CERTIFICATE, certificate, person.id, from_on=certificate.issued_on, level=level.value
    )
    return certificate


def number_of(text: str) -> str:
    """A document's number: 4 to 40 characters, in upper case. Raises: Required, TooLong, NumberOutOfRange."""
    number = checks.line(text, "number", NUMBER_MAX).upper()
    if len(number) < 4:
        raise NumberOutOfRange(path=("number",), minimum=4, maximum=NUMBER_MAX)
    return number


def _result(
    ctx: Context, level: str, subject: str, year: int, score: int | None, place: str | None
) -> Mapping[str, Any]:
    wanted = Level(checks.one_of(level, tuple(Level), "level"))
    examined = Subject(checks.one_of(subject, tuple(Subject), "subject"))
    if examined not in SUBJECTS[wanted]:
        raise NotThisSubject(path=("subject",))
    return {
        "level": wanted.value,
        "subject": examined.value,
        "year": _year(ctx, year),
        "score": None if score is None else _in_range(score, 0, SCORE_MAX, "score"),
        "place": checks.optional_line(place, "place", PLACE_MAX),
    }


def _year(ctx: Context, year: int, path: str = "year") -> int:
    if not FIRST_YEAR <= year <= ctx.today().year:
        raise YearOutOfRange(path=(path,), minimum=FIRST_YEAR, maximum=ctx.today().year)
    return year


def _in_range(number: int, minimum: int, maximum: int, path: str) -> int:
    if not minimum <= number <= maximum:
        raise NumberOutOfRange(path=(path,), minimum=minimum, maximum=maximum)
    return number


async def _results(ctx: Context, person_id: UUID) -> list[Result]:
    return [
        Result(
            level=Level(row["level"]),
            subject=Subject(row["subject"]),
            year=row["year"],
            score=row["score"],
            place=row["place"],
            fraud=row["fraud"],
        )
        for row in await ctx.db.fetch(_RESULTS, ctx.tenant_id, person_id)
    ]


async def _marks(ctx: Context) -> Marks:
    national: dict[tuple[int, Level], int] = {}
    local: dict[tuple[int, Level, str], int] = {}
    for row in await ctx.db.fetch(_MARKS, ctx.tenant_id):
        level = Level(row["level"])
        if row["place"]:
            local[(row["year"], level, row["place"])] = row["mark"]
        else:
            national[(row["year"], level)] = row["mark"]
    return Marks(national, local)
