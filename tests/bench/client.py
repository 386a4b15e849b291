"""A load generator for machines without wrk: `python client.py URL CONNECTIONS SECONDS`, bodies in BENCH_BODIES.

It costs several times the processor time of wrk, so its figures are for comparing, not for quoting.
"""

# ruff: noqa: T201

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit


def _requests(path: str, host: str) -> list[bytes]:
    made = []
    for line in Path(os.environ["BENCH_BODIES"]).read_text(encoding="utf-8").splitlines():
        token, _tab, body = line.partition("\t")
        content = body.encode()
        bearer = f"authorization: Bearer {token}\r\n" if token else ""
        head = (
            f"POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\naccept: application/json\r\n"
            f"{bearer}content-length: {len(content)}\r\n\r\n"
        )
        made.append(head.encode() + content)
    return made


async def _read(reader: asyncio.StreamReader) -> bool:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
    if length:
        await reader.readexactly(int(length))
    else:
        while size := int((await reader.readline()).split(b";")[0], 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    return head.startswith(b"http/1.1 200")


async def main(url: str, connections: int, seconds: float) -> None:
    """Send the requests in turn on so many connections until the time is over."""
    parts = urlsplit(url)
    requests = _requests(parts.path, parts.netloc)
    ends_at = time.perf_counter() + seconds
    latencies: list[float] = []
    errors = 0

    async def one(number: int) -> None:
        nonlocal errors
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=8 << 20)
        at = number * len(requests) // connections
        while (begun := time.perf_counter()) < ends_at:
            writer.write(requests[at % len(requests)])
            errors += not await _read(reader)
            latencies.append(time.perf_counter() - begun)
            at += 1
        writer.close()

    begun = time.perf_counter()
    async with asyncio.timeout(seconds + 30):
        await asyncio.gather(*(one(n) for n in range(connections)))
    told = sorted(latencies)
    print("BENCH " + json.dumps({
        "requests": len(told), "seconds": time.perf_counter() - begun, "errors": errors,
        "p50_ms": told[len(told) // 2] * 1000, "p99_ms": told[len(told) * 99 // 100] * 1000,
    }))  # fmt: skip


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
