"""Submitting, withdrawing and objecting: what applicants do with a proposal.

On time is what happens at `closes_at` or before, to the second. What is handed in stands in a snapshot.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from linli.plugin import Context, Facts, checks, files, publish, rows
from linli_venture.calls.states import CallState
from linli_venture.calls.tables import Call
from linli_venture.calls.terms import PROPOSALS_MAX, digest_of
from linli_venture.checked import local
from linli_venture.proposals.applicants import own_proposal
from linli_venture.proposals.drafting import PROSE, lines_of
from linli_venture.proposals.eligibility import require_eligible
from linli_venture.proposals.errors import (
    AboveCap,
    CallFull,
    CallNotOpen,
    CorrectionTooLate,
    DeclarationMissing,
    Incomplete,
    LateEntry,
    NothingToGrant,
    NotOpenYet,
    ObjectedAlready,
    ObjectionTooLate,
    OwnFundsTooLow,
)
from linli_venture.proposals.events import ProposalSubmitted
from linli_venture.proposals.states import PROPOSAL, Declaration, ProposalState
from linli_venture.proposals.tables import BudgetLine, Proposal, Submission

ATTACHMENTS: Final = "venture.attachment"
_NEEDED: Final = ("category", "summary", "needs_text", "plan_text", "starts_on", "ends_on")
_NUMBERED: Final = (
    "select count(*) from venture_proposal where tenant_id = $1 and call_id = $2 and number is not null"
)


async def submit(
    ctx: Context, proposal_id: UUID, *, expected_version: int, declarations: Collection[str]
) -> Proposal:
    """Hand a proposal in, or its correction; the snapshot of it is never changed.

    Raises: NotFound, NotOpenYet, LateEntry, CallFull, CallNotOpen, CorrectionTooLate, DeclarationMissing, Incomplete,
    OwnFundsTooLow, NothingToGrant, AboveCap, ApplicantNotRegistered, ApplicantBarred, BelowFloor, FundedTwice,
    UndefinedTransition, StaleVersion.
    """
    proposal = await own_proposal(ctx, proposal_id)
    state = PROPOSAL.apply(proposal.state, "submit", Facts(actor_id=ctx.actor.id, subject=proposal))
    await ctx.db.take_turns(f"venture.call/{proposal.call_id}/submit")
    call = await rows.get(ctx, Call, proposal.call_id)
    _check_time(ctx, call, proposal)
    for one in Declaration:
        if one not in declarations:
            raise DeclarationMissing(path=("declarations",), declaration=one.value)
    lines = await lines_of(ctx, proposal.id)
    check_budget(call, proposal)
    _check_complete(proposal)
    await require_eligible(ctx, call, proposal)
    number = proposal.number or await _next_number(ctx, call)
    changed = await rows.update(
        ctx,
        proposal,
        action="submit",
        expected_version=expected_version,
        state=state,
        sealed=False,
        number=number,
        rounds=proposal.rounds + 1,
        submitted_at=ctx.now(),
    )
    for line in lines:
        if line.sealed:
            await rows.update(ctx, line, action="submit", sealed=False)
    await files.unseal(ctx, ATTACHMENTS, changed.id)
    await _keep(ctx, call, changed, lines, declarations)
    await publish(ctx, ProposalSubmitted(proposal_id=changed.id, call_id=call.id, round=changed.rounds))
    return changed


async def withdraw(ctx: Context, proposal_id: UUID, *, expected_version: int | None = None) -> Proposal:
    """Take a proposal back before its review. Raises: NotFound, UndefinedTransition, CallNotOpen, StaleVersion."""
    proposal = await own_proposal(ctx, proposal_id)
    state = PROPOSAL.apply(proposal.state, "withdraw", Facts(actor_id=ctx.actor.id, subject=proposal))
    await _require_before_draw(ctx, proposal)
    return await rows.update(ctx, proposal, action="withdraw", expected_version=expected_version, state=state)


async def object_to_refusal(
    ctx: Context, proposal_id: UUID, *, objection: str, expected_version: int | None = None
) -> Proposal:
    """Object to being found ineligible; somebody else decides.

    Raises: NotFound, CallNotOpen, ObjectionTooLate, ObjectedAlready, Required, TooLong, UndefinedTransition,
    StaleVersion.
    """
    proposal = await own_proposal(ctx, proposal_id)
    PROPOSAL.transition(proposal.state, "overturn")
    await _require_before_draw(ctx, proposal)
    if proposal.objection:
        raise ObjectedAlready()
    if proposal.object_until is None or ctx.now() > proposal.object_until:
        until = "" if proposal.object_until is None else local(ctx, proposal.object_until)
        raise ObjectionTooLate(until=until)
    said = checks.line(objection, "objection", checks.REASON_MAX)
    return await rows.update(
        ctx, proposal, action="object", expected_version=expected_version, objection=said
    )


def check_budget(call: Call, proposal: Proposal) -> None:
    """What a budget must keep to: a grant, within the share of the budget and the cap.

    Raises: Incomplete, NothingToGrant, OwnFundsTooLow, AboveCap.
    """
    if proposal.budget_fen == 0:
        raise Incomplete(path=("lines",), field="lines")
    grant = proposal.budget_fen - proposal.own_funds_fen
    if grant <= 0:
        raise NothingToGrant(path=("own_funds_fen",))
    if grant * 100 > proposal.budget_fen * call.grant_percent_max:
        raise OwnFundsTooLow(path=("own_funds_fen",), percent=call.grant_percent_max)
    if grant > call.cap_fen:
        raise AboveCap(path=("own_funds_fen",), cap=call.cap_fen)


async def _require_before_draw(ctx: Context, proposal: Proposal) -> None:
    call = await rows.get(ctx, Call, proposal.call_id)
    if call.state not in (CallState.PUBLISHED, CallState.CLOSED):
        raise CallNotOpen(state=call.state)


def _check_time(ctx: Context, call: Call, proposal: Proposal) -> None:
    if proposal.state == ProposalState.RETURNED:
        due = proposal.correction_due_at
        if call.state not in (CallState.PUBLISHED, CallState.CLOSED):
            raise CallNotOpen(state=call.state)
        if due is not None and ctx.now() > due:
            raise CorrectionTooLate(until=local(ctx, due))
        return
    if ctx.now() > call.closes_at:
        raise LateEntry(closes_at=local(ctx, call.closes_at))
    if call.state != CallState.PUBLISHED:
        raise CallNotOpen(state=call.state)
    if ctx.now() < call.opens_at:
        raise NotOpenYet(opens_at=local(ctx, call.opens_at))


def _check_complete(proposal: Proposal) -> None:
    for name in _NEEDED:
        if not getattr(proposal, name):
            raise Incomplete(path=(name,), field=name)


async def _next_number(ctx: Context, call: Call) -> str:
    count: int = await ctx.db.fetchval(_NUMBERED, ctx.tenant_id, call.id)
    if count >= PROPOSALS_MAX:
        raise CallFull(limit=PROPOSALS_MAX)
    return f"{call.number}-{count + 1:03d}"


async def _keep(
    ctx: Context, call: Call, proposal: Proposal, lines: list[BudgetLine], declarations: Collection[str]
) -> None:
    attached = await files.of_owner(ctx, ATTACHMENTS, proposal.id)
    content = {
        "number": proposal.number,
        "title": proposal.title,
        "category": proposal.category,
        "need_id": str(proposal.need_id) if proposal.need_id else None,
        "organisation_id": str(proposal.organisation_id),
        **{name: getattr(proposal, name) for name in PROSE},
        "starts_on": proposal.starts_on.isoformat(),
        "ends_on": proposal.ends_on.isoformat(),
        "budget_fen": proposal.budget_fen,
        "own_funds_fen": proposal.own_funds_fen,
        "grant_fen": proposal.grant_fen,
        "lines": [
            {
                name: getattr(one, name)
                for name in ("item", "unit", "quantity", "unit_price_fen", "amount_fen")
            }
            for one in lines
        ],
        "attachments": [
            {"id": str(one.id), "size": one.size_bytes, "address": one.address} for one in attached
        ],
        "declarations": sorted(str(one) for one in declarations),
    }
    await rows.insert(
        ctx,
        Submission,
        action="submit",
        area_id=proposal.area_id,
        area_path=proposal.area_path,
        proposal_id=proposal.id,
        organisation_id=proposal.organisation_id,
        call_id=call.id,
        round=proposal.rounds,
        content=content,
        digest=digest_of(content),
        rules_version=call.rules_version,
        submitted_by=ctx.actor.id,
        submitted_at=ctx.now(),
    )
