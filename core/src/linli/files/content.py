"""Reading contents: whole, or a range of them, without a connection of the database while a client is slow."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

from linli.audit.record import Change, record
from linli.context import Context
from linli.db.encryption import decrypt
from linli.db.encryption.algorithms import Algorithm
from linli.files.errors import ContentDamaged
from linli.files.keeping import readable, store_of
from linli.files.sealing import opened, stored_range
from linli.files.stores import Store, key_of
from linli.files.tables import File


@dataclass(frozen=True, slots=True)
class Readable:
    """A file that may be read, with all that is needed for it after the transaction."""

    id: UUID
    name: str
    media_type: str
    size: int
    etag: str
    key: str
    cipher: str
    file_key: bytes = field(repr=False)
    store: Store = field(repr=False)

    async def part(self, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, without, `end`. Raises: ContentDamaged, StoreUnavailable."""
        try:
            if not self.cipher:
                left = end - start
                async for piece in self.store.get(self.key, start, end):
                    left -= len(piece)
                    yield piece
                if left:
                    raise ContentDamaged()
                return
            stored = self.store.get(self.key, *stored_range(start, end, self.size))
            cipher = Algorithm(self.cipher)
            async for piece in opened(stored, start, end, self.size, self.id, cipher, self.file_key):
                yield piece
        except FileNotFoundError as error:
            raise ContentDamaged() from error


async def read(ctx: Context, file_id: UUID) -> bytes:
    """The whole content of a file, for the plugin's own use. Raises: NotFound, ContentDamaged, StoreUnavailable."""
    found = await to_be_read(ctx, await readable(ctx, file_id), how="service")
    return b"".join([piece async for piece in found.part(0, found.size)])


async def to_be_read(ctx: Context, file: File, *, how: str) -> Readable:
    """What is needed to read a file, whose reading is noted in the audit trail. Raises: KeyDestroyed, ValueDamaged."""
    await record(ctx, Change("download", "files_file", file.id, after={"how": how}))
    return Readable(
        id=file.id,
        name=await decrypt(ctx, file, "name") or str(file.id),
        media_type=file.media_type,
        size=file.size_bytes,
        etag=file.address,
        key=key_of(ctx.tenant_id, file.address),
        cipher=file.cipher,
        file_key=base64.b64decode(await decrypt(ctx, file, "file_key") or ""),
        store=store_of(ctx),
    )
