"""Milestones: shown with evidence by one person, verified or returned by another, overdue by the clock."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, checks, decision_facts, in_place, rows
from linli_venture.grants.access import REPORT, VERIFY, part_for, require_state, tell_grantee
from linli_venture.grants.errors import EvidenceMissing
from linli_venture.grants.evidence import EVIDENCE, has_file
from linli_venture.grants.states import MILESTONE
from linli_venture.grants.tables import Grant, Milestone
from linli_venture.grants.terms import GrantState

REPORT_MAX: Final = 5_000
_RUNNING: Final = (GrantState.ACTIVE, GrantState.FINAL)


async def submit(
    ctx: Context, milestone_id: UUID, *, report: str, expected_version: int | None = None
) -> Milestone:
    """Show what was done, with at least one file of evidence; also late, and while the grant is suspended.

    Raises: NotFound, PermissionDenied, GrantNotActive, UndefinedTransition, Required, TooLong, EvidenceMissing,
    StaleVersion.
    """
    said = checks.line(report, "report", REPORT_MAX)
    milestone, grant = await part_for(ctx, Milestone, milestone_id, REPORT)
    require_state(grant, (*_RUNNING, GrantState.SUSPENDED))
    state = MILESTONE.apply(milestone.state, "submit", await decision_facts(ctx, milestone))
    if not await has_file(ctx, EVIDENCE, milestone.id):
        raise EvidenceMissing()
    return await rows.update(
        ctx,
        milestone,
        action="submit",
        expected_version=expected_version,
        state=state,
        report=said,
        submitted_by=ctx.actor.id,
        submitted_at=ctx.now(),
        decided_reason="",
    )


async def verify(ctx: Context, milestone_id: UUID, *, expected_version: int | None = None) -> Milestone:
    """What was shown is right, says somebody else than who showed it; its tranche can be paid.

    Raises: NotFound, PermissionDenied, GrantNotActive, UndefinedTransition, OwnWork, StaleVersion.
    """
    milestone, grant = await part_for(ctx, Milestone, milestone_id, VERIFY)
    require_state(grant, _RUNNING)
    state = MILESTONE.apply(milestone.state, "verify", await decision_facts(ctx, milestone))
    verified = grant.verified_fen + milestone.amount_fen
    await rows.update(ctx, grant, action="verify", verified_fen=verified)
    return await rows.update(
        ctx,
        milestone,
        action="verify",
        expected_version=expected_version,
        state=state,
        verified_by=ctx.actor.id,
        verified_at=ctx.now(),
    )


async def send_back(
    ctx: Context, milestone_id: UUID, *, reason: str, expected_version: int | None = None
) -> Milestone:
    """What was shown does not do, says somebody else than who showed it.

    Raises: NotFound, PermissionDenied, GrantNotActive, Required, TooLong, UndefinedTransition, OwnWork, StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    milestone, grant = await part_for(ctx, Milestone, milestone_id, VERIFY)
    require_state(grant, (*_RUNNING, GrantState.SUSPENDED))
    state = MILESTONE.apply(milestone.state, "return", await decision_facts(ctx, milestone))
    changed = await rows.update(
        ctx,
        milestone,
        action="return",
        expected_version=expected_version,
        state=state,
        decided_reason=why,
    )
    await tell_grantee(ctx, grant, "venture.milestone_returned", key=f"{changed.id}/{changed.version}")
    return changed


async def lapse(ctx: Context, milestone_id: UUID) -> Milestone | None:
    """Mark a milestone that nobody has shown by its day; None when there is nothing to be done.

    Raises: NotFound.
    """
    seen = await rows.get(ctx, Milestone, milestone_id)
    grant = await in_place(ctx, Grant, seen.grant_id, lock=True)
    milestone = await rows.get(ctx, Milestone, milestone_id, lock=True)
    can_lapse = "lapse" in MILESTONE.actions_in(milestone.state)
    if grant.state not in _RUNNING or not can_lapse or not is_overdue(ctx, milestone):
        return None
    state = MILESTONE.apply(milestone.state, "lapse", await decision_facts(ctx, milestone))
    return await rows.update(ctx, milestone, action="lapse", state=state)


def is_overdue(ctx: Context, milestone: Milestone) -> bool:
    """Whether nobody has shown a milestone by its day, whether or not that was marked yet."""
    return "submit" in MILESTONE.actions_in(milestone.state) and milestone.due_on < ctx.today()
