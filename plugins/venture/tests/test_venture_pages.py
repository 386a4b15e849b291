"""The public pages without a log-in: calls, the draw, results; in both languages, and with nobody's name."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from linli.http.public_routes import ANONYMOUS
from linli_graphql.testing import export_desk
from linli_venture.pages import CALL_ROUTES

HANDLERS = {route.path: route.handler for route in CALL_ROUTES}


async def page(world: Any, path: str, number: str = "2026-1", locale: str = "zh-CN") -> str:
    async with world.context(ANONYMOUS, read_only=True) as ctx:
        ctx.locale = locale
        answer = await HANDLERS[path](ctx, {"number": number})
    assert (answer.status, answer.media_type) == (200, "text/html; charset=utf-8")
    text = answer.body.decode()
    assert "venture.pages" not in text, "there is a text for every row"
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in text
    assert "<script" not in text
    return str(text)


def cells(text: str) -> dict[str, str]:
    """The rows of a page, the first of each name."""
    found: dict[str, str] = {}
    for name, value in re.findall(r"<tr><th>(.*?)</th><td>(.*?)</td></tr>", text, re.DOTALL):
        found.setdefault(name, html.unescape(value))
    return found


def sections(text: str) -> list[dict[str, str]]:
    return [{"": re.findall(r"<h2>(.*?)</h2>", one)[0], **cells(one)} for one in text.split("<section>")[1:]]


async def test_a_call_is_shown_from_its_publication_with_its_times_and_rules(world: Any, story: Any) -> None:
    call = await story.drafted(floor_grade="A3", guide="请如实填写<b>")
    assert "社区公益创投" not in await page(world, "calls")
    unknown = await page(world, "calls/{number}")
    await story.step("publishVentureCall", world.second, call)
    text = await page(world, "calls/{number}")
    assert re.findall(r"<[^>]+>", unknown)[:40] == re.findall(r"<[^>]+>", text)[:40]
    shown = cells(text)
    assert shown["状态"] == "尚未开始"
    assert (shown["开始申报"], shown["截止申报"]) == ("2026-05-07 12:00:00", "2026-05-17 12:00:00")
    assert (shown["单个项目上限(元)"], shown["资助占预算上限"]) == ("500,000.00", "60%")
    assert (shown["最低评估等级"], shown["各期拨付比例"]) == ("3A", "50% / 40% / 10%")
    assert shown["申报指南"] == "请如实填写<b>"
    assert shown["评分标准(权重共 100)"].startswith("需求与必要性 20、方案可行性 25、")
    assert "<b>" not in text
    commitment = await world.value("select seed_commitment from venture_call where tenant_id = $1")
    assert shown["抽签种子承诺(SHA-256)"] == commitment
    closes = world.clock.now() + timedelta(days=11)
    for moment, state in ((closes, "申报中"), (closes + timedelta(seconds=1), "已截止")):
        world.at(moment)
        assert cells(await page(world, "calls/{number}"))["状态"] == state
    listed = await page(world, "calls")
    assert f'<a href="/p/{world.tenant.slug}/venture/calls/2026-1">' in listed
    assert cells(await page(world, "calls/{number}", locale="en"))["State"] == "Closed"


async def test_an_amendment_is_shown_with_what_it_says(world: Any, story: Any) -> None:
    call = await story.open()
    await world.act(
        "amendVentureCall",
        world.second,
        gives="VentureCall",
        id=call,
        note="延长申报期三天",
        closes_at="2026-05-20T04:00:00+00:00",
    )
    first, second = sections(await page(world, "calls/{number}"))
    assert (first[""], first["说明"]) == ("第 1 版规则", "—")
    assert (second[""], second["说明"]) == ("第 2 版规则", "延长申报期三天")
    assert len(second["规则摘要(SHA-256)"]) == 64


async def test_results_are_shown_from_the_notice_on_and_name_nobody(world: Any, story: Any) -> None:
    applicants = [await world.applicant(), await world.applicant()]
    experts = [await world.expert() for _ in range(5)]
    call, (first, second) = await story.ranked(applicants, experts)
    await world.fund(20_000_000)
    decision = await story.propose(call, ((first, "AWARD"), (second, "REJECT")))
    before = await page(world, "calls/{number}/results")
    assert sections(before) == []
    assert cells(before)["拟资助合计(元)"] == "—"
    await story.step("announceVentureDecision", world.second, decision, "VentureDecision")
    links = re.findall(r'<h2><a href="(.*?)">(.*?)</a>', await page(world, "calls/{number}"))
    above = f"/p/{world.tenant.slug}/venture/calls/2026-1"
    assert links == [(f"{above}/draw", "评审专家抽签"), (f"{above}/results", "评审结果公示")]
    text = await page(world, "calls/{number}/results")
    best, other = sections(text)
    assert best == {
        "": "银龄守护",
        "项目编号": "2026-1-001",
        "申报组织": "演示服务中心1",
        "名次": "1",
        "得分": "80.00",
        "答辩": "—",
        "评审数": "5",
        "公示结果": "拟资助",
        "资助额(元)": "60,000.00",
        "候补顺位": "—",
        "当前状态": "公示中",
    }
    assert (other["公示结果"], other["资助额(元)"]) == ("不予资助", "—")
    assert cells(text)["公示截止"] == "2026-05-22 23:59:59"
    for word in ("演示专家", "演示执笔人", "演示同事", "名次靠后"):
        assert word not in text
    world.at(world.clock.now() + timedelta(days=21))
    await story.step("concludeVentureDecision", world.second, decision, "VentureDecision")
    assert sections(await page(world, "calls/{number}/results"))[0]["当前状态"] == "已资助"


async def test_the_pages_are_served_without_a_log_in_where_the_plugin_is_on(
    world: Any, story: Any, tmp_path: Path
) -> None:
    await story.published()
    without = await world.bench.tenant(plugins=[])
    async with export_desk(world.bench, tmp_path) as desk:
        for path in ("calls", "calls/2026-1", "calls/2026-1/draw", "calls/2026-1/results"):
            found = await desk.client.get(f"/p/{world.tenant.slug}/venture/{path}")
            off = await desk.client.get(f"/p/{without.slug}/venture/{path}")
            assert (found.status_code, off.status_code) == (200, 404)
            assert "社区公益创投" in found.text or path.endswith("draw")
