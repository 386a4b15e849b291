"""Milestones and payments: evidence, verification by another, no payment before it or past an overdue report."""

from __future__ import annotations

from typing import Any

import pytest

from linli_graphql.testing import refusal
from linli_venture.grants import milestones
from linli_venture.grants.jobs import lapse_milestones


async def grant_sums(world: Any, grant: Any) -> tuple[int, int]:
    row = await world.row("venture_grant", grant)
    return row["verified_fen"], row["paid_fen"]


async def test_a_verified_tranche_is_paid_out_of_what_was_reserved(story: Any) -> None:
    world, grant = story.world, await story.active()
    await story.paid(grant, 1)
    assert await grant_sums(world, grant) == (50_000, 50_000)
    sql = """select s.kind, a.paid_fen from venture_allocation a join venture_source s
        on s.tenant_id = $1 and s.id = a.source_id where a.tenant_id = $1 and a.grant_id = $2 order by a.place"""
    shares = [(row["kind"], row["paid_fen"]) for row in await world.rows(sql, grant)]
    assert shares == [("special_fund", 10_000), ("fiscal", 40_000)]
    await world.books_agree()


async def test_evidence_is_files_and_is_verified_by_another(story: Any) -> None:
    world, grant = story.world, await story.active()
    first = await story.milestone(grant, 1)
    bare = story.act("submitVentureMilestone", id=first, report="已完成")
    assert await refusal(bare) == ("venture.evidence_missing", "")
    await story.submitted(first)
    assert await refusal(story.act("verifyVentureMilestone", id=first)) == ("workflow.own_work", "")
    assert await refusal(story.act("returnVentureMilestone", id=first, reason="不清楚")) == (
        "workflow.own_work",
        "",
    )
    await story.act("verifyVentureMilestone", world.second, id=first)
    for actor in (world.officer, world.second):
        assert (await refusal(story.act("payVentureTranche", actor, id=first)))[0] == "workflow.own_work"
    await story.act("payVentureTranche", world.third, id=first)


async def test_nothing_is_paid_before_verification(story: Any) -> None:
    world, grant = story.world, await story.active()
    first = await story.milestone(grant, 1)
    pay = lambda: story.act("payVentureTranche", world.third, id=first)  # noqa: E731
    assert (await refusal(pay()))[0] == "venture.not_verified"
    await story.submitted(first)
    assert (await refusal(pay()))[0] == "venture.not_verified"
    await story.act("returnVentureMilestone", world.second, id=first, reason="缺签到表")
    assert (await refusal(pay()))[0] == "venture.not_verified"
    assert await grant_sums(world, grant) == (0, 0)


@pytest.mark.parametrize("marked", [True, False])
async def test_nothing_is_paid_past_an_overdue_report(story: Any, marked: bool) -> None:
    """Whether or not the clock has marked the milestone already."""
    world, grant = story.world, await story.active()
    first = await story.verified(grant, 1)
    world.turn("2026-09-02")
    second = await story.milestone(grant, 2)
    if marked:
        async with world.context() as ctx:
            await milestones.lapse(ctx, second)
        assert (await world.row("venture_milestone", second))["state"] == "overdue"
    pay = story.act("payVentureTranche", world.third, id=first)
    assert (await refusal(pay))[0] == "venture.report_overdue"
    await story.submitted(second)
    await story.act("payVentureTranche", world.third, id=first)


async def test_the_last_day_is_in_time(quick: Any) -> None:
    world, grant = quick.world, await quick.active()
    world.turn("2026-06-01")
    async with world.context() as ctx:
        assert await milestones.lapse(ctx, await quick.milestone(grant, 1)) is None
    world.turn("2026-06-02")
    async with world.context() as ctx:
        await lapse_milestones(ctx, {})
    sql = "select count(*) from jobs_job where tenant_id = $1 and name = 'venture.lapse_milestone'"
    assert await world.value(sql) == 1


async def test_nothing_is_paid_while_a_grant_is_suspended(story: Any) -> None:
    world, grant = story.world, await story.active()
    first = await story.verified(grant, 1)
    await story.act("suspendVentureGrant", id=grant, reason="账户异常")
    pay = lambda: story.act("payVentureTranche", world.third, id=first)  # noqa: E731
    assert (await refusal(pay()))[0] == "venture.grant_not_active"
    await story.act("resumeVentureGrant", id=grant)
    await pay()
    assert await grant_sums(world, grant) == (50_000, 50_000)


async def test_the_last_tranche_waits_for_the_audit_and_pays_no_more_than_it_accepts(story: Any) -> None:
    world, grant = story.world, await story.finished(spent=80_000)
    last = await story.verified(grant, 3)
    pay = lambda: story.act("payVentureTranche", world.third, id=last)  # noqa: E731
    assert (await refusal(pay()))[0] == "venture.audit_missing"
    await story.spent(await story.line(grant, 2), 14_000)
    await story.audited(grant, 94_000)
    await pay()
    assert await grant_sums(world, grant) == (100_000, 94_000)


async def test_what_the_audit_does_not_accept_is_not_paid(story: Any) -> None:
    world, grant = story.world, await story.finished(spent=80_000)
    last = await story.verified(grant, 3)
    await story.audited(grant, 80_000)
    pay = story.act("payVentureTranche", world.third, id=last)
    assert (await refusal(pay))[0] == "venture.nothing_payable"


async def test_the_database_pays_nothing_that_is_not_verified(quick: Any) -> None:
    """Whatever the code does."""
    world, grant = quick.world, await quick.active()
    for change in ("paid_fen = 1", "verified_fen = 100001", "verified_fen = 5, paid_fen = 6"):
        with pytest.raises(Exception, match="venture_grant_"):
            await world.value(
                f"update venture_grant set {change} where tenant_id = $1 and id = $2 returning 1", grant
            )
