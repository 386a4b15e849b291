"""Who acts for an organisation reads and reports its own grants, decides nothing, and sees nobody else's."""

from __future__ import annotations

import itertools
import re
from typing import Any

from strawberry.types.base import get_object_definition

from linli.plugin import files, people
from linli_graphql.exporting.columns import columns_of
from linli_graphql.fields import enum_of
from linli_graphql.ids import to_global_id
from linli_graphql.interface import GraphQLInterface
from linli_graphql.testing import refusal
from linli_venture.grants.evidence import EVIDENCE, may_read
from linli_venture.money.terms import GiverKind, SourceKind

GRANTS = """{ ventureGrants { totalCount nodes { title amountFen
    lines { totalCount } milestones { totalCount nodes { state } } payments { totalCount }
    expenditures { totalCount } } } }"""
POOL = "{ ventureGrants { nodes { pool { title } } } }"
UNIT = "query($id: ID!) { organisation(id: $id) { ventureGrants { nodes { title state amountFen } } } }"


async def grantee(story: Any) -> tuple[Any, Any]:
    """An active grant, and somebody who acts for its organisation."""
    grant = await story.active()
    row = await story.world.row("venture_grant", grant)
    return grant, await story.world.member(row["organisation_id"])


async def test_a_grantee_reports_and_decides_nothing(story: Any) -> None:
    world = story.world
    grant, own = await grantee(story)
    milestone, line = await story.milestone(grant, 1), await story.line(grant)
    await story.attach("venture.evidence", milestone, own)
    await story.act("submitVentureMilestone", own, id=milestone, report="已完成")
    for name in ("verifyVentureMilestone", "payVentureTranche"):
        assert (await refusal(story.act(name, own, id=milestone)))[0] == "permission_denied"
    await story.act("verifyVentureMilestone", world.second, id=milestone)
    await story.act("payVentureTranche", world.third, id=milestone)
    made = await story.act(
        "enterVentureExpenditure", own, line_id=line, amount_fen=10, spent_on=world.clock.now().date(),
        item="演示物资", receipt_number="1",
    )  # fmt: skip
    await story.attach("venture.receipt", made, own)
    assert (await refusal(story.act("verifyVentureExpenditure", own, id=made)))[0] == "permission_denied"
    assert (await refusal(story.act("closeVentureGrant", own, id=grant)))[0] == "permission_denied"


async def test_a_grantee_reads_its_own_and_not_where_the_money_comes_from(quick: Any, api: Any) -> None:
    world = quick.world
    grant, own = await grantee(quick)
    await quick.paid(grant, 1)
    stranger = await world.member(await world.unit("演示别的组织"))
    api.runtime.clock = world.clock
    found = (await api.execute(world.tenant, own, GRANTS, {}))["ventureGrants"]
    assert found["totalCount"] == 1
    node = found["nodes"][0]
    assert (node["amountFen"], node["lines"]["totalCount"], node["payments"]["totalCount"]) == (100_000, 2, 1)
    assert [one["state"] for one in node["milestones"]["nodes"]] == ["PAID", "PLANNED", "PLANNED"]
    refused = await api.execute(world.tenant, own, POOL, {})
    assert [one["extensions"]["code"] for one in refused.errors] == ["permission_denied"]
    others = await api.execute(world.tenant, stranger, GRANTS, {})
    assert others["ventureGrants"] == {"totalCount": 0, "nodes": []}


async def test_a_unit_is_told_of_what_is_decided_against_it(story: Any) -> None:
    world = story.world
    grant, _own = await grantee(story)
    first = await story.submitted(await story.milestone(grant, 1))
    why = {"reason": "材料不全"}
    await story.act("returnVentureMilestone", world.second, id=first, **why)
    await story.act("suspendVentureGrant", id=grant, **why)
    await story.act("terminateVentureGrant", id=grant, rule="管理办法 2026 第 12 条", **why)
    told = await world.rows("select type from notifications_message where tenant_id = $1 order by type")
    assert [row["type"] for row in told] == [
        "venture.grant_suspended",
        "venture.grant_terminated",
        "venture.milestone_returned",
    ]


async def test_a_stranger_finds_nothing_of_a_grant_nor_its_files(story: Any) -> None:
    world = story.world
    grant, own = await grantee(story)
    stranger = await world.member(await world.unit("演示别的组织"))
    milestone = await story.milestone(grant, 1)
    await story.attach("venture.evidence", milestone, own)
    act = story.act("submitVentureMilestone", stranger, id=milestone, report="已完成")
    assert (await refusal(act))[0] == "not_found"
    for actor, seen in ((own, True), (stranger, False), (world.officer, True)):
        async with world.context(actor) as ctx:
            found = await files.of_owner(ctx, EVIDENCE, milestone)
            assert bool(found) is seen
            assert all([await may_read(ctx, one) for one in found])


async def test_what_a_unit_was_awarded_stands_at_the_unit(quick: Any, api: Any) -> None:
    world, grant = quick.world, await quick.active()
    unit = (await world.row("venture_grant", grant))["organisation_id"]
    api.runtime.clock = world.clock
    asked = {"id": to_global_id("Organisation", unit)}
    found = await api.execute(world.tenant, world.officer, UNIT, asked)
    assert found["organisation"]["ventureGrants"]["nodes"] == [
        {"title": "演示:社区老人助餐", "state": "ACTIVE", "amountFen": 100_000}
    ]


async def test_donations_follow_the_person_into_the_entry_that_is_kept(quick: Any) -> None:
    world, pool = quick.world, await quick.pool()
    gifts = await quick.source(pool, kind=SourceKind.DONATION, name="社会捐赠")
    double, kept = await world.person(), await world.person()
    giver = {"giver_kind": GiverKind.PERSON, "giver": None}
    receipt = await quick.receive(gifts, 8_800, person_id=double, **giver)
    rights = [f"identity.person.{verb}" for verb in ("read", "write", "merge")]
    async with world.context(world.bench.actor(rights)) as ctx:
        await people.merge(ctx, kept_id=kept, duplicate_id=double, reason="同一人")
    await world.deliver()
    assert (await world.row("venture_receipt", receipt))["person_id"] == kept


def test_all_lists_leave_with_words_in_both_languages(composition: Any) -> None:
    plugins = composition.plugin_set(["organisations", "venture"])
    interface = next(one for one in composition.interfaces if isinstance(one, GraphQLInterface))
    specs = [
        one
        for one in interface.schema_for(plugins).specs.values()
        if one.table.__module__.startswith("linli_venture.")
    ]
    assert len(specs) > 30
    for spec, locale in itertools.product(specs, ("zh-CN", "en")):
        assert plugins.texts.text(f"exports.titles.{spec.plural}", locale), spec.plural
        fields = {
            field.python_name: enum_of(field) for field in get_object_definition(spec.cls, strict=True).fields
        }
        for column in columns_of(spec, ()):
            assert column.header(plugins.texts, locale) != column.name, (spec.plural, column.name)
        for name in spec.columns:
            for member in fields[name] or ():
                key = f"exports.values.{type(member).__name__}.{member.name.lower()}"
                assert plugins.texts.text(key, locale), key


def test_words_of_states_stand_in_brackets_as_they_begin_with_a_capital(composition: Any) -> None:
    texts = composition.plugin_set(["organisations", "venture"]).texts
    for code in ("grant_not_active", "not_editable", "call_not_open", "not_reviewing", "not_verified"):
        said = texts.text(f"problems.venture.{code}", "en")
        assert re.search(r"\(\{state:[A-Z]\w+\}\)", said or ""), said
