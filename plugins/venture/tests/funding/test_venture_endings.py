"""Closing releases exactly what is unspent; termination recovers what is not accounted for, and bars."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from linli_graphql.testing import refusal
from linli_organisations.api import is_barred
from linli_venture.grants.changes import LineChange
from linli_venture.grants.terms import AppraisalKind

TODAY = date(2026, 5, 6)


async def left(world: Any) -> tuple[int, int]:
    """What all funds have, available and reserved."""
    sql = """select sum(available)::bigint as available, sum(reserved)::bigint as reserved from ledger_account
        where tenant_id = $1 and role = 'venture_fund'"""
    row = (await world.rows(sql))[0]
    return row["available"], row["reserved"]


async def test_closing_settles_what_was_accepted_and_releases_the_rest(story: Any) -> None:
    world, grant = story.world, await story.finished(spent=70_000)
    before = sum(await left(world))
    await story.verified(grant, 3)
    await story.audited(grant, 70_000)
    close = lambda: story.act("closeVentureGrant", id=grant)  # noqa: E731
    assert (await refusal(close()))[0] == "venture.refund_due"
    await story.given_back(grant, 20_000)
    await close()
    row = await world.row("venture_grant", grant)
    assert (row["paid_fen"], row["refunded_fen"], row["settled_fen"], row["released_fen"]) == (
        90_000,
        20_000,
        70_000,
        10_000,
    )
    assert await left(world) == (before + 20_000, 0)  # 10,000 of it were reserved before
    account = await world.row("ledger_account", row["account_id"])
    assert (account["state"], account["available"]) == ("closed", 0)
    await world.books_agree()


async def test_what_comes_back_goes_to_the_unrestricted_money_first(story: Any) -> None:
    world, grant = story.world, await story.active()
    await story.paid(grant, 1)
    await story.given_back(grant, 45_000)
    sql = """select refunded_fen from venture_allocation where tenant_id = $1 and grant_id = $2 order by place"""
    assert [row["refunded_fen"] for row in await world.rows(sql, grant)] == [5_000, 40_000]
    await world.books_agree()


async def test_a_grant_is_closed_only_when_all_is_there(story: Any) -> None:
    world, grant = story.world, await story.finished(spent=75_000)
    close = lambda actor=None: story.act("closeVentureGrant", actor, id=grant)  # noqa: E731
    assert (await refusal(close()))[0] == "venture.audit_missing"
    await story.spent(await story.line(grant, 2), 25_000)
    await story.act(
        "auditVentureGrant", world.fourth, grant_id=grant, auditor="演示事务所", report_number="1",
        accepted_fen=100_000, opinion="账目清楚", audited_on=TODAY,
    )  # fmt: skip
    assert (await refusal(close(world.fourth)))[0] == "workflow.own_work"
    assert (await refusal(close()))[0] == "venture.appraisal_missing"
    appraise = {"kind": AppraisalKind.FINAL, "score": 60, "summary": "合格"}
    await story.act("appraiseVentureGrant", world.fourth, grant_id=grant, **appraise)
    assert (await refusal(close()))[0] == "venture.milestones_open"
    last = await story.verified(grant, 3)
    assert (await refusal(close()))[0] == "venture.payment_due"
    await story.act("payVentureTranche", world.third, id=last)
    await close()
    assert (await world.row("venture_grant", grant))["settled_fen"] == 100_000


async def test_the_work_is_finished_when_all_but_the_last_milestone_are_verified(story: Any) -> None:
    grant = await story.active()
    await story.paid(grant, 1)
    assert (await refusal(story.act("finishVentureGrant", id=grant)))[0] == "venture.milestones_open"


async def test_termination_recovers_what_is_not_accounted_for_and_bars(story: Any) -> None:
    world, grant = story.world, await story.active()
    await story.paid(grant, 1)
    await story.spent(await story.line(grant), 20_000)
    before = sum(await left(world))
    values = {"reason": "挪用资助款", "rule": "管理办法 2026 第 12 条"}
    above = story.act("terminateVentureGrant", id=grant, accepted_fen=20_001, **values)
    assert (await refusal(above))[0] == "venture.accepted_too_much"
    until = date(2028, 5, 6)
    await story.act("terminateVentureGrant", id=grant, accepted_fen=20_000, barred_until=until, **values)
    row = await world.row("venture_grant", grant)
    assert (row["state"], row["recovery_fen"], row["settled_fen"], row["released_fen"]) == (
        "terminated",
        30_000,
        20_000,
        50_000,
    )
    assert row["object_until"] == date(2026, 5, 19)  # 9 May, a Saturday, is a working day
    assert await left(world) == (before, 0)
    async with world.context() as ctx:
        assert await is_barred(ctx, row["organisation_id"], until)
    assert (await refusal(story.given_back(grant, 30_001)))[0] == "venture.refund_too_high"
    await story.given_back(grant, 10_000)
    await story.given_back(grant, 20_000, "银行回单 2")
    assert await left(world) == (before + 30_000, 0)
    kinds = await world.rows("select distinct kind from venture_refund where tenant_id = $1")
    assert [row["kind"] for row in kinds] == ["recovery"]
    await world.books_agree()


@pytest.mark.parametrize(
    ("fen", "values", "code", "at"),
    [
        (0, {}, "venture.amount_out_of_range", "amount_fen"),
        (50_001, {}, "venture.refund_too_high", "amount_fen"),
        (1, {"received_on": date(2026, 5, 7)}, "future_date", "received_on"),
        (1, {"basis": " "}, "required", "basis"),
    ],
)
async def test_a_refund_is_refused(story: Any, fen: int, values: dict[str, Any], code: str, at: str) -> None:
    grant = await story.active()
    await story.paid(grant, 1)
    assert await refusal(story.given_back(grant, fen, **values)) == (code, at)


async def test_what_the_audit_accepted_is_not_given_back(story: Any) -> None:
    world, grant = story.world, await story.finished(spent=75_000)
    await story.spent(await story.line(grant, 2), 20_000)
    last = await story.verified(grant, 3)
    await story.audited(grant, 95_000)
    assert (await refusal(story.given_back(grant, 1)))[0] == "venture.refund_too_high"
    await story.act("payVentureTranche", world.third, id=last)
    assert (await refusal(story.given_back(grant, 1)))[0] == "venture.refund_too_high"
    await story.act("closeVentureGrant", id=grant)
    row = await world.row("venture_grant", grant)
    assert (row["settled_fen"], row["released_fen"]) == (95_000, 5_000)


async def test_what_was_given_back_is_not_accepted(story: Any) -> None:
    world, grant = story.world, await story.finished(spent=75_000)
    await story.given_back(grant, 40_000)
    audit = {
        "grant_id": grant, "auditor": "演示事务所", "report_number": "1", "accepted_fen": 60_001,
        "opinion": "账目清楚", "audited_on": TODAY,
    }  # fmt: skip
    made = story.act("auditVentureGrant", world.fourth, **audit)
    assert await refusal(made) == ("venture.accepted_too_much", "accepted_fen")
    last = await story.verified(grant, 3)
    await story.audited(grant, 60_000)
    await story.act("payVentureTranche", world.third, id=last)
    await story.act("closeVentureGrant", id=grant)
    row = await world.row("venture_grant", grant)
    assert (row["paid_fen"], row["refunded_fen"], row["settled_fen"]) == (100_000, 40_000, 60_000)
    await world.books_agree()


async def test_a_voucher_of_a_refund_counts_once(story: Any) -> None:
    grant = await story.active()
    await story.paid(grant, 1)
    await story.given_back(grant, 1)
    assert await refusal(story.given_back(grant, 1)) == ("venture.basis_twice", "basis")


async def test_nobody_judges_their_own_work(story: Any) -> None:
    world, grant = story.world, await story.finished(spent=75_000)
    appraise = {"grant_id": grant, "kind": AppraisalKind.FINAL, "score": 90, "summary": "好"}
    audit = {
        "grant_id": grant, "auditor": "演示事务所", "report_number": "1", "accepted_fen": 1,
        "opinion": "账目清楚", "audited_on": TODAY,
    }  # fmt: skip
    assert (await refusal(story.act("appraiseVentureGrant", **appraise)))[0] == "workflow.own_work"
    for actor in (world.officer, world.second):
        assert (await refusal(story.act("auditVentureGrant", actor, **audit)))[0] == "workflow.own_work"
    for score in (-1, 101):
        made = story.act("appraiseVentureGrant", world.fourth, **{**appraise, "score": score})
        assert await refusal(made) == ("venture.score_out_of_range", "score")
    half = {**appraise, "kind": AppraisalKind.MIDTERM}
    made = story.act("appraiseVentureGrant", world.fourth, **half)
    assert (await refusal(made))[0] == "venture.grant_not_active"
    await story.act("appraiseVentureGrant", world.fourth, **appraise)
    made = story.act("appraiseVentureGrant", world.fourth, **appraise)
    assert (await refusal(made))[0] == "venture.already_appraised"
    high = story.act("auditVentureGrant", world.fourth, **{**audit, "accepted_fen": 75_001})
    assert await refusal(high) == ("venture.accepted_too_much", "accepted_fen")
    await story.entered(await story.line(grant, 2), 5)
    made = story.act("auditVentureGrant", world.fourth, **audit)
    assert (await refusal(made))[0] == "venture.expenditures_open"


async def test_nothing_is_spent_after_the_audit(story: Any) -> None:
    world, grant = story.world, await story.finished(spent=75_000)
    await story.audited(grant, 75_000)
    made = story.entered(await story.line(grant, 2), 5)
    assert (await refusal(made))[0] == "venture.already_audited"
    lines = [LineChange(await story.line(grant), 74_000), LineChange(await story.line(grant, 2), 26_000)]
    change = story.act("proposeVentureChange", grant_id=grant, reason="调整", lines=lines)
    assert (await refusal(change))[0] == "venture.already_audited"
    again = story.act(
        "auditVentureGrant", world.fourth, grant_id=grant, auditor="演示事务所", report_number="2",
        accepted_fen=1, opinion="账目清楚", audited_on=TODAY,
    )  # fmt: skip
    assert (await refusal(again))[0] == "venture.already_audited"


@pytest.mark.parametrize(
    ("score", "grade"),
    [(100, "excellent"), (90, "excellent"), (89, "good"), (74, "qualified"), (59, "unqualified")],
)
async def test_a_score_has_its_grade(quick: Any, score: int, grade: str) -> None:
    world, grant = quick.world, await quick.active()
    values = {"kind": AppraisalKind.MIDTERM, "score": score, "summary": "中期"}
    made = await quick.act("appraiseVentureGrant", world.fourth, grant_id=grant, **values)
    assert (await world.row("venture_appraisal", made))["grade"] == grade
