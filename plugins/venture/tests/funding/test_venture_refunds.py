"""What is given back: recorded by one, confirmed by another, reversed by a third; it counts once it is confirmed."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from linli_graphql.testing import refusal

TODAY = date(2026, 5, 6)
WHY = {"reason": "演示理由"}


@pytest.fixture
def story(api_story: Any) -> Any:
    """All steps go through the API."""
    return api_story


async def recorded(story: Any, grant: UUID, fen: int = 30_000, basis: str = "银行回单 1") -> Any:
    given = {"amount_fen": fen, "received_on": TODAY, "basis": basis}
    return await story.act("takeBackVentureMoney", id=grant, **given)


async def holds(world: Any, grant: UUID) -> tuple[int, int]:
    """What was refunded, and what the organisation's account has."""
    row = await world.row("venture_grant", grant)
    account = await world.row("ledger_account", row["account_id"])
    return row["refunded_fen"], account["available"]


async def test_a_refund_counts_once_another_confirmed_it(story: Any) -> None:
    world, grant = story.world, await story.active()
    await story.paid(grant, 1)
    made = await recorded(story, grant)
    assert await holds(world, grant) == (0, 50_000)
    assert await refusal(recorded(story, grant, 20_001, "回单 2")) == (
        "venture.refund_too_high",
        "amount_fen",
    )
    for name, values in (("confirmVentureRefund", {}), ("rejectVentureRefund", WHY)):
        assert (await refusal(story.act(name, id=made, **values)))[0] == "workflow.own_work"
    await story.act("confirmVentureRefund", world.second, id=made)
    assert await holds(world, grant) == (30_000, 20_000)
    await world.books_agree()


async def test_the_voucher_of_a_rejected_refund_is_free_again(story: Any) -> None:
    world, grant = story.world, await story.active()
    await story.paid(grant, 1)
    made = await recorded(story, grant)
    assert await refusal(recorded(story, grant, 1)) == ("venture.basis_twice", "basis")
    await story.act("rejectVentureRefund", world.second, id=made, **WHY)
    assert await holds(world, grant) == (0, 50_000)
    await recorded(story, grant, 50_000)


async def test_a_refund_is_reversed_by_a_third_person_to_the_sources_it_went_to(story: Any) -> None:
    world, grant = story.world, await story.active()
    await story.paid(grant, 1)
    made = await story.given_back(grant, 45_000)
    sql = "select refunded_fen from venture_allocation where tenant_id = $1 and grant_id = $2 order by place"
    assert [row["refunded_fen"] for row in await world.rows(sql, grant)] == [5_000, 40_000]
    for actor in (world.officer, world.second):
        assert (await refusal(story.act("reverseVentureRefund", actor, id=made, **WHY)))[
            0
        ] == "workflow.own_work"
    await story.act("reverseVentureRefund", world.third, id=made, **WHY)
    assert [row["refunded_fen"] for row in await world.rows(sql, grant)] == [0, 0]
    assert await holds(world, grant) == (0, 50_000)
    entry = await world.rows(
        "select reason, reverses_id from ledger_entry where tenant_id = $1 and kind = 'venture.refund_reversed'"
    )
    assert [(one["reason"], one["reverses_id"] is not None) for one in entry] == [("演示理由", True)]
    await story.given_back(grant, 45_000)
    await world.books_agree()


async def test_a_refund_that_is_awarded_to_another_is_not_reversed(story: Any) -> None:
    world, grant = story.world, await story.active()
    await story.paid(grant, 1)
    made = await story.given_back(grant, 50_000)
    pool = (await world.row("venture_grant", grant))["pool_id"]
    await story.award(await story.project(pool, title="演示:另一项目"), 160_000)
    reverse = story.act("reverseVentureRefund", world.third, id=made, **WHY)
    assert (await refusal(reverse))[0] == "venture.source_spent"
    assert await holds(world, grant) == (50_000, 0)


async def test_a_closed_account_of_a_terminated_grant_opens_for_a_reversal(story: Any) -> None:
    world, grant = story.world, await story.active()
    await story.paid(grant, 1)
    await story.act("terminateVentureGrant", id=grant, rule="演示规则", **WHY)
    made = await story.given_back(grant, 50_000)
    account = (await world.row("venture_grant", grant))["account_id"]
    assert (await world.row("ledger_account", account))["state"] == "closed"
    await story.act("reverseVentureRefund", world.third, id=made, **WHY)
    assert (await world.row("ledger_account", account))["state"] == "open"
    await story.given_back(grant, 50_000, "银行回单 2")
    assert (await world.row("ledger_account", account))["state"] == "closed"
    await world.books_agree()


async def test_a_grant_waits_for_its_refunds_to_be_confirmed(story: Any) -> None:
    world, grant = story.world, await story.finished(spent=70_000)
    made = await recorded(story, grant, 20_000)
    audit = {
        "grant_id": grant, "auditor": "演示事务所", "report_number": "1", "accepted_fen": 70_000,
        "opinion": "账目清楚", "audited_on": TODAY,
    }  # fmt: skip
    assert (await refusal(story.act("auditVentureGrant", world.fourth, **audit)))[0] == "venture.refunds_open"
    high = story.act("terminateVentureGrant", id=grant, rule="演示规则", accepted_fen=70_001, **WHY)
    assert await refusal(high) == ("venture.accepted_too_much", "accepted_fen")
    await story.act("rejectVentureRefund", world.second, id=made, **WHY)
    await story.verified(grant, 3)
    await story.audited(grant, 70_000)
    made = await recorded(story, grant, 20_000)
    assert (await refusal(story.act("closeVentureGrant", id=grant)))[0] == "venture.refunds_open"
    await story.act("confirmVentureRefund", world.second, id=made)
    await story.act("closeVentureGrant", id=grant)
    late = story.act("reverseVentureRefund", world.third, id=made, **WHY)
    assert (await refusal(late))[0] == "venture.grant_not_active"
    await world.books_agree()
