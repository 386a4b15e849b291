"""The life of `linli run`, read top-down: refuse early → servers → data → children → words → watch → stop."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import FrameType
from typing import Final

import asyncpg

from linli.embedded import EmbeddedPostgres, EmbeddedServerError, EmbeddedValkey
from linli.embedded.lock import SupervisorLock
from linli.errors import LinliError
from linli.run.children import Child, ChildGaveUp, web_child, worker_child
from linli.run.preparing import prepare_data
from linli.run.runtime_file import RuntimeFile, remove_runtime_file, secret_key_of, write_runtime_file
from linli.run.welcome import answers_ready, base_url, welcome
from linli.run.words import Voice
from linli.serve import PortBusy, listen
from linli.settings import Settings

_READY_WITHIN_S: Final = 90.0
_WATCH_EVERY_S: Final = 0.5
_DATABASE: Final = "linli"
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class RunRefused(RuntimeError):
    """The platform cannot be started; a sentence in Chinese and one in English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def main(settings: Settings) -> int:
    """Start everything, serve until SIGINT or SIGTERM, stop everything. Gives the exit code."""
    voice = Voice()
    try:
        with _interruptible(), ExitStack() as stack:
            return _run(settings, stack, voice)
    except KeyboardInterrupt:
        voice.step("已停止", "Stopped")
        return 0
    except RunRefused as error:
        voice.failure(error.zh, error.en)
    except EmbeddedServerError as error:
        voice.failure("内置服务器无法运行", str(error))
    except ChildGaveUp as error:
        voice.failure("进程反复退出，已全部停止", f"A process died again and again; all is stopped. {error}")
    except LinliError as error:
        voice.failure("无法启动", str(error))
    except (OSError, asyncpg.PostgresError) as error:
        voice.failure("无法启动", f"{type(error).__name__}: {error}")
    return 1


def _run(settings: Settings, stack: ExitStack, voice: Voice) -> int:
    settings = _refuse_early(settings, stack)
    settings, servers = _start_servers(settings, stack, voice)
    composition = asyncio.run(prepare_data(settings, voice))
    write_runtime_file(settings.data_dir, _runtime_file(settings))
    stack.callback(remove_runtime_file, settings.data_dir)
    children = _start_children(settings, stack, voice)
    asyncio.run(welcome(settings, composition, voice))
    _watch(servers, children, voice)
    voice.step("正在停止", "Stopping")
    return 0


def _refuse_early(settings: Settings, stack: ExitStack) -> Settings:
    """Take the data directory and look at the port before anything is started."""
    data_dir = settings.data_dir
    # As root the servers run as another user, who must be able to pass through.
    data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    lock = SupervisorLock(data_dir / "run")
    try:
        lock.acquire()
    except EmbeddedServerError:
        holder = lock.read_holder()
        who = f" {holder.pid}" if holder else ""
        raise RunRefused(
            f"另一个 `linli run`（进程{who}）正在使用 {data_dir}；请先停止它，或用 LINLI_DATA_DIR 另选目录。",
            f"Another `linli run` (process{who}) uses {data_dir}: stop it, or choose another LINLI_DATA_DIR.",
        ) from None
    stack.callback(lock.release)
    try:
        listen(settings.host, settings.port).close()
    except PortBusy as error:
        raise RunRefused(
            f"端口 {settings.port} 无法使用（可能已被占用）；请用 LINLI_PORT 另选端口。",
            f"{error}. Choose another port with LINLI_PORT.",
        ) from None
    return replace(settings, secret_key=settings.secret_key or secret_key_of(data_dir))


def _start_servers(
    settings: Settings, stack: ExitStack, voice: Voice
) -> tuple[Settings, list[EmbeddedPostgres | EmbeddedValkey]]:
    """Start the embedded servers that the settings do not replace; the stack stops them in reverse."""
    servers: list[EmbeddedPostgres | EmbeddedValkey] = []
    if settings.database_url is None:
        voice.step("正在启动内置 PostgreSQL", "Starting the embedded PostgreSQL")
        postgres = EmbeddedPostgres(settings.data_dir / "postgres")
        postgres.start(voice.detail)
        stack.callback(postgres.stop)
        asyncio.run(postgres.ensure_database(_DATABASE))
        settings = replace(settings, database_url=postgres.url(_DATABASE))
        servers.append(postgres)
    if settings.redis_url is None:
        voice.step("正在启动内置 Valkey", "Starting the embedded Valkey")
        valkey = EmbeddedValkey(settings.data_dir / "valkey")
        valkey.start(voice.detail)
        stack.callback(valkey.stop)
        settings = replace(settings, redis_url=valkey.url())
        servers.append(valkey)
    return settings, servers


def _start_children(settings: Settings, stack: ExitStack, voice: Voice) -> list[Child]:
    """Start the web process and the worker, and wait until requests are served."""
    logs = settings.data_dir / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    web, worker = web_child(settings, logs), worker_child(settings, logs)
    voice.step("正在启动服务与后台任务", "Starting the web process and the worker")
    # The stack stops in reverse: the web process first, then the worker.
    for child in (worker, web):
        stack.callback(child.stop)
        child.start()
    web.process.wait_until(
        lambda: answers_ready(base_url(settings)),
        timeout_s=_READY_WITHIN_S,
        waiting_for=f"the web process ({web.log_path})",
        progress=voice.detail,
    )
    return [web, worker]


def _watch(servers: list[EmbeddedPostgres | EmbeddedValkey], children: list[Child], voice: Voice) -> None:
    """Keep everything running until a signal comes."""
    stop = threading.Event()

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in _SIGNALS:
        signal.signal(number, handle)
    while not stop.wait(_WATCH_EVERY_S):
        for server in servers:
            if not server.running:
                voice.step(f"{server.title} 意外退出，正在重启", f"{server.title} ended; starting it again")
                server.start(voice.detail)
        for child in children:
            child.tend(voice.detail)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM interrupt like Ctrl-C, and give the caller its handlers back at the end.

    While things are being stopped a further signal is only noted: every step of stopping has its own limit.
    """
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in _SIGNALS:
            signal.signal(number, _ignore)
        raise KeyboardInterrupt

    for number in _SIGNALS:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number in _SIGNALS:
            signal.signal(number, before[number])


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Things are being stopped already."""


def _runtime_file(settings: Settings) -> RuntimeFile:
    return RuntimeFile(
        database_url=settings.database_url or "",
        redis_url=settings.redis_url or "",
        secret_key=settings.secret_key,
        pid=os.getpid(),
    )
