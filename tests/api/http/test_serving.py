"""The web server itself, on a real port: limits on headers, and a clear sentence for a busy port."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn

from linli.serve import BoundedHttp, PortBusy, listen


class Hasty(BoundedHttp):
    header_deadline_s = 0.1


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


def test_a_busy_port_is_told_in_a_sentence():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortBusy, match=f"127.0.0.1:{port} cannot be opened"):
            listen("127.0.0.1", port)
