"""Calls that are given up: under review too, until the ranking is complete; what belongs to them is let go."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from linli_graphql.ids import to_global_id
from linli_venture.calls import cancelling
from linli_venture.proposals.states import PROPOSAL, ProposalState

P = "VentureProposal"
C = "cancelVentureCall"
CANCELLED = "select state from venture_proposal where tenant_id = $1 and id = $2"


def officer_of(world: Any, person: Any) -> Any:
    """An officer with every right, who is this person."""
    return world.resident(person.person_id, tuple(world.officer.permissions))


async def moderate(world: Any, proposal: UUID) -> Any:
    return await world.act(
        "moderateVentureProposal",
        world.officer,
        takes="VentureReasonInput",
        gives="VentureReview",
        id=to_global_id(P, proposal),
        reason="补足",
    )


async def test_a_call_whose_draw_is_at_its_end_is_given_up_and_lets_all_go(
    world: Any, story: Any, refused: Any
) -> None:
    first, second = await world.applicant(), await world.applicant()
    experts = [await world.expert() for _ in range(5)]
    await world.fund(100_000_000)
    call, proposals = await story.drawn([first, second])
    await story.declare(call, experts[0], [first.organisation_id])
    await story.declare(call, experts[1])
    assert await refused(moderate(world, proposals[0])) == "venture.too_few_experts"
    rank = story.step("rankVentureCall", world.officer, call)
    assert await refused(rank) == "venture.too_few_reviews"
    close = world.act("closeVenturePool", world.officer, gives="VenturePool", id=world.pool_id)
    assert await refused(close) == "venture.pool_in_use"
    for actor, code in (
        (officer_of(world, first.writer), "venture.own_call"),
        (officer_of(world, experts[1].actor), "venture.reviewer_manages"),
        (experts[1].actor, "permission_denied"),
    ):
        assert await refused(story.reason(C, actor, call)) == code
    assert await refused(story.reason(C, world.second, call, reason=" ")) == "required"
    assert (await story.reason(C, world.second, call, reason="可用专家不足"))["state"] == "CANCELLED"
    assert [await world.value(CANCELLED, one) for one in proposals] == ["cancelled", "cancelled"]
    told = (
        "select count(*) from notifications_message where tenant_id = $1 and type = 'venture.call_cancelled'"
    )
    assert await world.value(told) == 9, "two of each applicant, and five experts"
    (review, *_) = await story.reviews_of(experts[1], "DECLARED")
    assert await refused(story.score(review, experts[1])) == "venture.not_reviewing"
    withdraw = story.step("withdrawVentureProposal", first.writer, proposals[0], P)
    assert await refused(withdraw) == "workflow.undefined_transition"
    reserved = (
        "select sum(reserved)::bigint from ledger_account where tenant_id = $1 and role = 'venture_fund'"
    )
    assert await world.value(reserved) == 0
    await world.act("closeVenturePool", world.officer, gives="VenturePool", id=world.pool_id)


async def test_a_proposal_that_is_begun_while_its_call_is_given_up_is_refused(
    world: Any, story: Any, refused: Any
) -> None:
    applicant, call = await world.applicant(), await story.open()
    async with world.context(world.second) as ctx:
        await cancelling.cancel(ctx, call, reason="演示理由")
        waiting = asyncio.create_task(story.begun(call, applicant))
        done, _ = await asyncio.wait([waiting], timeout=1)
        assert not done
    assert await refused(waiting) == "venture.call_not_open"


async def test_a_ranked_call_is_decided_and_not_given_up(world: Any, story: Any, refused: Any) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(5)]
    call, (proposal,) = await story.ranked([applicant], experts)
    assert await refused(story.reason(C, world.second, call)) == "venture.ranked_already"
    await world.put("venture_call", call, defence_percent=30)
    await story.reason(C, world.second, call)
    assert await world.value(CANCELLED, proposal) == "cancelled"


@pytest.mark.parametrize("state", list(ProposalState))
async def test_a_proposal_is_let_go_where_the_table_has_it(
    world: Any, story: Any, state: ProposalState
) -> None:
    applicant = await world.applicant()
    call = await story.open()
    proposal = await story.begun(call, applicant)
    await world.put("venture_proposal", proposal, state=state.value)
    await story.reason(C, world.second, call)
    known = "cancel" in PROPOSAL.actions_in(state)
    assert await world.value(CANCELLED, proposal) == ("cancelled" if known else state.value)
