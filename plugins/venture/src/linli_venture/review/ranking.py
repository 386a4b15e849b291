"""The ranking of a call: made once, when every proposal has enough reviews; then all scores are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, Facts, audit, rows
from linli_venture.calls.tables import Call
from linli_venture.calls.terms import PROPOSALS_MAX
from linli_venture.proposals.states import PROPOSAL
from linli_venture.proposals.tables import Proposal
from linli_venture.review.errors import RankedAlready, TooFewReviews
from linli_venture.review.panel import under_review
from linli_venture.review.scoring import Scored, Sheet, decimal_text, ranks, scored
from linli_venture.review.states import REVIEW
from linli_venture.review.tables import Ranking, Review

REVIEWS_MAX: Final = 50_000
WRITTEN: Final = "written"
FINAL: Final = "final"

_PROPOSALS: Final = """
select * from venture_proposal where tenant_id = $1 and call_id = $2 and state = 'eligible'
order by number limit $3 for update"""
_SHEETS: Final = """
select s.proposal_id, s.total, s.needs, e.code from venture_score_sheet s
join venture_expert e on e.tenant_id = $1 and e.id = s.expert_id
where s.tenant_id = $1 and s.call_id = $2 order by e.code limit $3"""
_OUTSTANDING: Final = """
select * from venture_review where tenant_id = $1 and call_id = $2 and state in ('drawn', 'declared')
order by id limit $3 for update"""
_UNSEAL: Final = (
    "update venture_score_sheet set sealed = false, version = version + 1, updated_at = now()"
    " where tenant_id = $1 and call_id = $2 and sealed",
    "update venture_score set sealed = false, version = version + 1, updated_at = now()"
    " where tenant_id = $1 and call_id = $2 and sealed",
)


async def rank(ctx: Context, call_id: UUID, *, expected_version: int | None = None) -> Call:
    """Rank all proposals of a call from their sheets, and open these. Reviews that did not come are missed.

    Raises: NotFound, PermissionDenied, OwnCall, NotReviewing, RankedAlready, TooFewReviews, StaleVersion.
    """
    call = await under_review(ctx, call_id)
    if call.ranked_at:
        raise RankedAlready()
    found = await ctx.db.fetch(_PROPOSALS, ctx.tenant_id, call.id, PROPOSALS_MAX)
    proposals = [rows.from_record(Proposal, row) for row in found]
    sheets = await _sheets(ctx, call)
    for one in proposals:
        count = len(sheets.get(one.id, ()))
        if count < call.reviews_min:
            raise TooFewReviews(number=one.number, count=count, needed=call.reviews_min)
    results = {one.number: scored(sheets[one.id]) for one in proposals}
    places = ranks(results)
    call = await rows.update(ctx, call, action="rank", expected_version=expected_version, ranked_at=ctx.now())
    await miss(ctx, call)
    for one in proposals:
        state = PROPOSAL.apply(one.state, "score", Facts(actor_id=ctx.actor.id))
        await rows.update(ctx, one, action="score", state=state)
        await enter(ctx, one, WRITTEN, places[one.number], results[one.number])
    for sql in _UNSEAL:
        await ctx.db.execute(sql, ctx.tenant_id, call.id)
    await audit.record(ctx, audit.Change("open_scores", "venture_call", call.id))
    return call


async def _sheets(ctx: Context, call: Call) -> Mapping[UUID, Sequence[Sheet]]:
    found: dict[UUID, list[Sheet]] = {}
    for row in await ctx.db.fetch(_SHEETS, ctx.tenant_id, call.id, REVIEWS_MAX):
        sheet = Sheet(row["code"], row["total"], row["needs"])
        found.setdefault(row["proposal_id"], []).append(sheet)
    return found


async def miss(ctx: Context, call: Call) -> None:
    """What reviewers of a call did not do until it was ranked, they missed."""
    for row in await ctx.db.fetch(_OUTSTANDING, ctx.tenant_id, call.id, REVIEWS_MAX):
        review = rows.from_record(Review, row)
        state = REVIEW.apply(review.state, "miss", Facts(actor_id=ctx.actor.id))
        await rows.update(ctx, review, action="miss", state=state)


async def enter(
    ctx: Context,
    proposal: Proposal,
    stage: str,
    place: int,
    found: Scored,
    made_from: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """Put a proposal's rank down, with its derivation and what else it was made from."""
    await rows.insert(
        ctx,
        Ranking,
        action="rank",
        area_id=proposal.area_id,
        area_path=proposal.area_path,
        call_id=proposal.call_id,
        proposal_id=proposal.id,
        stage=stage,
        rank=place,
        reviews=len(found.sheets),
        score_numerator=found.score.numerator,
        score_denominator=found.score.denominator,
        needs_numerator=found.needs.numerator,
        needs_denominator=found.needs.denominator,
        derivation={**_derivation(found), **made_from},
    )


def _derivation(found: Scored) -> dict[str, Any]:
    """Each number of a rank and what it was made from; reviewers by their codes, totals in hundredths of a point."""
    return {
        "sheets": [
            {
                "code": one.code,
                "total": one.total,
                "needs": one.needs,
                "dropped": _dropped(found, one.code),
            }
            for one in found.sheets
        ],
        "sum": sum(one.total for one in found.kept),
        "kept": len(found.kept),
        "score": decimal_text(found.score),
        "needs": decimal_text(found.needs),
    }


def _dropped(found: Scored, code: str) -> str:
    return {found.highest: "highest", found.lowest: "lowest"}.get(code, "")
