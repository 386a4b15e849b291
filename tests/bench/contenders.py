"""The servers that are compared: started on free ports of 127.0.0.1, and stopped at the end."""

# ruff: noqa: S310 (addresses of our own)

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import queries
from data import LIMIT, BenchData
from load import NEW_ID, Request, Target
from setting import HERE, POOL, Servers, install_plugin, npm_install

from linli.db.database import Database
from linli_graphql.ids import to_global_id

_READY_WITHIN_S = 60
WRITES = 60_000
_NIL = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to ask a running server: its requests by query. `system` is what variants have in common."""

    name: str
    system: str
    target: Target
    requests: Mapping[str, Sequence[Request]] = field(repr=False)

    def ask(self, query: str, number: int = 0) -> dict[str, Any]:
        """The answer to one of its requests. Raises: RuntimeError for an error in it."""
        return post(self.target, self.requests[query][number])


def post(target: Target, request: Request) -> dict[str, Any]:
    """Send one request. Raises: RuntimeError."""
    headers = {"content-type": "application/json", "accept": "application/json"}
    if request.token:
        headers["authorization"] = f"Bearer {request.token}"
    url = f"http://127.0.0.1:{target.port}{target.path}"
    sent = urllib.request.Request(url, request.fresh().encode(), headers)
    try:
        with urllib.request.urlopen(sent, timeout=30) as response:
            answer: dict[str, Any] = json.load(response)
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"HTTP {error.code} at {url}: {error.read()[:2000]!r}") from error
    if answer.get("errors"):
        raise RuntimeError(f"{url}: {json.dumps(answer['errors'], ensure_ascii=False)[:2000]}")
    return answer


@contextmanager
def running(
    servers: Servers, data: BenchData, folder: Path, starts: Sequence[str], wanted: Sequence[str]
) -> Iterator[list[Contender]]:
    """Start what is wanted (`linli`, `floor`, `postgraphile`, `mercurius`) and give all ways to ask it."""
    made: list[Contender] = []
    sql_file = folder / "sql.json"
    sql_file.write_text(json.dumps({**queries.SQL, **queries.SQL_IN_TRANSACTION}))
    api_url = Database(servers.owner_url, secret_key=servers.secret_key).api_url
    peers = folder / "peers"
    if {"postgraphile", "mercurius"} & set(wanted):
        _install_peers(peers)
    with ExitStack() as stack:

        def start(name: str, command: Sequence[str], path: str = "/graphql", **extra: str) -> Target:
            port = _free_port()
            environment = {
                "BENCH_DATABASE_URL": api_url, "BENCH_PORT": str(port), "BENCH_TENANT": data.tenant_id,
                "BENCH_SQL": str(sql_file), "BENCH_POOL": str(POOL), "NODE_ENV": "production",
                "GRAPHILE_ENV": "production", "LINLI_PORT": str(port), **extra,
            }  # fmt: skip
            process = stack.enter_context(_process(name, command, environment, folder))
            _await_port(name, port, process)
            return Target(port, path, process.pid, servers.postgres_pid, folder / f"{name}.log")

        if "linli" in wanted:
            for workers in (1, 2):
                target = start(
                    f"linli-{workers}",
                    [sys.executable, "-c", "from linli.cli import main; main()", "serve"],
                    **linli_environment(servers, folder, workers),
                )
                made.append(_linli_contender(f"Linli ×{workers}", target, data))
        for workers in (1, 2) if "floor" in wanted else ():
            command = [sys.executable, str(HERE / "floor.py")]
            target = start(f"floor-{workers}", command, "/", BENCH_WORKERS=str(workers))
            made.append(_floor(f"floor ×{workers}", target, data, starts))
        node = str(peers / "node_modules/.bin/node")
        for system, build in (("postgraphile", _postgraphile), ("mercurius", _mercurius)):
            for workers in (1, 2) if system in wanted else ():
                name = f"{system} ×{workers}"
                script = str(peers / f"{system}.js")
                target = start(f"{system}-{workers}", [node, script], BENCH_WORKERS=str(workers))
                made += build(name, target, data, starts)
        yield made


def linli_environment(servers: Servers, folder: Path, workers: int = 1) -> dict[str, str]:
    plugin = install_plugin(folder)
    return {
        "DATABASE_URL": servers.owner_url,
        "REDIS_URL": servers.redis_url,
        "LINLI_SECRET_KEY": servers.secret_key,
        "LINLI_DATA_DIR": str(folder / "linli"),
        "LINLI_POOL_SIZE_MAX": str(POOL // workers),
        "LINLI_WEB_PROCESSES": str(workers),
        "LINLI_TENANT_COST_PER_MINUTE": str(LIMIT),
        "PYTHONPATH": str(plugin),
    }


def _linli_contender(name: str, target: Target, data: BenchData) -> Contender:
    def body(query: str, **variables: object) -> Request:
        text = json.dumps({"query": queries.LINLI[query], "variables": variables}, ensure_ascii=False)
        return Request(text, data.token)

    cursors = _cursors(target, lambda after: body("cursors", after=after))
    area = to_global_id("Area", UUID(data.area_id))
    person = {
        "areaId": area,
        "fullName": "测试新居民",
        "gender": "FEMALE",
        "phone": "13800001234",
        "synthetic": True,
    }
    return Contender(name, "linli", target, {
        "q1": [body("q1", id=to_global_id("Person", UUID(one))) for one in data.people],
        "q2": [body("q2", after=one) for one in cursors[: queries.STARTS]],
        "q3": [body("q3", **_window(cursors, s)) for s in range(_starts(cursors))],
        "write": [body("write", input=person)],
    })  # fmt: skip


def _postgraphile(name: str, target: Target, data: BenchData, starts: Sequence[str]) -> list[Contender]:
    def body(query: str, **variables: object) -> Request:
        variables = {"t": data.tenant_id, **variables} if query != "write" else variables
        return Request(json.dumps({"query": queries.POSTGRAPHILE[query], "variables": variables}))

    cursors = _cursors(target, lambda after: body("cursors", after=after))
    person = {
        "tenantId": data.tenant_id, "rowId": NEW_ID, "areaId": data.area_id, "fullName": "测试新居民",
        "namePinyin": "ce shi", "synthetic": True,
    }  # fmt: skip
    shared = {
        "q1": [body("q1", id=one) for one in data.people],
        "q2": [body("q2", after=one) for one in cursors[: queries.STARTS]],
    }
    pages = [body("q3", **_window(cursors, s)) for s in range(_starts(cursors))]
    whole = [body("q3 one list", after=cursors[s]) for s in range(_starts(cursors))]
    return [
        Contender(name, "postgraphile", target, {
            **shared, "q3": pages, "write": [body("write", person=person)] * WRITES,
        }),
        Contender(f"{name}, one list", "postgraphile", target, {"q3": whole}),
    ]  # fmt: skip


def _mercurius(name: str, target: Target, data: BenchData, starts: Sequence[str]) -> list[Contender]:
    """Once with the tenant bound by a transaction, once within the statement."""
    keys = [_NIL, *starts]
    made = []
    for way, said, system in (
        ("TRANSACTION", name, "mercurius"),
        ("STATEMENT", f"{name}, bound in the statement", "mercurius, bound in the statement"),
    ):

        def body(query: str, **variables: object) -> Request:
            variables = {"w": way, **variables}  # noqa: B023 (called within this turn)
            return Request(json.dumps({"query": queries.MERCURIUS[query], "variables": variables}))

        pages = [body("q3", **_window(keys, s)) for s in range(_starts(keys))]
        whole = [body("q3 one list", after=keys[s]) for s in range(_starts(keys))]
        made += [
            Contender(said, system, target, {
                "q1": [body("q1", id=one) for one in data.people],
                "q2": [body("q2", after=one) for one in keys[: queries.STARTS]],
                "q3": pages,
            }),
            Contender(f"{said}, one list", system, target, {"q3": whole}),
        ]  # fmt: skip
    return made


def _floor(name: str, target: Target, data: BenchData, starts: Sequence[str]) -> Contender:
    def body(sql: str, key: str, size: int | None = None) -> Request:
        return Request(json.dumps({"sql": sql, "key": key, "size": size}))

    keys = [_NIL, *starts]
    return Contender(name, "floor", target, {
        "q1": [body("q1", one) for one in data.people],
        "q2": [body("q2", one) for one in keys[: queries.STARTS]],
        "q3": [body("q3", keys[s], queries.PAGE * queries.PAGES) for s in range(_starts(keys))],
    })  # fmt: skip


def _starts(cursors: Sequence[object]) -> int:
    return max(1, min(queries.STARTS, len(cursors) - queries.PAGES + 1))


def _window(cursors: Sequence[object], start: int) -> dict[str, object]:
    return {f"a{i}": cursors[start + i] for i in range(queries.PAGES)}


def _cursors(target: Target, request: Any) -> list[str | None]:
    """Where the first pages of the list begin, as the contender itself says it; the first is None."""
    found: list[str | None] = [None]
    for _ in range(queries.STARTS + queries.PAGES - 2):
        answer = post(target, request(found[-1]))
        found.append(answer["data"]["persons"]["pageInfo"]["endCursor"])
    return found


def _install_peers(place: Path) -> None:
    place.mkdir(exist_ok=True)
    manifest = place / "package.json"
    wanted = (HERE / "peers/package.json").read_text()
    complete = (
        manifest.exists() and manifest.read_text() == wanted and (place / "node_modules/.bin/node").exists()
    )
    for file in (HERE / "peers").iterdir():
        shutil.copy2(file, place / file.name)
    if not complete:
        npm_install(place)


@contextmanager
def _process(
    name: str, command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=log, stderr=subprocess.STDOUT, cwd=folder
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def _await_port(name: str, port: int, process: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < ends_at:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended with {process.returncode}: see its log")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"{name} was not ready within {_READY_WITHIN_S} s")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
