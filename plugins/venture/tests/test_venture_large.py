"""A whole call by accounts with one role each, through the API; the ranking against an independent computation.

By default a twentieth of it; LINLI_VENTURE_PROPOSALS=200 is the whole: 200 proposals, 60 experts, 1,000 reviews.
"""

from __future__ import annotations

import os
import random
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID

PROPOSALS = int(os.environ.get("LINLI_VENTURE_PROPOSALS", "10"))
EXPERTS = max(8, PROPOSALS * 60 // 200)
TEAMS = max(5, PROPOSALS // 5)
WEIGHTS = {
    "needs": 20,
    "plan": 25,
    "budget": 15,
    "team": 15,
    "innovation": 10,
    "sustainability": 10,
    "risk": 5,
}
RANKINGS = """query ($after: String) { ventureRankings(first: 100, after: $after, orderBy: RANK_ASC) {
    pageInfo { hasNextPage endCursor }
    nodes { rank reviews scoreNumerator scoreDenominator needsNumerator needsDenominator derivation
        proposal { id } } } }"""
READ = ("venture.call.read", "venture.proposal.read")


def by_hand(sheets: list[dict[str, int]]) -> tuple[Fraction, Fraction]:
    """Score and needs score of a proposal from its sheets, the mean of what is left without the two ends."""
    totals = [sum(Fraction(WEIGHTS[key] * points, 100) for key, points in one.items()) for one in sheets]
    score = (sum(totals) - max(totals) - min(totals)) / (len(totals) - 2)
    return score, Fraction(sum(one["needs"] for one in sheets), len(sheets))


async def test_a_whole_call_by_accounts_with_one_role_each(world: Any, story: Any) -> None:
    dice = random.Random(2026)  # noqa: S311 (a test's dice)
    drafter = world.bench.actor(("venture.call.read", "venture.call.write", "venture.pool.read"))
    publisher = world.bench.actor(
        ("venture.call.read", "venture.call.write", "venture.call.publish", "venture.pool.read")
    )
    checker = world.bench.actor((*READ, "venture.proposal.check"))
    manager = world.bench.actor(("venture.call.read", "venture.call.write", "venture.review.manage"))
    reader = world.bench.actor((*READ, "venture.review.read"))
    proposer = world.bench.actor((*READ, "venture.decision.read", "venture.decision.write"))
    confirmer = world.bench.actor((*READ, "venture.decision.read", "venture.decision.confirm"))

    world.officer, keeper = drafter, world.officer
    call = await story.drafted(cap_fen=100_000_00)
    await story.step("publishVentureCall", publisher, call)
    world.officer = keeper
    teams = [await world.applicant() for _ in range(TEAMS)]
    experts = [await world.expert() for _ in range(EXPERTS)]
    world.at(world.clock.now() + timedelta(days=1))
    proposals: list[UUID] = []
    for number in range(PROPOSALS):
        proposal = await story.submitted(call, teams[number % TEAMS], f"演示项目{number}")
        await story.step("acceptVentureProposal", checker, proposal, "VentureProposal")
        proposals.append(proposal)
    world.at(world.clock.now() + timedelta(days=10, seconds=1))
    await story.step("closeVentureCall", manager, call)
    await story.step("drawVentureReviewers", manager, call)
    by_proposal: dict[UUID, list[dict[str, int]]] = {one: [] for one in proposals}
    for expert in experts:
        if not await reviews(world, expert.actor):
            continue
        await story.declare(call, expert)
        for review in await reviews(world, expert.actor):
            points = {key: 10 * dice.randint(5, 10) for key in WEIGHTS}
            await story.score(review, expert, points)
            found = await world.value(
                "select proposal_id from venture_review where tenant_id = $1 and id = $2", review
            )
            by_proposal[UUID(int=found.int)].append(points)
    assert sum(len(one) for one in by_proposal.values()) == 5 * PROPOSALS
    await story.step("rankVentureCall", manager, call)

    expected = {one: by_hand(sheets) for one, sheets in by_proposal.items()}
    ranked = await rankings(world, reader)
    assert len(ranked) == PROPOSALS
    for one in ranked:
        score, needs = expected[UUID(one["proposal"]["id"].partition("_")[2])]
        assert Fraction(one["scoreNumerator"], one["scoreDenominator"]) == score
        assert Fraction(one["needsNumerator"], one["needsDenominator"]) == needs
        assert one["rank"] == 1 + sum(other > (score, needs) for other in expected.values())
        kept = [sheet["total"] for sheet in one["derivation"]["sheets"] if not sheet["dropped"]]
        assert (sum(kept), len(kept)) == (one["derivation"]["sum"], one["reviews"] - 2)

    order = [UUID(one["proposal"]["id"].partition("_")[2]) for one in ranked]
    awards = PROPOSALS // 4
    await world.fund(awards * 6_000_000)
    outcomes = [
        (one, "AWARD" if place < awards else "RESERVE" if place < 2 * awards else "REJECT")
        for place, one in enumerate(order)
    ]
    decision = await story.propose(call, outcomes, proposer)
    await story.step("announceVentureDecision", confirmer, decision, "VentureDecision")
    world.at(world.clock.now() + timedelta(days=21))
    await story.step("concludeVentureDecision", confirmer, decision, "VentureDecision")
    grants = await world.value("select sum(amount_fen)::bigint from venture_grant where tenant_id = $1")
    assert grants == awards * 6_000_000


async def reviews(world: Any, actor: Any) -> list[UUID]:
    """The caller's own reviews, in pages of 100."""
    found = await world.ask(actor, "{ ventureReviews(first: 100) { nodes { id } } }")
    return [UUID(one["id"].partition("_")[2]) for one in found["ventureReviews"]["nodes"]]


async def rankings(world: Any, actor: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after = None
    while True:
        page = (await world.ask(actor, RANKINGS, after=after))["ventureRankings"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]
