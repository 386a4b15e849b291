"""The rules of grading (评估): who may be graded, by whom, and how long a grade counts.

Source: 《社会组织评估管理办法》(民政部令第39号).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Facts,
    NotFound,
    OwnWork,
    StateMachine,
    Transition,
    checks,
    publish,
    rows,
    visible,
)
from linli_organisations import settings
from linli_organisations.decisions import adverse, facts
from linli_organisations.errors import (
    AssessorHasInterest,
    AssessorsOutOfRange,
    NewerGrade,
    NotRegistered,
    PublishedBeforeAssessed,
    RegisteredTooShortly,
    ScoreOutOfRange,
)
from linli_organisations.events import GradeExpired, GradePublished
from linli_organisations.officers import person_or_name
from linli_organisations.registrations import READ as READ_REGISTRATION
from linli_organisations.tables import Assessor, Grading, Registration
from linli_organisations.terms import Grade, RegistrationState, Track
from linli_organisations.terms import GradingState as S

READ: Final = "organisations.grading.read"
DRAFT: Final = "organisations.grading.draft"
PUBLISH: Final = "organisations.grading.publish"
SCORE_MAX: Final = 1000
ASSESSORS_MAX: Final = 30
EXPIRED_AT_ONCE_MAX: Final = 1000


def not_an_assessor(facts: Facts) -> None:
    """Refuse somebody who took part in the assessment. Raises: OwnWork."""
    person, assessors = facts.values["person_id"], facts.values["assessor_ids"]
    if person is not None and isinstance(assessors, frozenset) and person in assessors:
        raise OwnWork(machine="organisations.grading", action="publish", field="assessors")


LIFE: Final = StateMachine(
    "organisations.grading",
    S.DRAFT,
    transitions=[
        Transition(
            "publish",
            S.DRAFT,
            S.PUBLISHED,
            permission=PUBLISH,
            guard=not_an_assessor,
            not_by=("drafted_by",),
        ),
        Transition("discard", S.DRAFT, S.DISCARDED, permission=DRAFT),
        Transition("revoke", S.PUBLISHED, S.REVOKED, permission=PUBLISH),
        Transition("replace", S.PUBLISHED, S.REPLACED, permission=PUBLISH),
        Transition("expire", S.PUBLISHED, S.EXPIRED),
    ],
    final=(S.DISCARDED, S.REVOKED, S.REPLACED, S.EXPIRED),
)

_DUE: Final = """
select g.*, r.organisation_id from organisations_grading g
join organisations_registration r on r.tenant_id = $1 and r.id = g.registration_id
where g.tenant_id = $1 and g.state = 'published' and g.valid_until < $2
order by g.valid_until, g.id limit $3 for update of g skip locked"""

_LATEST: Final = """
select * from organisations_grading
where tenant_id = $1 and registration_id = $2 and published_on is not null
order by published_on desc limit 1 for update"""

_INTERESTED: Final = """
select person_id from organisations_officer
where tenant_id = $1 and registration_id = $2 and person_id is not null"""

_VALID: Final = """
select g.grade from organisations_grading g
join organisations_registration r on r.tenant_id = $1 and r.id = g.registration_id
where g.tenant_id = $1 and r.organisation_id = $2 and r.state <> 'suspended'
    and r.entered_on <= $3 and (r.ended_on is null or r.ended_on > $3)
    and g.published_on <= $3 and g.valid_until >= $3
order by g.published_on desc limit 1"""


@dataclass(frozen=True, slots=True)
class AssessorEntry:
    """Somebody who assesses, and whether they declared an interest in the organisation."""

    has_interest: bool
    person_id: UUID | None = None
    name: str | None = None


async def draft(
    ctx: Context,
    registration_id: UUID,
    *,
    grade: str,
    score: int,
    assessed_on: date,
    assessors: Sequence[AssessorEntry],
) -> Grading:
    """Enter the result of an assessment; somebody else publishes it.

    Raises: NotFound, PermissionDenied, NotRegistered, RegisteredTooShortly, ScoreOutOfRange,
    AssessorsOutOfRange, AssessorHasInterest, PersonOrName, FutureDate, UnknownValue.
    """
    entry = await visible(ctx, Registration, registration_id, READ_REGISTRATION)
    ctx.require(DRAFT, entry.area_path)
    checks.not_future(ctx, assessed_on, "assessed_on")
    _check_registered(ctx, entry, assessed_on)
    if not 0 <= score <= SCORE_MAX:
        raise ScoreOutOfRange(path=("score",), limit=SCORE_MAX)
    known = await _checked_assessors(ctx, entry, assessors)
    grading = await rows.insert(
        ctx,
        Grading,
        registration_id=entry.id,
        grade=checks.one_of(grade, list(Grade), "grade"),
        score=score,
        assessed_on=assessed_on,
        drafted_by=ctx.actor.id,
        area_id=entry.area_id,
        area_path=entry.area_path,
    )
    for person_id, name in known:
        await rows.insert(
            ctx,
            Assessor,
            grading_id=grading.id,
            person_id=person_id,
            name=name,
            area_id=entry.area_id,
            area_path=entry.area_path,
        )
    return grading


async def publish_grade(
    ctx: Context, grading_id: UUID, *, published_on: date | None = None, expected_version: int | None = None
) -> Grading:
    """Publish a drafted grade, today by default; an earlier grade ends the day before.

    Raises: NotFound, OwnWork, NotRegistered, PublishedBeforeAssessed, NewerGrade, FutureDate, StaleVersion,
    UndefinedTransition, PermissionMissing.
    """
    grading = await visible(ctx, Grading, grading_id, READ)
    assessors = await _assessor_ids(ctx, grading.id)
    seen = await facts(ctx, grading, LIFE, person_id=ctx.actor.person_id, assessor_ids=assessors)
    state = LIFE.apply(grading.state, "publish", seen)
    entry = await rows.get(ctx, Registration, grading.registration_id, lock=True)
    day = checks.not_future(ctx, published_on or ctx.today(), "published_on")
    if day < grading.assessed_on:
        raise PublishedBeforeAssessed(path=("published_on",))
    _check_registered(ctx, entry, grading.assessed_on)
    await _replace_earlier(ctx, entry.id, day)
    until = years_after(day, settings.number(ctx, "grade_valid_years"))
    grading = await rows.update(
        ctx,
        grading,
        action="publish",
        expected_version=expected_version,
        state=state,
        published_on=day,
        published_by=ctx.actor.id,
        valid_until=until,
    )
    event = GradePublished(
        grading_id=grading.id,
        organisation_id=entry.organisation_id,
        grade=Grade(grading.grade),
        published_on=day,
        valid_until=until,
    )
    await publish(ctx, event)
    return grading


async def discard(ctx: Context, grading_id: UUID, *, expected_version: int | None = None) -> Grading:
    """Give up a draft. Raises: NotFound, UndefinedTransition, PermissionMissing, StaleVersion."""
    grading = await visible(ctx, Grading, grading_id, READ)
    state = LIFE.apply(grading.state, "discard", await facts(ctx, grading, LIFE))
    return await rows.update(ctx, grading, action="discard", expected_version=expected_version, state=state)


async def revoke(
    ctx: Context, grading_id: UUID, *, reason: str, expected_version: int | None = None
) -> Grading:
    """Take a published grade back: it does not count from today on. Raises: as `discard`, Required."""
    grading = await visible(ctx, Grading, grading_id, READ)
    state = LIFE.apply(grading.state, "revoke", await facts(ctx, grading, LIFE))
    changes = {**adverse(ctx, reason), "valid_until": _ending(grading, ctx.today())}
    return await rows.update(
        ctx, grading, action="revoke", expected_version=expected_version, state=state, **changes
    )


async def expire_due(ctx: Context) -> int:
    """Mark published grades whose last day has passed, and tell of each; gives how many, at most 1,000."""
    due = await ctx.db.fetch(_DUE, ctx.tenant_id, ctx.today(), EXPIRED_AT_ONCE_MAX)
    for row in due:
        grading = rows.from_record(Grading, row)
        state = LIFE.apply(grading.state, "expire", await facts(ctx, grading, LIFE))
        await rows.update(ctx, grading, action="expire", state=state)
        event = GradeExpired(
            grading_id=grading.id,
            organisation_id=row["organisation_id"],
            grade=Grade(grading.grade),
            valid_until=row["valid_until"],
        )
        await publish(ctx, event)
    return len(due)


async def valid_grade(ctx: Context, organisation_id: UUID, on: date) -> Grade | None:
    """The grade that counts on a day; None when there is none, or it has expired or was revoked.

    An organisation that is suspended now, or was not registered on that day, has none.
    """
    found = await ctx.db.fetchval(_VALID, ctx.tenant_id, organisation_id, on)
    return None if found is None else Grade(found)


async def grade_of(ctx: Context, registration_id: UUID, on: date | None = None) -> Grade | None:
    """The grade that counts on a day (today by default), for whoever may see the entry. Raises: NotFound."""
    entry = await rows.get(ctx, Registration, registration_id)
    if not ctx.can(READ_REGISTRATION, entry.area_path):
        raise NotFound(kind="organisations_registration")
    return await valid_grade(ctx, entry.organisation_id, on or ctx.today())


def years_after(day: date, years: int) -> date:
    """The same day of the year `years` later; 28 February when that year has no 29th.

    Source: Civil Code (民法典) art. 202.
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _check_registered(ctx: Context, entry: Registration, assessed_on: date) -> None:
    if (
        entry.track != Track.REGISTRATION
        or entry.state != RegistrationState.ACTIVE
        or entry.entered_on is None
    ):
        raise NotRegistered()
    years = settings.number(ctx, "grade_registered_years")
    if assessed_on < years_after(entry.entered_on, years):
        raise RegisteredTooShortly(path=("assessed_on",), years=years)


async def _checked_assessors(
    ctx: Context, entry: Registration, assessors: Sequence[AssessorEntry]
) -> list[tuple[UUID | None, str | None]]:
    if not 1 <= len(assessors) <= ASSESSORS_MAX:
        raise AssessorsOutOfRange(path=("assessors",), limit=ASSESSORS_MAX)
    officers = {row["person_id"] for row in await ctx.db.fetch(_INTERESTED, ctx.tenant_id, entry.id)}
    known = []
    for number, one in enumerate(assessors, start=1):
        if one.has_interest or one.person_id in officers:
            raise AssessorHasInterest(path=("assessors",), number=number)
        known.append(await person_or_name(ctx, one.person_id, one.name))
    if len(set(known)) != len(known):
        raise AssessorsOutOfRange(path=("assessors",), limit=ASSESSORS_MAX)
    return known


async def _assessor_ids(ctx: Context, grading_id: UUID) -> frozenset[UUID]:
    found = await ctx.db.fetch(
        "select person_id from organisations_assessor"
        " where tenant_id = $1 and grading_id = $2 and person_id is not null",
        ctx.tenant_id,
        grading_id,
    )
    return frozenset(row["person_id"] for row in found)


async def _replace_earlier(ctx: Context, registration_id: UUID, day: date) -> None:
    row = await ctx.db.fetchrow(_LATEST, ctx.tenant_id, registration_id)
    if row is None:
        return
    latest = rows.from_record(Grading, row)
    if row["published_on"] >= day:
        raise NewerGrade(path=("published_on",))
    if latest.state == S.PUBLISHED:
        state = LIFE.apply(latest.state, "replace", await facts(ctx, latest, LIFE))
        await rows.update(ctx, latest, action="replace", state=state, valid_until=_ending(latest, day))


def _ending(grading: Grading, day: date) -> date:
    """The last day of a grade that no longer counts from `day` on, unless it ended before."""
    last = day - timedelta(days=1)
    return last if grading.valid_until is None else min(grading.valid_until, last)
