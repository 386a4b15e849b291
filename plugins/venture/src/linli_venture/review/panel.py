"""The panel of a call: drawn once from the committed seed, and filled up in the order that was drawn.

Whoever falls away (an interest, a replacement) is followed by the next of that order, which anybody can recompute.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, Facts, checks, insert_many, notifications, rows
from linli_venture.calls import seeds
from linli_venture.calls.states import CALL, CallState
from linli_venture.calls.tables import Call
from linli_venture.calls.terms import PROPOSALS_MAX, digest_of
from linli_venture.proposals.states import ProposalState
from linli_venture.proposals.tables import Proposal
from linli_venture.review import drawing
from linli_venture.review.access import require_reviewers, reviewed_call, was_drawn
from linli_venture.review.errors import (
    NothingToReview,
    NotReviewing,
    ObjectionOpen,
    RankedAlready,
    ReviewerManages,
    TooFewExperts,
    UncheckedProposals,
)
from linli_venture.review.experts import tied
from linli_venture.review.states import REVIEW, ExpertState, ReviewState
from linli_venture.review.tables import Declaration, Draw, Expert, Review

MANAGE: Final = "venture.review.manage"
EXPERTS_MAX: Final = 2_000
ROWS_AT_ONCE: Final = 5_000
TOLD_AT_ONCE: Final = 1_000
RECUSED: Final = "venture.reasons.recused"
LEFT: Final = "venture.reasons.left"
TWICE: Final = "venture.reasons.twice"

_WAITING: Final = """
select count(*) from venture_proposal where tenant_id = $1 and call_id = $2 and state in ('submitted', 'returned')"""
_OBJECTIONS: Final = """
select count(*) from venture_proposal
where tenant_id = $1 and call_id = $2 and state = 'ineligible' and objection_reason = ''
    and (objection <> '' or object_until >= $3)"""
_ELIGIBLE: Final = """
select * from venture_proposal where tenant_id = $1 and call_id = $2 and state = 'eligible'
order by number limit $3"""
_EXPERTS: Final = """
select * from venture_expert where tenant_id = $1 and state = 'active'
    and (area_path = '' or area_path ^@ $2 or $2 ^@ area_path) order by code limit $3"""
_LAST_PLACE: Final = """
select coalesce(max(place), 0) from venture_review where tenant_id = $1 and proposal_id = $2"""
_REVIEWING: Final = """
select distinct person_id from venture_review
where tenant_id = $1 and call_id = $2 and state in ('drawn', 'declared', 'submitted') order by person_id limit $3"""
_TWICE: Final = """
select proposal_id from venture_review where tenant_id = $1 and person_id = $2
group by proposal_id having count(*) > 1 order by proposal_id limit $3"""


async def draw(ctx: Context, call_id: UUID, *, expected_version: int | None = None) -> Call:
    """Draw the reviewers of all eligible proposals, and reveal the seed.

    Experts of the call's area, below and above it take part. Those of whom the registers know an interest in an
    applicant are left out, which the list says.
    Raises: NotFound, PermissionDenied, OwnCall, UncheckedProposals, ObjectionOpen, NothingToReview, TooFewExperts,
    SeedChanged, UndefinedTransition, StaleVersion.
    """
    call = await reviewed_call(ctx, call_id, MANAGE)
    state = CALL.apply(call.state, "start_review", Facts(actor_id=ctx.actor.id, subject=call))
    proposals = await _ready(ctx, call)
    experts = await _experts(ctx, call)
    content = _list(call, proposals, experts, await tied(ctx, call.id, experts))
    seed, digest = await seeds.reveal(ctx, call), digest_of(content)
    orders = drawing.orders(seed, digest, content)
    for one in content["proposals"]:
        count = len(orders[one["number"]])
        if count < call.reviews_min:
            details = {"number": one["number"], "category": one["category"]}
            raise TooFewExperts(count=count, needed=call.reviews_min, **details)
    call = await rows.update(ctx, call, action="start_review", expected_version=expected_version, state=state)
    await rows.insert(
        ctx,
        Draw,
        action="draw",
        area_id=call.area_id,
        area_path=call.area_path,
        call_id=call.id,
        seed=seed,
        content=content,
        digest=digest,
        drawn_by=ctx.actor.id,
        drawn_at=ctx.now(),
    )
    by_code = {one.code: one for one in experts}
    drawn = [
        _entry(proposal, by_code[code], place)
        for proposal in proposals
        for place, code in enumerate(orders[proposal.number][: call.reviews_min], start=1)
    ]
    for first in range(0, len(drawn), ROWS_AT_ONCE):
        await insert_many(ctx, Review, drawn[first : first + ROWS_AT_ONCE], action="draw")
    await _tell(ctx, call, {UUID(str(one["person_id"])) for one in drawn}, key=f"{call.id}/drawn")
    return call


async def draw_next(ctx: Context, proposal: Proposal, reason: str) -> Review | None:
    """The next expert of a proposal's order becomes its reviewer; None when the order is at its end.

    One who left, or of whom an interest in the applicant is declared or known, is passed over, which is on record; one
    who declared others is ready.
    """
    await ctx.db.take_turns(f"venture.proposal/{proposal.id}/draw")
    made = await rows.find_by(ctx, Draw, call_id=proposal.call_id)
    content: Mapping[str, Any] = json.loads(made.content) if made is not None else {}
    listed = next((one for one in content.get("proposals", ()) if one["number"] == proposal.number), None)
    if made is None or listed is None:
        return None
    last: int = await ctx.db.fetchval(_LAST_PLACE, ctx.tenant_id, proposal.id)
    order = drawing.order(made.seed, made.digest, content, listed)
    for place, code in enumerate(order[last:], start=last + 1):
        expert = await rows.find_by(ctx, Expert, code=code)
        assert expert is not None, "experts leave, and are never deleted"
        state, passed_over = await _state_for(ctx, proposal, expert)
        said = ctx.plugins.texts.translate(passed_over, "zh-CN") if passed_over else reason
        entry = {**_entry(proposal, expert, place), "state": state}
        review = await rows.insert(ctx, Review, action="draw", reason=said, **entry)
        if not passed_over:
            call = await rows.get(ctx, Call, proposal.call_id)
            await _tell(ctx, call, {UUID(str(expert.person_id))}, key=str(review.id))
            return review
    return None


async def replace(
    ctx: Context, review_id: UUID, *, reason: str, expected_version: int | None = None
) -> Review:
    """Give a reviewer up who does not review, with a reason; the next of the order follows.

    Raises: NotFound, PermissionDenied, OwnCall, NotReviewing, UndefinedTransition, StaleVersion, Required, TooLong.
    """
    await under_review(ctx, (await rows.get(ctx, Review, review_id)).call_id)
    review = await rows.get(ctx, Review, review_id, lock=True)
    said = checks.line(reason, "reason", checks.REASON_MAX)
    state = REVIEW.apply(review.state, "replace", Facts(actor_id=ctx.actor.id))
    review = await rows.update(
        ctx, review, action="replace", expected_version=expected_version, state=state, reason=said
    )
    await draw_next(ctx, await rows.get(ctx, Proposal, review.proposal_id), said)
    return review


async def only_once(ctx: Context, person_id: UUID) -> None:
    """Let a person who was drawn for a proposal as two experts review it once, or not at all where one is recused.

    What was submitted stays, and takes the other's place; the next of the order follows.
    """
    for row in await ctx.db.fetch(_TWICE, ctx.tenant_id, person_id, PROPOSALS_MAX):
        proposal = await rows.get(ctx, Proposal, row["proposal_id"])
        found = await rows.find_all(
            ctx, Review, limit=ROWS_AT_ONCE, proposal_id=proposal.id, person_id=person_id
        )
        waiting = [one for one in found if one.state in (ReviewState.DRAWN, ReviewState.DECLARED)]
        recused = any(one.state == ReviewState.RECUSED for one in found)
        if not recused and not any(one.state == ReviewState.SUBMITTED for one in found):
            waiting = waiting[1:]
        action, why = ("recuse", RECUSED) if recused else ("replace", TWICE)
        said = ctx.plugins.texts.translate(why, "zh-CN")
        for review in waiting:
            state = REVIEW.apply(review.state, action, Facts(actor_id=ctx.actor.id))
            await rows.update(ctx, review, action=action, state=state, reason=said)
            await draw_next(ctx, proposal, said)


async def moderate(
    ctx: Context, proposal_id: UUID, *, reason: str, expected_version: int | None = None
) -> Review:
    """Let one more expert review a proposal, or hear its defence, with a reason: the next of the order.

    Raises: NotFound, PermissionDenied, OwnCall, NotReviewing, RankedAlready, TooFewExperts, StaleVersion, Required,
    TooLong.
    """
    call = await under_review(ctx, (await rows.get(ctx, Proposal, proposal_id)).call_id)
    proposal = await rows.get(ctx, Proposal, proposal_id, lock=True)
    require_reviewers(call)
    if call.ranked_at and proposal.state != ProposalState.SHORTLISTED:
        raise RankedAlready()
    said = checks.line(reason, "reason", checks.REASON_MAX)
    await rows.update(ctx, proposal, expected_version=expected_version)
    review = await draw_next(ctx, proposal, said)
    if review is None:
        details = {"number": proposal.number, "category": proposal.category}
        raise TooFewExperts(count=0, needed=call.reviews_min, **details)
    return review


async def under_review(ctx: Context, call_id: UUID) -> Call:
    """A call that is under review, for whoever manages it. Raises: as `reviewed_call`, ReviewerManages,
    NotReviewing.
    """
    call = await reviewed_call(ctx, call_id, MANAGE)
    if await was_drawn(ctx, call.id):
        raise ReviewerManages()
    if call.state != CallState.REVIEWING:
        raise NotReviewing(state=call.state)
    return call


async def _ready(ctx: Context, call: Call) -> list[Proposal]:
    waiting: int = await ctx.db.fetchval(_WAITING, ctx.tenant_id, call.id)
    if waiting:
        raise UncheckedProposals(count=waiting)
    objections: int = await ctx.db.fetchval(_OBJECTIONS, ctx.tenant_id, call.id, ctx.now())
    if objections:
        raise ObjectionOpen(count=objections)
    found = await ctx.db.fetch(_ELIGIBLE, ctx.tenant_id, call.id, PROPOSALS_MAX)
    if not found:
        raise NothingToReview()
    return [rows.from_record(Proposal, row) for row in found]


async def _experts(ctx: Context, call: Call) -> list[Expert]:
    found = await ctx.db.fetch(_EXPERTS, ctx.tenant_id, call.area_path, EXPERTS_MAX)
    return [rows.from_record(Expert, row) for row in found]


def _list(
    call: Call,
    proposals: Sequence[Proposal],
    experts: Sequence[Expert],
    left_out: frozenset[UUID],
) -> dict[str, Any]:
    excluded = [one.code for one in experts if one.id in left_out]
    listed = [{"code": one.code, "expertise": sorted(one.expertise)} for one in experts]
    return {
        "call": call.number,
        "reviews": call.reviews_min,
        "experts": listed,
        "proposals": [
            {"number": one.number, "category": one.category, "excluded": excluded} for one in proposals
        ],
    }


def _entry(proposal: Proposal, expert: Expert, place: int) -> dict[str, object]:
    return {
        "area_id": proposal.area_id,
        "area_path": proposal.area_path,
        "call_id": proposal.call_id,
        "proposal_id": proposal.id,
        "expert_id": expert.id,
        "person_id": expert.person_id,
        "place": place,
        "state": ReviewState.DRAWN.value,
    }


async def _state_for(ctx: Context, proposal: Proposal, expert: Expert) -> tuple[str, str]:
    """Where the review of an expert who is drawn later begins, and the text that tells why one is passed over."""
    if expert.state != ExpertState.ACTIVE:
        return ReviewState.REPLACED, LEFT
    if await tied(ctx, proposal.call_id, [expert]):
        return ReviewState.RECUSED, RECUSED
    declared = await rows.find_by(ctx, Declaration, call_id=proposal.call_id, expert_id=expert.id)
    if declared is None:
        return ReviewState.DRAWN, ""
    organisations = {one["organisation_id"] for one in json.loads(declared.interests)}
    if str(proposal.organisation_id) in organisations:
        return ReviewState.RECUSED, RECUSED
    return ReviewState.DECLARED, ""


async def tell_reviewers(ctx: Context, call: Call, message_type: str, *, key: str) -> None:
    """Tell those who review in a call, or have reviewed in it."""
    found = await ctx.db.fetch(_REVIEWING, ctx.tenant_id, call.id, EXPERTS_MAX)
    await _tell(ctx, call, {UUID(int=row["person_id"].int) for row in found}, message_type, key=key)


async def _tell(
    ctx: Context, call: Call, people: set[UUID], message_type: str = "venture.review_drawn", *, key: str
) -> None:
    letters = [notifications.Letter(person, key, {"call": call.title}) for person in sorted(people)]
    for first in range(0, len(letters), TOLD_AT_ONCE):
        await notifications.send_many(ctx, message_type, letters[first : first + TOLD_AT_ONCE])
