"""The accounts as spreadsheets, the whole way, against a recount and against what the API tells of pools."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from linli_graphql.testing import EXPORTING, export_desk
from linli_venture.money.terms import GiverKind, SourceKind

TODAY = date(2026, 5, 6)
READER = ("venture.pool.read", "venture.grant.read", *EXPORTING)
LISTS = (
    "ventureReceipts",
    "ventureSources",
    "ventureGrants",
    "ventureAllocations",
    "ventureMilestones",
    "venturePayments",
    "ventureExpenditures",
    "ventureRefunds",
    "ventureAudits",
)
ACCOUNTS = """query ($year: Int) { ventureAccounts(year: $year) {
    sources { name receivedFen reservedFen paidFen leftFen } } }"""
GRANTS = ("id", "state", "amountFen", "verifiedFen", "paidFen", "releasedFen", "refundedFen", "settledFen")
SHARES = ("source.name", "amountFen", "paidFen", "releasedFen", "refundedFen")


async def lives(quick: Any) -> None:
    """A pool with three sources; a grant that is closed, one that is terminated, one that runs."""
    world, act = quick.world, quick.act
    pool = await quick.pool()
    await quick.source(pool, 40_000, kind=SourceKind.SPECIAL_FUND, name="助老专项基金", category="elderly")
    await quick.source(pool, 500_000, name="市级财政资金")
    gifts = await quick.source(pool, kind=SourceKind.DONATION, name="社会捐赠")
    donor = {"giver_kind": GiverKind.PERSON, "giver": None, "person_id": await world.person("演示捐赠人")}
    await quick.receive(gifts, 8_800, **donor)
    await act("cancelVentureReceipt", world.second, id=await quick.receive(gifts, 9_900), reason="误记")
    grants = []
    for place, fen in enumerate((100_000, 60_000, 30_000)):
        project = await quick.project(pool, title=f"演示项目{place}")
        grant = await quick.prepared(await quick.award(project, fen))
        await act("signVentureContract", world.second, id=grant)
        await act("startVentureGrant", id=grant)
        await quick.paid(grant, 1)
        await quick.spent(await quick.line(grant), fen // 10)
        await quick.entered(await quick.line(grant, 2), fen // 20)
        grants.append(grant)
    first, second, _third = grants
    await act("terminateVentureGrant", id=second, reason="演示", rule="演示规则", accepted_fen=6_000)
    await quick.given_back(second, 11_000, "回单 1")
    await quick.paid(first, 2)
    for row in await world.rows(
        "select id from venture_expenditure where tenant_id = $1 and grant_id = $2 and state = 'entered'",
        first,
    ):
        await act("rejectVentureExpenditure", world.second, id=row["id"], reason="演示")
    await act("finishVentureGrant", id=first)
    await quick.verified(first, 3)
    await quick.audited(first, 10_000)
    await quick.given_back(first, 80_000, "回单 2")
    await act("closeVentureGrant", id=first)


async def test_the_accounts_leave_as_spreadsheets_and_agree_with_a_recount(
    quick: Any, tmp_path: Path
) -> None:
    world = quick.world
    await lives(quick)
    async with export_desk(world.bench, tmp_path) as desk:
        reader = await desk.clerk(world.tenant, READER)
        receipts = await reader.export("ventureReceipts", "source.name", "state", "amountFen", "giver")
        grants = await reader.export("ventureGrants", *GRANTS)
        shares = await reader.export("ventureAllocations", *SHARES)
        payments = await reader.export("venturePayments", "grant.id", "amountFen")
        refunds = await reader.export("ventureRefunds", "grant.id", "amountFen")
        milestones = await reader.export("ventureMilestones", "grant.id", "state", "amountFen")
        audits = await reader.export("ventureAudits", "grant.id", "acceptedFen")
        told = (await reader.ask(ACCOUNTS, year=2026))["ventureAccounts"]
        assert [row[1] for row in grants.rows] == ["已结项", "已终止", "实施中"]
        paid, back = summed(payments.rows), summed(refunds.rows)
        verified = summed((row[0], row[2]) for row in milestones.rows if row[1] in ("已核实", "已拨付"))
        for row in grants.rows:
            key, _state, amount, verified_fen, paid_fen, released, refunded, settled = row
            assert (paid[key], back[key], verified[key]) == (paid_fen, refunded, verified_fen)
            assert paid_fen <= verified_fen <= amount
            assert (released == amount - paid_fen) is (row[1] != "实施中")
            assert settled == (paid_fen - refunded if row[1] == "已结项" else settled)
        assert summed(audits.rows) == {grants.rows[0][0]: grants.rows[0][7]}
        came = summed((row[0], row[2]) for row in receipts.rows if row[1] == "已入账")
        assert sum(came.values()) == 548_800, "the cancelled gift does not count"
        [pool] = told
        assert sum(came.values()) == sum(one["receivedFen"] for one in pool["sources"])
        for one in pool["sources"]:
            own = [[int(cell) for cell in row[1:]] for row in shares.rows if row[0] == one["name"]]
            amount, gone, released, refunded = (
                (sum(cells) for cells in zip(*own, strict=True)) if own else (0,) * 4
            )
            assert one["receivedFen"] == came[one["name"]]
            assert one["reservedFen"] == amount - gone - released
            assert one["paidFen"] == gone - refunded
            assert one["leftFen"] == came[one["name"]] - amount + released + refunded
        await check_who_may(world, desk, reader, grants.id)


async def check_who_may(world: Any, desk: Any, reader: Any, export_id: str) -> None:
    """Who may not read the money, or not export, gets nothing; givers and people are not named in any list."""
    for missing, connection in (
        ("venture.pool.read", "ventureReceipts"),
        ("venture.grant.read", "venturePayments"),
    ):
        other = await desk.clerk(world.tenant, set(READER) - {missing})
        with pytest.raises(AssertionError, match="permission_denied"):
            await other.start(connection)
        assert (await other.fetch(export_id)).status_code == 404
    elsewhere = await desk.clerk(world.tenant, READER, area=world.elsewhere)
    without = await desk.clerk(world.tenant, READER[:2])
    for connection in LISTS:
        assert (await elsewhere.export(connection)).rows == [], connection
        with pytest.raises(AssertionError, match="permission_denied"):
            await without.start(connection)
        text = (await reader.export(connection)).text
        assert "演示捐赠人" not in text
        assert "演示申报人" not in text
    with pytest.raises(AssertionError, match="permission_denied"):
        await reader.start("ventureReceipts", "person.fullName")


def summed(rows: Any) -> Counter[str]:
    """The amounts of rows, in fen, by their first cell."""
    found: Counter[str] = Counter()
    for key, fen in rows:
        found[key] += int(fen)
    return found
