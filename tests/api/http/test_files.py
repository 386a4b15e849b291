"""Attachments over HTTP: with a token or a link, in ranges, by the stored type, and nothing for anybody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from linli.context import Context
from linli.files import File, FileKind, FileOwner
from linli.files.disk import DiskStore
from linli.http.downloads import Span, Unsatisfiable, span_of
from linli.identity import accounts
from linli.identity.places import Place
from linli.ids import new_id
from linli.testing.factories import Bench

PASSWORD = "Correct-horse-battery-1"
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 2_000
OWNED = UUID("01900000-0000-7000-8000-000000000002")


async def owner(ctx: Context, owner_id: UUID) -> FileOwner:
    return FileOwner("test_thing", owner_id, Place(None, ""))


async def may_read(ctx: Context, file: File) -> bool:
    return file.uploaded_by == ctx.actor.id


KIND = FileKind("test.evidence", frozenset({"application/pdf"}), 1_000_000, owner, may_read)


@dataclass(slots=True)
class Desk:
    """Somebody who is signed in, and somebody else."""

    client: httpx.AsyncClient
    mine: dict[str, str]
    other: dict[str, str]
    slug: str
    folder: Path

    async def send(self, content: bytes = PDF, **changes: str) -> httpx.Response:
        given = {"kind": "test.evidence", "owner": f"Thing_{OWNED}", "name": "证明 材料.pdf", **changes}
        return await self.client.post("/files", params=given, content=content, headers=self.mine)

    async def sent(self) -> str:
        answer = await self.send()
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def get(self, file_id: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return await self.client.get(f"/files/{file_id}", headers={**self.mine, **(headers or {})})


@pytest.fixture
async def desk(web: Any, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Desk:
    tenant = await bench.tenant()
    plugins = web.runtime.composition.plugin_set(tenant.plugins)
    monkeypatch.setattr(plugins, "file_kinds", {KIND.name: KIND})
    headers = []
    for name in ("wang", "li"):
        async with bench.context(tenant) as ctx:
            await accounts.create(ctx, login_name=name, password=PASSWORD, must_change_password=False)
        body = {"tenant": tenant.slug, "login": name, "password": PASSWORD}
        token = (await web.client.post("/auth/sign-in", json=body)).json()["token"]
        headers.append({"authorization": f"Bearer {token}"})
    return Desk(web.client, *headers, tenant.slug, web.runtime.settings.data_dir / "files")


async def test_a_file_is_sent_in_and_fetched_again_by_whoever_may(desk: Desk) -> None:
    answer = await desk.send()
    assert answer.status_code == 201
    told = answer.json()
    assert {key: told[key] for key in ("kind", "mediaType", "sizeBytes", "scannedBy")} == {
        "kind": "test.evidence",
        "mediaType": "application/pdf",
        "sizeBytes": len(PDF),
        "scannedBy": "",
    }
    fetched = await desk.get(told["id"])
    assert (fetched.status_code, fetched.content) == (200, PDF)
    assert fetched.headers["content-type"] == "application/pdf"
    assert fetched.headers["content-disposition"].startswith("attachment; ")
    assert "%E8%AF%81%E6%98%8E" in fetched.headers["content-disposition"]
    assert fetched.headers["x-content-type-options"] == "nosniff"
    other = await desk.client.get(f"/files/{told['id']}", headers=desk.other)
    nobody = await desk.client.get(f"/files/{told['id']}")
    assert (other.status_code, nobody.status_code) == (404, 401)


async def test_what_is_not_allowed_is_refused_with_its_code(desk: Desk) -> None:
    for content, changes, status, code in (
        (b"", {}, 400, "files.empty"),
        (b"<svg/>", {}, 400, "files.type_not_allowed"),
        (PDF * 2, {}, 400, "files.too_large"),
        (PDF, {"kind": "test.other"}, 400, "unknown_value"),
        (PDF, {"owner": "x"}, 404, "not_found"),
        (PDF, {"name": ""}, 400, "http.malformed_body"),
        (PDF, {"extra": "1"}, 400, "http.malformed_body"),
    ):
        answer = await desk.send(content, **changes)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    unsigned = await desk.client.post("/files?kind=test.evidence&owner=x&name=x", content=PDF)
    assert unsigned.status_code == 401


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-0", 206, 0, 1),
        ("bytes=10-19", 206, 10, 20),
        ("bytes=262140-262150", 206, 262_140, 262_151),
        ("bytes=500000-", 206, 500_000, len(PDF)),
        ("bytes=-5", 206, len(PDF) - 5, len(PDF)),
        ("bytes=0-9999999", 206, 0, len(PDF)),
        ("bytes=0-1,5-6", 200, 0, len(PDF)),
        ("bytes=9-3", 200, 0, len(PDF)),
        ("lines=1-2", 200, 0, len(PDF)),
    ],
)
async def test_a_range_of_an_encrypted_file_is_that_of_its_content(
    desk: Desk, asked: str, status: int, start: int, end: int
) -> None:
    answer = await desk.get(await desk.sent(), {"range": asked})
    assert (answer.status_code, answer.content) == (status, PDF[start:end])
    assert answer.headers["content-length"] == str(end - start)
    if status == 206:
        assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(PDF)}"


async def test_a_range_behind_the_end_and_of_another_version(desk: Desk) -> None:
    file_id = await desk.sent()
    behind = await desk.get(file_id, {"range": "bytes=9999999-"})
    assert (behind.status_code, behind.headers["content-range"]) == (416, f"bytes */{len(PDF)}")
    etag = (await desk.get(file_id)).headers["etag"]
    same = await desk.get(file_id, {"range": "bytes=0-4", "if-range": etag})
    older = await desk.get(file_id, {"range": "bytes=0-4", "if-range": '"older"'})
    assert (same.status_code, older.status_code) == (206, 200)


async def test_a_content_that_is_lost_is_told_before_anything_is_sent(desk: Desk) -> None:
    file_id = await desk.sent()
    for path in desk.folder.rglob("*"):
        if path.is_file():
            path.unlink()
    for headers in ({}, {"range": "bytes=5-9"}):
        answer = await desk.get(file_id, headers)
        assert (answer.status_code, answer.json()["code"]) == (409, "files.content_damaged")


async def test_uploads_to_a_slow_store_leave_connections_for_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    file_id = await desk.sent()
    go_on, put = asyncio.Event(), DiskStore.put

    async def slow(store: DiskStore, key: str, pieces: AsyncIterator[bytes]) -> None:
        await go_on.wait()
        await put(store, key, pieces)

    monkeypatch.setattr(DiskStore, "put", slow)
    sending = [asyncio.create_task(desk.send()) for _ in range(19)]
    await asyncio.sleep(0.5)
    try:
        answer = await asyncio.wait_for(desk.get(file_id), 5)
        assert answer.status_code == 200
    finally:
        go_on.set()
        sent = await asyncio.gather(*sending)
    assert {one.status_code for one in sent} == {201}


async def test_a_link_needs_no_token_and_cannot_be_altered(desk: Desk) -> None:
    file_id = await desk.sent()
    refused = await desk.client.post(f"/files/{file_id}/link", headers=desk.other)
    assert refused.status_code == 404
    path = (await desk.client.post(f"/files/{file_id}/link", headers=desk.mine)).json()["path"]
    fetched = await desk.client.get(path, headers={"range": "bytes=0-7"})
    assert (fetched.status_code, fetched.content) == (206, PDF[:8])
    head, _, signature = path.rpartition("=")
    for altered, status in (
        (f"{head}={'0' * 64}", 404),
        (path.replace(file_id, str(new_id())), 404),
        (f"{head}={signature[:-1]}", 400),
        (path.replace("expires=", "expires=9"), 404),
        (path.replace(desk.slug, "nowhere"), 404),
    ):
        answer = await desk.client.get(altered)
        assert answer.status_code == status, altered


@pytest.mark.parametrize(
    ("asked", "found"), [(None, None), ("", None), ("bytes=-", None), ("bytes=1-2", Span(1, 3))]
)
def test_ranges_that_are_not_understood_give_all(asked: str | None, found: Span | None) -> None:
    assert span_of(asked, 10) == found
    for behind in ("bytes=10-", "bytes=-0"):
        with pytest.raises(Unsatisfiable):
            span_of(behind, 10)
