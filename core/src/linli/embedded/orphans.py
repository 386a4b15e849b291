"""Servers that outlived their supervisor: found by what they are, never by a number in a file.

A process is believed to be our server only if its executable is the server's binary **and** its working
directory is the very data directory (device and inode). A pid file may name an innocent process that got
the number later; it is not read for this.
"""

import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from linli.embedded.errors import EmbeddedServerError
from linli.embedded.lock import started_ticks
from linli.embedded.process import Progress, StopSteps

_CMDLINE_BYTES_MAX = 8192
_POLL_INTERVAL_S = 0.05


@dataclass(frozen=True, slots=True)
class _Server:
    pid: int
    parent_pid: int
    started_ticks: int


def stop_orphans(directory: Path, *, binary: str, mark: str, steps: StopSteps, progress: Progress) -> None:
    """Ends every process of `binary` that works in `directory`, main process first, and waits.

    `mark` is a text on the command line of such processes, for machines that hide a process's working
    directory even from root (a container without CAP_SYS_PTRACE).

    Raises:
        EmbeddedServerError: one did not end, or may not be signalled; the message names it.
    """
    for number, patience_s in steps:
        servers = _servers_in(directory, binary, mark)
        if not servers:
            return
        pids = {server.pid for server in servers}
        mains = [server for server in servers if server.parent_pid not in pids]
        progress(f"Stopping {binary} of an earlier run that was killed (process {mains[0].pid})")
        for server in mains:
            _signal(server, directory, binary, mark, number)
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline and _servers_in(directory, binary, mark):
            time.sleep(_POLL_INTERVAL_S)
    left = _servers_in(directory, binary, mark)
    if left:
        raise EmbeddedServerError(
            f"Process {left[0].pid} ({binary} on {directory}) does not end: stop it by hand."
        )


def _servers_in(directory: Path, binary: str, mark: str) -> list[_Server]:
    if not directory.exists():
        return []
    candidates = (int(entry) for entry in os.listdir("/proc") if entry.isdecimal())
    return list(_proven(candidates, directory, binary, mark))


def _proven(pids: Iterable[int], directory: Path, binary: str, mark: str) -> Iterable[_Server]:
    for pid in pids:
        ticks = started_ticks(pid)
        if ticks is not None and _is_server(pid, directory, binary, mark):
            parent = _parent_pid(pid)
            if parent is not None and started_ticks(pid) == ticks:
                yield _Server(pid, parent, ticks)


def _is_server(pid: int, directory: Path, binary: str, mark: str) -> bool:
    proc = Path(f"/proc/{pid}")
    try:
        executable = os.readlink(proc / "exe").removesuffix(" (deleted)")
        return Path(executable).name == binary and os.path.samestat((proc / "cwd").stat(), directory.stat())
    except PermissionError:
        return _looks_like_server(proc, directory, binary, mark)
    except (FileNotFoundError, ProcessLookupError, NotADirectoryError):
        return False  # ended, a zombie, or a kernel thread


def _looks_like_server(proc: Path, directory: Path, binary: str, mark: str) -> bool:
    try:
        words = (proc / "cmdline").read_bytes()[:_CMDLINE_BYTES_MAX].decode(errors="replace")
        owner = proc.stat().st_uid
    except OSError:
        return False
    name = Path(words.partition("\0")[0].partition(":")[0].strip()).name
    return name == binary and mark in words and owner == directory.stat().st_uid


def _parent_pid(pid: int) -> int | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return int(text.rpartition(b")")[2].split()[1])


def _signal(server: _Server, directory: Path, binary: str, mark: str, number: signal.Signals) -> None:
    try:
        handle = os.pidfd_open(server.pid)
    except ProcessLookupError:
        return
    try:
        # The handle is open, so the number cannot change its meaning any more: look again, then signal.
        if any(again == server for again in _proven([server.pid], directory, binary, mark)):
            signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return
    except PermissionError as error:
        raise EmbeddedServerError(
            f"{binary} runs already on {directory} as process {server.pid}, which this user may not stop."
        ) from error
    finally:
        os.close(handle)
