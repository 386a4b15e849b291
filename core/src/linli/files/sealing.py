"""Encrypting a content in pieces, so that any range of it can be read without the rest.

Each content has a key of its own. A piece is bound to its place and to being the last: none can be moved, dropped
or added. Source: NIST SP 800-38D; the scheme is that of STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import BinaryIO, Final
from uuid import UUID

from linli.db.encryption.algorithms import NONCE_BYTES, TAG_BYTES, Algorithm, Forged, decrypt, encrypt
from linli.files.errors import ContentDamaged

PIECE_BYTES: Final = 256 * 1024
SEALED_BYTES: Final = PIECE_BYTES + NONCE_BYTES + TAG_BYTES


async def clear(content: BinaryIO) -> AsyncIterator[bytes]:
    """A content as it is, in pieces."""
    content.seek(0)
    while piece := content.read(PIECE_BYTES):
        yield piece


async def sealed(
    content: BinaryIO, size: int, file_id: UUID, cipher: Algorithm, key: bytes
) -> AsyncIterator[bytes]:
    """A content of `size` bytes as it is stored."""
    last = (size - 1) // PIECE_BYTES
    place = 0
    async for piece in clear(content):
        yield encrypt(cipher, key, piece, _associated(file_id, place, last))
        place += 1


def stored_range(start: int, end: int, size: int) -> tuple[int, int]:
    """Which of the stored bytes hold the bytes from `start` up to, without, `end` of a content of `size`."""
    first, last = start // PIECE_BYTES, (end - 1) // PIECE_BYTES
    stored = size + ((size - 1) // PIECE_BYTES + 1) * (SEALED_BYTES - PIECE_BYTES)
    return first * SEALED_BYTES, min((last + 1) * SEALED_BYTES, stored)


async def opened(
    stored: AsyncIterator[bytes],
    start: int,
    end: int,
    size: int,
    file_id: UUID,
    cipher: Algorithm,
    key: bytes,
) -> AsyncIterator[bytes]:
    """The bytes from `start` up to, without, `end`, from those that `stored_range` names. Raises: ContentDamaged."""
    first, last = start // PIECE_BYTES, (size - 1) // PIECE_BYTES
    wanted = (end - 1) // PIECE_BYTES - first + 1
    place = first
    async for piece in _sized(stored, SEALED_BYTES):
        try:
            plain = decrypt(cipher, key, piece, _associated(file_id, place, last))
        except Forged as error:
            raise ContentDamaged() from error
        offset = place * PIECE_BYTES
        yield plain[max(0, start - offset) : end - offset]
        place += 1
    if place - first != wanted:
        raise ContentDamaged()


async def _sized(pieces: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """The same bytes in pieces of one size; the last may be shorter."""
    held = bytearray()
    async for piece in pieces:
        held += piece
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)


def _associated(file_id: UUID, place: int, last: int) -> bytes:
    return b"linli file 1\0" + file_id.bytes + place.to_bytes(8, "big") + bytes((place == last,))
