"""Signed keyset cursors: a cursor works only for the tenant, field, order and filter that it was made for."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from linli.plugin import Invalid

MAC_BYTES = 16
_BLOCK_BYTES = 64
_LENGTH_MAX = 2_000


class InvalidCursor(Invalid):
    """A cursor was altered, or belongs to another tenant, field, order or filter."""

    code = "invalid_cursor"


@dataclass(frozen=True, slots=True)
class CursorKey:
    """Makes and reads the cursors of one list. `scope` names tenant, field, order and filter."""

    secret: str
    scope: tuple[str, ...]

    def encode(self, value: str, row_id: UUID) -> str:
        """The cursor of a row: the ordering value as text ("" when the id orders), and the id that breaks ties."""
        body = row_id.bytes + value.encode()
        return base64.urlsafe_b64encode(self._mac(body) + body).decode().rstrip("=")

    def decode(self, text: str) -> tuple[str, UUID]:
        """The ordering value as text, and the id. Raises: InvalidCursor."""
        if len(text) > _LENGTH_MAX or not text.isascii():
            raise InvalidCursor()
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            mac, body = raw[:MAC_BYTES], raw[MAC_BYTES:]
            if not hmac.compare_digest(mac, self._mac(body)):
                raise InvalidCursor()
            return body[16:].decode(), UUID(bytes=body[:16])
        except (binascii.Error, ValueError) as error:
            raise InvalidCursor() from error

    def pads(self) -> tuple[bytes, bytes]:
        """What comes before the inner and the outer message of the HMAC, for SQL that makes the same cursors.

        Source: RFC 2104.
        """
        key = self.secret.encode()
        key = (hashlib.sha256(key).digest() if len(key) > _BLOCK_BYTES else key).ljust(_BLOCK_BYTES, b"\0")
        inner, outer = bytes(one ^ 0x36 for one in key), bytes(one ^ 0x5C for one in key)
        return inner + self._prefix(), outer

    def _prefix(self) -> bytes:
        return "\x00".join(self.scope).encode() + b"\x00\x00"

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self.secret.encode(), self._prefix() + body, hashlib.sha256)[:MAC_BYTES]
