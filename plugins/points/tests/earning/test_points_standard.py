"""The standard: versions, pilots, the city's in its districts, and what can never be a subject."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from linli.plugin import ProvisionRequest, people, rows
from linli.tenancy.catalogue import TenantKind
from linli.testing.factories import Bench
from linli_graphql.ids import to_global_id
from linli_graphql.testing import refusal
from linli_points import checked, claims, defaults, inheritance, participants, provisioning, rule_sets
from linli_points.errors import ForbiddenSubject, GatesBasicService
from linli_points.tables import Rule, Subcategory
from linli_points.terms import Category


async def test_the_default_has_four_categories_with_46_subcategories_and_says_that_it_is_one(
    desk: Any,
) -> None:
    assert sum(len(entries) for entries in defaults.DEFAULTS.values()) == 46
    assert set(defaults.DEFAULTS) == set(Category)
    found = await desk.ask("{ pointsSubcategories(first: 100) { totalCount edges { node { isDefault } } } }")
    assert found["pointsSubcategories"]["totalCount"] == 46
    assert all(edge["node"]["isDefault"] for edge in found["pointsSubcategories"]["edges"])


async def test_provisioning_again_changes_nothing(desk: Any) -> None:
    async with desk.context() as ctx:
        await provisioning.standard(ctx, ProvisionRequest())
    found = await desk.ask("{ pointsRuleSets(first: 10) { totalCount } }")
    assert found["pointsRuleSets"]["totalCount"] == 1


@pytest.mark.parametrize(
    "title",
    ["参与信访调解奖励", "举报邻居", "计 划 生 育", "低保户按时报到", "按时礼拜", "信用记录良好", "刑满人员报到",
     "ＰＥＴＩＴＩＯＮ drafting", "no-credit-score change", "Crime prevention by informing on neighbours"],
)  # fmt: skip
async def test_a_forbidden_subject_is_refused_whoever_asks(desk: Any, title: str) -> None:
    draft = await desk.call("draftPointsRuleSet", title="新版标准")
    subcategory = (await desk.ask("{ pointsSubcategories(first: 1) { edges { node { id } } } }"))[
        "pointsSubcategories"
    ]["edges"][0]["node"]["id"]
    refused = desk.call(
        "putPointsRule", ruleSetId=draft, code="bad", subcategoryId=subcategory, title=title, points=5
    )
    assert await refusal(refused) == ("points.forbidden_subject", "title")
    named = desk.call("addPointsSubcategory", code="bad", category="PUBLIC_ORDER", nameZh=title)
    assert await refusal(named) == ("points.forbidden_subject", "nameZh")


@pytest.mark.parametrize(
    "title", ["助残服务", "关爱福利院老人", "救助落水者", "Birthday visits to the elderly", "垃圾分类"]
)
def test_helping_others_is_no_forbidden_subject(title: str) -> None:
    assert checked.allowed_subject(title, "title") == title


@pytest.mark.parametrize(
    "name", ["优先办理居住证", "公租房排队加分", "医保缴费减免", "免排队挂号", "Legal  aid voucher"]
)
def test_a_basic_public_service_is_no_reward(name: str) -> None:
    with pytest.raises(GatesBasicService):
        checked.allowed_reward(name, "name")


def test_no_setting_switches_the_checks_off(desk: Any) -> None:
    settings = desk.bench.composition.plugin_set(["points"]).settings
    assert not [name for name in settings if "subject" in name or "forbid" in name]
    assert not [name for name in settings if name.startswith("points.") and "service" in name]
    with pytest.raises(ForbiddenSubject):
        checked.allowed_subject("信访", "title")


async def test_a_version_is_adopted_by_somebody_else_and_then_never_changes(desk: Any) -> None:
    base = (await desk.ask("{ pointsRuleSets(first: 1) { edges { node { id } } } }"))["pointsRuleSets"][
        "edges"
    ][0]
    draft = await desk.call("draftPointsRuleSet", title="2026 年修订", basedOnId=base["node"]["id"])
    assert (await refusal(desk.call("adoptPointsRuleSet", id=draft)))[0] == "workflow.own_work"
    await desk.call("putPointsRule", ruleSetId=draft, code="clean_up", points=8)
    await desk.call("adoptPointsRuleSet", desk.judge, id=draft, fromDay="2026-05-10")
    late = desk.call("putPointsRule", ruleSetId=draft, code="clean_up", points=9)
    assert (await refusal(late))[0] == "points.not_a_draft"
    assert (await refusal(desk.call("discardPointsRuleSet", id=draft)))[0] == "workflow.undefined_transition"


async def test_a_new_value_holds_from_its_day_and_never_for_earlier_activities(desk: Any) -> None:
    participant = await desk.participant()
    earlier = await desk.posted(participant)
    base = (await desk.ask("{ pointsRuleSets(first: 1) { edges { node { id } } } }"))["pointsRuleSets"][
        "edges"
    ][0]
    draft = await desk.call("draftPointsRuleSet", title="修订", basedOnId=base["node"]["id"])
    await desk.call("putPointsRule", ruleSetId=draft, code="clean_up", points=8)
    await desk.call("adoptPointsRuleSet", desk.judge, id=draft, fromDay="2026-05-10")
    desk.clock.advance(timedelta(days=6))
    before = await desk.draft(participant, activityDay="2026-05-09")
    after = await desk.draft(participant, activityDay="2026-05-10")
    document = (
        "query($i: [ID!]!) { nodes(ids: $i) { ... on PointsClaim { points rule { ruleSet { number } } } } }"
    )
    found = (await desk.ask(document, i=[earlier, before, after]))["nodes"]
    assert [(one["points"], one["rule"]["ruleSet"]["number"]) for one in found] == [(5, 1), (5, 1), (8, 2)]


REFUSALS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "worth nothing": ("putPointsRule", {"points": 0}, "points.number_out_of_range", "points"),
    "that takes points": ("putPointsRule", {"points": -5}, "points.number_out_of_range", "points"),
    "for nobody": ("putPointsRule", {"forPerson": False}, "points.nobody_can_claim", "forPerson"),
    "with a cap of nothing": ("putPointsRule", {"capDay": 0}, "points.number_out_of_range", "capDay"),
}


@pytest.mark.parametrize("what", REFUSALS)
async def test_a_rule_is_refused(desk: Any, what: str) -> None:
    name, values, code, at = REFUSALS[what]
    draft = await desk.call("draftPointsRuleSet", title="新版标准")
    listed = await desk.ask("{ pointsSubcategories(first: 1) { edges { node { id } } } }")
    subcategory = listed["pointsSubcategories"]["edges"][0]["node"]["id"]
    given = {"subcategoryId": subcategory, "title": "扫雪", "points": 5, **values}
    assert await refusal(desk.call(name, ruleSetId=draft, code="snow", **given)) == (code, at)


async def test_an_empty_or_backdated_version_is_not_adopted(desk: Any) -> None:
    empty = await desk.call("draftPointsRuleSet", title="空")
    assert (await refusal(desk.call("adoptPointsRuleSet", desk.judge, id=empty)))[0] == "points.no_rules"
    past = desk.call("adoptPointsRuleSet", desk.judge, id=empty, fromDay="2026-05-05")
    assert await refusal(past) == ("points.adopted_backwards", "fromDay")


async def test_a_pilot_holds_in_its_areas_only(desk: Any) -> None:
    elsewhere = await desk.bench.area(desk.tenant, "别的社区")
    base = (await desk.ask("{ pointsRuleSets(first: 1) { edges { node { id } } } }"))["pointsRuleSets"][
        "edges"
    ][0]
    draft = await desk.call("draftPointsRuleSet", title="试点", basedOnId=base["node"]["id"])
    await desk.call("putPointsRule", ruleSetId=draft, code="clean_up", points=9)
    await desk.call("limitPointsRuleSet", id=draft, areaIds=[to_global_id("Area", elsewhere.id)])
    await desk.call("adoptPointsRuleSet", desk.judge, id=draft)
    async with desk.context() as ctx:
        here = await rule_sets.in_force(ctx, ctx.today(), desk.area.path)
        there = await rule_sets.in_force(ctx, ctx.today(), elsewhere.path)
    assert to_global_id("PointsRuleSet", here) == base["node"]["id"]
    assert to_global_id("PointsRuleSet", there) == draft


async def test_a_subcategory_in_use_stays_and_an_edited_one_is_no_default(desk: Any) -> None:
    document = '{ pointsSubcategories(first: 1, filter: {code: {eq: "clean_up"}}) { edges { node { id isDefault } } } }'
    found = (await desk.ask(document))["pointsSubcategories"]["edges"][0]["node"]
    assert (await refusal(desk.call("retirePointsSubcategory", id=found["id"])))[
        0
    ] == "points.subcategory_in_use"
    await desk.call("renamePointsSubcategory", id=found["id"], nameZh="环境整治")
    assert not (await desk.ask(document))["pointsSubcategories"]["edges"][0]["node"]["isDefault"]
    added = await desk.call(
        "addPointsSubcategory", code="snow", category="COMMUNITY_BUILDING", nameZh="扫雪除冰"
    )
    await desk.call("retirePointsSubcategory", id=added)


async def district_of(bench: Bench, city: Any) -> Any:
    return await bench.tenant(plugins=["points"], kind=TenantKind.DISTRICT, parent=city)


async def test_a_city_standard_holds_in_all_districts_and_cannot_be_changed_there(
    desk: Any, bench: Bench
) -> None:
    districts = [await district_of(bench, desk.tenant) for _ in range(2)]
    for district in districts:
        async with bench.context(district, clock=desk.clock) as ctx:
            await provisioning.standard(ctx, ProvisionRequest())
            sql = "select count(*) from points_rule where tenant_id = $1"
            assert await ctx.db.fetchval(sql, district.id) == 46
            assert await inheritance.receive(ctx) == 0
        document = (
            "mutation($i: DraftPointsRuleSetInput!) { draftPointsRuleSet(input: $i) { problems { code } } }"
        )
        outcome = await desk.api.execute(district, desk.clerk, document, {"i": {"title": "自定"}})
        assert outcome["draftPointsRuleSet"]["problems"][0]["code"] == "points.city_standard_applies"


async def test_a_new_city_value_reaches_every_district_at_its_day_and_no_past_entry(
    desk: Any, bench: Bench
) -> None:
    district = await district_of(bench, desk.tenant)
    area = await bench.area(district)
    async with bench.context(district, clock=desk.clock) as ctx:
        await inheritance.receive(ctx)
        person = await people.register(ctx, area_id=area.id, full_name="演示区民", synthetic=True)
        participant = await participants.join_person(ctx, person_id=person.id)
        rule = await rows.find_by(ctx, Rule, code="clean_up")
        assert rule is not None
        old = await claims.draft(
            ctx, participant_id=participant.id, rule_id=rule.id, activity="旧", activity_day=date(2026, 5, 5)
        )
    base = (await desk.ask("{ pointsRuleSets(first: 1) { edges { node { id } } } }"))["pointsRuleSets"][
        "edges"
    ][0]
    draft = await desk.call("draftPointsRuleSet", title="2026 年修订", basedOnId=base["node"]["id"])
    await desk.call("putPointsRule", ruleSetId=draft, code="clean_up", points=8)
    await desk.call("adoptPointsRuleSet", desk.judge, id=draft, fromDay="2026-05-10")
    desk.clock.advance(timedelta(days=6))
    async with bench.context(district, clock=desk.clock) as ctx:
        made = [
            await claims.draft(
                ctx, participant_id=participant.id, rule_id=rule.id, activity=f"新{n}", activity_day=day
            )
            for n, day in enumerate((date(2026, 5, 9), date(2026, 5, 10)))
        ]
        assert [one.points for one in made] == [5, 8]
        assert (await claims.held(ctx, old.id)).points == 5
        assert await rows.find_by(ctx, Subcategory, code="clean_up") is not None


async def test_a_district_sees_nothing_of_another_city(desk: Any, bench: Bench) -> None:
    stranger = await bench.tenant(plugins=["points"])
    district = await district_of(bench, stranger)
    async with bench.context(district) as ctx:
        assert await inheritance.receive(ctx) == 0
