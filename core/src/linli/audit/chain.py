"""The hash chain: what of an entry is hashed, and how. No database here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives import hashes

from linli.canonical import canonical_json
from linli.errors import Invalid

GENESIS: Final = "0" * 64
DEFAULT_ALGORITHM: Final = "sha256"

# All columns. A column that is added later belongs to a new form, whose seals carry a new algorithm name.
ENTRY_COLUMNS: Final = (
    "tenant_id",
    "id",
    "version",
    "created_at",
    "updated_at",
    "occurred_at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "action",
    "subject_table",
    "subject_id",
    "request_id",
    "origin",
    "reason",
    "before",
    "after",
)


class UnknownAlgorithm(Invalid):
    """The digest is not one that this version knows (`algorithm`)."""

    code = "audit.unknown_algorithm"


def canonical(entry: Mapping[str, Any]) -> bytes:
    """An entry as JSON in one form only: keys sorted, no spaces, UTC with microseconds.

    `before` and `after` are the texts that PostgreSQL gives of them, which keep every digit of a number.
    """
    plain = {name: _plain(entry[name]) for name in ENTRY_COLUMNS}
    return canonical_json(plain)


def link(algorithm: str, previous_hash: str, content: bytes) -> str:
    """The hash of an entry in its place: over the hash before it and its content, in hexadecimal.

    Raises: UnknownAlgorithm. Source: FIPS 180-4 (SHA-256), GB/T 32905-2016 (SM3).
    """
    try:
        digest = _DIGESTS[algorithm]
    except KeyError:
        raise UnknownAlgorithm(algorithm=algorithm) from None
    return digest(bytes.fromhex(previous_hash) + content)


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _sm3(content: bytes) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize().hex()


_DIGESTS: Final[Mapping[str, Callable[[bytes], str]]] = {"sha256": _sha256, "sm3": _sm3}
ALGORITHMS: Final = tuple(_DIGESTS)
