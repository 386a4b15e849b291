"""What a running `linli run` leaves in its data directory, so that other commands find its servers."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

import msgspec

_NAME: Final = "runtime.json"
_SECRET_NAME: Final = "secret.key"  # noqa: S105 - the name of a file
_BYTES_MAX: Final = 64 * 1024


class RuntimeFile(msgspec.Struct, frozen=True, kw_only=True):
    """The addresses and the key of a running platform; readable by its user only.

    It outlives a supervisor that was killed, so `pid` may be of nobody: whoever connects finds out.
    """

    database_url: str
    redis_url: str
    secret_key: str
    pid: int


def write_runtime_file(data_dir: Path, content: RuntimeFile) -> None:
    """Write it in one step, with mode 0600."""
    write_private(data_dir / _NAME, msgspec.json.encode(content))


def read_runtime_file(data_dir: Path) -> RuntimeFile | None:
    """Read it; None when no platform was started on this data directory, or when it is unreadable."""
    try:
        data = (data_dir / _NAME).read_bytes()[:_BYTES_MAX]
        return msgspec.json.decode(data, type=RuntimeFile)
    except (OSError, msgspec.MsgspecError):
        return None


def remove_runtime_file(data_dir: Path) -> None:
    """Remove it when the platform has stopped."""
    (data_dir / _NAME).unlink(missing_ok=True)


def secret_key_of(data_dir: Path) -> str:
    """Give the installation's secret key; it is made the first time and kept with mode 0600.

    Losing it only makes page cursors invalid: the passwords derived from it are set anew at each start.
    """
    path = data_dir / _SECRET_NAME
    if not path.exists():
        write_private(path, secrets.token_urlsafe(32).encode() + b"\n")
    return path.read_text().strip()


def write_private(path: Path, content: bytes) -> None:
    """Write a file of mode 0600 so that it is either whole or as it was."""
    fresh = path.with_name(path.name + ".tmp")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
