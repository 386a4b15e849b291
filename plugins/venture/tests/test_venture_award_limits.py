"""What cannot be awarded, through the API: money that is restricted to another purpose."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from linli_venture.money.terms import GiverKind, SourceKind

GRANT = 6_000_000
DECISION = "VentureDecision"


async def special_fund(world: Any, category: str, fen: int) -> None:
    source = await world.act(
        "addVentureSource",
        world.officer,
        gives="VentureSource",
        pool_id=world.pool_id,
        kind=SourceKind.SPECIAL_FUND,
        name=f"演示{category}专项基金",
        category=category,
    )
    await world.act(
        "receiveVentureMoney",
        world.officer,
        gives="VentureReceipt",
        source_id=UUID(source["id"].rpartition("_")[2]),
        giver_kind=GiverKind.GOVERNMENT,
        giver="演示财政局",
        amount_fen=fen,
        received_on=date(2026, 5, 6),
        basis=f"演示 {category}",
    )


async def test_money_for_another_purpose_does_not_fund_a_project(
    world: Any, story: Any, refused: Any
) -> None:
    """The pool has enough, and not for this category: no award is proposed until there is enough."""
    applicant, experts = await world.applicant(), [await world.expert() for _ in range(5)]
    call, [proposal] = await story.ranked([applicant], experts)
    category = await world.value(
        "select category from venture_proposal where tenant_id = $1 and id = $2", proposal
    )
    await special_fund(world, "别的类别", GRANT)
    await special_fund(world, category, GRANT - 1)
    assert await refused(story.propose(call, ((proposal, "AWARD"),))) == "venture.awards_above_pool"
    assert await world.value("select count(*) from venture_decision where tenant_id = $1") == 0
    await world.fund(1)
    decision = await story.announced(call, ((proposal, "AWARD"),))
    world.at(world.clock.now() + timedelta(days=21))
    await story.step("concludeVentureDecision", world.second, decision, DECISION)
    shares = "select count(*) from venture_allocation where tenant_id = $1"
    assert await world.value(shares) == 2
    assert await world.value("select amount_fen from venture_grant where tenant_id = $1") == GRANT
