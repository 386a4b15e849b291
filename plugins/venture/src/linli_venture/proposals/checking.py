"""The check for eligibility: by somebody who does not act for the applicant, with one return for correction."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Deadline,
    Facts,
    NotFound,
    WorkingDays,
    checks,
    decision_facts,
    rows,
)
from linli_venture.calls.tables import Call
from linli_venture.proposals.applicants import members_of, require_outsider, tell_organisation
from linli_venture.proposals.eligibility import require_eligible
from linli_venture.proposals.errors import NoObjection, ReturnedAlready
from linli_venture.proposals.states import PROPOSAL
from linli_venture.proposals.tables import Proposal

READ: Final = "venture.proposal.read"
CHECK: Final = "venture.proposal.check"
BATCH_MAX: Final = 200
LAPSED: Final = "venture.reasons.lapsed"

_DUE: Final = """
select id from venture_proposal where tenant_id = $1 and state = 'returned' and correction_due_at < $2
order by correction_due_at, id limit $3"""


async def return_for_correction(
    ctx: Context, proposal_id: UUID, *, reason: str, expected_version: int | None = None
) -> Proposal:
    """Give a proposal back once, with everything that is to be corrected.

    Raises: NotFound, PermissionDenied, OwnProposal, OwnCall, ReturnedAlready, UndefinedTransition, StaleVersion,
    Required.
    """
    proposal, call = await to_check(ctx, proposal_id)
    state = await _next(ctx, proposal, "return")
    if proposal.returned_at:
        raise ReturnedAlready()
    changed = await rows.update(
        ctx,
        proposal,
        action="return",
        expected_version=expected_version,
        state=state,
        checked_by=ctx.actor.id,
        returned_at=ctx.now(),
        correction_due_at=working_days(ctx, call.correction_days),
        reason=checks.line(reason, "reason", checks.REASON_MAX),
    )
    await tell_organisation(ctx, changed, "venture.proposal_returned", key=f"{proposal.id}/returned")
    return changed


async def accept(ctx: Context, proposal_id: UUID, *, expected_version: int | None = None) -> Proposal:
    """Find a proposal eligible for review.

    Raises: NotFound, PermissionDenied, OwnProposal, OwnCall, ApplicantNotRegistered, ApplicantBarred, BelowFloor,
    FundedTwice, UndefinedTransition, StaleVersion.
    """
    proposal, call = await to_check(ctx, proposal_id)
    state = await _next(ctx, proposal, "accept")
    await require_eligible(ctx, call, proposal)
    return await rows.update(
        ctx,
        proposal,
        action="accept",
        expected_version=expected_version,
        state=state,
        checked_by=ctx.actor.id,
        reason="",
    )


async def refuse(
    ctx: Context, proposal_id: UUID, *, reason: str, expected_version: int | None = None
) -> Proposal:
    """Find a proposal ineligible; the applicant may object.

    Raises: NotFound, PermissionDenied, OwnProposal, OwnCall, UndefinedTransition, StaleVersion, Required, TooLong.
    """
    proposal, call = await to_check(ctx, proposal_id)
    state = await _next(ctx, proposal, "refuse")
    said = checks.line(reason, "reason", checks.REASON_MAX)
    return await _refused(ctx, proposal, call, "refuse", state, said, expected_version)


async def decide_objection(
    ctx: Context, proposal_id: UUID, *, upheld: bool, reason: str, expected_version: int | None = None
) -> Proposal:
    """Decide on an applicant's objection, by somebody other than who refused; an upheld one makes it eligible.

    Raises: NotFound, PermissionDenied, NoObjection, OwnWork, OwnProposal, OwnCall, UndefinedTransition, StaleVersion,
    and as `accept` when it is upheld.
    """
    proposal, call = await to_check(ctx, proposal_id)
    state = await _next(ctx, proposal, "overturn" if upheld else "uphold")
    if not proposal.objection or proposal.objection_reason:
        raise NoObjection()
    if upheld:
        await require_eligible(ctx, call, proposal)
    return await rows.update(
        ctx,
        proposal,
        action="overturn" if upheld else "uphold",
        expected_version=expected_version,
        state=state,
        objection_reason=checks.line(reason, "reason", checks.REASON_MAX),
    )


async def lapse_due(ctx: Context) -> int:
    """Find proposals ineligible whose correction did not come in time, at most 200; gives how many."""
    due = await ctx.db.fetch(_DUE, ctx.tenant_id, ctx.now(), BATCH_MAX)
    said = ctx.plugins.texts.translate(LAPSED, "zh-CN")
    for row in due:
        proposal = await rows.get(ctx, Proposal, row["id"], lock=True)
        state = PROPOSAL.apply(proposal.state, "lapse", Facts(actor_id=ctx.actor.id))
        call = await rows.get(ctx, Call, proposal.call_id)
        await _refused(ctx, proposal, call, "lapse", state, said, None)
    return len(due)


async def to_check(ctx: Context, proposal_id: UUID) -> tuple[Proposal, Call]:
    """A submitted proposal, held against other writers, and its call. Raises: NotFound, PermissionDenied."""
    proposal = await rows.get(ctx, Proposal, proposal_id, lock=True)
    if proposal.sealed or not ctx.can(READ, proposal.area_path):
        raise NotFound(kind="venture_proposal")
    ctx.require(CHECK, proposal.area_path)
    return proposal, await rows.get(ctx, Call, proposal.call_id)


def working_days(ctx: Context, days: int) -> datetime:
    """The last moment of a number of working days from now. Raises: UnknownYear."""
    found = Deadline(ctx.now(), WorkingDays(days), zone=ctx.time_zone).due_at()
    assert found is not None, "the clock runs"
    return found


async def facts_of(ctx: Context, proposal: Proposal) -> Facts:
    """The facts for a decision on a proposal, with those who act for its organisation."""
    members = await members_of(ctx, proposal.organisation_id)
    return await decision_facts(ctx, proposal, members=members)


async def _next(ctx: Context, proposal: Proposal, action: str) -> str:
    state = PROPOSAL.apply(proposal.state, action, await facts_of(ctx, proposal))
    await require_outsider(ctx, proposal.call_id)
    return state


async def _refused(
    ctx: Context,
    proposal: Proposal,
    call: Call,
    action: str,
    state: str,
    reason: str,
    expected_version: int | None,
) -> Proposal:
    changed = await rows.update(
        ctx,
        proposal,
        action=action,
        expected_version=expected_version,
        state=state,
        checked_by=ctx.actor.id,
        reason=reason,
        object_until=working_days(ctx, call.notice_days),
    )
    await tell_organisation(ctx, changed, "venture.proposal_refused", key=f"{proposal.id}/refused")
    return changed
