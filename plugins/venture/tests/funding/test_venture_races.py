"""What happens to a grant at the same moment happens one after the other, and the books agree."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

WHY = {"reason": "演示理由"}


async def test_a_tranche_is_paid_once_even_while_the_grant_is_terminated(quick: Any) -> None:
    world, grant = quick.world, await quick.active()
    first = await quick.verified(grant, 1)
    pays = [quick.act("payVentureTranche", world.third, id=first) for _ in range(3)]
    end = quick.act("terminateVentureGrant", world.fourth, id=grant, rule="演示规则", **WHY)
    await asyncio.gather(*pays, end, return_exceptions=True)
    row = await world.row("venture_grant", grant)
    paid = await world.value("select count(*) from venture_payment where tenant_id = $1")
    assert row["state"] == "terminated"
    assert (row["paid_fen"], row["recovery_fen"], row["released_fen"]) in (
        (0, 0, 100_000),
        (50_000, 50_000, 50_000),
    )
    assert paid == row["paid_fen"] // 50_000
    await world.books_agree()


async def test_a_milestone_is_verified_or_returned_and_counts_once(quick: Any) -> None:
    world, grant = quick.world, await quick.active()
    first = await quick.submitted(await quick.milestone(grant, 1))
    results = await asyncio.gather(
        quick.act("verifyVentureMilestone", world.second, id=first),
        quick.act("verifyVentureMilestone", world.third, id=first),
        quick.act("returnVentureMilestone", world.fourth, id=first, **WHY),
        return_exceptions=True,
    )
    assert sum(isinstance(one, UUID) for one in results) == 1
    state = (await world.row("venture_milestone", first))["state"]
    verified = (await world.row("venture_grant", grant))["verified_fen"]
    assert (state, verified) in (("verified", 50_000), ("returned", 0))


async def test_money_is_reserved_or_taken_back(quick: Any) -> None:
    world, pool = quick.world, await quick.pool()
    receipt = await quick.receive(await quick.source(pool), 1_000)
    results = await asyncio.gather(
        quick.award(await quick.project(pool), 600),
        quick.act("cancelVentureReceipt", world.second, id=receipt, **WHY),
        return_exceptions=True,
    )
    assert sum(isinstance(one, UUID) for one in results) == 1
    await world.books_agree()


async def test_expenditures_at_once_keep_to_the_limit_of_their_line(quick: Any) -> None:
    line = await quick.line(await quick.active(), 2)  # of 25,000, and a tenth
    results = await asyncio.gather(*(quick.entered(line, 10_000) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(one, UUID) for one in results) == 2


async def test_a_refund_is_confirmed_or_rejected_and_counts_once(quick: Any) -> None:
    world, grant = quick.world, await quick.active()
    await quick.paid(grant, 1)
    given = {"amount_fen": 10_000, "received_on": world.clock.now().date(), "basis": "回单"}
    made = await quick.act("takeBackVentureMoney", id=grant, **given)
    results = await asyncio.gather(
        quick.act("confirmVentureRefund", world.second, id=made),
        quick.act("confirmVentureRefund", world.third, id=made),
        quick.act("rejectVentureRefund", world.fourth, id=made, **WHY),
        return_exceptions=True,
    )
    assert sum(isinstance(one, UUID) for one in results) == 1
    state = (await world.row("venture_refund", made))["state"]
    refunded = (await world.row("venture_grant", grant))["refunded_fen"]
    assert (state, refunded) in (("confirmed", 10_000), ("rejected", 0))
    await world.books_agree()


async def test_money_of_a_terminated_grant_is_restored_or_awarded_to_another(quick: Any) -> None:
    world, grant = quick.world, await quick.active()
    await quick.terminated(grant)
    objection = await quick.act("objectToVentureTermination", await quick.grantee(grant), id=grant, **WHY)
    pool = (await world.row("venture_grant", grant))["pool_id"]
    other = await quick.project(pool, title="演示:另一项目")
    uphold = {"id": objection, "upheld": True, **WHY}
    results = await asyncio.gather(
        quick.act("decideVentureTerminationObjection", world.second, **uphold),
        quick.act("decideVentureTerminationObjection", world.third, **uphold),
        quick.award(other, 210_000),
        return_exceptions=True,
    )
    assert sum(isinstance(one, UUID) for one in results) == 1
    await world.books_agree()


async def test_what_is_left_of_a_pool_is_carried_over_once(quick: Any) -> None:
    world = quick.world
    old = await quick.pool(title="上年度资金")
    source = await quick.source(old, 1_000)
    await quick.act("closeVenturePool", id=old)
    pool = await quick.pool()
    steps = (
        quick.act("carryOverVentureMoney", source_id=source, pool_id=pool, basis=f"决定 {number}", **WHY)
        for number in range(3)
    )
    results = await asyncio.gather(*steps, return_exceptions=True)
    assert sum(isinstance(one, UUID) for one in results) == 1
    assert await world.fund(source) == (0, 0)
    await world.books_agree()
