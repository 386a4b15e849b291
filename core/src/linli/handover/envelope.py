"""What travels between two places: a signed message, and the signed receipt for it. Pure functions over bytes.

Source: RFC 8032 (Ed25519), FIPS 180-4 (SHA-256).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from linli.canonical import canonical_json
from linli.handover.errors import BadMessage

_MESSAGE: Final = b"linli handover message 1\0"
_RECEIPT: Final = b"linli handover receipt 1\0"
_SALT_BYTES: Final = 16


class Kind(StrEnum):
    """What a message says. The offering side sends the first two, the other the next two, both the last."""

    OFFER = "offer"
    UPDATE = "update"
    ACCEPT = "accept"
    DECLINE = "decline"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message on its way. `sequence` counts the sender's messages of this hand-over from 1.

    The digest is of `content`, which is not part of what is signed: it can be emptied later.
    """

    message_id: UUID
    exchange_id: UUID
    sequence: int
    kind: Kind
    sender: str
    recipient: str
    sent_at: datetime
    digest: bytes
    key_id: UUID
    signature: bytes
    content: str = field(repr=False)

    def header(self) -> bytes:
        """The bytes that are signed."""
        return message_bytes(
            message_id=self.message_id,
            exchange_id=self.exchange_id,
            sequence=self.sequence,
            kind=self.kind,
            sender=self.sender,
            recipient=self.recipient,
            sent_at=self.sent_at,
            digest=self.digest,
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """That a message was taken in and is kept; the same for every time that it comes."""

    message_id: UUID
    received_at: datetime
    key_id: UUID
    signature: bytes


def message_bytes(
    *,
    message_id: UUID,
    exchange_id: UUID,
    sequence: int,
    kind: str,
    sender: str,
    recipient: str,
    sent_at: datetime,
    digest: bytes,
) -> bytes:
    """What the sender of a message signs."""
    return _MESSAGE + canonical_json(
        {
            "message_id": str(message_id),
            "exchange_id": str(exchange_id),
            "sequence": sequence,
            "kind": str(kind),
            "sender": sender,
            "recipient": recipient,
            "sent_at": _moment(sent_at),
            "digest": digest.hex(),
        }
    )


def receipt_bytes(*, message_id: UUID, recipient: str, digest: bytes, received_at: datetime) -> bytes:
    """What the recipient of a message signs."""
    return _RECEIPT + canonical_json(
        {
            "message_id": str(message_id),
            "recipient": recipient,
            "digest": digest.hex(),
            "received_at": _moment(received_at),
        }
    )


def written(said: Mapping[str, object]) -> str:
    """A content with a salt, so that nobody can try out what a digest may be of."""
    return canonical_json({**said, "salt": secrets.token_hex(_SALT_BYTES)}).decode()


def digest_of(content: str) -> bytes:
    """The digest of a content, 32 bytes."""
    return hashlib.sha256(content.encode()).digest()


def read(content: str) -> dict[str, Any]:
    """What a content says. Raises: BadMessage."""
    try:
        said = json.loads(content)
    except ValueError as error:
        raise BadMessage(reason="no JSON") from error
    if not isinstance(said, dict):
        raise BadMessage(reason="no object")
    return said


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
