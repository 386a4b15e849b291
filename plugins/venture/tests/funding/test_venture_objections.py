"""Objections to terminations: in time, decided by somebody else; an upheld one puts grant, money and bar as before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from linli_graphql.testing import refusal
from linli_organisations.api import is_barred
from linli_venture.grants import ending
from linli_venture.grants.jobs import fill_last_days
from linli_venture.grants.pages import performance

TODAY = date(2026, 5, 6)
WHY = {"reason": "演示理由"}
MONEY = """
select g.state, g.paid_fen, g.refunded_fen, g.settled_fen, g.released_fen, g.recovery_fen,
    (select sum(available)::bigint from ledger_account where tenant_id = $1 and role = 'venture_fund') as available,
    (select sum(reserved)::bigint from ledger_account where tenant_id = $1 and role = 'venture_fund') as reserved,
    a.available as held, a.state as account
from venture_grant g join ledger_account a on a.tenant_id = $1 and a.id = g.account_id
where g.tenant_id = $1 and g.id = $2"""


@pytest.fixture
def story(api_story: Any) -> Any:
    """All steps go through the API."""
    return api_story


async def objected(story: Any, grant: UUID, own: Any = None) -> Any:
    return await story.act("objectToVentureTermination", own or await story.grantee(grant), id=grant, **WHY)


def decide(story: Any, objection: UUID, *, upheld: bool, actor: Any = None) -> Any:
    values = {"upheld": upheld, **WHY}
    by = actor or story.world.second
    return story.act("decideVentureTerminationObjection", by, id=objection, **values)


async def money(world: Any, grant: UUID) -> dict[str, Any]:
    return dict((await world.rows(MONEY, grant))[0])


async def test_a_termination_stands_when_somebody_else_dismisses_the_objection(story: Any) -> None:
    world, grant = story.world, await story.active()
    await story.terminated(grant)
    own, before = await story.grantee(grant), await money(world, grant)
    objection = await objected(story, grant, own)
    assert (await refusal(objected(story, grant, own)))[0] == "venture.objection_exists"
    assert (await refusal(decide(story, objection, upheld=False, actor=world.officer)))[
        0
    ] == "workflow.own_work"
    assert (await refusal(decide(story, objection, upheld=True, actor=own)))[0] == "permission_denied"
    inside = replace(world.third, person_id=own.person_id)
    assert (await refusal(decide(story, objection, upheld=True, actor=inside)))[0] == "venture.own_proposal"
    await decide(story, objection, upheld=False)
    assert await money(world, grant) == before
    row = await world.row("venture_termination_objection", objection)
    assert (row["state"], row["terminated_by"], row["end_rule"], row["decided_by"]) == (
        "dismissed",
        world.officer.id,
        "管理办法 2026 第 12 条",
        world.second.id,
    )
    told = "select count(*) from notifications_message where tenant_id = $1 and type = 'venture.objection_decided'"
    assert await world.value(told) == 1


async def test_who_acts_for_the_organisation_objects_until_the_last_second(story: Any) -> None:
    world = story.world
    grant = await story.active()
    own = await story.grantee(grant)
    assert (await refusal(objected(story, grant, own)))[0] == "venture.grant_not_active"
    await story.terminated(grant)
    assert (await refusal(objected(story, grant, world.second)))[0] == "venture.not_an_applicant"
    stranger = await world.member(await world.unit("演示别的组织"))
    assert (await refusal(objected(story, grant, stranger)))[0] == "not_found"
    assert (await world.row("venture_grant", grant))["object_until"] == date(2026, 5, 19)
    midnight = datetime(2026, 5, 19, 16, tzinfo=UTC)  # in Shanghai
    world.clock.advance(midnight - timedelta(seconds=1) - world.clock.now())
    objection = await objected(story, grant, own)
    assert (
        await refusal(story.act("withdrawVentureTerminationObjection", stranger, id=objection))
    )[0] == "not_found"  # fmt: skip
    assert (
        await refusal(story.act("withdrawVentureTerminationObjection", world.second, id=objection))
    )[0] == "not_found"  # fmt: skip
    await story.act("withdrawVentureTerminationObjection", own, id=objection)
    world.clock.advance(timedelta(seconds=1))
    assert (await refusal(objected(story, grant, own)))[0] == "venture.objection_too_late"


@pytest.mark.parametrize("state", ["signed", "active", "suspended", "final"])
async def test_an_upheld_objection_puts_all_as_it_was(story: Any, state: str) -> None:
    world = story.world
    grant = await (story.signed() if state == "signed" else story.active())
    if state != "signed":
        await story.paid(grant, 1)
        await story.spent(await story.line(grant), 20_000)
    if state == "suspended":
        await story.act("suspendVentureGrant", id=grant, **WHY)
    if state == "final":
        await story.paid(grant, 2)
        await story.act("finishVentureGrant", id=grant)
    own, before = await story.grantee(grant), await money(world, grant)
    until = date(2028, 5, 6)
    settled = {"accepted_fen": 20_000} if state != "signed" else {}
    await story.terminated(grant, barred_until=until, **settled)
    if state != "signed":
        await story.given_back(grant, before["held"] - 20_000)
    assert (await money(world, grant))["account"] == "closed"
    objection = await objected(story, grant, own)
    await decide(story, objection, upheld=True)
    assert await money(world, grant) == {**before, "state": state, "account": "open"}
    row = await world.row("venture_grant", grant)
    assert (row["ended_on"], row["end_reason"], row["object_until"], row["reinstated"]) == (None, "", None, 1)
    async with world.context() as ctx:
        assert not await is_barred(ctx, row["organisation_id"])
    bars = await world.rows("select barred_until, lift_reason from organisations_bar where tenant_id = $1")
    assert [(one["barred_until"], one["lift_reason"]) for one in bars] == [(until, "演示理由")]
    refunds = await world.rows("select state, undone_reason from venture_refund where tenant_id = $1")
    assert {(one["state"], one["undone_reason"]) for one in refunds} <= {("repaid", "演示理由")}
    posted = await world.rows("select kind from ledger_entry where tenant_id = $1 order by id desc limit 2")
    if settled:
        assert [one["kind"] for one in posted] == ["venture.grant_unsettled", "venture.grant_reserved"]
    told = "select count(*) from events_event where tenant_id = $1 and name = 'venture.grant_reinstated'"
    assert await world.value(told) == 1
    await world.books_agree()
    await story.terminated(grant, **settled)
    assert (await money(world, grant))["settled_fen"] == settled.get("accepted_fen", 0)
    sent = "select count(*) from notifications_message where tenant_id = $1 and type = 'venture.grant_terminated'"
    assert await world.value(sent) == 2
    await world.books_agree()


async def test_a_grant_that_was_reinstated_goes_on_to_its_end(quick: Any) -> None:
    world, grant = quick.world, await quick.active()
    await quick.paid(grant, 1)
    await quick.terminated(grant)
    await decide(quick, await objected(quick, grant), upheld=True)
    await quick.paid(grant, 2)
    await quick.spent(await quick.line(grant), 75_000)
    await quick.act("finishVentureGrant", id=grant)
    await quick.verified(grant, 3)
    await quick.audited(grant, 75_000)
    await quick.given_back(grant, 15_000)
    await quick.act("closeVentureGrant", id=grant)
    found = await money(world, grant)
    assert (found["settled_fen"], found["released_fen"], found["account"]) == (75_000, 10_000, "closed")
    await world.books_agree()


async def test_an_objection_is_upheld_once_its_sources_have_the_money(story: Any) -> None:
    world = story.world
    grant = await story.active()
    await story.terminated(grant)
    objection = await objected(story, grant)
    row = await world.row("venture_grant", grant)
    other = await story.project(row["pool_id"], title="演示:另一项目", category="children")
    await story.award(other, 200_000)  # all that is not restricted to the elderly
    uphold = lambda: decide(story, objection, upheld=True)  # noqa: E731
    assert (await refusal(uphold()))[0] == "venture.source_spent"
    assert (await world.row("venture_termination_objection", objection))["state"] == "raised"
    source = await world.value(
        "select id from venture_source where tenant_id = $1 and pool_id = $2 and category = ''",
        row["pool_id"],
    )
    await story.receive(source, 90_000)
    await uphold()
    await world.books_agree()


async def test_an_upheld_objection_waits_for_what_is_not_settled(story: Any) -> None:
    world = story.world
    grant = await story.active()
    await story.paid(grant, 1)
    await story.terminated(grant)
    objection = await objected(story, grant)
    uphold = lambda: decide(story, objection, upheld=True)  # noqa: E731
    given = {"amount_fen": 10, "received_on": TODAY, "basis": "回单"}
    refund = await story.act("takeBackVentureMoney", id=grant, **given)
    assert (await refusal(uphold()))[0] == "venture.refunds_open"
    await story.act("rejectVentureRefund", world.second, id=refund, **WHY)
    pool = (await world.row("venture_grant", grant))["pool_id"]
    put = "update venture_pool set state = '{}' where tenant_id = $1 and id = $2 returning 1"
    await world.value(put.format("closed"), pool)
    assert (await refusal(uphold()))[0] == "venture.pool_closed"
    await world.value(put.format("open"), pool)
    digest = (await world.row("venture_grant", grant))["project_digest"]
    other = await story.award(await story.project(pool, title="演示:社区老人助餐"), 100)
    same = "update venture_grant set project_digest = $3 where tenant_id = $1 and id = $2 returning 1"
    await world.value(same, other, digest)
    assert (await refusal(uphold()))[0] == "venture.funded_twice"


async def test_a_pool_stays_open_while_a_termination_can_be_objected_to(story: Any) -> None:
    world = story.world
    grant = await story.active()
    await story.terminated(grant)
    pool = (await world.row("venture_grant", grant))["pool_id"]
    close = lambda: story.act("closeVenturePool", id=pool)  # noqa: E731
    assert (await refusal(close()))[0] == "venture.pool_in_use"
    objection = await objected(story, grant)
    world.turn("2026-05-20")
    async with world.context(read_only=True) as ctx:
        assert "演示:社区老人助餐" not in (await performance(ctx, {})).body.decode()
    assert (await refusal(close()))[0] == "venture.pool_in_use"
    await decide(story, objection, upheld=False)
    async with world.context(read_only=True) as ctx:
        assert "演示:社区老人助餐" in (await performance(ctx, {})).body.decode()
    await close()


async def test_a_last_day_beyond_the_published_calendar_is_filled_in_later(
    quick: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, grant = quick.world, await quick.active()
    world.turn("2026-12-28")
    await quick.terminated(grant)
    row = await world.row("venture_grant", grant)
    assert row["object_until"] is None
    close = lambda: quick.act("closeVenturePool", id=row["pool_id"])  # noqa: E731
    world.turn("2027-03-01")
    assert (await refusal(close()))[0] == "venture.pool_in_use"
    async with world.context() as ctx:
        await fill_last_days(ctx, {})
    assert (await world.row("venture_grant", grant))["object_until"] is None
    monkeypatch.setattr(ending, "due_if_known", lambda deadline: deadline.started_at + timedelta(days=14))
    async with world.context() as ctx:
        await fill_last_days(ctx, {})
    assert (await world.row("venture_grant", grant))["object_until"] == date(2027, 1, 11)
    assert (await refusal(objected(quick, grant)))[0] == "venture.objection_too_late"
    await close()
