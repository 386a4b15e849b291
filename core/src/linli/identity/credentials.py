"""Opaque bearer tokens. A token names its kind and tenant; the rest is random, and only its hash is kept.

`ll_s_<tenant>_<random>` is a session's, `ll_c_<tenant>_<random>` an API client's. The tenant stands in 26
characters of base32, so that it is found without a look-up across tenants.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from linli.errors import Unauthenticated

TOKEN_LENGTH: Final = 75
_RANDOM_BYTES: Final = 32
_TOKEN = re.compile(r"ll_(?P<kind>[sc])_(?P<tenant>[a-z2-7]{26})_[A-Za-z0-9_-]{43}", re.ASCII)
_CLIENT_ID = re.compile(r"ll_i_(?P<tenant>[a-z2-7]{26})_[a-z2-7]{16}", re.ASCII)


class TokenKind(StrEnum):
    """Whose token it is."""

    SESSION = "s"
    CLIENT = "c"


@dataclass(frozen=True, slots=True)
class Credential:
    """What a token says before anything is looked up. `token_hash` is SHA-256 in hexadecimal."""

    kind: TokenKind
    tenant_id: UUID
    token_hash: str


def new_token(kind: TokenKind, tenant_id: UUID) -> str:
    """A new random token of 256 bits."""
    return f"ll_{kind}_{_encoded(tenant_id)}_{secrets.token_urlsafe(_RANDOM_BYTES)}"


def parse(token: str) -> Credential:
    """What the token says. Raises: Unauthenticated for anything that is not a token."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise Unauthenticated()
    return Credential(TokenKind(match["kind"]), _decoded(match["tenant"]), hash_of(token))


def hash_of(secret: str) -> str:
    """SHA-256 in hexadecimal; enough for secrets of 256 random bits, never for passwords."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def new_client_id(tenant_id: UUID) -> str:
    """A new public identifier of an API client, which names its tenant too."""
    noise = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return f"ll_i_{_encoded(tenant_id)}_{noise}"


def tenant_of_client(client_id: str) -> UUID:
    """The tenant that the client's identifier names. Raises: Unauthenticated for anything else."""
    match = _CLIENT_ID.fullmatch(client_id)
    if match is None:
        raise Unauthenticated()
    return _decoded(match["tenant"])


def new_client_secret() -> str:
    """A new random secret of 256 bits."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


def _encoded(tenant_id: UUID) -> str:
    return base64.b32encode(tenant_id.bytes).decode().rstrip("=").lower()


def _decoded(text: str) -> UUID:
    tenant_id = UUID(bytes=base64.b32decode(text.upper() + "======"))
    if _encoded(tenant_id) != text:  # 26 characters have two bits to spare
        raise Unauthenticated()
    return tenant_id
