"""The life of a claim through the API: made, verified, confirmed, under notice, posted, objected to, reversed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from linli.ledger.verify import verify
from linli.plugin import Unavailable
from linli_graphql.ids import from_global_id, to_global_id
from linli_graphql.testing import refusal
from linli_points import posting


async def test_a_good_deed_becomes_points(desk: Any) -> None:
    person = await desk.person()
    resident = desk.resident(person)
    participant = await desk.call("joinPoints", resident, personId=to_global_id("Person", person))
    claim = await desk.submitted(participant, resident, quantity=3)
    assert await desk.state(claim) == "SUBMITTED"
    await desk.call("verifyPointsClaim", desk.verifier, id=claim)
    await desk.call("confirmPointsClaim", desk.confirmer, id=claim)
    assert await desk.state(claim) == "PUBLICISED"
    document = f'{{ pointsClaim(id: "{claim}") {{ objectUntil points }} }}'
    shown = (await desk.ask(document))["pointsClaim"]
    # Five working days after Wednesday 6 May 2026: 7, 8, 9 (a Saturday that is made up for), 11, 12.
    assert shown == {"objectUntil": "2026-05-12T15:59:59.999999+00:00", "points": 15}
    assert await refusal(desk.call("postPointsClaim", id=claim)) == ("points.notice_running", "")
    desk.clock.advance(timedelta(days=7))
    await desk.call("postPointsClaim", id=claim)
    assert await desk.state(claim) == "POSTED"
    assert await desk.balance(participant) == 15
    assert (await verify(desk.bench.database, desk.tenant)).problems == []


async def test_a_claim_is_posted_once_by_the_clock(desk: Any) -> None:
    participant = await desk.participant()
    claim = await desk.publicised(participant)
    async with desk.context() as ctx:
        assert await posting.post_due(ctx) == 0
    desk.clock.advance(timedelta(days=8))
    async with desk.context() as ctx:
        assert await posting.post_due(ctx) == 1
        assert await posting.post_due(ctx) == 0
    assert await desk.state(claim) == "POSTED"
    assert await desk.balance(participant) == 5


async def test_a_claim_that_met_a_busy_database_is_posted_later(desk: Any) -> None:
    participant = await desk.participant()
    claim = await desk.publicised(participant)
    desk.clock.advance(timedelta(days=8))
    held = """select a.id from ledger_account a join points_participant p on p.tenant_id = $1 and p.account_id = a.id
        where a.tenant_id = $1 for update of a"""

    async def busy() -> None:
        async with desk.context() as ctx:
            await ctx.db.execute("set local lock_timeout = '50ms'")
            await posting.post_due(ctx)

    async with desk.context() as other:
        await other.db.execute(held, desk.tenant.id)
        with pytest.raises(Unavailable):
            await busy()
    async with desk.context() as ctx:
        assert await posting.post_due(ctx) == 1
    assert await desk.state(claim) == "POSTED"
    assert await desk.balance(participant) == 5


async def test_nobody_decides_their_own_case(desk: Any) -> None:
    person = await desk.person()
    participant = await desk.participant(person)
    claim = await desk.submitted(participant)
    as_the_person = desk.bench.actor(["points.claim.read", "points.claim.verify"])
    own = ("points.own_case", "")
    assert (
        await refusal(desk.call("verifyPointsClaim", desk.clerk, id=claim)) == own
    )  # the clerk submitted it
    claimant = replace(as_the_person, person_id=person)
    assert await refusal(desk.call("verifyPointsClaim", claimant, id=claim)) == own
    await desk.call("verifyPointsClaim", desk.verifier, id=claim)
    assert await refusal(desk.call("confirmPointsClaim", desk.verifier, id=claim)) == own
    assert await refusal(desk.call("confirmPointsClaim", desk.clerk, id=claim)) == own


async def test_a_member_of_the_household_does_not_decide_its_claim(desk: Any) -> None:
    member, other = await desk.person(), await desk.person("演示李四")
    household = await desk.household(member, other)
    participant = await desk.call("joinPoints", householdId=to_global_id("Household", household))
    claim = await desk.submitted(participant, ruleId=desk.rules["good_family"])
    relative = replace(desk.verifier, person_id=other)
    assert await refusal(desk.call("verifyPointsClaim", relative, id=claim)) == ("points.own_case", "")
    await desk.call("verifyPointsClaim", desk.verifier, id=claim)


async def test_a_returned_claim_is_completed_and_submitted_again(desk: Any) -> None:
    claim = await desk.submitted(await desk.participant())
    await desk.call("returnPointsClaim", desk.verifier, id=claim, reason="请补充时间")
    assert await desk.state(claim) == "RETURNED"
    evidence = [{"kind": "FILE", "reference": "照片.jpg", "digest": "ab" * 32}]
    await desk.call("revisePointsClaim", id=claim, quantity=2, evidence=evidence)
    await desk.call("submitPointsClaim", id=claim)
    await desk.call("verifyPointsClaim", desk.verifier, id=claim)


async def test_a_rejection_has_a_reason_and_can_be_objected_to_once(desk: Any) -> None:
    person = await desk.person()
    resident = desk.resident(person)
    participant = await desk.participant(person)
    claim = await desk.submitted(participant, resident)
    assert (await refusal(desk.call("rejectPointsClaim", desk.verifier, id=claim, reason=" ")))[
        0
    ] == "required"
    await desk.call("rejectPointsClaim", desk.verifier, id=claim, reason="与事实不符")
    objection = await desk.call("objectToPointsClaim", resident, claimId=claim, reason="有证人")
    own = ("points.own_case", "")
    by_the_same = desk.call("dismissPointsObjection", desk.verifier, id=objection, reason="维持")
    assert await refusal(by_the_same) == own
    await desk.call("dismissPointsObjection", desk.judge, id=objection, reason="维持原决定")
    assert await desk.state(claim) == "REJECTED"
    again = desk.call("objectToPointsClaim", resident, claimId=claim, reason="仍不同意")
    assert (await refusal(again))[0] == "points.already_objected"


async def test_a_lifted_rejection_is_looked_at_by_somebody_new(desk: Any) -> None:
    person = await desk.person()
    resident = desk.resident(person)
    claim = await desk.submitted(await desk.participant(person), resident)
    await desk.call("rejectPointsClaim", desk.verifier, id=claim, reason="与事实不符")
    objection = await desk.call("objectToPointsClaim", resident, claimId=claim, reason="有证人")
    await desk.call("upholdPointsObjection", desk.judge, id=objection, reason="证人属实")
    assert await desk.state(claim) == "SUBMITTED"
    assert (await refusal(desk.call("verifyPointsClaim", desk.verifier, id=claim)))[0] == "points.own_case"
    await desk.call("verifyPointsClaim", desk.clerk, id=claim)


async def test_a_neighbour_objects_to_an_award_under_notice(desk: Any) -> None:
    claim = await desk.publicised(await desk.participant())
    neighbour = desk.resident(await desk.person("演示邻居"))
    area = to_global_id("Area", desk.area.id)
    notices = await desk.ask(
        "query($a: ID!) { pointsNotices(area: $a) { claimId name points } }", neighbour, a=area
    )
    assert notices["pointsNotices"] == [{"claimId": claim, "name": "演***", "points": 5}]
    objection = await desk.call("objectToPointsClaim", neighbour, claimId=claim, reason="当天没有活动")
    assert await desk.state(claim) == "OBJECTED"
    desk.clock.advance(timedelta(days=20))
    assert (await refusal(desk.call("postPointsClaim", id=claim)))[0] == "workflow.undefined_transition"
    for insider in (desk.verifier, desk.confirmer):
        refused = desk.call("upholdPointsObjection", insider, id=objection, reason="属实")
        assert (await refusal(refused))[0] == "points.own_case"
    await desk.call("upholdPointsObjection", desk.judge, id=objection, reason="属实")
    assert await desk.state(claim) == "REJECTED"


async def test_a_dismissed_objection_starts_the_notice_anew(desk: Any) -> None:
    participant = await desk.participant()
    claim = await desk.publicised(participant)
    neighbour = desk.resident(await desk.person("演示邻居"))
    objection = await desk.call("objectToPointsClaim", neighbour, claimId=claim, reason="当天没有活动")
    await desk.call("dismissPointsObjection", desk.judge, id=objection, reason="有签到表")
    assert await desk.state(claim) == "PUBLICISED"
    again = desk.call("objectToPointsClaim", neighbour, claimId=claim, reason="还是没有")
    assert (await refusal(again))[0] == "points.already_objected"
    desk.clock.advance(timedelta(days=10))
    late = desk.resident(await desk.person("演示晚到"))
    too_late = desk.call("objectToPointsClaim", late, claimId=claim, reason="迟到的异议")
    assert (await refusal(too_late))[0] == "points.objection_too_late"
    await desk.call("postPointsClaim", id=claim)
    assert await desk.balance(participant) == 5


async def test_the_same_evidence_counts_once_also_for_person_and_household(desk: Any) -> None:
    person = await desk.person()
    participant = await desk.participant(person)
    household = await desk.call(
        "joinPoints", householdId=to_global_id("Household", await desk.household(person))
    )
    photo = [{"kind": "REFERENCE", "reference": "照片 A-1"}]
    first = await desk.draft(participant, ruleId=desk.rules["charity_donation"], evidence=photo)
    same = [{"kind": "REFERENCE", "reference": " 照片A-1 "}]
    again = desk.draft(household, ruleId=desk.rules["charity_donation"], evidence=same)
    assert await refusal(again) == ("points.evidence_used", "evidence")
    await desk.call("withdrawPointsClaim", id=first)
    await desk.draft(household, ruleId=desk.rules["charity_donation"], evidence=same)


async def test_one_activity_and_slot_is_claimed_once_also_by_two_at_once(desk: Any) -> None:
    participant = await desk.participant()
    same = {"activity": "清洁日", "slot": "上午"}
    await desk.draft(participant, **same)
    assert await refusal(desk.draft(participant, **same)) == ("points.already_claimed", "activity")
    await desk.draft(participant, **{**same, "slot": "下午"})
    evening = {**same, "slot": "晚上"}
    tries = await asyncio.gather(
        *(desk.draft(participant, **evening) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(one, str) for one in tries) == 1


async def test_caps_hold_for_the_day_the_year_and_the_claim(desk: Any) -> None:
    participant = await desk.participant()
    rule = desk.rules["civilised_table"]  # 2 points each, 20 in a year
    await desk.submitted(participant, ruleId=rule, quantity=8)
    over = desk.submitted(participant, ruleId=rule, quantity=3)
    assert await refusal(over) == ("points.cap_exceeded", "quantity")
    await desk.submitted(participant, ruleId=rule, quantity=2)


CLAIM_REFUSALS: dict[str, tuple[dict[str, Any], str, str]] = {
    "of tomorrow": ({"activityDay": "2026-05-07"}, "future_date", "activityDay"),
    "of long ago": ({"activityDay": "2026-01-05"}, "points.too_long_ago", "activityDay"),
    "of nothing": ({"quantity": 0}, "points.number_out_of_range", "quantity"),
    "without a name": ({"activity": " "}, "required", "activity"),
    "with the digest of no file": (
        {"evidence": [{"kind": "FILE", "reference": "x", "digest": "zz"}]},
        "unknown_value",
        "evidence",
    ),
}


@pytest.mark.parametrize("what", CLAIM_REFUSALS)
async def test_a_claim_is_refused(desk: Any, what: str) -> None:
    values, code, at = CLAIM_REFUSALS[what]
    participant = await desk.participant()
    assert await refusal(desk.draft(participant, **values)) == (code, at)


async def test_a_claim_under_another_kind_of_rule_is_refused(desk: Any) -> None:
    unit = await desk.call("joinPoints", organisationId=to_global_id("Organisation", await desk.unit()))
    refused = desk.draft(unit, ruleId=desk.rules["rescue"])
    assert await refusal(refused) == ("points.wrong_kind", "ruleId")
    by_hand = desk.draft(await desk.participant(), ruleId=desk.rules["volunteer_service"])
    assert await refusal(by_hand) == ("points.recorded_elsewhere", "ruleId")


async def test_a_claim_without_evidence_is_not_accepted_where_the_rule_needs_it(desk: Any) -> None:
    participant = await desk.participant()
    bare = await desk.draft(participant, evidence=[])
    assert await refusal(desk.call("submitPointsClaim", id=bare)) == ("points.evidence_missing", "evidence")
    await desk.submitted(participant, ruleId=desk.rules["meetings"], evidence=[])


async def test_residents_act_for_themselves_and_their_household_only(desk: Any) -> None:
    person, stranger = await desk.person(), await desk.person("演示路人")
    household = await desk.household(person)
    home = await desk.call(
        "joinPoints", desk.resident(person), householdId=to_global_id("Household", household)
    )
    own = await desk.call("joinPoints", desk.resident(person), personId=to_global_id("Person", person))
    await desk.draft(home, desk.resident(person), ruleId=desk.rules["courtyard"])
    for participant in (own, home):
        assert (await refusal(desk.draft(participant, desk.resident(stranger))))[0] == "not_found"


async def test_what_is_in_another_tenant_is_not_found(desk: Any, bench: Any) -> None:
    elsewhere = to_global_id("PointsParticipant", (await bench.tenant()).id)
    assert (await refusal(desk.draft(elsewhere)))[0] == "not_found"


async def test_a_wrong_award_is_reversed_once_and_never_below_zero(desk: Any) -> None:
    participant = await desk.participant()
    first, second = await desk.posted(participant), await desk.posted(participant)
    await desk.call("reversePointsClaim", id=first, reason="重复登记")
    assert await desk.balance(participant) == 5
    again = desk.call("reversePointsClaim", id=first, reason="再次冲销")
    assert (await refusal(again))[0] == "workflow.undefined_transition"
    await desk.spend(participant, 3)
    spent = desk.call("reversePointsClaim", id=second, reason="登记错误")
    assert (await refusal(spent))[0] == "ledger.insufficient_balance"
    assert await desk.state(second) == "POSTED"
    assert (await verify(desk.bench.database, desk.tenant)).problems == []


async def test_sums_by_category_come_from_the_ledger(desk: Any) -> None:
    participant = await desk.participant()
    await desk.posted(participant)
    await desk.posted(participant, ruleId=desk.rules["elderly_care"], quantity=2)
    document = """{ ledgerPostingsAggregate(groupBy: CATEGORY, filter: {
        role: {eq: "points_holder"}, entryKind: {eq: "points.claim_posted"} }) { key sums { value } } }"""
    found = (await desk.ask(document))["ledgerPostingsAggregate"]
    assert {one["key"]: one["sums"][0]["value"] for one in found} == {
        "community_building": 5,
        "public_virtue": 10,
    }


async def test_who_left_claims_no_longer_but_keeps_the_points(desk: Any) -> None:
    participant = await desk.participant()
    await desk.posted(participant)
    await desk.call("leavePoints", id=participant)
    assert (await refusal(desk.draft(participant)))[0] == "points.not_a_participant"
    assert await desk.balance(participant) == 5
    person = await desk.ask(f'{{ pointsParticipant(id: "{participant}") {{ person {{ id }} }} }}')
    back = await desk.call("joinPoints", personId=person["pointsParticipant"]["person"]["id"])
    assert back == participant


async def test_taking_part_twice_is_refused(desk: Any) -> None:
    person = await desk.person()
    await desk.participant(person)
    assert (await refusal(desk.participant(person)))[0] == "points.already_participant"
    neither = desk.call("joinPoints")
    assert (await refusal(neither))[0] == "points.not_a_participant"


async def test_being_ranked_needs_a_nickname_and_is_a_choice(desk: Any) -> None:
    person = await desk.person()
    participant = await desk.participant(person)
    me = desk.resident(person)
    bare = desk.call("choosePointsRanking", me, id=participant, ranked=True)
    assert await refusal(bare) == ("required", "nickname")
    await desk.call("choosePointsRanking", me, id=participant, ranked=True, nickname="热心人")
    stranger = desk.resident(await desk.person("演示路人"))
    other = desk.call("choosePointsRanking", stranger, id=participant, ranked=False)
    assert (await refusal(other))[0] == "not_found"
    assert from_global_id(participant)[0] == "PointsParticipant"
