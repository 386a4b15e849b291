"""Declarations of interests: made by each reviewer on all applicants of a call, before anything can be opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from linli.plugin import Context, Duplicate, Facts, checks, rows
from linli_venture.calls.errors import GivenTwice
from linli_venture.calls.holding import hold
from linli_venture.calls.tables import Call
from linli_venture.proposals.tables import Proposal
from linli_venture.review.access import OWN, own_review, require_reviewers, was_drawn
from linli_venture.review.errors import DeclaredAlready, NotAnApplicantHere, NotDrawn
from linli_venture.review.panel import RECUSED, draw_next
from linli_venture.review.states import REVIEW, Interest
from linli_venture.review.tables import Declaration, Review

REVIEWS_MAX: Final = 2_000

_OWN: Final = """
select r.* from venture_review r
where r.tenant_id = $1 and r.call_id = $2 and r.person_id = $3 and r.state = 'drawn' order by r.id limit $4
for update"""
_APPLICANTS: Final = """
select distinct p.organisation_id, o.name from venture_proposal p
join identity_organisation o on o.tenant_id = $1 and o.id = p.organisation_id
where p.tenant_id = $1 and p.call_id = $2 and p.state in ('eligible', 'scored') order by o.name limit $3"""


@dataclass(frozen=True, slots=True)
class InterestGiven:
    """An applicant in which a reviewer has an interest, and of which kind."""

    organisation_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class ApplicantShown:
    """An applicant of a call, on which its reviewers declare."""

    organisation_id: UUID
    name: str


async def applicants(ctx: Context, call_id: UUID) -> Sequence[ApplicantShown]:
    """All applicants of a call, for its reviewers; which proposal is whose is not said. Raises: NotDrawn."""
    await _require_drawn(ctx, call_id)
    found = await ctx.db.fetch(_APPLICANTS, ctx.tenant_id, call_id, REVIEWS_MAX)
    return [ApplicantShown(row["organisation_id"], row["name"]) for row in found]


async def declare(ctx: Context, call_id: UUID, *, interests: Sequence[InterestGiven]) -> Declaration:
    """Declare all interests in a call's applicants; where there is one, the next of the order reviews.

    Raises: PermissionDenied, NotDrawn, NotReviewing, RankedAlready, DeclaredAlready, NotAnApplicantHere, GivenTwice,
    UnknownValue.
    """
    await _require_drawn(ctx, call_id)
    await ctx.db.take_turns(f"venture.call/{call_id}/declare")
    await hold(ctx, call_id)
    call = await rows.get(ctx, Call, call_id)
    require_reviewers(call)
    known = {one.organisation_id for one in await applicants(ctx, call_id)}
    conflicting: set[UUID] = set()
    for one in interests:
        checks.one_of(one.kind, list(Interest), "interests")
        if one.organisation_id not in known:
            raise NotAnApplicantHere(path=("interests",))
        if one.organisation_id in conflicting:
            raise GivenTwice(path=("interests",), value=str(one.organisation_id))
        conflicting.add(one.organisation_id)
    person_id = ctx.actor.person_id
    found = await ctx.db.fetch(_OWN, ctx.tenant_id, call_id, person_id, REVIEWS_MAX)
    own = [rows.from_record(Review, row) for row in found]
    expert_id = await ctx.db.fetchval(
        "select id from venture_expert where tenant_id = $1 and person_id = $2", ctx.tenant_id, person_id
    )
    try:
        made = await rows.insert(
            ctx,
            Declaration,
            action="declare",
            area_id=call.area_id,
            area_path=call.area_path,
            call_id=call.id,
            expert_id=expert_id,
            person_id=person_id,
            interests=[{"organisation_id": str(one.organisation_id), "kind": one.kind} for one in interests],
            declared_at=ctx.now(),
        )
    except Duplicate as error:
        raise DeclaredAlready() from error
    for review in own:
        await _settle(ctx, review, conflicting)
    return made


async def recuse(ctx: Context, review_id: UUID, *, kind: str, expected_version: int | None = None) -> Review:
    """Give one's review up for an interest that was found later; the next of the order reviews.

    Raises: PermissionDenied, NotFound, NotReviewing, RankedAlready, UndefinedTransition, StaleVersion, UnknownValue.
    """
    review = await own_review(ctx, review_id)
    require_reviewers(await rows.get(ctx, Call, review.call_id))
    checks.one_of(kind, list(Interest), "kind")
    proposal = await rows.get(ctx, Proposal, review.proposal_id)
    return await _recuse(ctx, review, proposal, expected_version)


async def _settle(ctx: Context, review: Review, conflicting: set[UUID]) -> None:
    proposal = await rows.get(ctx, Proposal, review.proposal_id)
    if proposal.organisation_id in conflicting:
        await _recuse(ctx, review, proposal, None)
        return
    state = REVIEW.apply(review.state, "declare", Facts(actor_id=ctx.actor.id))
    await rows.update(ctx, review, action="declare", state=state)


async def _recuse(ctx: Context, review: Review, proposal: Proposal, expected_version: int | None) -> Review:
    state = REVIEW.apply(review.state, "recuse", Facts(actor_id=ctx.actor.id))
    said = ctx.plugins.texts.translate(RECUSED, "zh-CN")
    review = await rows.update(
        ctx, review, action="recuse", expected_version=expected_version, state=state, reason=said
    )
    await draw_next(ctx, proposal, said)
    return review


async def _require_drawn(ctx: Context, call_id: UUID) -> None:
    ctx.require(OWN)
    if not await was_drawn(ctx, call_id):
        raise NotDrawn()
