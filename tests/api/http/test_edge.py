"""The edge: health, request ids, headers, limits, and errors that give nothing away."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from litestar import post

from linli.app import create_app

ODD_BODIES = {
    "nothing": b"",
    "not JSON": b"{",
    "a number": b"5",
    "a text": b'"x"',
    "null": b"null",
    "an array": b"[]",
    "invalid UTF-8": b'{"login": "\xff\xfe"}',
    "a lone surrogate": b'{"tenant": "a", "login": "\\ud800", "password": "x"}',
    "NUL": b'{"tenant": "a\\u0000b", "login": "a\\u0000", "password": "\\u0000"}',
    "deep": b'{"tenant":' + b"[" * 100_000,
    "wrong types": b'{"tenant": 1, "login": [], "password": {}}',
    "a long name": json.dumps({"tenant": "a" * 500_000, "login": "b", "password": "c"}).encode(),
    "an unknown field": b'{"tenant": "a", "login": "b", "password": "c", "secret-4711": 1}',
}


class Broken:
    """An interface whose handler fails with something that must not be shown."""

    def handlers(self, _runtime: object) -> list[Any]:
        @post("/broken")
        async def broken() -> None:
            raise RuntimeError("select password_hash from identity_account where secret-4711")

        return [broken]


async def test_the_process_is_alive_and_ready(web):
    assert (await web.client.get("/health")).json() == {"status": "alive"}
    ready = await web.client.get("/ready")
    assert ready.status_code == 200
    body = ready.json()
    assert (body["status"], body["database"], body["redis"]) == ("ready", "ok", "absent")
    assert body["plugins"]["healthy"] == sorted(web.runtime.composition.names)


async def test_a_database_that_lacks_a_migration_is_not_ready(web):
    rename = "update app.migration set app = $2 where app = $1 and name like 'm0001%'"
    async with web.runtime.database.owner() as db:
        await db.execute(rename, "tenancy", "elsewhere")
    try:
        ready = await web.client.get("/ready")
    finally:
        async with web.runtime.database.owner() as db:
            await db.execute(rename, "elsewhere", "tenancy")
    assert ready.status_code == 503
    assert ready.json()["migrations"] == "1 pending"


async def test_an_application_that_was_not_started_says_so(webs):
    app = create_app(webs.settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        with pytest.raises(RuntimeError, match="not started"):
            await client.get("/health")


async def test_a_sane_request_id_is_kept_and_another_is_replaced(web):
    kept = await web.client.get("/health", headers={"X-Request-Id": "trace-1.2:3_4"})
    assert kept.headers["x-request-id"] == "trace-1.2:3_4"
    for odd in ("", "a b", "<script>", "x" * 200, "-begins-oddly"):
        replaced = await web.client.get("/health", headers={"X-Request-Id": odd})
        assert replaced.headers["x-request-id"] != odd
        assert len(replaced.headers["x-request-id"]) == 32


async def test_pages_and_data_carry_security_headers(web):
    page, data = await web.client.get("/"), await web.client.get("/health")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "default-src 'none'" in data.headers["content-security-policy"]
    for response in (page, data):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]


async def test_an_unknown_path_is_a_translated_problem(web):
    chinese = await web.client.get("/no-such-place")
    english = await web.client.get("/no-such-place", headers={"Accept-Language": "en-GB"})
    assert (chinese.status_code, english.status_code) == (404, 404)
    assert chinese.json() == {
        "code": "not_found",
        "message": "没有找到相应内容。",
        "requestId": chinese.headers["x-request-id"],
    }
    assert english.json()["message"] == "Nothing was found."


async def test_a_wrong_method_names_the_right_ones(web):
    response = await web.client.post("/health")
    assert response.status_code == 405
    assert response.json()["code"] == "http.method_not_allowed"
    assert "GET" in response.headers["allow"]


@pytest.mark.parametrize("name", ODD_BODIES)
@pytest.mark.parametrize("path", ["/auth/sign-in", "/auth/password", "/auth/totp/confirm"])
async def test_an_odd_body_is_refused_and_not_repeated(web, name, path):
    response = await web.client.post(
        path, content=ODD_BODIES[name], headers={"Content-Type": "application/json", "Accept-Language": "en"}
    )
    assert 400 <= response.status_code < 500
    assert response.json()["code"]
    assert response.json()["requestId"] == response.headers["x-request-id"]
    assert "-4711" not in response.text
    assert "Traceback" not in response.text


async def test_a_body_of_another_type_is_refused(web):
    response = await web.client.post("/auth/sign-in", content=b"{}", headers={"Content-Type": "text/plain"})
    assert response.status_code == 415
    assert response.json()["code"] == "http.unsupported_media"


async def test_a_missing_field_is_named(web):
    response = await web.post("/auth/sign-in", {"tenant": "a", "login": "b"})
    assert response.status_code == 400
    assert response.json()["path"] == "password"


async def test_our_own_fault_is_told_without_its_details(webs, capsys):
    web = await webs.start(interfaces=[Broken()])
    response = await web.client.post("/broken", headers={"Accept-Language": "en"})
    assert response.status_code == 500
    assert response.json()["code"] == "internal"
    assert "-4711" not in response.text
    printed = capsys.readouterr().out
    assert printed.count("request.failed") == 1
    assert response.headers["x-request-id"] in printed


async def test_the_access_log_has_no_query_and_no_token(web, capsys):
    await web.client.get("/no-such-place?name=王小明", headers={"Authorization": "Bearer token-4711"})
    printed = capsys.readouterr().out
    assert "/no-such-place" in printed
    assert "王小明" not in printed
    assert "-4711" not in printed


async def test_an_announced_excess_is_refused_before_it_is_read(web):
    response = await web.client.post("/auth/sign-in", content=b" " * (1024 * 1024 + 1))
    assert response.status_code == 413
    assert response.json()["code"] == "http.body_too_large"
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize("length", ["-1", "1e9", "９", "9" * 30])
async def test_an_odd_length_is_refused(webs, length):
    web = await webs.start()
    status, _ = await _speak(web.app, [(b"content-length", length.encode())], [b"{}"])
    assert status == 413


async def test_an_excess_that_was_not_announced_is_cut_off(webs):
    web = await webs.start(body_bytes_max=1000)
    status, body = await _speak(web.app, [(b"transfer-encoding", b"chunked")], [b" " * 600] * 100)
    assert (status, body["code"]) == (413, "http.body_too_large")


async def test_a_body_that_trickles_is_cut_off(webs):
    web = await webs.start(body_deadline_s=0.05)
    status, body = await _speak(web.app, [(b"content-length", b"100")], [b"{", None])
    assert (status, body["code"]) == (408, "http.body_too_slow")


async def test_a_client_that_leaves_in_the_middle_of_its_body_harms_nobody(web):
    status, _ = await _speak(web.app, [(b"content-length", b"100")], [b"{"])
    assert status is None or 400 <= status < 600
    assert (await web.client.get("/health")).status_code == 200


async def _speak(
    app: Any, headers: list[tuple[bytes, bytes]], chunks: list[bytes | None]
) -> tuple[int | None, dict[str, Any]]:
    """Post to the sign-in with a body in chunks; None is a client that sends nothing more and stays."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/auth/sign-in",
        "raw_path": b"/auth/sign-in",
        "root_path": "",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), *headers],
        "client": ("192.0.2.255", 1),
        "server": ("linli.test", 80),
        "state": {},
    }
    rest = iter(chunks)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        chunk = next(rest, b"")
        if chunk is None:
            await asyncio.Event().wait()
        if not chunk:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": chunk, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    status = next((one["status"] for one in sent if one["type"] == "http.response.start"), None)
    body = b"".join(one["body"] for one in sent if one["type"] == "http.response.body")
    return status, json.loads(body) if body else {}
