"""Expenditures by line with receipts, the tenth above a line, and changes that another person approves."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from linli.ids import new_id
from linli_graphql.testing import refusal
from linli_venture.grants.changes import DayChange, LineChange
from linli_venture.grants.terms import PaidFrom


async def test_a_line_is_exceeded_by_a_tenth_and_no_more_without_a_change(story: Any) -> None:
    world, grant = story.world, await story.active()
    line, other = await story.line(grant, 1), await story.line(grant, 2)  # 75,000 and 25,000 fen
    await story.spent(line, 75_000)
    await story.entered(line, 7_500)
    assert await refusal(story.entered(line, 1)) == ("venture.line_exceeded", "amount_fen")
    change = await story.act(
        "proposeVentureChange",
        grant_id=grant,
        reason="食材涨价",
        lines=[LineChange(line, 80_000), LineChange(other, 20_000)],
    )
    assert (await refusal(story.entered(line, 1)))[0] == "venture.line_exceeded"
    assert (await refusal(story.act("approveVentureChange", id=change)))[0] == "workflow.own_work"
    await story.act("approveVentureChange", world.second, id=change)
    await story.entered(line, 5_500)
    assert (await refusal(story.entered(line, 1)))[0] == "venture.line_exceeded"
    assert (await world.row("venture_grant_line", other))["amount_fen"] == 20_000


async def test_the_tenth_is_a_setting_of_the_tenant(quick: Any) -> None:
    quick.world.settings["venture.line_tolerance_percent"] = 0
    line = await quick.line(await quick.active(), 2)
    assert (await refusal(quick.entered(line, 25_001)))[0] == "venture.line_exceeded"
    await quick.entered(line, 25_000)


async def test_what_is_rejected_frees_its_line_and_receipt(story: Any) -> None:
    world, grant = story.world, await story.active()
    line = await story.line(grant, 2)
    made = await story.entered(line, 27_500, receipt_number="发票 1")
    assert (await refusal(story.entered(line, 1, receipt_number="发票 2")))[0] == "venture.line_exceeded"
    await story.act("rejectVentureExpenditure", world.second, id=made, reason="与项目无关")
    await story.entered(line, 27_500, receipt_number="发票 1")


@pytest.mark.parametrize("number", ["发票 No.12-3", "发票No.12-3", "发票　ｎｏ．１２－３ "])
async def test_a_receipt_counts_once_however_it_is_written(story: Any, number: str) -> None:
    line = await story.line(await story.active(), 1)
    await story.entered(line, 10, receipt_number="发票 No.12-3")
    await story.entered(line, 10, receipt_number="发票 No.1-23")
    again = story.entered(line, 10, receipt_number=number)
    assert await refusal(again) == ("venture.receipt_used", "receipt_number")


async def test_an_expenditure_is_verified_by_another_and_by_its_file(story: Any) -> None:
    world, line = story.world, await story.line(await story.active(), 1)
    made = await story.entered(line, 10)
    assert (await refusal(story.act("verifyVentureExpenditure", world.second, id=made)))[0] == (
        "venture.receipt_file_missing"
    )
    await story.attach("venture.receipt", made)
    for action in ("verify", "reject"):
        values = {"reason": "试"} if action == "reject" else {}
        step = story.act(f"{action}VentureExpenditure", id=made, **values)
        assert (await refusal(step))[0] == "workflow.own_work"
    await story.act("verifyVentureExpenditure", world.second, id=made)


@pytest.mark.parametrize(
    ("values", "code", "at"),
    [
        ({"fen": 0}, "venture.amount_out_of_range", "amount_fen"),
        ({"spent_on": date(2026, 5, 5)}, "venture.spent_outside", "spent_on"),
        ({"spent_on": date(2026, 5, 7)}, "venture.spent_outside", "spent_on"),
        ({"item": " "}, "required", "item"),
        ({"receipt_number": "长" * 61}, "too_long", "receipt_number"),
        ({"line": new_id()}, "not_found", ""),
    ],
)
async def test_an_expenditure_is_refused(story: Any, values: dict[str, Any], code: str, at: str) -> None:
    line = await story.line(await story.active(), 1)
    assert await refusal(story.entered(**{"line": line, "fen": 10, **values})) == (code, at)


async def test_a_change_is_refused(story: Any) -> None:
    world, grant = story.world, await story.active()
    line, other = await story.line(grant, 1), await story.line(grant, 2)
    await story.spent(line, 70_000)
    first, second = await story.milestone(grant, 1), await story.milestone(grant, 2)
    await story.submitted(first)
    lines, days = "lines", "milestones"
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({}, "venture.nothing_changed", lines),
        ({"lines": [LineChange(line, 75_000)]}, "venture.nothing_changed", lines),
        ({"lines": [LineChange(new_id(), 5)]}, "not_found", lines),
        ({"lines": [LineChange(line, 75_001)]}, "venture.lines_not_grant", lines),
        ({"lines": [LineChange(line, 1), LineChange(line, 2)]}, "venture.line_twice", lines),
        (
            {"lines": [LineChange(line, 63_636), LineChange(other, 36_364)]},
            "venture.line_exceeded",
            lines,
        ),
        ({"milestones": [DayChange(new_id(), date(2026, 9, 1))]}, "not_found", days),
        ({"milestones": [DayChange(second, date(2026, 9, 1))]}, "venture.nothing_changed", days),
        ({"milestones": [DayChange(second, date(2026, 5, 5))]}, "venture.dates_out_of_order", days),
        ({"milestones": [DayChange(second, date(2026, 12, 2))]}, "venture.dates_out_of_order", days),
        ({"milestones": [DayChange(first, date(2026, 7, 1))]}, "venture.milestone_done", days),
    ]
    for values, code, at in cases:
        made = story.act("proposeVentureChange", grant_id=grant, reason="试", **values)
        assert await refusal(made) == (code, at), values
    assert await world.value("select count(*) from venture_change where tenant_id = $1") == 0


async def test_one_request_of_a_kind_waits_at_a_time(story: Any) -> None:
    world, grant = story.world, await story.active()
    second = await story.milestone(grant, 2)

    def propose() -> Any:
        items = [DayChange(second, date(2026, 10, 1))]
        return story.act("proposeVentureChange", grant_id=grant, reason="场地维修", milestones=items)

    change = await propose()
    assert (await refusal(propose()))[0] == "venture.change_pending"
    await story.act("rejectVentureChange", world.second, id=change, reason="理由不足")
    change = await propose()
    await story.act("withdrawVentureChange", id=change)
    await story.act("approveVentureChange", world.second, id=await propose())
    assert (await world.row("venture_milestone", second))["due_on"] == date(2026, 10, 1)


async def test_own_funds_are_shown_beside_the_grant_and_compared_with_what_was_promised(
    story: Any, api: Any
) -> None:
    world, grant = story.world, await story.active()
    line = await story.line(grant, 2)  # of 25,000 fen
    own = {"paid_from": PaidFrom.OWN_FUNDS}
    await story.spent(line, 27_500)
    made = await story.entered(line, 30_000, receipt_number="发票 1", **own)
    assert (await world.row("venture_grant", grant))["own_shown_fen"] == 0
    await story.attach("venture.receipt", made)
    await story.act("verifyVentureExpenditure", world.second, id=made)
    again = story.entered(await story.line(grant), 10, receipt_number="发票1")
    assert await refusal(again) == ("venture.receipt_used", "receipt_number")
    rejected = await story.entered(line, 7_000, **own)
    await story.act("rejectVentureExpenditure", world.second, id=rejected, reason="与项目无关")
    row = await world.row("venture_grant", grant)
    assert (row["own_fen"], row["own_shown_fen"]) == (40_000, 30_000)
    await story.paid(grant, 1)
    high = story.act(
        "terminateVentureGrant", id=grant, reason="试", rule="试", accepted_fen=27_501
    )  # what was spent of the grant, without own funds
    assert await refusal(high) == ("venture.accepted_too_much", "accepted_fen")
    api.runtime.clock = world.clock
    document = "{ ventureExpendituresAggregate(groupBy: PAID_FROM) { key count } }"
    found = (await api.execute(world.tenant, world.officer, document))["ventureExpendituresAggregate"]
    assert {one["key"]: one["count"] for one in found} == {"GRANT": 1, "OWN_FUNDS": 2}
