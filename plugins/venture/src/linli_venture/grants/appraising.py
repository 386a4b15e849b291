"""Appraisals and the audit: by people who had no part in what they judge."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, Duplicate, OwnWork, checks, own_accounts, rows
from linli_venture.grants.access import APPRAISE, AUDIT, belonging, grant_for, require_state
from linli_venture.grants.conditions import passed
from linli_venture.grants.errors import (
    AcceptedTooMuch,
    AlreadyAppraised,
    AlreadyAudited,
    ExpendituresOpen,
    ScoreOutOfRange,
)
from linli_venture.grants.refunding import require_none_waiting
from linli_venture.grants.tables import Appraisal, Audit, Grant
from linli_venture.grants.terms import AppraisalGrade, AppraisalKind, GrantState

SUMMARY_MAX: Final = 2_000
AUDITOR_MAX: Final = 200
NUMBER_MAX: Final = 100
# The lowest score of each grade. Common practice.
GRADES: Final = (
    (90, AppraisalGrade.EXCELLENT),
    (75, AppraisalGrade.GOOD),
    (60, AppraisalGrade.QUALIFIED),
    (0, AppraisalGrade.UNQUALIFIED),
)

_REPORTED: Final = """
select 1 from venture_milestone where tenant_id = $1 and grant_id = $2 and submitted_by = any($3) limit 1"""
_SPENT_ON: Final = """
select 1 from venture_expenditure
where tenant_id = $1 and grant_id = $2 and (entered_by = any($3) or decided_by = any($3)) limit 1"""
_OPEN: Final = """
select count(*) from venture_expenditure where tenant_id = $1 and grant_id = $2 and state = 'entered'"""
_VERIFIED: Final = """
select coalesce(sum(amount_fen), 0)::bigint from venture_expenditure
where tenant_id = $1 and grant_id = $2 and paid_from = 'grant' and state = 'verified'"""


async def appraise(
    ctx: Context, *, grant_id: UUID, kind: AppraisalKind, score: int, summary: str
) -> Appraisal:
    """Judge a project at half-time (while it is active) or at its end; by somebody who reported nothing of it.

    One that was not passed can be followed by another, once what was lacking was made good; one that was passed stands.
    Raises: NotFound, PermissionDenied, GrantNotActive, OwnWork, ScoreOutOfRange, Required, TooLong, AlreadyAppraised.
    """
    grant = await grant_for(ctx, grant_id, APPRAISE)
    half = kind == AppraisalKind.MIDTERM
    require_state(grant, (GrantState.ACTIVE, GrantState.SUSPENDED) if half else (GrantState.FINAL,))
    await _require_no_part(ctx, _REPORTED, grant, "appraise", "submitted_by")
    if not 0 <= score <= 100:
        raise ScoreOutOfRange(path=("score",))
    if kind in await passed(ctx, grant):
        raise AlreadyAppraised(path=("kind",))
    return await rows.insert(
        ctx,
        Appraisal,
        action="appraise",
        **belonging(grant),
        kind=kind,
        score=score,
        grade=next(grade for low, grade in GRADES if score >= low),
        summary=checks.line(summary, "summary", SUMMARY_MAX),
        appraised_by=ctx.actor.id,
        appraised_on=ctx.today(),
    )


async def record_audit(
    ctx: Context,
    *,
    grant_id: UUID,
    auditor: str,
    report_number: str,
    accepted_fen: int,
    opinion: str,
    audited_on: date,
) -> Audit:
    """Record what an auditor found once the work is done; by somebody who neither entered nor decided expenditures.

    What is accepted is at most what was spent and verified, and at most the grant less what was given back.
    Raises: NotFound, PermissionDenied, GrantNotActive, OwnWork, ExpendituresOpen, RefundsOpen, AcceptedTooMuch,
    FutureDate, Required, TooLong, AlreadyAudited.
    """
    grant = await grant_for(ctx, grant_id, AUDIT)
    require_state(grant, (GrantState.FINAL,))
    await _require_no_part(ctx, _SPENT_ON, grant, "audit", "entered_by")
    if waiting := await ctx.db.fetchval(_OPEN, ctx.tenant_id, grant.id):
        raise ExpendituresOpen(count=waiting)
    await require_none_waiting(ctx, grant)
    high = min(grant.amount_fen - grant.refunded_fen, await verified_spending(ctx, grant))
    if not 0 <= accepted_fen <= high:
        raise AcceptedTooMuch(path=("accepted_fen",), high_fen=high)
    try:
        audit = await rows.insert(
            ctx,
            Audit,
            action="audit",
            **belonging(grant),
            auditor=checks.line(auditor, "auditor", AUDITOR_MAX),
            report_number=checks.line(report_number, "report_number", NUMBER_MAX),
            accepted_fen=accepted_fen,
            opinion=checks.line(opinion, "opinion", SUMMARY_MAX),
            audited_on=checks.not_future(ctx, audited_on, "audited_on"),
            recorded_by=ctx.actor.id,
        )
    except Duplicate as error:
        raise AlreadyAudited() from error
    await rows.update(ctx, grant, action="audit", audited_by=ctx.actor.id)
    return audit


async def verified_spending(ctx: Context, grant: Grant) -> int:
    """What was spent of a grant and verified, in fen."""
    fen: int = await ctx.db.fetchval(_VERIFIED, ctx.tenant_id, grant.id)
    return fen


async def _require_no_part(ctx: Context, sql: str, grant: Grant, action: str, field: str) -> None:
    if await ctx.db.fetchval(sql, ctx.tenant_id, grant.id, list(await own_accounts(ctx))):
        raise OwnWork(machine="venture.grant", action=action, field=field)
