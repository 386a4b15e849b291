"""Master keys: they wrap the keys of tenants, and never touch a value themselves.

Where they come from is one of: a file, an environment variable, or an adapter to a key management service.
"""

from __future__ import annotations

import base64
import binascii
import importlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from linli.db.encryption.algorithms import Algorithm, Forged, decrypt, encrypt, new_key
from linli.db.encryption.errors import BadMasterKeys, MasterKeyMissing, MasterKeyWrong

if TYPE_CHECKING:
    from linli.settings import Settings

MASTER_KEYS_FILE: Final = "master.keys"
_KEYS_MAX: Final = 20
_KEY_BYTES: Final = 32
_FILE_BYTES_MAX: Final = 64 * 1024
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)


@runtime_checkable
class MasterKeys(Protocol):
    """What wraps and unwraps the keys of tenants: keys at hand, or a key management service.

    `context` says whose key is wrapped; what was wrapped in one context must not be unwrapped in another.
    """

    @property
    def current_id(self) -> str:
        """The id of the key that new keys are wrapped with, at most 40 characters."""
        ...

    async def wrap(self, plain: bytes, context: bytes) -> bytes:
        """Encrypt a key with the current master key."""
        ...

    async def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        """Undo `wrap`. Raises: MasterKeyMissing for an unknown id, MasterKeyWrong."""
        ...


@dataclass(frozen=True, slots=True)
class LocalMasterKeys:
    """Keys of 256 bits in this process's memory, by id; `current_id` names one of them."""

    keys: Mapping[str, bytes] = field(repr=False)
    current_id: str

    async def wrap(self, plain: bytes, context: bytes) -> bytes:
        """Encrypt a key with the current master key, by AES-256-GCM."""
        return encrypt(Algorithm.AES_256_GCM, self.keys[self.current_id], plain, context)

    async def unwrap(self, key_id: str, wrapped: bytes, context: bytes) -> bytes:
        """Undo `wrap`. Raises: MasterKeyMissing, MasterKeyWrong."""
        if key_id not in self.keys:
            raise MasterKeyMissing(key_id=key_id)
        try:
            return decrypt(Algorithm.AES_256_GCM, self.keys[key_id], wrapped, context)
        except Forged as error:
            raise MasterKeyWrong(key_id=key_id) from error


def load_master_keys(settings: Settings) -> MasterKeys | None:
    """The master keys that the settings name, or those in the data directory; None when there are none.

    The first key of a file or variable is the current one; the others still unwrap. Raises: BadMasterKeys.
    """
    if settings.master_keys_adapter:
        return _adapter(settings.master_keys_adapter)
    if settings.master_keys:
        return parse_master_keys(settings.master_keys, "LINLI_MASTER_KEYS")
    path = settings.master_keys_file or settings.data_dir / MASTER_KEYS_FILE
    if not path.exists():
        if settings.master_keys_file is not None:
            raise BadMasterKeys(source=str(path), reason="no such file")
        return None
    try:
        with path.open(encoding="ascii") as file:
            text = file.read(_FILE_BYTES_MAX)
    except (OSError, ValueError) as error:
        raise BadMasterKeys(source=str(path), reason=type(error).__name__) from error
    return parse_master_keys(text, str(path))


def parse_master_keys(text: str, source: str) -> LocalMasterKeys:
    """Read `id:key` entries, one a line or separated by commas; keys are 32 bytes in base64, `#` begins a comment.

    Raises: BadMasterKeys; never with any part of a key.
    """
    keys: dict[str, bytes] = {}
    lines = (line.partition("#")[0] for line in text.splitlines())
    entries = (entry.strip() for line in lines for entry in line.split(",") if entry.strip())
    for number, entry in enumerate(entries, start=1):
        key_id, _, encoded = entry.partition(":")
        if not _ID.fullmatch(key_id.strip()) or key_id.strip() in keys or number > _KEYS_MAX:
            raise BadMasterKeys(source=source, reason=f"entry {number}: give a new id, a colon and a key")
        try:
            key = base64.b64decode(encoded.strip(), altchars=b"-_", validate=True)
        except (ValueError, binascii.Error) as error:
            raise BadMasterKeys(source=source, reason=f"key {key_id}: is not base64") from error
        if len(key) != _KEY_BYTES:
            raise BadMasterKeys(source=source, reason=f"key {key_id}: has {len(key)} bytes, not {_KEY_BYTES}")
        keys[key_id.strip()] = key
    if not keys:
        raise BadMasterKeys(source=source, reason="has no key")
    return LocalMasterKeys(keys, current_id=next(iter(keys)))


def new_master_key(key_id: str) -> str:
    """A line `id:key` with a new random key. Raises: BadMasterKeys for an id that cannot be used."""
    if not _ID.fullmatch(key_id):
        raise BadMasterKeys(source="id", reason="1 to 40 letters, digits and . _ -")
    return f"{key_id}:{base64.urlsafe_b64encode(new_key(Algorithm.AES_256_GCM)).decode()}"


def create_master_keys_file(path: Path, key_id: str) -> None:
    """Write a file of mode 0600 with one new key. Raises: FileExistsError: it is never written over."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="ascii") as file:
        file.write(f"# Back this file up, apart from the database: see docs/how-to/rotate-keys.md\n"
                   f"{new_master_key(key_id)}\n")  # fmt: skip
        file.flush()
        os.fsync(file.fileno())


def _adapter(name: str) -> MasterKeys:
    module, _, attribute = name.partition(":")
    try:
        factory: Callable[[], object] = getattr(importlib.import_module(module), attribute)
        made = factory()
    except Exception as error:
        raise BadMasterKeys(source=name, reason=f"{type(error).__name__}: {error}") from error
    if not isinstance(made, MasterKeys):
        raise BadMasterKeys(source=name, reason=f"{type(made).__name__} is no MasterKeys")
    return made
