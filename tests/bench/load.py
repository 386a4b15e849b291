"""The load: wrk where it is installed, else a client of our own; to 127.0.0.1 only, and for a bounded time."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped]
from setting import CONNECTIONS, HERE

from linli.ids import new_id

NEW_ID: Final = "@new-id@"
_CHECKED: Final = re.compile(r"^BENCH (\{.*\})$", re.MULTILINE)
_TPS: Final = re.compile(r"^tps = ([0-9.]+) ", re.MULTILINE)
_LATENCY: Final = re.compile(r"^latency average = ([0-9.]+) ms", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a load, with the token that it carries."""

    body: str
    token: str = ""

    def fresh(self) -> str:
        """The body, with a new id where it has a place for one: a row can be inserted only once."""
        return self.body.replace(NEW_ID, str(new_id())) if NEW_ID in self.body else self.body


@dataclass(frozen=True, slots=True)
class Target:
    """Where a load goes, the processes whose processor time it costs, and the server's log."""

    port: int
    path: str
    server_pid: int
    postgres_pid: int
    log: Path


@dataclass(frozen=True, slots=True)
class Measured:
    """One run. Processor times are milliseconds a request; RSS is the server's, with its workers, at the end."""

    per_s: float
    p50_ms: float
    p99_ms: float
    errors: int = 0
    server_ms: float = 0.0
    postgres_ms: float = 0.0
    rss_mb: float = 0.0
    requests: int = 0


def generator() -> str:
    """Name the generator in use."""
    return "wrk" if shutil.which("wrk") else "asyncio client"


def measure(target: Target, requests: Sequence[Request], seconds: float) -> Measured:
    """Load a server for some seconds. Raises: subprocess.CalledProcessError."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.writelines(f"{one.token}\t{one.fresh()}\n" for one in requests)
        file.flush()
        server, postgres = cpu_s(target.server_pid), cpu_s(target.postgres_pid)
        told = _run(target, file.name, seconds)
        server, postgres = cpu_s(target.server_pid) - server, cpu_s(target.postgres_pid) - postgres
    os.truncate(target.log, 0)  # Linli writes a line for each of some million requests
    count = max(1, told["requests"])
    return Measured(
        per_s=told["requests"] / told["seconds"],
        p50_ms=told["p50_ms"],
        p99_ms=told["p99_ms"],
        errors=int(told["errors"]),
        server_ms=server / count * 1000,
        postgres_ms=postgres / count * 1000,
        rss_mb=rss_mb(target.server_pid),
        requests=int(told["requests"]),
    )


def pgbench(
    url: str, statements: Sequence[str], seconds: int, postgres_pid: int, *, clients: int = 8
) -> Measured:
    """The same SQL without HTTP, each key in a script of its own."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for i, sql in enumerate(statements):
            file = Path(folder) / f"{i}.sql"
            file.write_text(sql + ";\n", encoding="utf-8")
            files += ["-f", str(file)]
        before = cpu_s(postgres_pid)
        command = [
            "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", "1", "-T", str(seconds), *files, url,
        ]  # fmt: skip
        ran = subprocess.run(command, check=True, capture_output=True, text=True, timeout=seconds + 60)
        spent = cpu_s(postgres_pid) - before
    tps, latency = _TPS.search(ran.stdout), _LATENCY.search(ran.stdout)
    assert tps is not None, ran.stdout
    per_s = float(tps[1])
    mean = float(latency[1]) if latency else 0.0
    return Measured(per_s, mean, 0.0, postgres_ms=spent / (per_s * seconds) * 1000)


def rss_mb(pid: int) -> float:
    """The resident memory of a process and its children."""
    return float(sum(one.memory_info().rss for one in _family(pid)) / 1e6)


def cpu_s(pid: int) -> float:
    """The processor time of a process and its children, those included that have ended (PostgreSQL's backends)."""
    ended = psutil.Process(pid).cpu_times()
    total = float(ended.children_user + ended.children_system)
    for one in _family(pid):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def _run(target: Target, bodies: str, seconds: float) -> dict[str, float]:
    url = f"http://127.0.0.1:{target.port}{target.path}"
    if shutil.which("wrk"):
        command = [
            "wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{max(1, round(seconds))}s", "--timeout", "20s",
            "-s", str(HERE / "load.lua"), url,
        ]  # fmt: skip
    else:
        command = [sys.executable, str(HERE / "client.py"), url, str(CONNECTIONS), str(seconds)]
    environment = {**os.environ, "BENCH_BODIES": bodies}
    ran = subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True, timeout=seconds + 60
    )
    found = _CHECKED.search(ran.stdout)
    if found is None:
        raise RuntimeError(f"the load generator said nothing: {ran.stdout[-500:]}{ran.stderr[-500:]}")
    told: dict[str, float] = json.loads(found[1])
    return told


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]
