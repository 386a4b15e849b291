"""Signed keyset cursors: a cursor works only for the tenant, field, order and filter that it was made for."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from linli.plugin import Invalid

_MAC_BYTES = 16
_LENGTH_MAX = 2_000


class InvalidCursor(Invalid):
    """A cursor was altered, or belongs to another tenant, field, order or filter."""

    code = "invalid_cursor"


@dataclass(frozen=True, slots=True)
class CursorKey:
    """Makes and reads the cursors of one list. `scope` names tenant, field, order and filter."""

    secret: str
    scope: tuple[str, ...]

    def encode(self, value: object, row_id: UUID) -> str:
        """The cursor of a row: the value of the ordering column, and the id that breaks ties."""
        body = msgspec.msgpack.encode((value, row_id.bytes))
        return base64.urlsafe_b64encode(self._mac(body) + body).decode().rstrip("=")

    def decode(self, text: str, kind: type[Any]) -> tuple[Any, UUID]:
        """The ordering value (of type `kind`) and the id. Raises: InvalidCursor."""
        if len(text) > _LENGTH_MAX or not text.isascii():
            raise InvalidCursor()
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
            if not hmac.compare_digest(mac, self._mac(body)):
                raise InvalidCursor()
            value, row_id = msgspec.msgpack.decode(body, type=tuple[kind, bytes])  # type: ignore[valid-type]
            return value, UUID(bytes=row_id)
        except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
            raise InvalidCursor() from error

    def _mac(self, body: bytes) -> bytes:
        message = "\x00".join(self.scope).encode() + b"\x00\x00" + body
        return hmac.digest(self.secret.encode(), message, hashlib.sha256)[:_MAC_BYTES]
