"""Figures, accounts and public pages: from the pool to what was spent; nothing personal in public."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from linli.app import create_app
from linli.settings import Settings
from linli.testing.pytest_plugin import MASTER_KEYS_LINE
from linli_venture.grants.figures import FigureBy, figures
from linli_venture.grants.pages import money, performance
from linli_venture.grants.terms import PaidFrom
from linli_venture.money.terms import GiverKind, SourceKind

FIGURES = """query($by: VentureFigureBy!, $year: Int, $area: ID) { ventureFigures(by: $by, year: $year, area: $area) {
    label grants live awardedFen verifiedFen paidFen spentFen refundedFen releasedFen settledFen ownPromisedFen
    ownShownFen milestones shown
    overdue } }"""
ACCOUNTS = """{ ventureAccounts { title year receivedFen reservedFen paidFen leftFen sources {
    kind name category receivedFen reservedFen paidFen leftFen } } }"""


async def closed(quick: Any) -> Any:
    """A grant of 100,000 fen that is closed with 70,000 accounted for."""
    grant = await quick.finished(spent=70_000)
    await quick.spent(await quick.line(grant), 30_000, paid_from=PaidFrom.OWN_FUNDS)
    await quick.verified(grant, 3)
    await quick.audited(grant, 70_000)
    await quick.given_back(grant, 20_000)
    return await quick.act("closeVentureGrant", id=grant)


@pytest.mark.parametrize(
    ("by", "label"),
    [
        ("CALL", "演示公益创投公告"),
        ("CATEGORY", "elderly"),
        ("AREA", "演示社区"),
        ("ORGANISATION", "演示助老服务社"),
        ("POOL", "2026 年度公益创投资金"),
    ],
)
async def test_the_figures_follow_the_money(quick: Any, api: Any, by: str, label: str) -> None:
    world = quick.world
    await closed(quick)
    api.runtime.clock = world.clock
    found = (await api.execute(world.tenant, world.officer, FIGURES, {"by": by}))["ventureFigures"]
    assert found == [
        {
            "label": label, "grants": 1, "live": 0, "awardedFen": 100_000, "verifiedFen": 100_000, "paidFen": 90_000,
            "spentFen": 70_000, "refundedFen": 20_000, "releasedFen": 10_000, "settledFen": 70_000,
            "ownPromisedFen": 40_000, "ownShownFen": 30_000, "milestones": 3,
            "shown": 3, "overdue": 0,
        }
    ]  # fmt: skip
    before = await api.execute(world.tenant, world.officer, FIGURES, {"by": by, "year": 2025})
    assert before["ventureFigures"] == []


async def test_overdue_milestones_are_counted_whether_marked_or_not(quick: Any) -> None:
    world = quick.world
    await quick.active()
    world.turn("2026-09-02")
    async with world.context() as ctx:
        found = await figures(ctx, FigureBy.CATEGORY)
    assert [(one.overdue, one.shown) for one in found] == [(2, 0)]


async def test_figures_are_those_of_the_areas_that_one_may_see(quick: Any, bench: Any) -> None:
    world = quick.world
    await quick.active()
    for place, count in ((world.area, 1), (world.elsewhere, 0)):
        reader = bench.actor(["venture.grant.read", "areas.area.read"], area_path=place.path)
        async with world.context(reader) as ctx:
            assert len(await figures(ctx, FigureBy.AREA)) == count
            assert len(await figures(ctx, FigureBy.AREA, area_id=place.id)) == count


async def test_the_accounts_of_a_pool_add_up_by_source(quick: Any, api: Any) -> None:
    world = quick.world
    await closed(quick)
    api.runtime.clock = world.clock
    found = (await api.execute(world.tenant, world.officer, ACCOUNTS, {}))["ventureAccounts"]
    [pool] = found
    parts = ("receivedFen", "reservedFen", "paidFen", "leftFen")
    assert [pool[one] for one in parts] == [210_000, 0, 70_000, 140_000]
    assert [[one["kind"], *(one[part] for part in parts)] for one in pool["sources"]] == [
        ["FISCAL", 200_000, 0, 60_000, 140_000],
        ["SPECIAL_FUND", 10_000, 0, 10_000, 0],
    ]


async def test_the_public_pages_are_chinese_fit_a_phone_and_name_nobody(quick: Any) -> None:
    world = quick.world
    await closed(quick)
    pool = await quick.pool(title="第二个资金池")
    gifts = await quick.source(pool, kind=SourceKind.DONATION, name="社会捐赠")
    person_id = await world.person("演示王小明")
    giver = {"giver_kind": GiverKind.PERSON, "giver": None, "person_id": person_id}
    await quick.receive(gifts, 8_800, **giver)
    async with world.context(read_only=True) as ctx:
        pages = [(await one(ctx, {})).body.decode() for one in (money, performance)]
    for page in pages:
        assert 'lang="zh-CN"' in page
        assert "width=device-width" in page
        assert "演示王小明" not in page
    accounts, results = pages
    for text in ("公益创投资金收支公开", "2026 第二个资金池 · 社会捐赠", "专项基金", "2,188.00", "700.00"):
        assert text in accounts, text
    for text in (
        "公益创投项目绩效公开",
        "演示:社区老人助餐",
        "演示助老服务社",
        "优秀",
        "92",
        "1,000.00",
        "700.00",
        "自筹承诺",
        "400.00",
        "自筹到位",
        "300.00",
    ):
        assert text in results, text


async def test_the_pages_are_read_without_log_in_where_the_plugin_is_on(
    quick: Any, database: Any, tmp_path: Path
) -> None:
    await closed(quick)
    without = await quick.world.bench.tenant(plugins=[])
    settings = Settings(
        data_dir=tmp_path,
        database_url=database.owner_url,
        secret_key="test-secret-key",
        master_keys=MASTER_KEYS_LINE,
    )
    app: Any = create_app(settings)
    transport = httpx.ASGITransport(app)
    slugs = (quick.world.tenant.slug, without.slug)
    async with app.opened(), httpx.AsyncClient(transport=transport, base_url="http://linli.test") as client:
        for page in ("accounts", "performance"):
            found, off = [await client.get(f"/p/{slug}/venture/{page}") for slug in slugs]
            assert (found.status_code, off.status_code) == (200, 404)
            assert found.headers["content-type"] == "text/html; charset=utf-8"
            assert "公益创投" in found.text


async def test_a_termination_is_published_once_nobody_can_object_any_more(quick: Any) -> None:
    world, grant = quick.world, await quick.active()
    values = {"reason": "挪用资助款", "rule": "管理办法 2026 第 12 条"}
    await quick.act("terminateVentureGrant", id=grant, **values)
    for day, shown in (("2026-05-19", False), ("2026-05-20", True)):
        world.turn(day)
        async with world.context(read_only=True) as ctx:
            page = (await performance(ctx, {})).body.decode()
        assert ("演示:社区老人助餐" in page) is shown
        assert "挪用资助款" not in page


async def test_a_figure_takes_one_statement(quick: Any) -> None:
    world = quick.world
    await quick.active()
    async with world.context() as ctx:
        assert len(await figures(ctx, FigureBy.CALL)) == 1
