"""The web server itself, on a real port: limits on headers, and a clear sentence for a busy port."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn

from linli.http.protocol import BoundedHttp
from linli.serve import PortBusy, listen

ASKED = b'{"query": "{ __typename }"}'


class Hasty(BoundedHttp):
    header_deadline_s = 0.1


class Forgetful(BoundedHttp):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.timeout_keep_alive = 0.1


@asynccontextmanager
async def serving(app, http=BoundedHttp):
    """Serve on a free port of the loopback; gives the port."""
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(app, http=http, ws="none", lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve([listener]))
    async with asyncio.timeout(20):
        while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
            await asyncio.sleep(0.01)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task


async def test_requests_are_answered_on_a_kept_connection(web):
    async with serving(web.app) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(3):
            assert (await client.get("/health")).json() == {"status": "alive"}
        too_large = await client.post("/auth/sign-in", content=b" " * 2_000_000)
        assert too_large.status_code == 413


async def test_headers_that_trickle_are_cut_off(web):
    async with serving(web.app, Hasty) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n")
        async with asyncio.timeout(20):
            assert await reader.read() == b""
        writer.close()


async def test_headers_without_end_are_cut_off(web):
    async with serving(web.app) as port:
        _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Long: ")
        async with asyncio.timeout(20):
            try:
                while True:
                    writer.write(b"a" * 65_536)
                    await writer.drain()
            except ConnectionError:
                pass
        writer.close()


async def test_a_client_that_asks_nothing_more_is_let_go_and_may_begin_late(web):
    async with serving(web.app, Forgetful) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(3):
            writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"alive" in await reader.readuntil(b"}")
        async with asyncio.timeout(20):
            assert await reader.read() == b""
        writer.close()


async def test_requests_sent_ahead_are_answered_in_their_order(web):
    paths = [b"/health", b"/graphql", b"/nowhere", b"/health"]
    wanted = [b"200", b"401", b"404", b"200"]
    async with serving(web.app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        heads = [b"GET %b HTTP/1.1\r\nHost: x\r\n" % path for path in paths]
        writer.write(b"\r\n".join([*heads, b""]).removesuffix(b"\r\n") + b"Connection: close\r\n\r\n")
        async with asyncio.timeout(20):
            answers = (await reader.read()).split(b"HTTP/1.1 ")[1:]
        assert [one[:3] for one in answers] == wanted
        writer.close()


async def test_an_answer_in_one_piece_has_the_headers_of_one_in_messages(web):
    async with serving(web.app) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        asked = {"content": ASKED, "headers": {"Content-Type": "application/json", "X-Request-Id": "one"}}
        whole = await client.post("/graphql", **asked)
        messages = await web.client.post("/graphql", **asked)
        closed = await client.post(
            "/graphql", **(asked | {"headers": asked["headers"] | {"Connection": "close"}})
        )
        head = await client.head("/graphql?query={__typename}")
    assert (whole.status_code, whole.content) == (messages.status_code, messages.content)
    assert sorted(whole.headers.multi_items()) == sorted(
        [*messages.headers.multi_items(), ("date", whole.headers["date"]), ("server", "uvicorn")]
    )
    assert (closed.status_code, closed.content) == (whole.status_code, whole.content)
    assert (head.status_code, head.content) == (whole.status_code, b"")


async def test_a_body_that_comes_in_parts_is_read_and_one_that_stops_is_cut_off(webs):
    web = await webs.start(body_deadline_s=0.3)
    body = b'{"tenant": "nowhere", "login": "nobody", "password": "nothing"}'
    head = b"POST /auth/sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    async with serving(web.app) as port, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for part in (head % len(body), body[:9], body[9:]):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        assert b" 401 " in await reader.readline()
        writer.write(head % 1000 + body)
        assert b" 408 " in (await reader.read()).partition(b"HTTP/1.1")[2]
        writer.close()


def test_a_busy_port_is_told_in_a_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortBusy, match=f"127.0.0.1:{port} cannot be opened"):
            listen("127.0.0.1", port)
