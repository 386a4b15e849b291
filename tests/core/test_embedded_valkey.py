"""The embedded Valkey."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import redis

from linli.embedded import EmbeddedServerError, EmbeddedValkey


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that an unprivileged server can reach, also when the tests run as root."""
    path = Path(tempfile.mkdtemp(prefix="linli-test-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def test_answers_on_a_private_socket_and_on_no_port(home: Path) -> None:
    with (
        EmbeddedValkey(home / "valkey", memory_mb_max=64) as server,
        redis.Redis.from_url(server.url()) as client,
    ):
        assert client.ping()
        assert client.config_get("maxmemory*")["maxmemory"] == str(64 * 1024 * 1024)
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "allkeys-lru"
        assert client.config_get("save")["save"] == ""
        assert server.socket_dir.stat().st_mode & 0o777 == 0o700
        assert client.config_get("port")["port"] == "0"
        assert psutil.Process(server.pid).uids().real != 0
    assert not server.running


def test_starts_again_after_it_was_killed(home: Path) -> None:
    server = EmbeddedValkey(home / "valkey")
    server.start()
    os.kill(server.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while server.running:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    server.start()
    with redis.Redis.from_url(server.url()) as client:
        assert client.ping()
    server.stop()
    assert list((home / "valkey").iterdir()) == []


def test_second_supervisor_is_refused(home: Path) -> None:
    with EmbeddedValkey(home / "valkey") as first:
        second = EmbeddedValkey(home / "valkey")
        with pytest.raises(EmbeddedServerError, match=str(os.getpid())):
            second.start()
        assert second.attach()
        assert second.url() == first.url()


def test_missing_wheel_says_what_to_set_instead(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmbeddedValkey, "package", "no_such_package_anywhere")
    with pytest.raises(EmbeddedServerError, match="Set REDIS_URL"):
        EmbeddedValkey(home / "valkey").start()
