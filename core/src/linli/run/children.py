"""The web process and the worker as child processes: they die with us and are restarted when they die."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from linli.embedded.account import ServerAccount
from linli.embedded.process import BoundedLog, Progress, ServerProcess, StopSteps
from linli.settings import Settings

_RESTARTS_MAX: Final = 5
_RESTARTS_WITHIN_S: Final = 300.0
_BACKOFF_S: Final = (0.0, 1.0, 2.0, 5.0, 10.0)


class ChildGaveUp(RuntimeError):
    """A child died too often; the message has its name and its last words."""


@dataclass(slots=True)
class Child:
    """One command of Linli, such as `serve`, as a process whose output goes to `<logs>/<name>.log`."""

    name: str
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    logs: Path
    stop_steps: StopSteps
    _process: ServerProcess | None = None
    _log: BoundedLog | None = None
    _deaths: deque[float] = field(default_factory=deque)
    _due_at: float | None = None

    def start(self) -> None:
        """Start it; that it is alive does not mean that it is ready."""
        self._log = BoundedLog(self.log_path)
        self._process = ServerProcess(
            [sys.executable, *self.arguments],
            directory=Path.cwd(),
            account=ServerAccount(os.geteuid(), os.getegid(), drops=False),
            death_signal=signal.SIGTERM,
            log=self._log,
            environment=self.environment,
        )
        self._process.start()
        self._due_at = None

    @property
    def log_path(self) -> Path:
        """Where its output goes."""
        return self.logs / f"{self.name}.log"

    @property
    def process(self) -> ServerProcess:
        """The process of the newest start."""
        assert self._process is not None, "start() comes first"
        return self._process

    def tend(self, progress: Progress) -> None:
        """Start it again when it has died, after a pause that grows.

        Raises: ChildGaveUp when it died more than 5 times within 5 minutes.
        """
        if self.process.alive:
            return
        now = time.monotonic()
        if self._due_at is None:
            self._deaths.append(now)
            while self._deaths[0] < now - _RESTARTS_WITHIN_S:
                self._deaths.popleft()
            if len(self._deaths) > _RESTARTS_MAX:
                raise ChildGaveUp(f"{self.name}: {self.last_words()}")
            pause_s = _BACKOFF_S[min(len(self._deaths), len(_BACKOFF_S)) - 1]
            progress(
                f"{self.name} ended unexpectedly; starting it again in {pause_s:.0f} s ({self.log_path})"
            )
            self._due_at = now + pause_s
        if now >= self._due_at:
            self.start()

    def stop(self) -> None:
        """Stop it, forcibly if it does not end by itself."""
        if self._process is not None:
            self._process.stop(self.stop_steps)

    def last_words(self) -> str:
        """The last lines of its output."""
        return self._log.tail() if self._log is not None else ""


def web_child(settings: Settings, logs: Path) -> Child:
    """The web process. Requests under way get 10 seconds, then it ends."""
    steps = ((signal.SIGTERM, 15.0), (signal.SIGKILL, 5.0))
    return Child("web", ("-m", "linli.run.child", "web"), child_environment(settings), logs, steps)


def worker_child(settings: Settings, logs: Path) -> Child:
    """The worker. What it is doing gets 20 seconds; what is cut off is taken up again later."""
    steps = ((signal.SIGTERM, 20.0), (signal.SIGKILL, 5.0))
    return Child("worker", ("-m", "linli.run.child", "worker"), child_environment(settings), logs, steps)


def child_environment(settings: Settings) -> dict[str, str]:
    """Our environment with the settings as they were resolved. Not on the command line: that is public."""
    values = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "LINLI_SECRET_KEY": settings.secret_key,
        "LINLI_DATA_DIR": str(settings.data_dir),
        "LINLI_HOST": settings.host,
        "LINLI_PORT": str(settings.port),
        "LINLI_WEB_PROCESSES": str(settings.web_processes),
        "LINLI_POOL_SIZE_MAX": str(settings.pool_size_max),
        "LINLI_TENANTS_DIR": str(settings.tenants_dir) if settings.tenants_dir else None,
        "PYTHONUNBUFFERED": "1",
    }
    given = {name: value for name, value in values.items() if value is not None}
    return {**os.environ, **given}
