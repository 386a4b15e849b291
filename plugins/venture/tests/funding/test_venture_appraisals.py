"""Tranches that wait for an appraisal: paid once it was passed; one that was not passed is followed by another."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from linli.testing.printed_words import printed_pages
from linli_graphql.testing import refusal
from linli_venture.grants import contracts
from linli_venture.grants.pages import performance
from linli_venture.grants.terms import AppraisalKind

TERMS = {"midterm_tranche": 2, "final_tranche": 3}


@pytest.fixture
def story(api_story: Any) -> Any:
    """All steps go through the API."""
    return api_story


def appraise(story: Any, grant: UUID, kind: AppraisalKind, score: int) -> Any:
    values = {"grant_id": grant, "kind": kind, "score": score, "summary": "演示评语"}
    return story.act("appraiseVentureGrant", story.world.fourth, **values)


def pay(story: Any, milestone: UUID) -> Any:
    return story.act("payVentureTranche", story.world.third, id=milestone)


async def test_the_second_tranche_waits_for_a_midterm_appraisal_that_was_passed(story: Any) -> None:
    world, grant = story.world, await story.active(**TERMS)
    await story.paid(grant, 1)
    second = await story.verified(grant, 2)
    assert (await refusal(pay(story, second)))[0] == "venture.midterm_not_passed"
    await appraise(story, grant, AppraisalKind.MIDTERM, 59)
    assert (await refusal(pay(story, second)))[0] == "venture.midterm_not_passed"
    assert (await world.row("venture_grant", grant))["paid_fen"] == 50_000
    await appraise(story, grant, AppraisalKind.MIDTERM, 60)
    for score in (90, 59):  # one that was passed stands
        again = appraise(story, grant, AppraisalKind.MIDTERM, score)
        assert (await refusal(again))[0] == "venture.already_appraised"
    await pay(story, second)
    assert (await world.row("venture_grant", grant))["paid_fen"] == 90_000


async def test_the_last_tranche_waits_for_the_final_appraisal_and_the_audit(story: Any) -> None:
    world, grant = story.world, await story.active(**TERMS)
    await story.paid(grant, 1)
    second = await story.verified(grant, 2)
    await story.spent(await story.line(grant), 75_000)
    await story.spent(await story.line(grant, 2), 25_000)
    await story.act("finishVentureGrant", id=grant)
    last = await story.verified(grant, 3)
    assert (await refusal(pay(story, second)))[0] == "venture.midterm_not_passed"
    assert (await refusal(pay(story, last)))[0] == "venture.final_not_passed"
    await appraise(story, grant, AppraisalKind.FINAL, 80)
    await pay(story, second)  # what the final appraisal says does for the midterm one
    assert (await refusal(pay(story, last)))[0] == "venture.audit_missing"
    await story.act(
        "auditVentureGrant", world.fourth, grant_id=grant, auditor="演示事务所", report_number="1",
        accepted_fen=100_000, opinion="账目清楚", audited_on=world.clock.now().date(),
    )  # fmt: skip
    await pay(story, last)
    await story.act("closeVentureGrant", id=grant)
    assert (await world.row("venture_grant", grant))["settled_fen"] == 100_000


async def test_a_tranche_whose_appraisal_was_not_passed_is_released_with_the_closing(quick: Any) -> None:
    world, grant = quick.world, await quick.active(**TERMS)
    await quick.paid(grant, 1)
    await appraise(quick, grant, AppraisalKind.MIDTERM, 75)
    await quick.paid(grant, 2)
    await quick.spent(await quick.line(grant), 75_000)
    await quick.spent(await quick.line(grant, 2), 20_000)
    await quick.act("finishVentureGrant", id=grant)
    last = await quick.verified(grant, 3)
    await appraise(quick, grant, AppraisalKind.FINAL, 40)
    await quick.act(
        "auditVentureGrant", world.fourth, grant_id=grant, auditor="演示事务所", report_number="1",
        accepted_fen=95_000, opinion="账目清楚", audited_on=world.clock.now().date(),
    )  # fmt: skip
    assert (await refusal(pay(quick, last)))[0] == "venture.final_not_passed"
    await appraise(quick, grant, AppraisalKind.FINAL, 55)
    await quick.act("closeVentureGrant", id=grant)
    row = await world.row("venture_grant", grant)
    assert (row["settled_fen"], row["released_fen"], row["paid_fen"]) == (90_000, 10_000, 90_000)
    await world.books_agree()
    async with world.context(read_only=True) as ctx:
        page = (await performance(ctx, {})).body.decode()
    assert page.count("演示:社区老人助餐") == 1
    assert "55" in page


async def test_the_contract_says_what_a_tranche_waits_for(quick: Any) -> None:
    world, grant = quick.world, await quick.signed(**TERMS)
    async with world.context() as ctx:
        _grant, content = await contracts.content(ctx, grant)
    words = "".join(printed_pages(content))
    for text in ("中期评估合格", "末期评估合格"):
        assert text in words, text
