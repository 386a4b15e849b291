"""Files in the tenant's own tables: stored in pieces, given out piece by piece, removed after their time."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.db.encryption import open_content, seal_content
from linli.db.unit_of_work import UnitOfWork
from linli.ids import new_id
from linli.transfer.errors import FileGone, FileTooLarge, StorageFull
from linli.transfer.formats import Format
from linli.transfer.tables import FilePiece, StoredFile

PIECE_BYTES: Final = 1024 * 1024
STORED_BYTES_MAX: Final = 500 * 1024 * 1024
HELD_BYTES_MAX: Final = 2 * 1024 * 1024 * 1024
_REMOVED_AT_ONCE: Final = 100

_INSERT: Final = (
    "insert into transfer_piece (tenant_id, id, file_id, place, body) values ($1, $2, $3, $4, $5)"
)
_PIECE: Final = "select id, body from transfer_piece where tenant_id = $1 and file_id = $2 and place = $3"
_HELD: Final = """
select coalesce(sum(size_bytes), 0) from transfer_file
where tenant_id = $1 and removed_at is null and purpose = 'import'"""
_EXPIRED: Final = """
select id from transfer_file where tenant_id = $1 and removed_at is null and expires_at < $2
order by expires_at limit $3"""
# Staged rows and problems go with the file that they were read from.
_REMOVE: Final = (
    "delete from transfer_piece where tenant_id = $1 and file_id = any($2::uuid[])",
    "delete from transfer_block where tenant_id = $1 and import_id in"
    " (select id from transfer_import where tenant_id = $1 and file_id = any($2::uuid[]))",
    "delete from transfer_problem where tenant_id = $1 and import_id in"
    " (select id from transfer_import where tenant_id = $1 and file_id = any($2::uuid[]))",
    "update transfer_import set headers = '[]' where tenant_id = $1 and file_id = any($2::uuid[])",
)


async def store(
    ctx: Context,
    content: BinaryIO,
    *,
    purpose: str,
    name: str,
    file_format: Format,
    bytes_max: int = STORED_BYTES_MAX,
) -> StoredFile:
    """Store all that a stream on a disk or in memory holds, a piece at a time. Raises: FileTooLarge."""
    size, digest = _measured(content, bytes_max)
    kept_days = ctx.setting("transfer.files_kept_days")
    assert isinstance(kept_days, int)
    stored = await rows.insert(
        ctx,
        StoredFile,
        action="store",
        purpose=purpose,
        name=name,
        format=file_format.value,
        size_bytes=size,
        sha256=digest,
        expires_at=ctx.now() + timedelta(days=max(1, kept_days)),
    )
    for place in range(pieces_of(stored)):
        piece_id = new_id()
        body = await seal_content(ctx, FilePiece, "body", piece_id, content.read(PIECE_BYTES))
        await ctx.db.execute(_INSERT, ctx.tenant_id, piece_id, stored.id, place, body)
    return stored


async def require_room(ctx: Context) -> None:
    """Go on only while the files of a tenant that were sent in are less than 2 GiB together. Raises: StorageFull."""
    if await ctx.db.fetchval(_HELD, ctx.tenant_id) >= HELD_BYTES_MAX:
        raise StorageFull(limit=HELD_BYTES_MAX)


async def pieces(ctx: Context, file_id: UUID) -> AsyncGenerator[bytes, None]:
    """The content of a file, a piece at a time. Raises: FileGone, NotFound."""
    stored = await rows.get(ctx, StoredFile, file_id)
    if stored.removed_at:
        raise FileGone()
    for place in range(pieces_of(stored)):
        yield await piece_in(ctx.db, ctx.tenant_id, file_id, place)


def pieces_of(stored: StoredFile) -> int:
    """Of how many pieces a file consists."""
    return -(-stored.size_bytes // PIECE_BYTES)


async def piece_in(db: UnitOfWork, tenant_id: UUID, file_id: UUID, place: int) -> bytes:
    """One piece of a file, in any unit of work of the tenant. Raises: FileGone, KeyDestroyed, ValueDamaged."""
    row = await db.fetchrow(_PIECE, tenant_id, file_id, place)
    if row is None:
        raise FileGone()
    return await open_content(db, tenant_id, FilePiece, "body", row["id"], row["body"])


async def write_to(ctx: Context, file_id: UUID, path: Path) -> None:
    """Write the content of a file to a path. Raises: FileGone, NotFound."""
    with path.open("wb") as target:
        async for part in pieces(ctx, file_id):
            target.write(part)


async def forget_content(ctx: Context, file_id: UUID) -> None:
    """Remove what a file holds, and leave what was read from it."""
    await ctx.db.execute(_REMOVE[0], ctx.tenant_id, [file_id])


async def remove_expired(ctx: Context) -> int:
    """Remove up to 100 files whose time is over, with the rows that were read from them; gives how many."""
    found = [row["id"] for row in await ctx.db.fetch(_EXPIRED, ctx.tenant_id, ctx.now(), _REMOVED_AT_ONCE)]
    if not found:
        return 0
    for statement in _REMOVE:
        await ctx.db.execute(statement, ctx.tenant_id, found)
    for file_id in found:
        stored = await rows.get(ctx, StoredFile, file_id)
        await rows.update(ctx, stored, action="expire", removed_at=ctx.now())
    return len(found)


def _measured(content: BinaryIO, bytes_max: int) -> tuple[int, str]:
    """The size in bytes and the SHA-256; the stream stands at its beginning again."""
    size, digest = 0, hashlib.sha256()
    content.seek(0)
    while piece := content.read(PIECE_BYTES):
        size += len(piece)
        if size > bytes_max:
            raise FileTooLarge(limit=bytes_max)
        digest.update(piece)
    content.seek(0)
    return size, digest.hexdigest()
