"""Experts, the draw, reviews, scores and ranking in the API."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from fractions import Fraction

from strawberry.scalars import JSON

from linli_graphql.plugin import (
    Connection,
    GraphQLRequest,
    Node,
    Organisation,
    Person,
    column,
    computed,
    expose,
    many,
    node,
    one,
)
from linli_venture.calls import drafting
from linli_venture.graphql.calls import VentureCall, VentureCriterion
from linli_venture.graphql.proposals import VentureProposal
from linli_venture.review import access, experts, panel, tables
from linli_venture.review.scoring import decimal_text
from linli_venture.review.states import ExpertState, Interest, ReviewState

expose(
    ExpertState,
    "Whether somebody can be drawn.",
    {"ACTIVE": "Can be drawn.", "LEFT": "Is drawn no longer."},
    name="VentureExpertState",
)
expose(
    ReviewState,
    "Where a review stands.",
    {
        "DRAWN": "The expert was drawn, and has not declared interests yet.",
        "DECLARED": "The expert declared no interest in the applicant, and may open the proposal.",
        "SUBMITTED": "The scores were submitted, and are never changed.",
        "RECUSED": "The expert has an interest in the applicant.",
        "REPLACED": "The expert was replaced, with a reason.",
        "MISSED": "The review did not come before the ranking.",
    },
    name="VentureReviewState",
)
expose(
    Interest,
    "Why a reviewer is recused; within the last two years.",
    {
        "EMPLOYMENT": "Employed by the applicant.",
        "KINSHIP": "Related to somebody who leads it or takes part in the project.",
        "PARTNERSHIP": "A partner of it.",
        "ADVICE": "Advised it.",
    },
    name="VentureInterest",
)


class RankingStage(Enum):
    """Which ranking it is."""

    WRITTEN = "written"
    FINAL = "final"


expose(
    RankingStage,
    "Which ranking it is.",
    {"WRITTEN": "From the sheets.", "FINAL": "Among those who defended, from both."},
    name="VentureRankingStage",
)


@node(
    tables.Expert,
    plural="venture_experts",
    permission=experts.READ,
    own_column="person_id",
    filters=("state", "person"),
    order_by=("code",),
)
class VentureExpert(Node):
    """Somebody who can be drawn as a reviewer."""

    code: str = column("Stands for the expert wherever the public looks.")
    expertise: list[str] = column("For which fields.")
    state: ExpertState = column("Whether the expert can be drawn.")
    person: Person | None = one("person_id", "Who it is.")
    employer: Organisation | None = one(
        "employer_id", "Where the expert works, when that is in the register."
    )


@node(
    tables.Draw,
    plural="venture_draws",
    permission=drafting.READ,
    filters=("call",),
)
class VentureDraw(Node):
    """The draw of a call's reviewers, with all that is needed to recompute it."""

    seed: str = column("The seed; its SHA-256 was published with the call.")
    content: JSON = column("The list: experts by code, proposals by number, and who was left out.")
    digest: str = column("SHA-256 of the list in canonical JSON: keys sorted, no spaces, UTF-8.")
    drawn_at: datetime = column("When.")
    call: VentureCall | None = one("call_id", "The call.")


@node(
    tables.Declaration,
    plural="venture_declarations",
    permission=panel.MANAGE,
    own_column="person_id",
    filters=("call",),
)
class VentureInterestDeclaration(Node):
    """What interests an expert declared in the applicants of a call."""

    interests: JSON = column("The organisations, and the kinds of interests.")
    declared_at: datetime = column("When.")
    call: VentureCall | None = one("call_id", "The call.")
    expert: VentureExpert | None = one("expert_id", "The expert.")


@node(
    tables.ScoreSheet,
    plural="venture_score_sheets",
    permission=access.READ,
    own_column="person_id",
    sealed_column="sealed",
    filters=("call", "proposal"),
    order_by=("total",),
)
class VentureScoreSheet(Node):
    """A reviewer's result. Until the call is ranked, only the reviewer reads it."""

    total: int = column("The weighted total in hundredths of a point, 0 to 10,000.")
    needs: int = column("The points for needs, which break ties.")
    comment: str = column("What the reviewer remarked.")
    submitted_at: datetime = column("When it was submitted.")
    call: VentureCall | None = one("call_id", "The call.")
    proposal: VentureProposal | None = one("proposal_id", "The proposal; null to the reviewer.")
    expert: VentureExpert | None = one("expert_id", "The reviewer.")
    scores: Connection[VentureScore] = many("sheet_id", "Its lines.")


@node(
    tables.Score,
    plural="venture_scores",
    permission=access.READ,
    own_column="person_id",
    sealed_column="sealed",
    filters=("call", "proposal"),
)
class VentureScore(Node):
    """A line of a score sheet: a line of the score book."""

    points: int = column("Points from 0 to 100.")
    call: VentureCall | None = one("call_id", "The call.")
    proposal: VentureProposal | None = one("proposal_id", "The proposal; null to the reviewer.")
    criterion: VentureCriterion | None = one("criterion_id", "For what.")
    expert: VentureExpert | None = one("expert_id", "The reviewer.")


@node(
    tables.DefenceScore,
    plural="venture_defence_scores",
    permission=access.READ,
    own_column="person_id",
    sealed_column="sealed",
    filters=("call", "proposal"),
)
class VentureDefenceScore(Node):
    """A reviewer's points for a defence. Until those who defended are ranked, only the reviewer reads them."""

    points: int = column("Points from 0 to 100.")
    comment: str = column("What the reviewer remarked.")
    submitted_at: datetime = column("When they were given.")
    call: VentureCall | None = one("call_id", "The call.")
    proposal: VentureProposal | None = one("proposal_id", "The proposal; null to the reviewer.")
    expert: VentureExpert | None = one("expert_id", "The reviewer.")


@node(
    tables.Review,
    plural="venture_reviews",
    permission=panel.MANAGE,
    own_column="person_id",
    filters=("call", "state", "expert", "proposal"),
    group_by=("state",),
)
class VentureReview(Node):
    """An expert's place in the order that was drawn for a proposal, and what became of it; no score."""

    place: int = column("The place in the proposal's order.")
    state: ReviewState = column("Where it stands.")
    reason: str = column("Why it was added, given up or replaced; empty for the first draw.")
    submitted_at: datetime | None = column("When the scores were submitted.")
    call: VentureCall | None = one("call_id", "The call.")
    proposal: VentureProposal | None = one("proposal_id", "The proposal; null to the reviewer.")
    expert: VentureExpert | None = one("expert_id", "The reviewer.")


@node(
    tables.Ranking,
    plural="venture_rankings",
    permission=access.READ,
    filters=("call", "proposal", "stage"),
    order_by=("rank",),
)
class VentureRanking(Node):
    """A proposal's rank, with the derivation of each number."""

    stage: RankingStage = column("Whether it is the written rank, or the final one after a defence.")
    rank: int = column("The rank; equals share one.")
    reviews: int = column("How many reviews there are.")
    score_numerator: int = column("The score in points is this divided by the denominator: exact.")
    score_denominator: int = column("By what the numerator of the score is divided.")
    needs_numerator: int = column("The needs score in points is this divided by its denominator: exact.")
    needs_denominator: int = column("By what the numerator of the needs score is divided.")
    derivation: JSON = column(
        "The sheets by the reviewers' codes, with totals in hundredths of a point, and which were dropped."
    )
    call: VentureCall | None = one("call_id", "The call.")
    proposal: VentureProposal | None = one("proposal_id", "The proposal.")

    @computed(needs=("score_numerator", "score_denominator"))
    def score_text(self, request: GraphQLRequest) -> str:
        """The score in points to two decimals, half up, such as 83.33."""
        return decimal_text(Fraction(self.score_numerator, self.score_denominator))

    @computed(needs=("needs_numerator", "needs_denominator"))
    def needs_text(self, request: GraphQLRequest) -> str:
        """The needs score in points to two decimals, half up."""
        return decimal_text(Fraction(self.needs_numerator, self.needs_denominator))


REVIEW_NODES = (
    VentureExpert,
    VentureDraw,
    VentureInterestDeclaration,
    VentureReview,
    VentureScoreSheet,
    VentureScore,
    VentureDefenceScore,
    VentureRanking,
)
