"""The acceptance slip: who has its number sees where the application stands, and no full name."""

from __future__ import annotations

from typing import Any

from linli_migrants.pages import slip, slip_code


async def shown(world: Any, number: str, page: Any = slip) -> Any:
    async with world.bench.context(world.tenant, clock=world.clock) as ctx:
        return await page(ctx, {"number": number})


async def test_a_slip_tells_where_the_application_stands(quick: Any, world: Any) -> None:
    await quick.accepted()
    number = await world.value("select number from migrants_application where tenant_id = $1")
    body = (await shown(world, number)).body.decode()
    for word in ("居住证受理回执", number, "已受理", "演**", "2026-05-06", "2026-05-21", "免费"):
        assert word in body, word
    assert "演示张三" not in body
    assert f'<img src="{number}/qr.svg"' in body


async def test_a_number_that_nobody_has_looks_like_any_other(world: Any) -> None:
    typed = "<script>" + "x" * 100
    body = (await shown(world, typed)).body.decode()
    assert "<script>" not in body
    assert "查无此回执" in body
    assert (await shown(world, typed, slip_code)).status == 404


async def test_the_code_opens_the_page(quick: Any, world: Any) -> None:
    await quick.accepted()
    number = await world.value("select number from migrants_application where tenant_id = $1")
    code = await shown(world, number, slip_code)
    assert (code.status, code.media_type) == (200, "image/svg+xml")
