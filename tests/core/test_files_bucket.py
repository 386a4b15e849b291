"""Contents in a bucket, through a small server that speaks S3's protocol on this machine."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from linli.files.bucket import BucketStore, open_bucket
from linli.files.disk import DiskStore
from linli.files.errors import StoreUnavailable
from linli.files.opening import open_store
from linli.files.stores import Store, key_of
from linli.ids import new_id
from linli.settings import InvalidSetting, Settings

CONTENT = bytes(range(256)) * 40


class _S3(BaseHTTPRequestHandler):
    """Put, also in parts, get with a range, delete and list, as far as a store needs them."""

    protocol_version = "HTTP/1.1"
    kept: dict[str, bytes]
    parts: dict[str, dict[int, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode()
        if "delete" in self._query:
            keys = re.findall("<Key>(.*?)</Key>", body)
            for key in keys:
                self.kept.pop(f"/bucket/{key}", None)
            gone = "".join(f"<Deleted><Key>{key}</Key></Deleted>" for key in keys)
            return self._answer(200, f"<DeleteResult>{gone}</DeleteResult>".encode())
        if "uploads" in self._query:
            self.parts[self._key] = {}
            return self._answer(200, b"<R><Bucket>b</Bucket><Key>k</Key><UploadId>1</UploadId></R>")
        parts = self.parts.pop(self._key)
        self.kept[self._key] = b"".join(parts[number] for number in sorted(parts))
        return self._answer(200, b"<R><ETag>x</ETag></R>")

    def do_PUT(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"]))
        if "partNumber" in self._query:
            self.parts[self._key][int(self._query["partNumber"][0])] = content
        else:
            self.kept[self._key] = content
        self._answer(200)

    def do_GET(self) -> None:
        if "list-type" in self._query:
            return self._list(self._query["prefix"][0])
        content = self.kept.get(self._key)
        if content is None:
            return self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        match = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("range", ""))
        if not match:
            return self._answer(200, content)
        first, last = int(match[1]), min(int(match[2]), len(content) - 1)
        told = {"content-range": f"bytes {first}-{last}/{len(content)}"}
        return self._answer(206, content[first : last + 1], told)

    def do_DELETE(self) -> None:
        (self.parts if "uploadId" in self._query else self.kept).pop(self._key, None)
        self._answer(204)

    def log_message(self, *_given: Any) -> None:
        """Say nothing."""

    @property
    def _key(self) -> str:
        return unquote(urlsplit(self.path).path)

    @property
    def _query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query, keep_blank_values=True)

    def _list(self, prefix: str) -> None:
        names = [name.removeprefix("/bucket/") for name in self.kept]
        found = "".join(
            f"<Contents><Key>{name}</Key><LastModified>2026-07-24T04:00:00.000Z</LastModified>"
            f"<ETag>x</ETag><Size>1</Size></Contents>"
            for name in names
            if name.startswith(prefix)
        )
        self._answer(
            200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>".encode()
        )

    def _answer(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        told = {
            "content-length": str(len(body)),
            "etag": '"x"',
            "last-modified": "Fri, 24 Jul 2026 04:00:00 GMT",
            **(headers or {}),
        }
        for name, value in told.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    handler = type("_Handler", (_S3,), {"kept": {}, "parts": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()
        thread.join(10)


@pytest.fixture(params=["disk", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "disk":
        return DiskStore(tmp_path / "files")
    return open_bucket(f"s3://bucket/in/here?endpoint={request.getfixturevalue('server')}")


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for place in range(0, len(content), 1_000):
        yield content[place : place + 1_000]


async def got(store: Store, key: str, start: int, end: int) -> bytes:
    return b"".join([piece async for piece in store.get(key, start, end)])


async def test_disk_and_bucket_keep_give_list_and_remove_alike(store: Store) -> None:
    tenant, other = new_id(), new_id()
    key, strange = key_of(tenant, "ab" * 32), key_of(other, "cd" * 32)
    for one in (key, strange, key):
        await store.put(one, pieces(CONTENT))
    assert await got(store, key, 0, len(CONTENT)) == CONTENT
    assert await got(store, key, 300, 1_301) == CONTENT[300:1_301]
    [listed] = [content async for content in store.contents(tenant)]
    assert listed.key == key
    assert listed.put_at.tzinfo is not None
    assert listed.put_at <= datetime.now(UTC)
    for _ in range(2):
        await store.delete(key)
    with pytest.raises(FileNotFoundError):
        await got(store, key, 0, 10)
    assert [content async for content in store.contents(tenant)] == []
    assert await got(store, strange, 0, 1) == CONTENT[:1]


async def test_a_source_that_breaks_off_leaves_nothing(store: Store) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"half"
        raise ConnectionResetError

    tenant = new_id()
    with pytest.raises((StoreUnavailable, ConnectionResetError)):
        await store.put(key_of(tenant, "ab" * 32), broken())
    assert [content async for content in store.contents(tenant)] == []


async def test_a_bucket_that_is_away_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    from obstore.store import S3Store

    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    away = BucketStore(
        S3Store(
            "bucket",
            config={"endpoint": "http://127.0.0.1:9", "region": "x"},
            client_options={"allow_http": True},
            retry_config={"max_retries": 0},
        )
    )
    key = key_of(new_id(), "ab" * 32)
    for refused in (
        lambda: away.put(key, pieces(b"x")),
        lambda: got(away, key, 0, 1),
        lambda: away.delete(key),
    ):
        with pytest.raises(StoreUnavailable):
            await refused()
    with pytest.raises(StoreUnavailable):
        _ = [content async for content in away.contents(new_id())]


@pytest.mark.parametrize("url", ["https://bucket", "s3://", "s3://bucket?secret=1", "bucket"])
def test_an_address_that_is_no_bucket_is_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting) as refused:
        open_store(Settings(data_dir=tmp_path, files_url=url))
    assert "secret" not in str(refused.value)
    assert isinstance(open_store(Settings(data_dir=tmp_path)), DiskStore)


async def test_a_key_cannot_leave_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    for key in ("../x", "a/b", key_of(new_id(), "ab" * 32) + "/../../x", ""):
        with pytest.raises(StoreUnavailable):
            await DiskStore(folder).put(key, pieces(b"x"))
    assert os.listdir(tmp_path) == []
