"""The public page: the same page for valid, revoked and unknown numbers, and nobody's whole name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from linli.app import create_app
from linli.http.public_routes import ANONYMOUS
from linli.settings import Settings
from linli.testing.pytest_plugin import MASTER_KEYS_LINE
from linli_volunteers.pages import ROUTES


async def certificate(story: Any) -> tuple[UUID, str]:
    """A certificate of two hours, and its number."""
    entry = await story.posted()
    sql = "select volunteer_id from volunteers_hours where tenant_id = $1 and id = $2"
    volunteer = UUID(str(await story.world.value(sql, entry)))
    made = await story.act("issueVolunteerCertificate", volunteer_id=volunteer)
    sql = "select number from volunteers_certificate where tenant_id = $1 and id = $2"
    return made, str(await story.world.value(sql, made))


async def page(story: Any, number: str, locale: str = "zh-CN", tenant: Any = None) -> str:
    world = story.world
    options = {"actor": ANONYMOUS, "clock": world.clock, "read_only": True}
    async with world.bench.context(tenant or world.tenant, **options) as ctx:
        ctx.locale = locale
        answer = await ROUTES[0].handler(ctx, {"number": number})
    assert (answer.status, answer.media_type) == (200, "text/html; charset=utf-8")
    return str(answer.body.decode())


def shape(text: str) -> list[str]:
    return re.findall(r"<[^>]+>", text)


async def test_a_valid_certificate_shows_hours_and_a_masked_name(quick: Any) -> None:
    _made, number = await certificate(quick)
    text = await page(quick, number.lower().replace("-", ""))
    assert "有效" in text
    assert "2.00" in text
    assert "演***" in text
    assert "张三" not in text
    assert "2026-05-06" in text


async def test_a_revoked_certificate_says_so(quick: Any) -> None:
    made, number = await certificate(quick)
    await quick.act("revokeVolunteerCertificate", id=made, reason="误开")
    text = await page(quick, number)
    assert "已撤销" in text
    assert "误开" not in text


async def test_an_unknown_number_gets_a_page_of_the_same_shape(quick: Any) -> None:
    _made, number = await certificate(quick)
    wrong = ("0" if number[5] != "0" else "1").join((number[:5], number[6:]))
    known = await page(quick, number)
    for typed in (wrong, "不是编号", "x" * 400, "2026-00000-00000-0"):
        unknown = await page(quick, typed)
        assert "查无此证明" in unknown
        assert shape(unknown) == shape(known)


async def test_another_tenant_does_not_know_the_number(quick: Any) -> None:
    _made, number = await certificate(quick)
    other = await quick.world.bench.tenant(plugins=["volunteers"])
    assert "查无此证明" in await page(quick, number, tenant=other)


@pytest.mark.parametrize("typed", ["<script>alert(1)</script>", '"><img src=x>', "{tenant}", "%00&#0;"])
async def test_what_was_typed_is_shown_as_text(quick: Any, typed: str) -> None:
    text = await page(quick, typed)
    assert "<script" not in text
    assert "<img" not in text
    assert shape(text) == shape(await page(quick, "1"))


async def test_the_page_is_in_the_visitors_language_and_loads_nothing_foreign(quick: Any) -> None:
    _made, number = await certificate(quick)
    text = await page(quick, number, locale="en")
    assert "Valid" in text
    for foreign in ("http:", "https:", "src=", "<style", "script"):
        assert foreign not in text


async def test_the_application_serves_the_page_without_a_log_in_where_the_plugin_is_on(
    quick: Any, database: Any, tmp_path: Path
) -> None:
    _made, number = await certificate(quick)
    without = await quick.world.bench.tenant(plugins=[])
    settings = Settings(
        data_dir=tmp_path,
        database_url=database.owner_url,
        secret_key="test-secret-key",
        master_keys=MASTER_KEYS_LINE,
    )
    app: Any = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with app.opened(), httpx.AsyncClient(transport=transport, base_url="http://linli.test") as client:
        found = await client.get(f"/p/{quick.world.tenant.slug}/volunteers/verify/{number}")
        unknown = await client.get(f"/p/{quick.world.tenant.slug}/volunteers/verify/0")
        off = await client.get(f"/p/{without.slug}/volunteers/verify/{number}")
    assert (found.status_code, unknown.status_code, off.status_code) == (200, 200, 404)
    assert "有效" in found.text
    assert {name: value for name, value in found.headers.items() if name not in VARYING} == {
        name: value for name, value in unknown.headers.items() if name not in VARYING
    }


VARYING = ("x-request-id", "content-length", "date")
