"""GraphiQL works without any other host."""

from __future__ import annotations

import hashlib
import re
from importlib.resources import files

import httpx
import pytest
from litestar import Litestar

from linli_graphql.graphiql import graphiql_handlers

STATIC = files("linli_graphql") / "static"
PAGE_FILES = ("graphiql.html", "page.js", "page.css")


@pytest.fixture(scope="module")
def app():
    return Litestar(list(graphiql_handlers()), openapi_config=None)


async def fetch(app, path, **headers):
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://linli.test", headers=headers
    ) as client:
        return await client.get(path)


@pytest.mark.parametrize("name", PAGE_FILES)
def test_the_page_names_no_other_host(name):
    assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", (STATIC / name).read_text(encoding="utf-8"), re.I)


def test_the_vendored_style_loads_nothing_from_elsewhere():
    style = (STATIC / "vendor" / "graphiql.min.css").read_text(encoding="utf-8")
    assert all(url.startswith("data:") for url in re.findall(r"url\(\s*['\"]?([^)'\"]+)", style))


def test_the_vendored_files_are_those_of_the_packages():
    rows = re.findall(
        r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", (STATIC / "vendor/VERSIONS.md").read_text(), re.M
    )
    present = {path.name for path in (STATIC / "vendor").iterdir() if path.name.endswith((".js", ".css"))}
    assert {name for name, _ in rows} == present
    for name, expected in rows:
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == expected


async def test_everything_that_the_page_loads_is_served(app):
    page = await fetch(app, "/graphiql")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    loaded = re.findall(r'(?:src|href)="(/graphiql/[^"]+)"', page.text)
    assert len(loaded) == 6
    for path in loaded:
        for encoding in ("identity", "gzip"):
            response = await fetch(app, path, **{"Accept-Encoding": encoding})
            assert response.status_code == 200
            assert response.content
    assert (await fetch(app, "/graphiql/LICENSE.react")).status_code == 404
    assert (await fetch(app, "/graphiql/..%2Fgraphiql.py")).status_code == 404


async def test_the_policy_allows_this_host_only_and_each_page_has_its_own_nonce(app):
    pages = [await fetch(app, "/graphiql") for _ in range(2)]
    policies = [page.headers["content-security-policy"] for page in pages]
    assert policies[0] != policies[1]
    for page, policy in zip(pages, policies, strict=True):
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "connect-src 'self';" in policy
        assert "http" not in policy
        nonce = re.search(r"'nonce-([^']+)'", policy)[1]
        assert f'data-nonce="{nonce}"' in page.text
