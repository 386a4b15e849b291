"""Public notice and conclusion of a decision, each by somebody other than who proposed it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Facts,
    checks,
    decision_facts,
    in_place,
    publish,
    rows,
    visible,
)
from linli_venture.calls.states import CALL
from linli_venture.calls.tables import Call
from linli_venture.calls.terms import PROPOSALS_MAX
from linli_venture.checked import local
from linli_venture.decisions.errors import NoticeRunning
from linli_venture.decisions.events import AwardsAnnounced, CallDecided
from linli_venture.decisions.proposing import READ, require_money
from linli_venture.decisions.states import DECISION, OutcomeKind
from linli_venture.decisions.tables import Decision, Outcome
from linli_venture.grants.opening import award
from linli_venture.proposals.applicants import require_outsider, tell_applicants
from linli_venture.proposals.checking import working_days
from linli_venture.proposals.eligibility import require_eligible
from linli_venture.proposals.states import PROPOSAL
from linli_venture.proposals.tables import Proposal
from linli_venture.review.errors import ObjectionOpen

CONFIRM: Final = "venture.decision.confirm"

_OUTCOMES: Final = """
select o.* from venture_outcome o join venture_proposal p on p.tenant_id = $1 and p.id = o.proposal_id
where o.tenant_id = $1 and o.decision_id = $2 order by o.kind, o.reserve_place, p.number limit $3"""
_OPEN: Final = """
select count(*) from venture_objection where tenant_id = $1 and decision_id = $2 and state = 'raised'"""
_STEPS: Final = {OutcomeKind.AWARD: "award", OutcomeKind.RESERVE: "reserve", OutcomeKind.REJECT: "reject"}


async def announce(ctx: Context, decision_id: UUID, *, expected_version: int | None = None) -> Decision:
    """Put a decision of somebody else under public notice for the call's working days.

    Raises: NotFound, PermissionDenied, OwnCall, OwnWork, AwardsAbovePool, UnknownYear, UndefinedTransition,
    StaleVersion.
    """
    decision, call = await to_confirm(ctx, decision_id)
    facts = await decision_facts(ctx, decision)
    state = DECISION.apply(decision.state, "announce", facts)
    await require_money(ctx, call, decision)
    decision = await rows.update(
        ctx,
        decision,
        action="announce",
        expected_version=expected_version,
        state=state,
        announced_by=ctx.actor.id,
        announced_at=ctx.now(),
        notice_until=working_days(ctx, call.notice_days),
    )
    await rows.update(ctx, call, action="announce", state=CALL.apply(call.state, "announce", facts))
    for outcome in await outcomes_of(ctx, decision):
        await _move(ctx, outcome, "announce")
    await tell_applicants(ctx, call, "venture.awards_announced", key=str(decision.id))
    await publish(ctx, AwardsAnnounced(decision_id=decision.id, call_id=call.id))
    return decision


async def conclude(ctx: Context, decision_id: UUID, *, expected_version: int | None = None) -> Decision:
    """After the notice and without an open objection, open the grants; all of them, or none.

    Raises: NotFound, PermissionDenied, OwnCall, OwnWork, NoticeRunning, ObjectionOpen, ApplicantNotRegistered,
    ApplicantBarred, BelowFloor, FundedTwice, PoolExhausted, PoolClosed, UndefinedTransition, StaleVersion.
    """
    decision, call = await to_confirm(ctx, decision_id)
    facts = await decision_facts(ctx, decision)
    state = DECISION.apply(decision.state, "conclude", facts)
    if decision.notice_until is None or ctx.now() <= decision.notice_until:
        until = "" if decision.notice_until is None else local(ctx, decision.notice_until)
        raise NoticeRunning(until=until)
    count: int = await ctx.db.fetchval(_OPEN, ctx.tenant_id, decision.id)
    if count:
        raise ObjectionOpen(count=count)
    decision = await rows.update(
        ctx,
        decision,
        action="conclude",
        expected_version=expected_version,
        state=state,
        concluded_by=ctx.actor.id,
        concluded_at=ctx.now(),
    )
    call = await rows.update(ctx, call, action="decide", state=CALL.apply(call.state, "decide", facts))
    for outcome in await outcomes_of(ctx, decision):
        if outcome.kind == OutcomeKind.AWARD:
            await open_grant(ctx, call, outcome, decision.id)
        await _move(ctx, outcome, _STEPS[OutcomeKind(outcome.kind)])
    await tell_applicants(ctx, call, "venture.call_decided", key=str(decision.id))
    await publish(ctx, CallDecided(decision_id=decision.id, call_id=call.id))
    return decision


async def withdraw(
    ctx: Context, decision_id: UUID, *, reason: str, expected_version: int | None = None
) -> Decision:
    """Take a decision that is under notice back, so that another can be proposed.

    Raises: NotFound, PermissionDenied, OwnCall, Required, TooLong, UndefinedTransition, StaleVersion.
    """
    decision, call = await to_confirm(ctx, decision_id)
    said = checks.line(reason, "reason", checks.REASON_MAX)
    return await take_back(ctx, decision, call, said, expected_version)


async def take_back(
    ctx: Context, decision: Decision, call: Call, reason: str, expected_version: int | None = None
) -> Decision:
    """The call and its proposals are again where they were before the notice. Raises: UndefinedTransition."""
    facts = await decision_facts(ctx, decision)
    state = DECISION.apply(decision.state, "withdraw", facts)
    decision = await rows.update(
        ctx,
        decision,
        action="withdraw",
        expected_version=expected_version,
        state=state,
        withdraw_reason=reason,
    )
    await rows.update(ctx, call, action="reopen", state=CALL.apply(call.state, "reopen", facts))
    for outcome in await outcomes_of(ctx, decision):
        await _move(ctx, outcome, "reopen")
    return decision


async def open_grant(ctx: Context, call: Call, outcome: Outcome, decision_id: UUID) -> None:
    """Open the grant of an outcome for an applicant that is still eligible.

    Raises: as `require_eligible` and `grants.opening.award`.
    """
    proposal = await rows.get(ctx, Proposal, outcome.proposal_id, lock=True)
    await require_eligible(ctx, call, proposal)
    await award(ctx, call=call, proposal=proposal, amount_fen=outcome.amount_fen, decision_id=decision_id)


async def outcomes_of(ctx: Context, decision: Decision) -> Sequence[Outcome]:
    """What a decision says, awards first, then the reserve list in its order."""
    found = await ctx.db.fetch(_OUTCOMES, ctx.tenant_id, decision.id, PROPOSALS_MAX)
    return [rows.from_record(Outcome, row) for row in found]


async def to_confirm(ctx: Context, decision_id: UUID) -> tuple[Decision, Call]:
    """A decision and its call, held against other writers. Raises: NotFound, PermissionDenied, OwnCall."""
    found = await in_place(ctx, Decision, decision_id)  # the tree first: grants open accounts in it
    call = await rows.get(ctx, Call, found.call_id, lock=True)
    decision = await visible(ctx, Decision, decision_id, READ)
    ctx.require(CONFIRM, decision.area_path)
    await require_outsider(ctx, call.id)
    return decision, call


async def _move(ctx: Context, outcome: Outcome, action: str) -> None:
    proposal = await rows.get(ctx, Proposal, outcome.proposal_id, lock=True)
    state = PROPOSAL.apply(proposal.state, action, Facts(actor_id=ctx.actor.id))
    await rows.update(ctx, proposal, action=action, state=state)
