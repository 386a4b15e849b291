"""Contents in a folder on a disk."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from linli.files.errors import StoreUnavailable
from linli.files.stores import StoredContent

_CHUNK: Final = 256 * 1024
_KEY: Final = re.compile(r"[0-9a-f]{32}/[0-9a-f]{2}/[0-9a-f]{64}")
_PARTIAL: Final = ".partial"


class DiskStore:
    """A folder that only this account may read. Processes on one machine share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, pieces: AsyncIterator[bytes]) -> None:
        """Written beside, synced, then renamed. Raises: StoreUnavailable."""
        path = self._path(key)
        partial = path.with_name(f"{path.name}.{secrets.token_hex(8)}{_PARTIAL}")
        try:
            file = await asyncio.to_thread(_created, self._folder, partial)
            try:
                async for piece in pieces:
                    await asyncio.to_thread(file.write, piece)
                await asyncio.to_thread(_finished, file, partial, path)
            finally:
                file.close()
                partial.unlink(missing_ok=True)
        except OSError as error:
            raise StoreUnavailable() from error

    async def get(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Raises: FileNotFoundError, StoreUnavailable."""
        try:
            with await asyncio.to_thread(self._path(key).open, "rb") as file:
                file.seek(start)
                while start < end and (piece := await asyncio.to_thread(file.read, min(_CHUNK, end - start))):
                    start += len(piece)
                    yield piece
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreUnavailable() from error

    async def delete(self, key: str) -> None:
        """Raises: StoreUnavailable."""
        try:
            await asyncio.to_thread(self._path(key).unlink, missing_ok=True)
        except OSError as error:
            raise StoreUnavailable() from error

    async def contents(self, tenant_id: UUID) -> AsyncIterator[StoredContent]:
        """A folder at a time. What a crash left half written is told as well, under a key of its own."""
        root = self._folder / tenant_id.hex
        for number in range(256):
            for found in await asyncio.to_thread(_listed, root / f"{number:02x}"):
                yield found

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key.removesuffix(_PARTIAL).partition(".")[0]) or "/." in key:
            raise StoreUnavailable()
        return self._folder / key


def _created(folder: Path, path: Path) -> BinaryIO:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _finished(file: BinaryIO, partial: Path, path: Path) -> None:
    file.flush()
    os.fsync(file.fileno())
    file.close()
    partial.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _listed(folder: Path) -> list[StoredContent]:
    return list(_entries(folder)) if folder.is_dir() else []


def _entries(folder: Path) -> Iterator[StoredContent]:
    with os.scandir(folder) as entries:
        for entry in entries:
            put_at = datetime.fromtimestamp(entry.stat().st_mtime, UTC)
            yield StoredContent(f"{folder.parent.name}/{folder.name}/{entry.name}", put_at)
