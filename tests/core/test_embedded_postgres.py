"""The embedded PostgreSQL: real servers, killed in the ways that happen."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from linli.embedded import EmbeddedPostgres, EmbeddedServerError
from linli.embedded.process import BoundedLog

SUPERVISOR = """
import sys, time
from pathlib import Path
from linli.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), durable=False)
server.start()
print(server.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that an unprivileged server can reach, also when the tests run as root."""
    path = Path(tempfile.mkdtemp(prefix="linli-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """A cluster that was created once; copying it is faster than creating one per test."""
    path = Path(tempfile.mkdtemp(prefix="linli-template-"))
    path.chmod(0o755)
    with EmbeddedPostgres(path / "postgres", durable=False):
        pass
    yield path
    shutil.rmtree(path)


@pytest.fixture
def data_dir(home: Path, template: Path) -> Path:
    """A fresh data directory with a cluster in it."""
    copy = subprocess.run(["cp", "-a", f"{template}/.", home], check=True)
    assert copy.returncode == 0
    return home / "postgres"


async def fetch(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def wait_for(condition: Callable[[], object], *, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(0.02)


async def test_data_survive_a_restart(home: Path) -> None:
    words: list[str] = []
    server = EmbeddedPostgres(home / "postgres", durable=False)
    server.start(words.append)
    assert await server.ensure_database("linli") is True
    assert await server.ensure_database("linli") is False
    await fetch(server.url("linli"), "create table note as select 'kept' as text")
    server.stop()
    assert not server.running

    with EmbeddedPostgres(home / "postgres") as again:
        assert await fetch(again.url("linli"), "select text from note") == "kept"
        assert await fetch(again.url("linli"), "show fsync") == "on"
    assert any("Creating" in word for word in words)


async def test_cluster_has_the_locale_checksums_and_encoding_that_search_needs(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as server:
        provider = (
            "select datlocprovider::text || ' ' || datlocale from pg_database where datname = 'template1'"
        )
        assert await fetch(server.url(), provider) == "b C.UTF-8"
        assert await fetch(server.url(), "show data_checksums") == "on"
        assert await fetch(server.url(), "show server_encoding") == "UTF8"
        assert await fetch(server.url(), "show fsync") == "off"
        assert await fetch(server.url(), "show listen_addresses") == ""


def test_nobody_else_can_enter(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as server:
        assert data_dir.stat().st_mode & 0o777 == 0o700
        assert server.socket_dir.stat().st_mode & 0o777 == 0o700
        assert (server.socket_dir / ".s.PGSQL.5432").stat().st_mode & 0o077 == 0
        assert data_dir.with_name("postgres.password").stat().st_mode & 0o777 == 0o600
        assert data_dir.with_name("postgres.log").stat().st_mode & 0o777 == 0o600
        assert psutil.Process(server.pid).uids().real != 0
        command_line = " ".join(psutil.Process(server.pid).cmdline())
        password = data_dir.with_name("postgres.password").read_text().strip()
        assert password not in command_line


async def test_wrong_password_is_refused(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as server:
        with pytest.raises(asyncpg.InvalidPasswordError):
            await fetch(server.url(password="wrong"), "select 1")
        assert await fetch(server.url(), "select 1") == 1


async def test_tcp_is_offered_on_the_loopback_only_when_asked_for(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False, tcp=True) as server:
        assert await fetch(server.url(over_tcp=True), "select 1") == 1
        assert await fetch(server.url(), "select 1") == 1
        assert await fetch(server.url(), "show listen_addresses") == "127.0.0.1"
        with pytest.raises(asyncpg.InvalidPasswordError):
            await fetch(server.url(password="wrong", over_tcp=True), "select 1")


async def test_second_supervisor_is_refused_with_the_pid_of_the_first(data_dir: Path) -> None:
    with EmbeddedPostgres(data_dir, durable=False) as first:
        second = EmbeddedPostgres(data_dir, durable=False)
        with pytest.raises(EmbeddedServerError, match=rf"in use by process {os.getpid()}\b"):
            second.start()
        assert second.attach()
        assert await fetch(second.url(), "select 1") == 1
        second.stop()  # stops nothing that it did not start
        assert first.running
        assert await fetch(first.url(), "select 1") == 1
    assert not EmbeddedPostgres(data_dir).attach()


async def test_killed_server_recovers(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    server.start()
    await fetch(server.url(), "create table note as select 7 as number")
    os.kill(server.pid, signal.SIGKILL)
    wait_for(lambda: not server.running)
    server.start()
    assert await fetch(server.url(), "select number from note") == 7
    server.stop()


def test_stale_pid_file_does_not_harm_the_innocent_process_with_that_pid(data_dir: Path) -> None:
    innocent = subprocess.Popen(["sleep", "600"])
    try:
        lines = [str(innocent.pid), str(data_dir), str(int(time.time())), "5432", "", "", " 1 1", "ready   "]
        (data_dir / "postmaster.pid").write_text("\n".join(lines) + "\n")
        with EmbeddedPostgres(data_dir, durable=False) as server:
            assert server.pid != innocent.pid
        assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


@pytest.fixture
def supervisor(data_dir: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Another process that runs a server on `data_dir`, and the pid of that server."""
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SUPERVISOR), str(data_dir)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process, int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()


def test_server_dies_with_its_killed_supervisor(
    supervisor: tuple[subprocess.Popen[str], int], data_dir: Path
) -> None:
    process, server_pid = supervisor
    process.kill()
    wait_for(lambda: not psutil.pid_exists(server_pid) or psutil.Process(server_pid).status() == "zombie")
    with EmbeddedPostgres(data_dir, durable=False) as server:
        assert server.running


def test_orphan_that_does_not_notice_is_stopped_by_the_next_start(
    supervisor: tuple[subprocess.Popen[str], int], data_dir: Path
) -> None:
    process, server_pid = supervisor
    words: list[str] = []
    os.kill(server_pid, signal.SIGSTOP)  # it cannot act on the parent-death signal
    process.kill()
    process.wait()
    resume = threading.Timer(1.0, os.kill, (server_pid, signal.SIGCONT))
    resume.start()
    server = EmbeddedPostgres(data_dir, durable=False)
    server.start(words.append)
    resume.join()
    assert any("killed" in word and str(server_pid) in word for word in words)
    assert server.pid != server_pid
    server.stop()
    assert not psutil.pid_exists(server_pid) or psutil.Process(server_pid).status() == "zombie"


def test_worker_thread_that_ends_does_not_take_the_server_with_it(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir, durable=False)
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
    with pytest.raises(psutil.TimeoutExpired):
        psutil.Process(server.pid).wait(timeout=0.3)
    server.stop()


def test_long_path_gets_its_socket_in_the_temporary_directory(home: Path, template: Path) -> None:
    deep = home / ("x" * 60) / ("y" * 60)
    deep.parent.mkdir()
    subprocess.run(["cp", "-a", template, deep], check=True)
    with EmbeddedPostgres(deep / "postgres", durable=False) as server:
        assert server.socket_dir.parent == Path(tempfile.gettempdir())
        assert server.socket_dir.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(server.socket_dir)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts a server as somebody else")
def test_data_below_a_folder_of_roots_alone_go_where_the_server_can_reach(home: Path) -> None:
    home.chmod(0o700)
    data_dir = home / "postgres"
    with EmbeddedPostgres(data_dir, durable=False):
        real = data_dir.resolve()
        assert real != data_dir
        assert (real / "postmaster.pid").exists()
    with EmbeddedPostgres(data_dir, durable=False):
        assert data_dir.resolve() == real
    shutil.rmtree(real.parent)


def test_folder_with_other_files_is_not_touched(home: Path) -> None:
    (home / "postgres").mkdir(mode=0o755)
    (home / "postgres" / "precious.txt").write_text("mine")
    with pytest.raises(EmbeddedServerError, match="not touched"):
        EmbeddedPostgres(home / "postgres").start()
    assert (home / "postgres" / "precious.txt").read_text() == "mine"


def test_start_that_fails_shows_the_last_words_and_frees_the_lock(data_dir: Path) -> None:
    with pytest.raises(EmbeddedServerError, match="no_such_setting"):
        EmbeddedPostgres(data_dir, settings={"no_such_setting": "1"}).start()
    with EmbeddedPostgres(data_dir, durable=False) as server:
        assert server.running


def test_missing_wheel_says_what_to_set_instead(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmbeddedPostgres, "package", "no_such_package_anywhere")
    with pytest.raises(EmbeddedServerError, match="Set DATABASE_URL"):
        EmbeddedPostgres(home / "postgres").start()


def test_log_never_outgrows_two_files(tmp_path: Path) -> None:
    log = BoundedLog(tmp_path / "server.log")
    for _ in range(200):
        log.write(b"x" * 99_999 + b"\n")
    log.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["server.log", "server.log.1"]
    assert all(path.stat().st_size < 6 * 1024 * 1024 for path in tmp_path.iterdir())
