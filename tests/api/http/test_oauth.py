"""Tokens for API clients."""

from __future__ import annotations

import base64

import pytest
import pytest_asyncio

from linli.http.authentication import authenticate_request
from linli.identity import clients

SCOPES = ["areas.area.read", "identity.person.read"]


@pytest_asyncio.fixture
async def client(bench):
    tenant = await bench.tenant(plugins=())
    async with bench.context(tenant) as ctx:
        made = await clients.create(ctx, name="统计平台", scopes=SCOPES)
    return made.client.client_id, made.client_secret


def basic(client_id, secret):
    return {"Authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


async def test_a_client_gets_a_token_by_basic_and_by_form(web, client):
    form = {"grant_type": "client_credentials"}
    by_basic = await web.client.post("/oauth/token", data=form, headers=basic(*client))
    by_form = await web.client.post(
        "/oauth/token", data={**form, "client_id": client[0], "client_secret": client[1]}
    )
    for response in (by_basic, by_form):
        assert response.status_code == 200, response.text
        assert response.headers["cache-control"] == "no-store"
        body = response.json()
        assert body["token_type"] == "Bearer"
        assert body["expires_in"] == 3600
        assert body["scope"].split() == sorted(SCOPES)
        scope = {"headers": [(b"authorization", f"Bearer {body['access_token']}".encode())], "client": None}
        principal = await authenticate_request(web.runtime, scope)
        assert principal.actor.permissions == frozenset(SCOPES)


async def test_a_client_may_ask_for_less(web, client):
    form = {"grant_type": "client_credentials", "scope": "areas.area.read"}
    response = await web.client.post("/oauth/token", data=form, headers=basic(*client))
    assert response.json()["scope"] == "areas.area.read"


async def test_a_scope_that_the_client_lacks_is_refused(web, client):
    form = {"grant_type": "client_credentials", "scope": "identity.role.manage"}
    response = await web.client.post("/oauth/token", data=form, headers=basic(*client))
    assert (response.status_code, response.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    "wrong", ["secret", "unknown client", "no client", "neither", "not base64", "bearer"]
)
async def test_a_wrong_client_is_refused(web, client, wrong):
    headers = {
        "secret": basic(client[0], "wrong"),
        "unknown client": basic(client[0][:-1] + ("a" if client[0][-1] != "a" else "b"), client[1]),
        "no client": basic("王", client[1]),
        "neither": {},
        "not base64": {"Authorization": "Basic ???"},
        "bearer": {"Authorization": "Bearer x"},
    }[wrong]
    form = {"grant_type": "client_credentials"}
    response = await web.client.post("/oauth/token", data=form, headers=headers)
    assert response.status_code == 401
    assert response.json()["error"] == "invalid_client"
    assert response.json()["error_description"].isascii()
    assert response.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", "invalid_request"),
        (b"grant_type=password", "unsupported_grant_type"),
        (b"grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        (b"grant_type=client_credentials&client_secret=x", "invalid_request"),
        (b"grant_type=%ff", "invalid_request"),
        (b"\xff\xfe", "invalid_request"),
        (b"&".join(b"a%d=1" % n for n in range(100)), "invalid_request"),
    ],
)
async def test_a_malformed_request_is_refused(web, client, content, error):
    headers = {**basic(*client), "Content-Type": "application/x-www-form-urlencoded"}
    response = await web.client.post("/oauth/token", content=content, headers=headers)
    assert (response.status_code, response.json()["error"]) == (400, error)


async def test_json_is_no_form(web, client):
    response = await web.post("/oauth/token", {"grant_type": "client_credentials"}, headers=basic(*client))
    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


async def test_guessing_a_secret_is_throttled(web, client):
    form = {"grant_type": "client_credentials"}
    statuses = [
        (await web.client.post("/oauth/token", data=form, headers=basic(client[0], "wrong"))).status_code
        for _ in range(31)
    ]
    assert statuses == [401] * 30 + [429]
