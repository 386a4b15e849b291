"""The floor: fixed SQL through asyncpg behind the smallest ASGI application, on uvicorn.

No credential is checked, no document is read, no value is masked: what a GraphQL server on this stack could at most
reach. `python floor.py` serves; `BENCH_DATABASE_URL`, `BENCH_PORT`, `BENCH_TENANT` and `BENCH_SQL` say what.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import uvicorn

POOL = 16


class Body(msgspec.Struct):
    """What the floor reads of a request."""

    sql: str
    key: UUID
    size: int | None = None


class Floor:
    """An ASGI application over connections of its own, with statements prepared once on each."""

    def __init__(self, url: str, tenant: UUID, sql: dict[str, str]) -> None:
        self._url, self._tenant, self._sql = url, tenant, sql
        self._idle: asyncio.LifoQueue[dict[str, Any]] = asyncio.LifoQueue()
        self._connections: list[Any] = []
        self._decoder = msgspec.json.Decoder(Body)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or the server's lifespan."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        chunks = []
        while True:
            message = await receive()
            chunks.append(message.get("body", b""))
            if not message.get("more_body"):
                break
        body = self._decoder.decode(b"".join(chunks))
        arguments = (self._tenant, body.key) if body.size is None else (self._tenant, body.key, body.size)
        statements = await self._idle.get()
        try:
            content = await statements[body.sql].fetchval(*arguments)
        finally:
            self._idle.put_nowait(statements)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send(
            {"type": "http.response.body", "body": b'{"data":{"found":' + (content or b"null") + b"}}"}
        )

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        for _ in range(POOL // int(os.environ.get("BENCH_WORKERS", "1"))):
            connection = await asyncpg.connect(self._url)
            await connection.set_type_codec(
                "text", schema="pg_catalog", encoder=str.encode, decoder=bytes, format="binary"
            )
            self._connections.append(connection)
            prepared = {name: await connection.prepare(self._sql[name]) for name in ("q1", "q2", "q3")}
            self._idle.put_nowait(prepared)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for connection in self._connections:
            await connection.close()
        await send({"type": "lifespan.shutdown.complete"})


def application() -> Floor:
    """The floor of one process, as the environment describes it."""
    env = os.environ
    return Floor(
        env["BENCH_DATABASE_URL"], UUID(env["BENCH_TENANT"]), json.loads(Path(env["BENCH_SQL"]).read_text())
    )


if __name__ == "__main__":
    uvicorn.run(
        "floor:application", factory=True, workers=int(os.environ["BENCH_WORKERS"]),
        host="127.0.0.1", port=int(os.environ["BENCH_PORT"]), loop="uvloop", http="httptools", ws="none",
        log_config=None, access_log=False, server_header=False,
    )  # fmt: skip
