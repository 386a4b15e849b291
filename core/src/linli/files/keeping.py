"""Attaching and removing files, and which of them may be read."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.db.encryption import decrypt
from linli.db.encryption.algorithms import Algorithm, digest, new_key
from linli.db.encryption.errors import KeyDestroyed
from linli.db.encryption.fields import cipher_of
from linli.errors import NotFound, UnknownValue
from linli.files.errors import (
    FileEmpty,
    FileInfected,
    FileTooLarge,
    KindSwitchedOff,
    QuotaExceeded,
    StoreUnavailable,
    TooManyFiles,
    TypeNotAllowed,
)
from linli.files.kinds import FileKind
from linli.files.sealing import clear, sealed
from linli.files.sniffing import media_type_of
from linli.files.stores import Store, key_of
from linli.files.tables import NAME_MAX, File
from linli.identity import checks
from linli.identity.places import is_self
from linli.ids import new_id

FILES_MAX: Final = 100
QUOTA_SETTING: Final = "files.quota_mib"
_CHUNK: Final = 1024 * 1024
_WITHIN_S: Final = 50.0  # PostgreSQL ends a transaction in which nothing is asked for a minute
_OF_OWNER: Final = """
select * from files_file where tenant_id = $1 and owner_id = $2 and kind = $3 and removed_at is null
order by id limit $4"""
_BY_IDS: Final = "select * from files_file where tenant_id = $1 and id = any($2)"
_STORED: Final = """
select coalesce(sum(size_bytes), 0)::bigint from files_file where tenant_id = $1 and removed_at is null"""


@dataclass(frozen=True, slots=True)
class _Content:
    size: int
    sha256: str
    media_type: str


async def attach(ctx: Context, content: BinaryIO, *, kind: str, owner_id: UUID, name: str) -> File:
    """Keep a file for a row; its type is told by what it holds.

    Raises: UnknownValue, NotFound, PermissionDenied, Required, TooLong, UnprintableText, FileEmpty, FileTooLarge,
    TypeNotAllowed, FileInfected, TooManyFiles, QuotaExceeded, StoreUnavailable, MasterKeyMissing.
    """
    declared = kind_of(ctx, kind)
    owner = await declared.owner(ctx, owner_id)
    said = checks.line(name, "name", NAME_MAX)
    await ctx.db.take_turns(f"files/owner/{owner_id}")
    if len(await ctx.db.fetch(_OF_OWNER, ctx.tenant_id, owner_id, kind, FILES_MAX)) >= FILES_MAX:
        raise TooManyFiles(limit=FILES_MAX)
    known = await asyncio.to_thread(_known, content, declared)
    scanned_by = await _scanned(ctx, content, known.media_type)
    await _check_quota(ctx, known.size)
    file_id = new_id()
    cipher = cipher_of(ctx) if declared.personal else None
    key = new_key(cipher) if cipher else b""
    address = (
        digest(Algorithm.HMAC_SHA256, key, bytes.fromhex(known.sha256)).hex() if cipher else known.sha256
    )
    await ctx.db.take_turns(f"files/{address}")  # the collection of orphans waits until this is committed
    pieces = sealed(content, known.size, file_id, cipher, key) if cipher else clear(content)
    await _put(ctx, address, pieces)
    await ctx.db.take_turns("files/quota")  # uploads of the same moment see each other from here on
    await _check_quota(ctx, known.size)
    return await rows.insert(
        ctx,
        File,
        action="attach",
        id=file_id,
        area_id=owner.place.area_id,
        area_path=owner.place.area_path,
        kind=kind,
        owner_table=owner.table,
        owner_id=owner.id,
        person_id=owner.person_id,
        name=said,
        media_type=known.media_type,
        size_bytes=known.size,
        address=address,
        cipher=cipher.value if cipher else "",
        file_key=base64.b64encode(key).decode() if cipher else None,
        scanned_by=scanned_by,
        uploaded_by=ctx.actor.id,
        sealed=owner.sealed,
    )


async def unseal(ctx: Context, kind: str, owner_id: UUID) -> None:
    """Let lists show the files of a row from now on; rights are the caller's concern."""
    for row in await ctx.db.fetch(_OF_OWNER, ctx.tenant_id, owner_id, kind, FILES_MAX):
        if row["sealed"]:
            await rows.update(ctx, rows.from_record(File, row), action="unseal", sealed=False)


async def remove(ctx: Context, file_id: UUID) -> File:
    """Remove a file: from now on nobody can read it; a job clears the store.

    Raises: NotFound, PermissionDenied, KindSwitchedOff.
    """
    file = await readable(ctx, file_id, lock=True)
    kind = ctx.plugins.file_kinds.get(file.kind)
    if kind is None:
        raise KindSwitchedOff(kind=file.kind)
    await kind.owner(ctx, file.owner_id)
    return await forget(ctx, file, "remove")


async def forget(ctx: Context, file: File, action: str) -> File:
    """Take the name and the key of a file away; rights are the caller's concern."""
    return await rows.update(
        ctx, file, action=action, name=None, file_key=None, removed_at=file.removed_at or ctx.now()
    )


async def readable(ctx: Context, file_id: UUID, *, lock: bool = False) -> File:
    """The file, when the actor may read it. Raises: NotFound, also for one that was removed.

    Where the plugin of its kind is switched off, that is the person whom it tells of, and nobody else.
    """
    file = await rows.get(ctx, File, file_id, lock=lock)
    if not await _may_read(ctx, file):
        raise NotFound(kind="files_file")
    return file


async def names_of(ctx: Context, ids: Sequence[UUID]) -> list[str | None]:
    """What files are called, in one statement and in their order.

    None for those that the actor may not read, that were removed, or whose key is gone.
    """
    found = await ctx.db.fetch(_BY_IDS, ctx.tenant_id, list(ids))
    files = {file.id: file for file in (rows.from_record(File, row) for row in found)}
    names: list[str | None] = []
    for file_id in ids:
        file = files.get(file_id)
        shown = file is not None and await _may_read(ctx, file)
        try:
            names.append(await decrypt(ctx, file, "name") if file and shown else None)
        except KeyDestroyed:
            names.append(None)
    return names


async def of_owner(ctx: Context, kind: str, owner_id: UUID) -> Sequence[File]:
    """The files of one kind that a row has and the actor may read, the oldest first; at most 100."""
    declared = kind_of(ctx, kind)
    found = await ctx.db.fetch(_OF_OWNER, ctx.tenant_id, owner_id, kind, FILES_MAX)
    files = [rows.from_record(File, row) for row in found]
    return [file for file in files if await declared.may_read(ctx, file)]


def kind_of(ctx: Context, name: str) -> FileKind:
    """A kind of the tenant's plugins. Raises: UnknownValue."""
    found = ctx.plugins.file_kinds.get(name)
    if found is None:
        raise UnknownValue(path=("kind",), value=name[:80], allowed=", ".join(sorted(ctx.plugins.file_kinds)))
    return found


def store_of(ctx: Context) -> Store:
    """The process's store. Raises: StoreUnavailable."""
    if ctx.db.store is None:
        raise StoreUnavailable()
    return ctx.db.store


async def _may_read(ctx: Context, file: File) -> bool:
    kind = ctx.plugins.file_kinds.get(file.kind)
    if file.removed_at:
        return False
    if kind is not None:
        return await kind.may_read(ctx, file)
    return is_self(ctx, file.person_id)


async def stored_bytes(ctx: Context) -> int:
    """How many bytes the tenant's files have, without those that were removed."""
    found: int = await ctx.db.fetchval(_STORED, ctx.tenant_id)
    return found


async def _check_quota(ctx: Context, size: int) -> None:
    """Raises: QuotaExceeded."""
    limit = int(str(ctx.setting(QUOTA_SETTING))) * 1024 * 1024
    if await stored_bytes(ctx) + size > limit:
        raise QuotaExceeded(limit=limit)


async def _put(ctx: Context, address: str, pieces: AsyncIterator[bytes]) -> None:
    """Raises: StoreUnavailable, also for a store that takes too long."""
    try:
        async with asyncio.timeout(_WITHIN_S):
            await store_of(ctx).put(key_of(ctx.tenant_id, address), pieces)
    except TimeoutError as error:
        raise StoreUnavailable() from error


def _known(content: BinaryIO, kind: FileKind) -> _Content:
    size, sha256 = 0, hashlib.sha256()
    content.seek(0)
    while piece := content.read(_CHUNK):
        size += len(piece)
        if size > kind.bytes_max:
            raise FileTooLarge(limit=kind.bytes_max)
        sha256.update(piece)
    if size == 0:
        raise FileEmpty()
    media_type = media_type_of(content)
    if media_type is None or media_type not in kind.media_types:
        raise TypeNotAllowed(allowed=", ".join(sorted(kind.media_types)))
    return _Content(size, sha256.hexdigest(), media_type)


async def _scanned(ctx: Context, content: BinaryIO, media_type: str) -> str:
    """The names of the scanners that found nothing; "" says that there is none. Raises: FileInfected."""
    scanners = [one for _plugin, many in ctx.plugins.contributions("file_scanners") for one in many]
    async with asyncio.timeout(_WITHIN_S):
        for scanner in scanners:
            content.seek(0)
            if not (await scanner.scan(content, media_type)).harmless:
                raise FileInfected(scanner=scanner.name)
    return ", ".join(one.name for one in scanners)
