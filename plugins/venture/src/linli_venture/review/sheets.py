"""Score sheets: opened after the declaration, submitted once, seen by nobody else until the call is ranked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, Facts, insert_many, is_self, rows
from linli_venture.calls.drafting import sheet_of
from linli_venture.calls.tables import Call
from linli_venture.calls.terms import NEEDS
from linli_venture.checked import in_range, prose
from linli_venture.proposals.drafting import PROSE
from linli_venture.proposals.tables import Proposal
from linli_venture.review.access import OWN, own_review, require_reviewers
from linli_venture.review.errors import Conflicted, DeclareFirst, RankedAlready, ScoreFinal, SheetIncomplete
from linli_venture.review.experts import tied
from linli_venture.review.scoring import total_of
from linli_venture.review.states import REVIEW, ReviewState
from linli_venture.review.tables import Expert, Review, Score, ScoreSheet

OPENED: Final = (ReviewState.DECLARED, ReviewState.SUBMITTED)
COMMENT_MAX: Final = 2_000
POINTS_MAX: Final = 100

_LATEST: Final = """
select content from venture_submission where tenant_id = $1 and proposal_id = $2 order by round desc limit 1"""
_NAME: Final = "select name from identity_organisation where tenant_id = $1 and id = $2"


_SHOWN: Final = (
    "number",
    "title",
    "category",
    "starts_on",
    "ends_on",
    "budget_fen",
    "own_funds_fen",
    "grant_fen",
    "lines",
)


@dataclass(frozen=True, slots=True)
class Dossier:
    """What a reviewer reads of a proposal: its snapshot without ids; the applicant only where the call says so."""

    number: str
    title: str
    category: str
    texts: Mapping[str, str]
    starts_on: str
    ends_on: str
    budget_fen: int
    own_funds_fen: int
    grant_fen: int
    lines: Sequence[Mapping[str, Any]]
    applicant: str | None


@dataclass(frozen=True, slots=True)
class PointsGiven:
    """Points from 0 to 100 for a criterion."""

    key: str
    points: int


async def dossier(ctx: Context, review_id: UUID) -> Dossier | None:
    """Open the proposal of one's review; None before the declaration, after a recusal, for others' reviews, and
    for who is tied to an applicant by now.

    Raises: PermissionDenied.
    """
    ctx.require(OWN)
    review = await rows.find(ctx, Review, review_id)
    if review is None or not is_self(ctx, review.person_id) or review.state not in OPENED:
        return None
    if await _has_interest(ctx, review):
        return None
    proposal = await rows.get(ctx, Proposal, review.proposal_id)
    call = await rows.get(ctx, Call, review.call_id)
    content = json.loads(await ctx.db.fetchval(_LATEST, ctx.tenant_id, proposal.id))
    name = None
    if not call.anonymous:
        name = await ctx.db.fetchval(_NAME, ctx.tenant_id, proposal.organisation_id)
    return Dossier(
        **{key: content[key] for key in _SHOWN},
        texts={key: content[key] for key in PROSE},
        applicant=name,
    )


async def submit(
    ctx: Context,
    review_id: UUID,
    *,
    points: Sequence[PointsGiven],
    comment: str | None = "",
    expected_version: int | None = None,
) -> Review:
    """Submit a sheet, which is never changed.

    Raises: PermissionDenied, NotFound, ScoreFinal, DeclareFirst, NotReviewing, RankedAlready, Conflicted,
    SheetIncomplete, NumberOutOfRange, UndefinedTransition, StaleVersion, TooLong.
    """
    review = await own_review(ctx, review_id)
    if review.state == ReviewState.SUBMITTED:
        raise ScoreFinal()
    if review.state == ReviewState.DRAWN:
        raise DeclareFirst()
    state = REVIEW.apply(review.state, "submit", Facts(actor_id=ctx.actor.id))
    call = await rows.get(ctx, Call, review.call_id)
    require_reviewers(call)
    if call.ranked_at:
        raise RankedAlready()
    await require_no_interest(ctx, review)
    criteria = await sheet_of(ctx, call.id)
    given = _complete([one.key for one in criteria], points)
    said = prose(comment, "comment", COMMENT_MAX)
    changed = await rows.update(
        ctx,
        review,
        action="submit",
        expected_version=expected_version,
        state=state,
        submitted_at=ctx.now(),
    )
    belongs = {
        "area_id": review.area_id,
        "area_path": review.area_path,
        "call_id": review.call_id,
        "proposal_id": review.proposal_id,
        "expert_id": review.expert_id,
        "person_id": review.person_id,
    }
    sheet = await rows.insert(
        ctx,
        ScoreSheet,
        action="submit",
        **belongs,
        review_id=review.id,
        total=total_of({one.key: one.weight for one in criteria}, given),
        needs=given[NEEDS],
        comment=said,
        submitted_at=ctx.now(),
    )
    lines = [
        {**belongs, "sheet_id": sheet.id, "criterion_id": one.id, "points": given[one.key]}
        for one in criteria
    ]
    await insert_many(ctx, Score, lines, action="submit")
    return changed


def _complete(keys: Sequence[str], points: Sequence[PointsGiven]) -> dict[str, int]:
    given: dict[str, int] = {}
    for one in points:
        if one.key in given or one.key not in keys:
            raise SheetIncomplete(path=("points",), criterion=one.key[:40])
        given[one.key] = in_range(one.points, 0, POINTS_MAX, "points")
    for key in keys:
        if key not in given:
            raise SheetIncomplete(path=("points",), criterion=key)
    return given


async def require_no_interest(ctx: Context, review: Review) -> None:
    """What the registers learnt since the draw counts too. Raises: Conflicted."""
    if await _has_interest(ctx, review):
        raise Conflicted()


async def _has_interest(ctx: Context, review: Review) -> bool:
    return bool(await tied(ctx, review.call_id, [await rows.get(ctx, Expert, review.expert_id)]))
