"""The noticeboard: its rules, its API, and the rules for plugins."""

from __future__ import annotations

import pytest
from linli_noticeboard import service
from linli_noticeboard.errors import NotADraft
from linli_noticeboard.states import NOTICE

from linli.plugin import Context, OwnWork, PermissionDenied, UndefinedTransition
from linli.testing.conformance import check_plugin

READ_AND_WRITE = ("noticeboard.notice.read", "noticeboard.notice.write")
ALL = (*READ_AND_WRITE, "noticeboard.notice.publish")


@pytest.fixture
async def tenant(bench):
    return await bench.tenant(plugins=["noticeboard"])


@pytest.fixture
async def notice(bench, tenant):
    """A draft that a community worker wrote."""
    async with bench.context(tenant, permissions=READ_AND_WRITE) as ctx:
        return await service.draft(ctx, area_id=None, title="停水通知", body="周六上午停水，请提前储水。")


def test_the_plugin_keeps_to_the_rules():
    assert check_plugin("linli_noticeboard") == []


async def test_a_notice_is_published_by_somebody_else_and_withdrawn(bench, tenant, notice):
    async with bench.context(tenant, permissions=ALL) as ctx:
        published = await service.publish_notice(ctx, notice.id)
        assert (published.state, published.published_at is not None) == ("published", True)
        assert await _events(ctx) == ["noticeboard.notice_published"]
        withdrawn = await service.withdraw(ctx, notice.id, reason="时间有误")
        assert (withdrawn.state, withdrawn.version) == ("withdrawn", 3)


async def test_nobody_publishes_what_they_drafted(bench, tenant):
    async with bench.context(tenant, permissions=ALL) as ctx:
        own = await service.draft(ctx, area_id=None, title="停电通知", body="周日停电。")
        with pytest.raises(OwnWork):
            await service.publish_notice(ctx, own.id)
        assert await _events(ctx) == []


async def test_publishing_takes_its_permission(bench, tenant, notice):
    async with bench.context(tenant, permissions=READ_AND_WRITE) as ctx:
        with pytest.raises(PermissionDenied):
            await service.publish_notice(ctx, notice.id)


async def test_a_published_notice_is_not_edited(bench, tenant, notice):
    async with bench.context(tenant, permissions=ALL) as ctx:
        await service.publish_notice(ctx, notice.id)
        with pytest.raises(NotADraft):
            await service.change(ctx, notice.id, title="停水通知", body="改为周日。")


@pytest.mark.parametrize(("state", "action"), NOTICE.illegal())
def test_every_other_transition_is_refused(state, action):
    with pytest.raises(UndefinedTransition):
        NOTICE.transition(state, action)


async def test_the_api_gives_back_what_was_drafted(bench, tenant, api):
    document = """
    mutation ($input: DraftNoticeInput!) {
      draftNotice(input: $input) { notice { title state area { name } } problems { code path } }
    }"""
    community = await bench.area(tenant, name="演示社区")
    area_id = await _global_id(bench, tenant, api)
    clerk = bench.actor((*READ_AND_WRITE, "areas.area.read"), area_path=community.path)
    given = {"areaId": area_id, "title": "停水通知", "body": "周六上午停水。"}
    done = (await api.execute(tenant, clerk, document, {"input": given}))["draftNotice"]
    assert done["notice"] == {"title": "停水通知", "state": "DRAFT", "area": {"name": "演示社区"}}

    refused = (await api.execute(tenant, clerk, document, {"input": {**given, "title": " "}}))["draftNotice"]
    assert refused == {"notice": None, "problems": [{"code": "required", "path": ["input", "title"]}]}


async def _global_id(bench, tenant, api) -> str:
    reader = bench.actor(["areas.area.read"])
    found = await api.execute(tenant, reader, "{ areas(first: 1) { edges { node { id } } } }")
    return found["areas"]["edges"][0]["node"]["id"]


async def _events(ctx: Context) -> list[str]:
    found = await ctx.db.fetch("select name from events_event where tenant_id = $1", ctx.tenant_id)
    return [row["name"] for row in found]
