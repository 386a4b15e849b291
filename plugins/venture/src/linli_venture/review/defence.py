"""The defence: those who are best in writing are heard by their reviewers, and ranked anew among themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final
from uuid import UUID

from linli.plugin import Context, Duplicate, Facts, audit, rows
from linli_venture.calls.tables import Call
from linli_venture.calls.terms import PROPOSALS_MAX
from linli_venture.checked import in_range, prose
from linli_venture.proposals.states import PROPOSAL, ProposalState
from linli_venture.proposals.tables import Proposal
from linli_venture.review.access import own_review
from linli_venture.review.errors import (
    NoDefence,
    NotShortlisted,
    RankedAlready,
    ScoreFinal,
    ShortlistedAlready,
    TooFewReviews,
)
from linli_venture.review.panel import under_review
from linli_venture.review.ranking import FINAL, REVIEWS_MAX, WRITTEN, enter, miss
from linli_venture.review.scoring import Scored, defended, ranks
from linli_venture.review.sheets import COMMENT_MAX, OPENED, POINTS_MAX, require_no_interest
from linli_venture.review.states import REVIEW, ReviewState
from linli_venture.review.tables import DefenceScore, Ranking

_RANKED: Final = """
select p.*, r.id as ranking_id from venture_ranking r
join venture_proposal p on p.tenant_id = $1 and p.id = r.proposal_id
where r.tenant_id = $1 and r.call_id = $2 and r.stage = $3 and r.rank <= $4 order by p.number limit $5
for update of p"""
_POINTS: Final = """
select d.proposal_id, d.points, e.code from venture_defence_score d
join venture_expert e on e.tenant_id = $1 and e.id = d.expert_id
where d.tenant_id = $1 and d.call_id = $2 order by e.code limit $3"""
_UNSEAL: Final = """
update venture_defence_score set sealed = false, version = version + 1, updated_at = now()
where tenant_id = $1 and call_id = $2 and sealed"""


async def shortlist(ctx: Context, call_id: UUID, *, places: int, expected_version: int | None = None) -> Call:
    """Let the proposals of the first ranks defend; equals at the last place all do.

    Raises: NotFound, PermissionDenied, OwnCall, NotReviewing, NoDefence, ShortlistedAlready, NumberOutOfRange,
    StaleVersion.
    """
    call = await under_review(ctx, call_id)
    if not call.defence_percent or not call.ranked_at:
        raise NoDefence()
    if call.shortlisted_at:
        raise ShortlistedAlready()
    in_range(places, 1, PROPOSALS_MAX, "places")
    call = await rows.update(
        ctx, call, action="shortlist", expected_version=expected_version, shortlisted_at=ctx.now()
    )
    for proposal in await _first(ctx, call, places):
        state = PROPOSAL.apply(proposal.state, "shortlist", Facts(actor_id=ctx.actor.id))
        await rows.update(ctx, proposal, action="shortlist", state=state)
    return call


async def score(ctx: Context, review_id: UUID, *, points: int, comment: str | None = "") -> DefenceScore:
    """Give points for the defence of a proposal; they are never changed.

    Those do who reviewed it in writing, and who was drawn for the defence since and has declared interests.

    Raises: PermissionDenied, NotFound, NotShortlisted, ScoreFinal, RankedAlready, Conflicted, NumberOutOfRange,
    TooLong.
    """
    review = await own_review(ctx, review_id)
    proposal = await rows.get(ctx, Proposal, review.proposal_id)
    if proposal.state != ProposalState.SHORTLISTED or review.state not in OPENED:
        raise NotShortlisted()
    if (await rows.get(ctx, Call, review.call_id)).defended_at:
        raise RankedAlready()
    await require_no_interest(ctx, review)
    if review.state == ReviewState.DECLARED:
        state = REVIEW.apply(review.state, "submit", Facts(actor_id=ctx.actor.id))
        review = await rows.update(ctx, review, action="submit", state=state, submitted_at=ctx.now())
    try:
        return await rows.insert(
            ctx,
            DefenceScore,
            action="submit",
            area_id=review.area_id,
            area_path=review.area_path,
            call_id=review.call_id,
            proposal_id=review.proposal_id,
            review_id=review.id,
            expert_id=review.expert_id,
            person_id=review.person_id,
            points=in_range(points, 0, POINTS_MAX, "points"),
            comment=prose(comment, "comment", COMMENT_MAX),
            submitted_at=ctx.now(),
        )
    except Duplicate as error:
        raise ScoreFinal() from error


async def rank_defence(ctx: Context, call_id: UUID, *, expected_version: int | None = None) -> Call:
    """Rank those who defended anew, and open the scores of the defence.

    Raises: NotFound, PermissionDenied, OwnCall, NotReviewing, NoDefence, RankedAlready, TooFewReviews, StaleVersion.
    """
    call = await under_review(ctx, call_id)
    if not call.shortlisted_at:
        raise NoDefence()
    if call.defended_at:
        raise RankedAlready()
    found = await ctx.db.fetch(_RANKED, ctx.tenant_id, call.id, WRITTEN, PROPOSALS_MAX, PROPOSALS_MAX)
    heard = [row for row in found if row["state"] == ProposalState.SHORTLISTED]
    points = await _points(ctx, call)
    results: dict[str, Scored] = {}
    written: dict[str, Fraction] = {}
    for row in heard:
        given = points.get(row["id"], {})
        if len(given) < call.reviews_min:
            raise TooFewReviews(number=row["number"], count=len(given), needed=call.reviews_min)
        before = _scored(await rows.get(ctx, Ranking, row["ranking_id"]))
        written[row["number"]] = before.score
        results[row["number"]] = defended(before, given, call.defence_percent)
    call = await rows.update(
        ctx, call, action="rank_defence", expected_version=expected_version, defended_at=ctx.now()
    )
    await miss(ctx, call)
    places = ranks(results)
    for row in heard:
        number = row["number"]
        made_from = {"written": str(written[number]), "percent": call.defence_percent}
        await enter(ctx, rows.from_record(Proposal, row), FINAL, places[number], results[number], made_from)
    await ctx.db.execute(_UNSEAL, ctx.tenant_id, call.id)
    await audit.record(ctx, audit.Change("open_scores", "venture_call", call.id))
    return call


async def _first(ctx: Context, call: Call, places: int) -> Sequence[Proposal]:
    found = await ctx.db.fetch(_RANKED, ctx.tenant_id, call.id, WRITTEN, places, PROPOSALS_MAX)
    return [rows.from_record(Proposal, row) for row in found]


async def _points(ctx: Context, call: Call) -> Mapping[UUID, Mapping[str, int]]:
    found: dict[UUID, dict[str, int]] = {}
    for row in await ctx.db.fetch(_POINTS, ctx.tenant_id, call.id, REVIEWS_MAX):
        found.setdefault(row["proposal_id"], {})[row["code"]] = row["points"]
    return found


def _scored(written: Ranking) -> Scored:
    """The written result, as far as the final one needs it."""
    score = Fraction(written.score_numerator, written.score_denominator)
    return Scored(score, Fraction(written.needs_numerator, written.needs_denominator), (), "", "")
