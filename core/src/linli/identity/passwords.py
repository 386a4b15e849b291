"""Passwords: the policy for new ones, hashing, and verification that is as slow for unknown accounts."""

from __future__ import annotations

import asyncio
import unicodedata
from functools import lru_cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from linli.context import Context
from linli.identity.errors import WeakPassword
from linli.identity.settings import number

LENGTH_MAX: Final = 128
UNUSABLE: Final = "!"
_DISTINCT_MIN: Final = 5

# Source: OWASP Password Storage Cheat Sheet (Argon2id with 19 MiB, 2 iterations, 1 degree of parallelism).
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def check_policy(ctx: Context, password: str, *, login_name: str, path: str = "password") -> None:
    """Go on only with a password that the tenant's policy allows. Raises: WeakPassword."""
    length_min, kinds_min = number(ctx, "password_length_min"), number(ctx, "password_kinds_min")
    fault = _fault(password, login_name, length_min, kinds_min)
    if fault:
        raise WeakPassword(path=(path,), reason=fault, length_min=length_min, kinds_min=kinds_min)


async def hashed(password: str) -> str:
    """The Argon2id hash, made in a thread: it takes some 20 ms of a core."""
    return await asyncio.to_thread(_HASHER.hash, _normal(password))


async def verified(password_hash: str | None, password: str) -> bool:
    """Whether the password is the account's; always false, and as slow, when there is no hash."""
    return await asyncio.to_thread(_verify, password_hash, password)


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def _verify(password_hash: str | None, password: str) -> bool:
    usable = password_hash is not None and password_hash != UNUSABLE and len(password) <= LENGTH_MAX
    known = password_hash if usable and password_hash is not None else _decoy()
    try:
        return _HASHER.verify(known, _normal(password[:LENGTH_MAX])) and usable
    except (VerificationError, InvalidHashError):
        return False


@lru_cache(maxsize=1)
def _decoy() -> str:
    """The hash of a password that nobody has."""
    return _HASHER.hash("no account has this password")


def _fault(password: str, login_name: str, length_min: int, kinds_min: int) -> str:
    if len(password) > LENGTH_MAX:
        return "too_long"
    text = unicodedata.normalize("NFC", password)
    if len(text) < length_min:
        return "too_short"
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        return "unprintable"
    if login_name in text.lower() or len(set(text)) < _DISTINCT_MIN:
        return "guessable"
    kinds = {_kind(character) for character in text}
    return "too_few_kinds" if len(kinds) < kinds_min else ""


def _kind(character: str) -> str:
    if character.isdecimal():
        return "digit"
    if character.islower():
        return "lower"
    return "upper" if character.isupper() else "other"


def _normal(password: str) -> bytes:
    """Source: RFC 8265 §4.2 (passwords are compared in NFC)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
