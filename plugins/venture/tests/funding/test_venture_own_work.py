"""Nobody decides on a grant of an organisation for which they act, nor under two accounts on their own work."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from linli.identity.tables import Account
from linli.plugin import Actor, rows
from linli_graphql.testing import refusal
from linli_venture.grants.terms import AppraisalKind

TODAY = date(2026, 5, 6)
WHY = {"reason": "演示理由"}


async def insider(world: Any, grant: UUID) -> Actor:
    """The third officer, who also acts for the organisation of a grant."""
    unit = (await world.row("venture_grant", grant))["organisation_id"]
    return replace(world.third, person_id=(await world.member(unit)).person_id)


async def two_accounts(world: Any) -> tuple[Actor, Actor]:
    """The officer and the second, who are one person."""
    person_id = await world.person()
    async with world.context() as ctx:
        for place, actor in enumerate((world.officer, world.second)):
            await rows.insert(
                ctx,
                Account,
                id=actor.id,
                login_name=f"officer{place}",
                person_id=person_id,
                password_hash="none",
            )
    return replace(world.officer, person_id=person_id), replace(world.second, person_id=person_id)


async def test_who_acts_for_the_organisation_decides_nothing_about_its_grant(story: Any) -> None:
    world, grant = story.world, await story.active()
    inside, act = await insider(world, grant), story.act
    first = await story.submitted(await story.milestone(grant, 1))
    for action, values in (("verifyVentureMilestone", {}), ("returnVentureMilestone", WHY)):
        assert (await refusal(act(action, inside, id=first, **values)))[0] == "venture.own_proposal"
    await act("verifyVentureMilestone", world.second, id=first)
    assert (await refusal(act("payVentureTranche", inside, id=first)))[0] == "venture.own_proposal"
    made = await story.entered(await story.line(grant), 10)
    await story.attach("venture.receipt", made)
    assert (await refusal(act("verifyVentureExpenditure", inside, id=made)))[0] == "venture.own_proposal"
    half = {"grant_id": grant, "kind": AppraisalKind.MIDTERM, "score": 100, "summary": "好"}
    assert (await refusal(act("appraiseVentureGrant", inside, **half)))[0] == "venture.own_proposal"
    for action, values in (("suspendVentureGrant", WHY), ("finishVentureGrant", {})):
        assert (await refusal(act(action, inside, id=grant, **values)))[0] == "venture.own_proposal"
    await act("submitVentureMilestone", inside, id=await second(story, grant), report="已完成")


async def second(story: Any, grant: UUID) -> UUID:
    milestone: UUID = await story.milestone(grant, 2)
    await story.attach("venture.evidence", milestone)
    return milestone


@pytest.mark.parametrize("action", ["verifyVentureMilestone", "returnVentureMilestone"])
async def test_a_second_account_is_the_same_person(story: Any, action: str) -> None:
    world, grant = story.world, await story.active()
    one, other = await two_accounts(world)
    milestone = await story.milestone(grant, 1)
    await story.attach("venture.evidence", milestone)
    await story.act("submitVentureMilestone", one, id=milestone, report="已完成")
    values = WHY if action.startswith("return") else {}
    assert (await refusal(story.act(action, other, id=milestone, **values)))[0] == "workflow.own_work"
    await story.act(action, world.third, id=milestone, **values)


async def test_a_second_account_does_not_judge_what_the_first_entered(quick: Any) -> None:
    world, grant = quick.world, await quick.finished(spent=75_000)
    _, other = await two_accounts(world)
    third = replace(world.third, person_id=other.person_id)
    appraise = {"grant_id": grant, "kind": AppraisalKind.FINAL, "score": 90, "summary": "好"}
    assert (await refusal(quick.act("appraiseVentureGrant", third, **appraise)))[0] == "workflow.own_work"
    audit = {
        "grant_id": grant, "auditor": "演示事务所", "report_number": "1", "accepted_fen": 1,
        "opinion": "账目清楚", "audited_on": TODAY,
    }  # fmt: skip
    assert (await refusal(quick.act("auditVentureGrant", third, **audit)))[0] == "workflow.own_work"


async def test_a_second_account_does_not_cancel_what_the_first_recorded(quick: Any) -> None:
    _, other = await two_accounts(quick.world)
    receipt = await quick.receive(await quick.source(await quick.pool()), 10)
    made = quick.act("cancelVentureReceipt", other, id=receipt, **WHY)
    assert (await refusal(made))[0] == "workflow.own_work"


async def test_a_second_account_decides_nothing_about_what_the_first_recorded_and_ended(quick: Any) -> None:
    world, grant = quick.world, await quick.active()
    await quick.paid(grant, 1)
    given = {"amount_fen": 10, "received_on": TODAY, "basis": "回单"}
    refund = await quick.act("takeBackVentureMoney", id=grant, **given)
    await quick.terminated(grant)
    objection = await quick.act("objectToVentureTermination", await quick.grantee(grant), id=grant, **WHY)
    _, other = await two_accounts(world)
    decide = {"id": objection, "upheld": True, **WHY}
    for step in (
        quick.act("confirmVentureRefund", other, id=refund),
        quick.act("decideVentureTerminationObjection", other, **decide),
    ):
        assert (await refusal(step))[0] == "workflow.own_work"
