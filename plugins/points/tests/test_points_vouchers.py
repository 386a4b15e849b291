"""The public page of a voucher and its QR code: the same page for all numbers, and nobody's name."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import segno

from linli.app import create_app
from linli.http.public_routes import ANONYMOUS
from linli.plugin import RouteResponse
from linli.settings import Settings
from linli.testing.pytest_plugin import MASTER_KEYS_LINE
from linli_points import vouchers
from linli_points.pages import ROUTES

VOUCHER = """query($number: String!) { pointsVoucher(number: $number) {
    number state reward quantity goodUntil } }"""


async def issued(story: Any) -> tuple[Any, str]:
    """A good voucher for two, and its number."""
    someone = await story.world.person("演示赵钱孙", points=100)
    made = await story.issued(someone, await story.reward(name="理发 <b>", value_fen=0), quantity=2)
    return made, await story.number(made)


async def answer(
    story: Any, route: int, number: str, locale: str = "zh-CN", tenant: Any = None
) -> RouteResponse:
    world = story.world
    if tenant is not None:
        world.tenant = tenant
    async with world.context(ANONYMOUS, read_only=True) as ctx:
        ctx.locale = locale
        found: RouteResponse = await ROUTES[route].handler(ctx, {"number": number})
    return found


async def page(story: Any, number: str, **options: Any) -> str:
    found = await answer(story, 0, number, **options)
    assert (found.status, found.media_type) == (200, "text/html; charset=utf-8")
    return found.body.decode()


def shape(text: str) -> list[str]:
    return re.findall(r"<[^>]+>", text)


async def test_a_good_voucher_shows_the_reward_and_how_long_and_no_name(quick: Any) -> None:
    _made, number = await issued(quick)
    text = await page(quick, number.lower().replace("-", ""))
    for shown in ("有效，可发放并核销", "理发 &lt;b&gt;", "<td>2</td>", "2026-06-05"):
        assert shown in text
    for hidden in ("赵", "钱", "演示"):
        assert hidden not in text


async def test_the_page_tells_the_state_as_it_is(quick: Any) -> None:
    world = quick.world
    someone, reward = await world.person(points=100), await quick.reward()
    reserved = await quick.reserved(someone, reward)
    assert "已预留" in await page(quick, await quick.number(reserved))
    made = await quick.issued(someone, reward)
    await quick.fulfilled(made)
    assert "已核销" in await page(quick, await quick.number(made))
    made = await quick.issued(someone, reward)
    await quick.act("cancelPointsRedemption", id=made, reason="私人原因")
    text = await page(quick, await quick.number(made))
    assert "已失效" in text
    assert "私人原因" not in text
    late = await quick.issued(someone, reward)
    world.clock.advance(timedelta(days=31))
    assert "已失效" in await page(quick, await quick.number(late))


async def test_an_unknown_number_gets_a_page_of_the_same_shape(quick: Any) -> None:
    _made, number = await issued(quick)
    known = await page(quick, number)
    wrong = ("0" if number[5] != "0" else "1").join((number[:5], number[6:]))
    for typed in (wrong, "不是编号", "x" * 600, "<script>alert(1)</script>", "{tenant}", '"><img src=x>'):
        unknown = await page(quick, typed)
        assert "没有这张兑换券" in unknown
        assert shape(unknown) == shape(known)


async def test_another_tenant_does_not_know_the_number(quick: Any) -> None:
    _made, number = await issued(quick)
    other = await quick.world.bench.tenant(plugins=["points"])
    assert "没有这张兑换券" in await page(quick, number, tenant=other)


async def test_the_page_is_in_the_visitors_language_and_loads_nothing_foreign(quick: Any) -> None:
    _made, number = await issued(quick)
    text = await page(quick, number, locale="en")
    assert "Good: hand out and confirm" in text
    for foreign in ("http:", "https:", "src=", "<style", "script"):
        assert foreign not in text


async def test_the_qr_code_holds_the_pages_address(quick: Any) -> None:
    world = quick.world
    _made, number = await issued(quick)
    path = f"/p/{world.tenant.slug}/points/vouchers/{number}"
    for address, held in (
        ("", path),
        ("https://linli.example.cn/", f"https://linli.example.cn{path}"),
        ("javascript:alert(1)", path),
        ("https://" + "x" * 5_000, path),
    ):
        world.settings["points.public_address"] = address
        found = await answer(quick, 1, number)
        assert (found.status, found.media_type) == (200, "image/svg+xml")
        expected = segno.make(held, error="m", micro=False)
        assert found.body.decode().count("<path") == 1
        assert expected.svg_inline(scale=6, border=4, omitsize=False).split(' d="')[1].split('"')[0] in (
            found.body.decode()
        )
        assert vouchers.number_in(held) == number


async def test_any_number_of_the_right_form_has_a_code_and_nothing_else_has(quick: Any) -> None:
    _made, number = await issued(quick)
    other = await quick.world.bench.tenant(plugins=["points"])
    assert (await answer(quick, 1, number, tenant=other)).status == 200
    for typed in ("2026-00000-00000-0", "x", "x" * 600):
        assert (await answer(quick, 1, typed)).status == 404


async def test_a_provider_asks_for_a_voucher_before_handing_anything_out(quick: Any, api: Any) -> None:
    world = quick.world
    api.runtime.clock = world.clock
    _made, number = await issued(quick)
    provider = world.bench.actor(["points.redemption.fulfil"])
    given = {"number": f"https://linli.example.cn/p/x/points/vouchers/{number}"}
    found = await api.execute(world.tenant, provider, VOUCHER, given)
    assert found["pointsVoucher"] == {
        "number": number, "state": "issued", "reward": "理发 <b>", "quantity": 2, "goodUntil": "2026-06-05",
    }  # fmt: skip
    assert (await api.execute(world.tenant, provider, VOUCHER, {"number": "x"}))["pointsVoucher"] is None
    nobody = world.bench.actor(["points.reward.read"])
    assert (await api.execute(world.tenant, nobody, VOUCHER, given)).codes == ["permission_denied"]


async def test_a_provider_who_may_not_see_the_row_is_given_the_voucher(quick: Any, api: Any) -> None:
    world = quick.world
    api.runtime.clock = world.clock
    _made, number = await issued(quick)
    provider = world.bench.actor(["points.redemption.fulfil"])
    document = """mutation($number: String!) { fulfilPointsRedemption(input: {number: $number}) {
        voucher { state quantity } problems { code } } }"""
    found = await api.execute(world.tenant, provider, document, {"number": number})
    assert found["fulfilPointsRedemption"] == {
        "voucher": {"state": "fulfilled", "quantity": 2},
        "problems": [],
    }


async def test_the_application_serves_both_without_a_log_in_where_the_plugin_is_on(
    quick: Any, database: Any, tmp_path: Path
) -> None:
    _made, number = await issued(quick)
    without = await quick.world.bench.tenant(plugins=[])
    settings = Settings(
        data_dir=tmp_path,
        database_url=database.owner_url,
        secret_key="test-secret-key",
        master_keys=MASTER_KEYS_LINE,
    )
    app: Any = create_app(settings)
    transport = httpx.ASGITransport(app)
    base = f"/p/{quick.world.tenant.slug}/points/vouchers"
    async with app.opened(), httpx.AsyncClient(transport=transport, base_url="http://linli.test") as client:
        found = await client.get(f"{base}/{number}")
        unknown = await client.get(f"{base}/0")
        code = await client.get(f"{base}/{number}/qr.svg")
        off = await client.get(f"/p/{without.slug}/points/vouchers/{number}")
    statuses = [one.status_code for one in (found, unknown, code, off)]
    assert statuses == [200, 200, 200, 404]
    assert found.headers["content-type"] == "text/html; charset=utf-8"
    assert code.headers["content-type"].startswith("image/svg+xml")
    assert b"<svg" in code.content


@pytest.mark.parametrize("typed", ["", "/", "//", "https://", "?" * 500])
def test_what_has_no_number_gives_none(typed: str) -> None:
    assert vouchers.number_in(typed) is None
