"""`linli run` as a process: start, serve, start again, stop without leaving anything behind."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest

TENANT = """
slug = "shiyan"
name = "演示实验县"
kind = "district"

[levels.county]
zh = "县"
en = "County"

[levels.town]
zh = "镇"
en = "Town"
parents = ["county"]

[roles.admin]
zh = "管理员"
en = "Administrator"
permissions = ["areas.*"]

[roles.resident]
zh = "居民"
en = "Resident"
"""
AREAS = (
    "code,name,level,parent_code\n990000000000,演示实验县,county,\n990001000000,演示一镇,town,990000000000\n"
)
PROGRAM = """
import sys
from linli.run import main
from linli.settings import Settings
sys.exit(main(Settings.from_environment()))
"""
READY = "Linli is ready"
# What a running platform writes of itself: the log-in that is printed, schedules, seals, and who did it.
WRITTEN_BY_RUNNING = {
    "identity_session",
    "audit_entry",
    "audit_head",
    "audit_seal",
    "jobs_job",
}
START_S_MAX = 120


class Platform:
    """One `linli run`; `output` is what it has said."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._environment = environment
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, **environment, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def read_until(self, mark: str) -> float:
        """Read until a line has the mark; gives the seconds that it took, or fails at the end."""
        begun = time.monotonic()
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if mark in line:
                return time.monotonic() - begun
        pytest.fail(f"ended with {self.process.wait()}:\n{self.output}\n{self.logs()}")

    def logs(self) -> str:
        logs = Path(self._environment["LINLI_DATA_DIR"]) / "logs"
        return "\n".join(path.read_text()[-3000:] for path in logs.glob("*.log"))

    def stop(self, number: signal.Signals) -> int:
        """Signal it, and give its exit code; all that it had started must be gone then."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=90)
        self.lines.append(rest)
        _gone, alive = psutil.wait_procs(family, timeout=1)
        assert not alive
        return self.process.returncode


@pytest.fixture
def data_dir():
    """A folder that the servers' user can enter too, as root's pytest folders are closed to it."""
    with tempfile.TemporaryDirectory(prefix="linli-run-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"


@pytest.fixture
def environment(tmp_path, data_dir):
    profile = tmp_path / "tenants" / "shiyan"
    profile.mkdir(parents=True)
    (profile / "tenant.toml").write_text(TENANT, encoding="utf-8")
    (profile / "areas.csv").write_text(AREAS, encoding="utf-8")
    template = tmp_path / "tenants" / "_template"
    template.mkdir()
    (template / "tenant.toml").write_text("not even TOML", encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "LINLI_DATA_DIR": str(data_dir),
        "LINLI_TENANTS_DIR": str(tmp_path / "tenants"),
        "LINLI_PORT": str(port),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "LINLI_SECRET_KEY": "",
    }


@contextmanager
def running(environment):
    platform = Platform(environment)
    try:
        yield platform
    finally:
        if platform.process.poll() is None:
            platform.process.kill()
            platform.process.wait()


def ask(environment, path):
    url = f"http://127.0.0.1:{environment['LINLI_PORT']}{path}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


async def fingerprints(data_dir: Path) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a hash over all of their content; read as the servers' owner."""
    noted = json.loads((data_dir / "runtime.json").read_text())
    connection = await asyncpg.connect(noted["database_url"])
    try:
        tables = await connection.fetch(
            "select table_schema || '.' || table_name as name, table_name from information_schema.tables"
            " where table_type = 'BASE TABLE' and table_schema in ('public', 'app')"
        )
        return {
            table["name"]: tuple(
                await connection.fetchrow(
                    "select count(*), coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '')"
                    f" from {table['name']} t"
                )
            )
            for table in tables
            if table["table_name"] not in WRITTEN_BY_RUNNING
        }
    finally:
        await connection.close()


def test_it_starts_from_nothing_and_again_from_what_is_there(environment, data_dir):
    with running(environment) as first:
        first.read_until(READY)
        first.read_until("Ctrl-C stops everything")
        assert ask(environment, "/ready")["status"] == "ready"
        assert "shiyan: 已创建 created" in first.output
        assert "_template" not in first.output
        for name in ("runtime.json", "secret.key"):
            assert stat.S_IMODE((data_dir / name).stat().st_mode) == 0o600
        noted = json.loads((data_dir / "runtime.json").read_text())
        assert noted["pid"] == first.process.pid
        assert noted["secret_key"] == (data_dir / "secret.key").read_text().strip()

        pasted = re.search(r"^curl (?:.*\\\n)*.*$", first.output, re.M)[0]
        words = shlex.split(pasted.replace("\\\n", ""))
        answer = json.loads(subprocess.run(words, capture_output=True, check=True, timeout=30).stdout)
        assert answer["data"]["tenant"] == {"slug": "shiyan", "name": "演示实验县"}
        assert len(answer["data"]["areas"]["edges"]) == 2

        with running({**environment, "LINLI_PORT": "1"}) as rival:
            rival.read_until(f"Another `linli run` (process {first.process.pid})")
            assert rival.process.wait(timeout=30) == 1

        web = next(p for p in psutil.Process(first.process.pid).children() if p.cmdline()[-1] == "web")
        web.kill()
        first.read_until("web ended unexpectedly")
        before = asyncio.run(fingerprints(data_dir))
        assert first.stop(signal.SIGINT) == 0
    assert not (data_dir / "runtime.json").exists()

    with running(environment) as second:
        seconds = second.read_until(READY)
        second.read_until("Ctrl-C stops everything")
        assert "shiyan: 无变化 unchanged" in second.output
        assert ask(environment, "/ready")["status"] == "ready"
        assert seconds < START_S_MAX
        (said,) = re.findall(rf"^\[ *([0-9.]+) s\].*{READY}", second.output, re.M)
        assert 0 < float(said) <= seconds + 1
        after = asyncio.run(fingerprints(data_dir))
        assert before["public.areas_area"][0] == 2
        assert {name for name in before if before[name] != after[name]} == set()
        assert after.keys() == before.keys()
        assert second.stop(signal.SIGTERM) == 0


def test_a_busy_port_is_told_before_anything_is_started(environment, data_dir):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(environment["LINLI_PORT"])))
        taken.listen()
        with running(environment) as platform:
            platform.read_until("cannot be opened")
            assert platform.process.wait(timeout=30) == 1
    assert "PostgreSQL" not in platform.output
    assert not (data_dir / "postgres").exists()


def test_a_stop_in_the_middle_of_starting_leaves_nothing_behind(environment):
    with running(environment) as platform:
        platform.read_until("Checking the database's structure")
        assert platform.stop(signal.SIGTERM) == 0
