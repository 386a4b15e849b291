"""Public pages: a tenant's list of them, their frame, and their style sheet."""

from __future__ import annotations

import re
from typing import Any

import pytest

from linli.http.pages import index_page
from linli.http.routes import BadRoutePath, Route, RouteResponse
from linli.testing.factories import Bench


async def test_a_tenants_pages_are_listed_and_lead_back(web: Any, bench: Bench) -> None:
    tenant = await bench.tenant(plugins=["organisations", "venture"])
    listed = await web.client.get(f"/p/{tenant.slug}")
    assert (listed.status_code, listed.headers["content-type"]) == (200, "text/html; charset=utf-8")
    links = dict(re.findall(r'<li><a href="(.*?)">(.*?)</a></li>', listed.text))
    assert links[f"/p/{tenant.slug}/venture/calls"] == "公益创投申报公告"
    for address, title in links.items():
        page = await web.client.get(address)
        assert page.status_code == 200
        assert f"<h1>{title}</h1>" in page.text
        assert f'<a href="/p/{tenant.slug}">{tenant.name}</a>' in page.text
    english = await web.client.get(f"/p/{tenant.slug}", headers={"accept-language": "en"})
    assert '<html lang="en">' in english.text
    assert "公告" not in english.text


async def test_only_what_is_switched_on_is_listed(web: Any, bench: Bench) -> None:
    tenant = await bench.tenant(plugins=[])
    assert "暂无公开页面。" in (await web.client.get(f"/p/{tenant.slug}")).text
    assert (await web.client.get("/p/no-such-tenant")).status_code == 404


async def test_pages_load_nothing_but_our_style_sheet(web: Any, bench: Bench) -> None:
    tenant = await bench.tenant()
    page = (await web.client.get(f"/p/{tenant.slug}")).text
    (address,) = re.findall(r'<link rel="stylesheet" href="(.*?)">', page)
    assert re.findall(r'(?:src|href)="(?!/)', page) == []
    style = await web.client.get(address)
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "@import" not in style.text
    assert "url(" not in style.text


def test_a_page_for_each_of_many_things_is_not_listed() -> None:
    async def page(*_arguments: object) -> RouteResponse:
        return RouteResponse(200, "text/html", b"")

    with pytest.raises(BadRoutePath):
        Route("calls/{number}", page, summary="A call", title="venture.pages.call.title")


def test_two_pages_of_one_title_are_both_listed() -> None:
    page = index_page("en", title="Town", sentence="", links=[("Calls", "/p/t/a"), ("Calls", "/p/t/b")])
    assert page.count(b"Calls") == 2
