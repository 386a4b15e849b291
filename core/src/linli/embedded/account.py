"""Which user a server runs as, and what that user can reach.

PostgreSQL refuses to run as root. Started as root, we therefore run the servers as an unprivileged
system user. No user is created, because containers often lack `useradd`: `linli` is taken when the
machine has it, otherwise `nobody`, which every Linux has. (A bare number would not do: `initdb` looks
its user up by name.)
"""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from linli.embedded.errors import EmbeddedServerError

PRIVATE_DIRECTORY_MODE = 0o700
_USERS = ("linli", "nobody")


@dataclass(frozen=True, slots=True)
class ServerAccount:
    """The user and group of a server process; `drops` says whether they differ from our own."""

    uid: int
    gid: int
    drops: bool

    def can_reach(self, path: Path) -> bool:
        """Whether every folder above `path`, and `path` itself if it is one, may be entered."""
        if not self.drops:
            return True
        real = path.resolve()
        folders = [*real.parents, real] if real.is_dir() else [*real.parents]
        return all(self._may(folder, read=False) for folder in folders if folder.exists())

    def can_execute(self, binary: Path) -> bool:
        """Whether the binary can be reached, read and executed."""
        return self.can_reach(binary) and (not self.drops or self._may(binary, read=True))

    def own(self, path: Path) -> None:
        """Gives `path` to the account, and to nobody else."""
        if self.drops:
            os.chown(path, self.uid, self.gid)

    def make_private_directory(self, path: Path) -> Path:
        """Makes `path` a folder of the account with mode 0700, whether it exists or not."""
        path.mkdir(mode=PRIVATE_DIRECTORY_MODE, parents=True, exist_ok=True)
        self.own(path)
        path.chmod(PRIVATE_DIRECTORY_MODE)
        return path

    def _may(self, path: Path, *, read: bool) -> bool:
        status = path.stat()
        if status.st_uid == self.uid:
            shift = 6
        elif status.st_gid == self.gid:
            shift = 3
        else:
            shift = 0
        wanted = 0o5 if read else 0o1
        return (status.st_mode >> shift) & wanted == wanted


def choose_account(data_dir: Path, run_as: str | None) -> ServerAccount:
    """The account for a data directory: its owner if it exists, else `run_as`, else the default.

    Raises:
        EmbeddedServerError: the directory belongs to somebody else, or there is no user to run as.
    """
    owner = data_dir.stat() if data_dir.exists() else None
    if os.geteuid() != 0:
        if owner is not None and owner.st_uid != os.geteuid():
            raise EmbeddedServerError(
                f"{data_dir} belongs to the user {user_name(owner.st_uid)}: start as that user or as root, "
                "or choose another data directory."
            )
        return ServerAccount(os.geteuid(), os.getegid(), drops=False)
    if owner is not None and owner.st_uid != 0:
        return ServerAccount(owner.st_uid, owner.st_gid, drops=True)
    for name in (run_as,) if run_as else _USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return ServerAccount(entry.pw_uid, entry.pw_gid, drops=True)
    raise EmbeddedServerError(
        f"PostgreSQL cannot run as root, and none of these unprivileged users exists: {run_as or _USERS}."
    )


def user_name(uid: int) -> str:
    """The name of a user, or the number as text if it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
