"""Continuing education (继续教育): hours with evidence, which somebody else approves."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, checks, rows
from linli_social_workers.access import facts_of, person_meant, visible_or_own
from linli_social_workers.errors import CourseCounted, NumberOutOfRange
from linli_social_workers.states import CREDIT
from linli_social_workers.tables import Credit

READ: Final = "social_workers.credit.read"
WRITE: Final = "social_workers.credit.write"
APPROVE: Final = "social_workers.credit.approve"
TEXT_MAX: Final = 200
HOURS_MAX: Final = 200
_HOURS: Final = """
select coalesce(sum(hours), 0) from social_workers_credit
where tenant_id = $1 and person_id = $2 and state = 'approved' and completed_on >= $3 and completed_on <= $4"""

_SAME: Final = """
select id from social_workers_credit
where tenant_id = $1 and person_id = $2 and course = $3 and provider = $4 and completed_on = $5
    and state in ('claimed', 'approved') limit 1"""


async def claim(
    ctx: Context,
    *,
    course: str,
    provider: str,
    hours: int,
    completed_on: date,
    evidence: str,
    person_id: UUID | None = None,
) -> Credit:
    """Enter hours of a course for a person, the actor by default.

    Raises: NotFound, PermissionDenied, PersonNotActive, Required, TooLong, NumberOutOfRange, FutureDate,
    CourseCounted.
    """
    person = await person_meant(ctx, person_id, WRITE)
    if not 1 <= hours <= HOURS_MAX:
        raise NumberOutOfRange(path=("hours",), minimum=1, maximum=HOURS_MAX)
    values = {
        "course": checks.line(course, "course", TEXT_MAX),
        "provider": checks.line(provider, "provider", TEXT_MAX),
        "completed_on": checks.not_future(ctx, completed_on, "completed_on"),
    }
    if await ctx.db.fetchval(_SAME, ctx.tenant_id, person.id, *values.values()) is not None:
        raise CourseCounted(path=("course",))
    return await rows.insert(
        ctx,
        Credit,
        action="claim",
        area_id=person.area_id,
        area_path=person.area_path,
        person_id=person.id,
        hours=hours,
        evidence=checks.line(evidence, "evidence", TEXT_MAX),
        claimed_by=ctx.actor.id,
        **values,
    )


async def approve(ctx: Context, credit_id: UUID, *, expected_version: int | None = None) -> Credit:
    """Let hours count. Raises: NotFound, PermissionDenied, OwnCase, UndefinedTransition, StaleVersion."""
    return await _decide(ctx, credit_id, "approve", "", expected_version)


async def refuse(
    ctx: Context, credit_id: UUID, *, reason: str, expected_version: int | None = None
) -> Credit:
    """Hours do not count. Raises: Required, TooLong; as `approve`."""
    why = checks.line(reason, "reason", checks.REASON_MAX)
    return await _decide(ctx, credit_id, "refuse", why, expected_version)


async def annul(ctx: Context, credit_id: UUID, *, reason: str, expected_version: int | None = None) -> Credit:
    """Hours that were approved count no longer. Raises: Required, TooLong; as `approve`."""
    why = checks.line(reason, "reason", checks.REASON_MAX)
    return await _decide(ctx, credit_id, "annul", why, expected_version)


async def approved_hours(ctx: Context, person_id: UUID, since: date, until: date) -> int:
    """The approved hours of courses that ended from one day up to, and with, another."""
    found: int = await ctx.db.fetchval(_HOURS, ctx.tenant_id, person_id, since, until)
    return found


async def _decide(
    ctx: Context, credit_id: UUID, action: str, reason: str, expected_version: int | None
) -> Credit:
    credit = await visible_or_own(ctx, Credit, credit_id, READ)
    ctx.require(APPROVE, credit.area_path)
    state = CREDIT.apply(credit.state, action, await facts_of(ctx, credit, credit.person_id))
    return await rows.update(
        ctx,
        credit,
        action=action,
        expected_version=expected_version,
        state=state,
        decided_by=ctx.actor.id,
        reason=reason,
    )
