"""The lock of a data directory: one supervisor at a time, and a note of who it is.

An `flock` is released by the kernel when its holder dies, however it dies, so a lock is never stale. The
note (process id, its start time, the data directory, where the server listens) is for people and for
other processes of Linli that want to connect; nothing is ever signalled because of a number in it.
"""

import fcntl
import os
from pathlib import Path

import msgspec

from linli.embedded.errors import EmbeddedServerError

_NOTE_BYTES_MAX = 16 * 1024


class LockNote(msgspec.Struct, frozen=True, kw_only=True):
    """What the holder of a lock says of itself; `socket_dir` is empty until the server is ready."""

    pid: int
    started_ticks: int
    data_dir: str
    socket_dir: str = ""
    port: int = 0


class SupervisorLock:
    """An exclusive lock on a data directory, in the file `<data_dir>.lock`."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._path = data_dir.with_name(data_dir.name + ".lock")
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Takes the lock.

        Raises:
            EmbeddedServerError: another supervisor has it; the message names its process.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise EmbeddedServerError(self._refusal()) from None
        self._descriptor = descriptor
        self.write()

    def write(self, *, socket_dir: str = "", port: int = 0) -> None:
        """Writes the note of this process."""
        assert self._descriptor is not None, "acquire() comes first"
        note = LockNote(
            pid=os.getpid(),
            started_ticks=started_ticks(os.getpid()) or 0,
            data_dir=str(self._data_dir),
            socket_dir=socket_dir,
            port=port,
        )
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, msgspec.json.encode(note), 0)

    def release(self) -> None:
        """Gives the lock back; the file stays, because removing a locked file is a race."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def read_holder(self) -> LockNote | None:
        """The note of the process that holds the lock, or None if nobody does or it is not yet written."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _decode(os.pread(descriptor, _NOTE_BYTES_MAX, 0))
        finally:
            os.close(descriptor)
        return None

    def _refusal(self) -> str:
        note = self.read_holder()
        if note is None:
            return f"Another process is starting or stopping a server on {self._data_dir}: try again."
        if started_ticks(note.pid) == note.started_ticks:
            holder = f"process {note.pid} (is another `linli run` open?)"
        else:
            holder = f"a process that process {note.pid} started and that outlived it"
        return f"{self._data_dir} is in use by {holder}. Stop that first, or choose another data directory."


def started_ticks(pid: int) -> int | None:
    """When a process started, in clock ticks since boot, or None if there is no such process.

    Source: proc(5), field 22 of /proc/<pid>/stat.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    after_name = text.rpartition(b")")[2].split()
    return int(after_name[19])


def _decode(data: bytes) -> LockNote | None:
    try:
        return msgspec.json.decode(data, type=LockNote)
    except msgspec.MsgspecError:
        return None
