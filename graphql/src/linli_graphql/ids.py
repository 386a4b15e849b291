"""Opaque global ids: base64url of the type's name, a colon and the sixteen bytes of the row's UUID."""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from linli.plugin import Invalid

_LENGTH_MAX = 120


class InvalidId(Invalid):
    """An id is not one that this API gave out, or is of another type."""

    code = "invalid_id"


def to_global_id(type_name: str, row_id: UUID) -> str:
    """The global id of a row."""
    return base64.urlsafe_b64encode(type_name.encode() + b":" + row_id.bytes).decode().rstrip("=")


def from_global_id(text: str) -> tuple[str, UUID]:
    """The type's name and the row's id. Raises: InvalidId."""
    if len(text) > _LENGTH_MAX or not text.isascii():
        raise InvalidId()
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        name, row = raw[:-17].decode("ascii"), raw[-16:]
    except (binascii.Error, ValueError) as error:
        raise InvalidId() from error
    if raw[-17:-16] != b":" or not name.isidentifier() or to_global_id(name, UUID(bytes=row)) != text:
        raise InvalidId()
    return name, UUID(bytes=row)


def local_id(type_name: str, text: str, *, path: tuple[str, ...] = ()) -> UUID:
    """The row's id behind a global id that must be of one type. Raises: InvalidId naming `path`."""
    try:
        name, row_id = from_global_id(text)
    except InvalidId as error:
        raise InvalidId(path=path) from error
    if name != type_name:
        raise InvalidId(path=path)
    return row_id
