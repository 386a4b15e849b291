"""What can be done in the review; each mutation calls one service function, which has the rules."""

from __future__ import annotations

import strawberry

from linli.plugin import Context
from linli_graphql.plugin import EXPECTED_VERSION, described, input_type, mutation, values_of
from linli_venture.calls.tables import Call
from linli_venture.graphql.calls import VentureCall
from linli_venture.graphql.inputs import VentureReasonInput, VentureStepInput
from linli_venture.graphql.review import (
    VentureDefenceScore,
    VentureExpert,
    VentureInterestDeclaration,
    VentureReview,
)
from linli_venture.review import declaring, defence, experts, panel, ranking, sheets, tables
from linli_venture.review.declaring import InterestGiven
from linli_venture.review.sheets import PointsGiven
from linli_venture.review.states import Interest

_EXPERT = {"id": "VentureExpert"}
_REVIEW = {"id": "VentureReview"}
_CALL = {"id": "VentureCall"}


@input_type
class EnterVentureExpertInput:
    """A person who is to be drawn as a reviewer."""

    area_id: strawberry.ID | None = described("For which area; null is the whole tenant.")
    person_id: strawberry.ID = described("The person.")
    expertise: list[str] = described("For which fields, named as in calls.")
    employer_id: strawberry.ID | None = described(
        "Where the expert works; its proposals are never theirs.", optional=True
    )


@input_type
class VentureInterestInput:
    """An interest in an applicant."""

    organisation_id: strawberry.ID = described("The applicant.")
    kind: Interest = described("Of which kind.")


@input_type
class DeclareVentureInterestsInput:
    """A reviewer's declaration on all applicants of a call."""

    call_id: strawberry.ID = described("The call.")
    interests: list[VentureInterestInput] = described("All interests; empty when there is none.")


@input_type
class RecuseVentureReviewInput:
    """A review that is given up for an interest that was found later."""

    id: strawberry.ID = described("The review.")
    kind: Interest = described("Of which kind the interest is.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class VenturePointsInput:
    """Points for a criterion."""

    key: str = described("The criterion's key.")
    points: int = described("From 0 to 100.")


@input_type
class SubmitVentureScoresInput:
    """A score sheet."""

    id: strawberry.ID = described("The review.")
    points: list[VenturePointsInput] = described("Points for every criterion of the call.")
    comment: str | None = described("A remark; at most 2,000 characters.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class ShortlistVentureProposalsInput:
    """How many defend."""

    id: strawberry.ID = described("The call.")
    places: int = described("The last rank that defends.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class ScoreVentureDefenceInput:
    """Points for a defence."""

    review_id: strawberry.ID = described("One's own review of the proposal.")
    points: int = described("From 0 to 100.")
    comment: str | None = described("A remark; at most 2,000 characters.", optional=True)


@mutation(gives=VentureExpert)
async def enter_venture_expert(ctx: Context, input: EnterVentureExpertInput) -> tables.Expert:
    """Enter a person as an expert."""
    ids = {"area_id": "Area", "person_id": "Person", "employer_id": "Organisation"}
    return await experts.enter(ctx, **values_of(input, ids=ids))


@mutation(gives=VentureExpert)
async def leave_venture_expert(ctx: Context, input: VentureStepInput) -> tables.Expert:
    """Draw an expert no longer."""
    values = values_of(input, ids=_EXPERT)
    return await experts.leave(ctx, values.pop("id"), **values)


@mutation(gives=VentureExpert)
async def return_venture_expert(ctx: Context, input: VentureStepInput) -> tables.Expert:
    """Draw an expert again."""
    values = values_of(input, ids=_EXPERT)
    return await experts.come_back(ctx, values.pop("id"), **values)


@mutation(gives=VentureCall)
async def draw_venture_reviewers(ctx: Context, input: VentureStepInput) -> Call:
    """Draw the reviewers of a closed call, and reveal the seed."""
    values = values_of(input, ids=_CALL)
    return await panel.draw(ctx, values.pop("id"), **values)


@mutation(gives=VentureInterestDeclaration)
async def declare_venture_interests(ctx: Context, input: DeclareVentureInterestsInput) -> tables.Declaration:
    """Declare one's interests in the applicants of a call, before opening anything."""
    given = [
        InterestGiven(**values_of(one, ids={"organisation_id": "Organisation"})) for one in input.interests
    ]
    values = values_of(input, ids={"call_id": "VentureCall"}, drop=("interests",))
    return await declaring.declare(ctx, values["call_id"], interests=given)


@mutation(gives=VentureReview)
async def recuse_venture_review(ctx: Context, input: RecuseVentureReviewInput) -> tables.Review:
    """Give one's review up for an interest that was found later."""
    values = values_of(input, ids=_REVIEW)
    return await declaring.recuse(ctx, values.pop("id"), **values)


@mutation(gives=VentureReview)
async def submit_venture_scores(ctx: Context, input: SubmitVentureScoresInput) -> tables.Review:
    """Submit a score sheet, which is never changed."""
    values = values_of(input, ids=_REVIEW, drop=("points",))
    points = [PointsGiven(**values_of(one)) for one in input.points]
    return await sheets.submit(ctx, values.pop("id"), points=points, **values)


@mutation(gives=VentureReview)
async def replace_venture_reviewer(ctx: Context, input: VentureReasonInput) -> tables.Review:
    """Give a reviewer up who does not review; the next of the order follows."""
    values = values_of(input, ids=_REVIEW)
    return await panel.replace(ctx, values.pop("id"), **values)


@mutation(gives=VentureReview)
async def moderate_venture_proposal(ctx: Context, input: VentureReasonInput) -> tables.Review:
    """Let one more expert review a proposal, with a reason."""
    values = values_of(input, ids={"id": "VentureProposal"})
    return await panel.moderate(ctx, values.pop("id"), **values)


@mutation(gives=VentureCall)
async def rank_venture_call(ctx: Context, input: VentureStepInput) -> Call:
    """Rank the proposals of a call, and open the scores."""
    values = values_of(input, ids=_CALL)
    return await ranking.rank(ctx, values.pop("id"), **values)


@mutation(gives=VentureCall)
async def shortlist_venture_proposals(ctx: Context, input: ShortlistVentureProposalsInput) -> Call:
    """Let the proposals of the first ranks defend."""
    values = values_of(input, ids=_CALL)
    return await defence.shortlist(ctx, values.pop("id"), **values)


@mutation(gives=VentureDefenceScore)
async def score_venture_defence(ctx: Context, input: ScoreVentureDefenceInput) -> tables.DefenceScore:
    """Give points for a defence, which are never changed."""
    values = values_of(input, ids={"review_id": "VentureReview"})
    return await defence.score(ctx, values.pop("review_id"), **values)


@mutation(gives=VentureCall)
async def rank_venture_defence(ctx: Context, input: VentureStepInput) -> Call:
    """Rank those who defended anew, and open the scores of the defence."""
    values = values_of(input, ids=_CALL)
    return await defence.rank_defence(ctx, values.pop("id"), **values)


REVIEW_MUTATIONS = (
    enter_venture_expert,
    leave_venture_expert,
    return_venture_expert,
    draw_venture_reviewers,
    declare_venture_interests,
    recuse_venture_review,
    submit_venture_scores,
    replace_venture_reviewer,
    moderate_venture_proposal,
    rank_venture_call,
    shortlist_venture_proposals,
    score_venture_defence,
    rank_venture_defence,
)
