"""A server as a child process: it dies with us, logs into a bounded file, and is stopped with escalation."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from linli.embedded.account import ServerAccount
from linli.embedded.errors import EmbeddedServerError

Progress = Callable[[str], None]
StopSteps = Sequence[tuple[signal.Signals, float]]

_LAUNCHER = Path(__file__).with_name("launch.py")
_LOG_BYTES_MAX = 5 * 1024 * 1024
_TAIL_LINES_MAX = 12
_READ_BYTES = 64 * 1024
_POLL_INTERVAL_S = 0.02
_FIRST_WORD_AFTER_S = 3.0
_NEXT_WORD_AFTER_S = 5.0


class BoundedLog:
    """A log file that is moved aside to `<name>.1` when it is full, so two files of 5 MiB at most exist."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES_MAX)
        self._file: IO[bytes] | None = None

    def write(self, data: bytes) -> None:
        """Appends; a full disk loses lines of the log and never stops the server."""
        self._tail.extend(data.decode(errors="replace").splitlines())
        try:
            if self._file is None:
                # 0600: a statement in an error message may carry personal data.
                descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                self._file = open(descriptor, "ab", buffering=0)  # noqa: SIM115 - lives as long as the server
            self._file.write(data)
            if self._file.tell() > _LOG_BYTES_MAX:
                self.close()
                self._path.replace(self._path.with_name(self._path.name + ".1"))
        except OSError:
            self.close()

    def tail(self) -> str:
        """The last lines, for an error message."""
        return "\n".join(self._tail)

    def close(self) -> None:
        """Closes the file; a later write opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None


class ServerProcess:
    """One run of a server's binary.

    A keeper thread starts the process and reads its output until the end. The kernel delivers the
    parent-death signal when the *thread* that forked ends, so a server started from a worker thread
    (`asyncio.to_thread`) would otherwise be stopped together with that thread.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        directory: Path,
        account: ServerAccount,
        death_signal: signal.Signals,
        log: BoundedLog,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._environment = clean_environment() if environment is None else environment
        self._command = launch_command(
            command, directory=directory, account=account, death_signal=death_signal
        )
        self._log = log
        self._started = threading.Event()
        self._failure: OSError | None = None
        self._popen: subprocess.Popen[bytes] | None = None
        self._keeper = threading.Thread(target=self._keep, name=f"keeper of {command[0]}", daemon=True)

    def start(self) -> None:
        """Starts the process; that it is alive does not mean that it is ready."""
        self._keeper.start()
        self._started.wait()
        if self._failure is not None:
            raise EmbeddedServerError(f"The server could not be started: {self._failure}") from self._failure

    @property
    def pid(self) -> int:
        """The process id of the server itself: the launcher becomes the server."""
        assert self._popen is not None, "start() comes first"
        return self._popen.pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._popen is not None and self._popen.poll() is None

    def wait_until(
        self, ready: Callable[[], bool], *, timeout_s: float, waiting_for: str, progress: Progress
    ) -> None:
        """Waits as long as the process lives, and says every few seconds that it still waits.

        Raises:
            EmbeddedServerError: the process ended, or the time is over.
        """
        begun = time.monotonic()
        next_word = begun + _FIRST_WORD_AFTER_S
        while not ready():
            now = time.monotonic()
            if not self.alive:
                self._keeper.join(timeout=1.0)
                raise EmbeddedServerError(
                    f"{waiting_for} ended while starting. Its last words:\n{self._log.tail()}"
                )
            if now - begun > timeout_s:
                raise EmbeddedServerError(
                    f"{waiting_for} was not ready after {timeout_s:.0f} s:\n{self._log.tail()}"
                )
            if now >= next_word:
                progress(f"Still waiting for {waiting_for}, {now - begun:.0f} s: {self._last_line()}")
                next_word = now + _NEXT_WORD_AFTER_S
            time.sleep(_POLL_INTERVAL_S)

    def stop(self, steps: StopSteps) -> None:
        """Sends each signal in turn and waits its seconds, until the process has ended."""
        if self._popen is None:
            return
        for number, patience_s in steps:
            if self._popen.poll() is None:
                self._popen.send_signal(number)
            try:
                self._popen.wait(timeout=patience_s)
                break
            except subprocess.TimeoutExpired:
                continue
        else:
            raise EmbeddedServerError(f"Process {self.pid} did not end, not even by {steps[-1][0].name}.")
        self._keeper.join(timeout=1.0)

    def _keep(self) -> None:
        try:
            self._popen = subprocess.Popen(  # noqa: S603 - the command is ours
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,  # a Ctrl-C at the terminal reaches the server only through us
            )
        except OSError as error:
            self._failure = error
            return
        finally:
            self._started.set()
        assert self._popen.stdout is not None
        while data := os.read(self._popen.stdout.fileno(), _READ_BYTES):
            self._log.write(data)
        self._popen.stdout.close()
        self._log.close()
        self._popen.wait()

    def _last_line(self) -> str:
        return self._log.tail().rpartition("\n")[2]


def launch_command(
    command: Sequence[str], *, directory: Path, account: ServerAccount, death_signal: signal.Signals
) -> list[str]:
    """The command wrapped so that it runs as the account, in `directory`, and dies with this process."""
    uid, gid = (account.uid, account.gid) if account.drops else (-1, -1)
    facts = [int(death_signal), os.getpid(), uid, gid]
    return [sys.executable, "-I", "-S", str(_LAUNCHER), *map(str, facts), str(directory), *command]


def run_to_end(command: Sequence[str], *, directory: Path, account: ServerAccount, timeout_s: float) -> None:
    """Runs a helper binary as the account.

    Raises:
        EmbeddedServerError: it failed or took too long; the message has its output.
    """
    wrapped = launch_command(command, directory=directory, account=account, death_signal=signal.SIGTERM)
    try:
        done = subprocess.run(  # noqa: S603 - the command is ours
            wrapped,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=clean_environment(),
            start_new_session=True,
            timeout=timeout_s,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EmbeddedServerError(f"{Path(command[0]).name} could not run: {error}") from error
    if done.returncode != 0:
        words = done.stdout.decode(errors="replace").strip()
        raise EmbeddedServerError(f"{Path(command[0]).name} failed (exit code {done.returncode}):\n{words}")


def clean_environment() -> Mapping[str, str]:
    """An environment in which no PGHOST, locale or preload of the caller changes what a server does."""
    return {"PATH": os.defpath, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
