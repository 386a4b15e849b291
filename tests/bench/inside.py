"""Processor time of each step of a request, measured inside one process: `python inside.py [--smoke] [--only q1,q2]`.

The real application is called without a socket, one request after another, and the steps below are wrapped with the
thread's own processor clock. The lower quartile of all requests is shown, so that a busy machine, on which caches are
always cold, does harm to few figures. There is no HTTP parsing in them and no wait; a wrapper costs half a microsecond.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import asyncio
import functools
import importlib
import inspect
import os
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import uvloop
from contenders import linli_environment, running
from data import prepare
from load import Request
from run import page_starts
from setting import FULL, SMOKE, install_plugin, running_servers, work_directory

_STEPS = (
    "linli.app.Application.__call__",
    "linli.http.edge.Edge.__call__",
    "linli.http.edge.facts_of",
    "linli.http.edge._Reply.whole",
    "linli.http.body.BodyLimits.__call__",
    "litestar.app.Litestar.__call__",
    "litestar._asgi.asgi_router.ASGIRouter.__call__",
    "litestar.routes.asgi.ASGIRoute.handle",
    "linli_graphql.transport.Transport.answer",
    "linli_graphql.transport.authenticate_request",
    "linli.identity.principals.PrincipalCache.recall",
    "linli.tenancy.catalogue.Catalogue.cached",
    "linli_graphql.transport.envelope_of_body",
    "linli_graphql.transport.Transport._request",
    "linli_graphql.transport.Transport._quota",
    "linli_graphql.documents.DocumentCache.get",
    "linli_graphql.documents.PreparedDocument.estimate",
    "linli_graphql.budget.Quota.of",
    "linli_graphql.budget.Budget.charge",
    "linli_graphql.transport.run",
    "linli_graphql.compiled.answer.Compiler.answer",
    "linli_graphql.compiled.answer.Compiler._prepare",
    "linli_graphql.compiled.answer.get_variable_values",
    "linli_graphql.compiled.answer.Compiler._planned",
    "linli_graphql.compiled.answer.fill",
    "linli_graphql.compiled.answer.Compiler._ready",
    "linli_graphql.compiled.answer.Compiler._document",
    "linli.db.database.Database.read",
    "linli.db.read_pool.ReadPool.fetchval",
    "linli.db.read_pool._Reader.row",
    "linli_graphql.request.GraphQLRequest.finish",
    "linli_graphql.request.GraphQLRequest.close",
    "linli_graphql.transport._executed",
    "linli_graphql.tally.Tally.add",
    "linli.http.problems.Answer.send",
    "linli_graphql.execution.ordinary",
    "linli.db.database.Database._connection",
    "linli.audit.record.record",
    "asyncpg.connection.Connection.execute",
    "asyncpg.connection.Connection.fetch",
    "asyncpg.connection.Connection.fetchrow",
    "asyncpg.transaction.Transaction.start",
    "asyncpg.transaction.Transaction.commit",
)
_LOOPS = {"q1": 2_000, "q2": 1_000, "q3": 200, "write": 300}


class Clock:
    """Processor time and calls of each wrapped step."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, list[float]] = defaultdict(list)
        self.calls: Counter[str] = Counter()

    def wrap(self, path: str) -> None:
        """Put the clock around a function or method; one that does not exist (any more) is left out."""
        owner, name = self._found(path)
        raw = inspect.getattr_static(owner, name, None) if owner is not None else None
        function = raw.__func__ if isinstance(raw, classmethod | staticmethod) else raw
        if not inspect.isfunction(function):
            print(f"   (no {path})")
            return
        timed: Any = self._timed(path, function)
        setattr(owner, name, type(raw)(timed) if isinstance(raw, classmethod | staticmethod) else timed)

    def _found(self, path: str) -> tuple[Any, str]:
        parts = path.split(".")
        for size in range(len(parts) - 1, 0, -1):
            try:
                owner: Any = importlib.import_module(".".join(parts[:size]))
            except ImportError:
                continue
            for part in parts[size:-1]:
                owner = getattr(owner, part, None)
            return owner, parts[-1]
        return None, ""

    def _timed(self, path: str, function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def call(*args: Any, **kwargs: Any) -> Any:
                begun = time.thread_time()
                try:
                    return await function(*args, **kwargs)
                finally:
                    self.spent[path].append(time.thread_time() - begun)
                    self.calls[path] += 1

            return call

        @functools.wraps(function)
        def call_now(*args: Any, **kwargs: Any) -> Any:
            begun = time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                self.spent[path].append(time.thread_time() - begun)
                self.calls[path] += 1

        return call_now


async def measure_inside(requests: dict[str, list[Request]], clock: Clock, log: Any) -> None:
    """Call the application and print what each step costs."""
    from linli.app import create_app
    from linli.logs import configure_logs
    from linli.settings import Settings

    sys.stdout = log
    configure_logs()
    sys.stdout = sys.__stdout__
    app = create_app(Settings.from_environment())
    async with app.opened():
        for query, asked in requests.items():
            for one in asked[:50]:
                await _call(app, one)
            clock.spent.clear()
            clock.calls.clear()
            whole, count = [], _LOOPS[query]
            for n in range(count):
                begun = time.thread_time()
                size = await _call(app, asked[n % len(asked)])
                whole.append(time.thread_time() - begun)
            total = _quartile_us(whole)
            print(
                f"\n== {query}: {total:,.0f} µs of processor time a request, {size:,} bytes in the last answer"
            )
            for path in _STEPS:
                if clock.calls[path]:
                    print(
                        f"{_quartile_us(clock.spent[path]):9,.1f} µs  ×{clock.calls[path] / count:5.2f}  {path}"
                    )


def _quartile_us(seconds: list[float]) -> float:
    return sorted(seconds)[len(seconds) // 4] * 1e6


async def _call(app: Any, request: Request) -> int:
    body = request.body.encode()
    headers = [
        (b"host", b"127.0.0.1"), (b"content-type", b"application/json"), (b"accept", b"application/json"),
        (b"authorization", b"Bearer " + request.token.encode()), (b"content-length", str(len(body)).encode()),
    ]  # fmt: skip
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "POST",
        "path": "/graphql", "raw_path": b"/graphql", "root_path": "", "scheme": "http", "query_string": b"",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    size = 0

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal size
        if message["type"] == "http.response.start":
            assert message["status"] == 200, message
        else:
            size += len(message["body"])

    await app(scope, receive, send)
    return size


def main() -> None:
    """Prepare the data, take the requests that the load would send, and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--only", type=lambda text: text.split(","), default=["q1", "q2", "q3"])
    given = parser.parse_args()
    scale, folder = SMOKE if given.smoke else FULL, work_directory()
    install_plugin(folder)
    with running_servers(folder, scale) as servers:
        data = asyncio.run(prepare(servers, scale, folder))
        starts = asyncio.run(page_starts(servers, data))
        with running(servers, data, folder, starts, ["linli"]) as contenders:
            requests = {query: list(contenders[0].requests[query]) for query in given.only}
        os.environ.update(linli_environment(servers, folder))
        clock = Clock()
        for path in _STEPS:
            clock.wrap(path)
        with (folder / "inside.log").open("w") as log:
            uvloop.run(measure_inside(requests, clock, log))


if __name__ == "__main__":
    main()
