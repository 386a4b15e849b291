"""The defence through the API: who is heard, sealed points, and the final ranks."""

from __future__ import annotations

from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest_asyncio

from linli_graphql.ids import to_global_id

RANKINGS = """{ ventureRankings { nodes { stage rank scoreNumerator scoreDenominator derivation
    proposal { number } } } }"""


class Heard:
    """A ranked call with a defence that counts 40 per cent: written scores of 90, 80 and 60."""

    def __init__(self, world: Any, story: Any, call: UUID, proposals: list[UUID], experts: Any) -> None:
        self.world, self.story, self.call, self.experts = world, story, call, experts
        self.proposals = proposals

    async def shortlist(self, places: int = 2, actor: Any = None) -> Any:
        return await self.world.act(
            "shortlistVentureProposals",
            actor or self.world.officer,
            gives="VentureCall",
            id=self.call,
            places=places,
        )

    async def review(self, proposal: UUID, expert: Any) -> UUID:
        sql = "select id from venture_review where tenant_id = $1 and proposal_id = $2 and expert_id = $3"
        return UUID(int=(await self.world.value(sql, proposal, expert.expert_id)).int)

    async def points(self, proposal: UUID, expert: Any, points: int) -> Any:
        review = await self.review(proposal, expert)
        return await self.world.act(
            "scoreVentureDefence", expert.actor, gives="VentureDefenceScore", review_id=review, points=points
        )

    async def rank(self) -> Any:
        return await self.story.step("rankVentureDefence", self.world.officer, self.call)


@pytest_asyncio.fixture
async def heard(world: Any, story: Any) -> Heard:
    applicants = [await world.applicant() for _ in range(3)]
    experts = [await world.expert() for _ in range(5)]
    call, proposals = await story.drawn(applicants, defence_percent=40)
    written = dict(zip(proposals, (90, 80, 60), strict=True))
    found = Heard(world, story, call, proposals, experts)
    for expert in experts:
        await story.declare(call, expert)
        for proposal, value in written.items():
            await story.score(await found.review(proposal, expert), expert, value)
    await story.step("rankVentureCall", world.officer, call)
    return found


async def test_those_who_defend_are_ranked_anew_and_stand_before_the_others(
    world: Any, story: Any, refused: Any, heard: Heard
) -> None:
    first, second, third = heard.proposals
    await heard.shortlist()
    assert await refused(heard.shortlist()) == "venture.shortlisted_already"
    assert await refused(heard.points(third, heard.experts[0], 80)) == "venture.not_shortlisted"
    for number, expert in enumerate(heard.experts):
        await heard.points(first, expert, 50 + number)
        await heard.points(second, expert, 90 + number)
    await heard.rank()
    found = (await world.ask(world.officer, RANKINGS))["ventureRankings"]["nodes"]
    final = {one["proposal"]["number"]: one for one in found if one["stage"] == "FINAL"}
    scores = {
        number: (one["rank"], Fraction(one["scoreNumerator"], one["scoreDenominator"]))
        for number, one in final.items()
    }
    assert scores == {
        "2026-1-001": (2, (Fraction(90) * 60 + Fraction(52) * 40) / 100),
        "2026-1-002": (1, (Fraction(80) * 60 + Fraction(92) * 40) / 100),
    }
    assert (final["2026-1-001"]["derivation"]["written"], final["2026-1-001"]["derivation"]["percent"]) == (
        "90",
        40,
    )
    await world.fund(100_000_000)
    by_writing = (first, "AWARD"), (second, "RESERVE"), (third, "REJECT")
    assert await refused(story.propose(heard.call, by_writing)) == "venture.out_of_rank"
    await story.concluded(heard.call, ((second, "AWARD"), (first, "RESERVE"), (third, "REJECT")))
    assert (
        await world.value("select state from venture_proposal where tenant_id = $1 and id = $2", second)
        == "awarded"
    )


async def test_points_of_a_defence_are_sealed_final_and_complete_before_the_ranking(
    world: Any, story: Any, refused: Any, heard: Heard
) -> None:
    first, _second, _third = heard.proposals
    assert await refused(heard.points(first, heard.experts[0], 80)) == "venture.not_shortlisted"
    assert await refused(heard.rank()) == "venture.no_defence"
    assert await refused(heard.shortlist(0)) == "venture.number_out_of_range"
    await heard.shortlist(1)
    assert await refused(heard.points(first, heard.experts[0], 101)) == "venture.number_out_of_range"
    document = "{ ventureDefenceScores { totalCount nodes { points } } }"
    for expert in heard.experts[:4]:
        await heard.points(first, expert, 70)
    assert await refused(heard.points(first, heard.experts[0], 80)) == "venture.score_final"
    assert (await world.ask(world.officer, document))["ventureDefenceScores"]["totalCount"] == 0
    assert (await world.ask(heard.experts[0].actor, document))["ventureDefenceScores"]["totalCount"] == 1
    assert await refused(heard.rank()) == "venture.too_few_reviews"
    await heard.points(first, heard.experts[4], 70)
    assert await refused(story.propose(heard.call, [(first, "AWARD")])) == "venture.not_ranked"
    await heard.rank()
    assert (await world.ask(world.officer, document))["ventureDefenceScores"]["totalCount"] == 5
    assert await refused(heard.rank()) == "venture.ranked_already"


async def test_a_call_without_a_defence_shortlists_nobody(world: Any, story: Any, refused: Any) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(5)]
    call, _proposals = await story.ranked([applicant], experts)
    step = world.act("shortlistVentureProposals", world.officer, gives="VentureCall", id=call, places=1)
    assert await refused(step) == "venture.no_defence"


async def test_who_does_not_come_to_the_defence_is_followed_by_the_next_of_the_order(
    world: Any, story: Any, refused: Any
) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(7)]
    call, (proposal,) = await story.ranked([applicant], experts, defence_percent=40)
    heard = Heard(world, story, call, [proposal], experts)
    drawn = [one for one in experts if await story.reviews_of(one)]

    async def add() -> Any:
        await world.act(
            "moderateVentureProposal",
            world.officer,
            takes="VentureReasonInput",
            gives="VentureReview",
            id=to_global_id("VentureProposal", proposal),
            reason="一名专家未到场",
        )
        (added,) = [one for one in experts if await story.reviews_of(one, "DRAWN")]
        return added

    await heard.shortlist()
    for one in drawn[:4]:
        await heard.points(proposal, one, 70)
    assert await refused(heard.rank()) == "venture.too_few_reviews"
    added = await add()
    assert await refused(heard.points(proposal, added, 90)) == "venture.not_shortlisted"
    await story.declare(call, added)
    review = await heard.review(proposal, added)
    assert await refused(story.score(review, added)) == "venture.ranked_already"
    await heard.points(proposal, added, 90)
    await add()
    await heard.rank()
    states = "select array_agg(state order by place) from venture_review where tenant_id = $1"
    assert await world.value(states) == ["submitted"] * 6 + ["missed"]
    reviews = "select reviews from venture_ranking where tenant_id = $1 and stage = 'final'"
    assert await world.value(reviews) == 5
