"""Where the files of an embedded server lie, so that the user it runs as can reach them."""

import hashlib
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Sequence
from pathlib import Path

from linli.embedded.account import PRIVATE_DIRECTORY_MODE, ServerAccount, user_name
from linli.embedded.errors import EmbeddedServerError

_TRAVERSABLE_MODE = 0o755
_SOCKET_PATH_BYTES_MAX = 107

# Where servers of a root supervisor keep what they must reach and cannot reach in place. Only root can
# write into /var/lib, so nobody can put something of his own there before us.
_SYSTEM_HOME = Path("/var/lib/linli")


def place(data_dir: Path, account: ServerAccount) -> Path:
    """The real folder for `data_dir`: itself, or a place that the account can reach.

    Under /root, or a temporary folder of root's, an unprivileged server cannot enter its own data
    directory. Then the data go below /var/lib/linli and `data_dir` becomes a link to them. The name is
    random, so a later checkout in the same place never meets the data of an earlier one.

    Raises:
        EmbeddedServerError: existing data cannot be reached by their owner.
    """
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    if data_dir.is_symlink() and not data_dir.exists():
        data_dir.unlink()
    if account.can_reach(data_dir if data_dir.exists() else data_dir.parent):
        return data_dir.resolve()
    if data_dir.is_dir() and not any(data_dir.iterdir()):
        data_dir.rmdir()
    if data_dir.exists():
        raise EmbeddedServerError(
            f"{data_dir} cannot be entered by {user_name(account.uid)}, the user that the server runs as: "
            "allow it (chmod o+x) on the folders above, or choose another data directory."
        )
    home = _system_folder("data") / secrets.token_hex(6)
    home.mkdir()
    home.chmod(_TRAVERSABLE_MODE)
    real = account.make_private_directory(home / data_dir.name)
    data_dir.symlink_to(real)
    return real


def reachable_binaries(root: Path, parts: Sequence[str], version: str, account: ServerAccount) -> Path:
    """`root`, or a copy of its `parts` below /var/lib/linli when the account cannot execute from it.

    A virtual environment below /root is the usual case. `parts` are paths relative to `root`, so that
    libraries found by relative paths are found in the copy too.
    """
    sources = [root / part for part in parts]
    if all(account.can_execute(path) if path.is_file() else account.can_reach(path) for path in sources):
        return root
    mark = sources[0].stat()
    copy = _system_folder("binaries") / f"{version}-{mark.st_size}-{mark.st_mtime_ns}"
    if copy.exists():
        return copy
    fresh = Path(tempfile.mkdtemp(prefix="copying-", dir=copy.parent))
    for part in parts:
        target = fresh / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (root / part).is_dir():
            shutil.copytree(root / part, target)
        else:
            shutil.copy2(root / part, target)
    for path in (fresh, *fresh.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
    try:
        fresh.rename(copy)
    except OSError:  # another supervisor was faster
        shutil.rmtree(fresh, ignore_errors=True)
    return copy


def socket_directory(beside: Path, file_name: str, account: ServerAccount) -> Path:
    """A folder of mode 0700 for a Unix socket, short enough for the kernel's limit of 107 bytes.

    It is `<beside>.run`, or a folder in the system's temporary directory when that path is too long or
    has characters that server settings would need quoted.
    """
    preferred = beside.with_name(beside.name + ".run")
    if _fits(preferred / file_name):
        return account.make_private_directory(preferred)
    name = "linli-" + hashlib.sha256(os.fsencode(beside)).hexdigest()[:16]
    for parent in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - made private below
        if _fits(parent / name / file_name) and account.can_reach(parent):
            return _temporary_directory(parent / name, account)
    raise EmbeddedServerError("No place was found whose path is short enough for a Unix socket.")


def _temporary_directory(path: Path, account: ServerAccount) -> Path:
    # The name is derived from the data directory, so a killed supervisor leaves nothing behind that the
    # next one does not take over; a folder that somebody else put there is not used.
    try:
        path.mkdir(mode=PRIVATE_DIRECTORY_MODE)
    except FileExistsError:
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != account.uid or status.st_mode & 0o077:
            path = Path(tempfile.mkdtemp(prefix="linli-", dir=path.parent))
    return account.make_private_directory(path)


def _fits(path: Path) -> bool:
    needs_quotes = any(character in str(path) for character in " ,\"'\\\t\n")
    return len(os.fsencode(path)) <= _SOCKET_PATH_BYTES_MAX and not needs_quotes


def _system_folder(name: str) -> Path:
    folder = _SYSTEM_HOME / name
    folder.mkdir(parents=True, exist_ok=True)
    for path in (_SYSTEM_HOME, folder):
        path.chmod(_TRAVERSABLE_MODE)
    return folder
