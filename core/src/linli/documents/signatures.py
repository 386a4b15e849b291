"""Signatures by which a copy is checked without the platform: of the file, and of what its QR code says.

A file ends with a comment that readers of PDF pass over: `%linli-signature 1 <key> <signature>`. It signs all bytes
before it, so that no byte of the file can be changed. The code's address ends with `#1.<kind>.<from>.<until>.<key>.
<signature>`, which also signs the holder's name as it is printed; a browser does not send that part.
Source: RFC 8032 (Ed25519), ISO 32000-1 §7.2.3 (comments), RFC 3986 §3.5 (fragments).
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from linli.handover.signing import Signer, fits

_FILE: Final = b"linli document 1\0"
_CODE: Final = b"linli document code 1\0"
_END: Final = re.compile(rb"%linli-signature 1 ([0-9a-f]{32}) ([A-Za-z0-9_-]{86})\n\Z")
_END_BYTES: Final = 200
_VERSION: Final = "1"


@dataclass(frozen=True, slots=True)
class SignedFile:
    """A file taken apart: what was signed, by which key, and the signature."""

    content: bytes
    key_id: UUID
    signature: bytes


@dataclass(frozen=True, slots=True)
class PrintedFacts:
    """What a code says of a document, the holder's name as it is printed among it."""

    tenant_slug: str
    number: str
    kind: str
    issued_on: date
    valid_until: date | None
    holder: str


def sign_file(content: bytes, signer: Signer) -> bytes:
    """The file with its signature at the end."""
    signature = _text(signer.sign(_file_bytes(content, signer.key_id)))
    return content + f"%linli-signature 1 {signer.key_id.hex} {signature}\n".encode()


def taken_apart(file: bytes) -> SignedFile | None:
    """What a file says of its signature; None for one without."""
    match = _END.search(file, max(0, len(file) - _END_BYTES))
    signature = None if match is None else _bytes(match[2].decode())
    if match is None or signature is None:
        return None
    return SignedFile(file[: match.start()], UUID(match[1].decode()), signature)


def file_is_genuine(file: bytes, public_key: bytes) -> bool:
    """Whether this key's owner signed exactly this file. Needs no platform and no network."""
    found = taken_apart(file)
    if found is None:
        return False
    return fits(public_key, found.signature, _file_bytes(found.content, found.key_id))


def code_of(facts: PrintedFacts, signer: Signer) -> str:
    """What follows the `#` of the address in a code."""
    head = _head(facts, signer.key_id.hex)
    return f"{head}.{_text(signer.sign(_code_bytes(facts, head)))}"


def code_is_genuine(code: str, facts: PrintedFacts, public_key: bytes) -> bool:
    """Whether this key's owner signed these facts. Needs no platform and no network."""
    head, _, text = code.rpartition(".")
    signature = _bytes(text)
    if signature is None or head != _head(facts, head.rpartition(".")[2]):
        return False
    return fits(public_key, signature, _code_bytes(facts, head))


def _head(facts: PrintedFacts, key: str) -> str:
    until = f"{facts.valid_until:%Y%m%d}" if facts.valid_until else "-"
    return f"{_VERSION}.{facts.kind.replace('.', ':')}.{facts.issued_on:%Y%m%d}.{until}.{key}"


def _file_bytes(content: bytes, key_id: UUID) -> bytes:
    return _FILE + key_id.bytes + content


def _code_bytes(facts: PrintedFacts, head: str) -> bytes:
    return _CODE + "\0".join((head, facts.tenant_slug, facts.number, facts.kind, facts.holder)).encode()


def _text(signature: bytes) -> str:
    return base64.urlsafe_b64encode(signature).decode().rstrip("=")


def _bytes(text: str) -> bytes | None:
    """The signature that this text stands for; None for any other spelling, as base64 leaves bits unused."""
    try:
        signature = base64.urlsafe_b64decode(text.encode("ascii") + b"==")
    except ValueError:
        return None
    return signature if _text(signature) == text else None
