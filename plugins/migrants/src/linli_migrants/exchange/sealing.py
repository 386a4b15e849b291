"""Files that two offices exchange: lines that only the two can read, and a manifest that tells an altered file.

A batch is `<name>.jsonl`, one sealed object a line, and `<name>.json`, which is written last: a file without its
manifest does not exist. Sealing is AES-256-GCM with the key that both have; the manifest is signed with HMAC-SHA-256.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FILE_BYTES_MAX: Final = 64 * 1024 * 1024
LINES_MAX: Final = 20_000
LIST_LINES_MAX: Final = 500_000
_NONCE_BYTES: Final = 12
_PURPOSE: Final = b"linli migrants exchange\0"


class Damaged(Exception):
    """A file is not what its manifest says, or its lines cannot be opened."""


@dataclass(frozen=True, slots=True)
class Key:
    """The 32 bytes that both offices have."""

    secret: bytes

    def seal(self, name: str, value: Mapping[str, object]) -> str:
        """An object as one line, bound to the file's name."""
        nonce = os.urandom(_NONCE_BYTES)
        plain = json.dumps(value, ensure_ascii=False).encode()
        return base64.b64encode(nonce + AESGCM(self.secret).encrypt(nonce, plain, self._bound(name))).decode()

    def open(self, name: str, line: str) -> dict[str, Any]:
        """The object of a line. Raises: Damaged."""
        try:
            sealed = base64.b64decode(line, validate=True)
            plain = AESGCM(self.secret).decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self._bound(name)
            )
            value = json.loads(plain)
        except (ValueError, InvalidTag) as error:
            raise Damaged(name) from error
        if not isinstance(value, dict):
            raise Damaged(name)
        return value

    def sign(self, name: str, digest: str, count: int) -> str:
        """The signature of a manifest."""
        told = f"{name}\0{digest}\0{count}".encode()
        return hmac.new(self.secret, _PURPOSE + told, hashlib.sha256).hexdigest()

    def _bound(self, name: str) -> bytes:
        return _PURPOSE + name.encode()


def write_batch(folder: Path, name: str, key: Key, values: Sequence[Mapping[str, object]]) -> None:
    """Write a batch so that a reader sees all of it or nothing."""
    content = "".join(f"{key.seal(name, value)}\n" for value in values).encode()
    digest = hashlib.sha256(content).hexdigest()
    manifest = {
        "name": name,
        "sha256": digest,
        "count": len(values),
        "signature": key.sign(name, digest, len(values)),
    }
    _put(folder / f"{name}.jsonl", content)
    _put(folder / f"{name}.json", json.dumps(manifest).encode())


def read_batch(folder: Path, name: str, key: Key, *, lines_max: int = LINES_MAX) -> list[dict[str, Any]]:
    """The objects of a batch. Raises: Damaged, OSError."""
    path = folder / f"{name}.jsonl"
    try:
        manifest = json.loads((folder / f"{name}.json").read_bytes())
        if path.stat().st_size > FILE_BYTES_MAX:
            raise Damaged(name)
        content = path.read_bytes()
    except (ValueError, FileNotFoundError) as error:
        raise Damaged(name) from error
    digest = hashlib.sha256(content).hexdigest()
    lines = content.decode("ascii", errors="replace").splitlines()
    if not isinstance(manifest, dict) or len(lines) > lines_max:
        raise Damaged(name)
    signature = key.sign(name, digest, len(lines))
    if not hmac.compare_digest(str(manifest.get("signature", "")), signature):
        raise Damaged(name)
    return [key.open(name, line) for line in lines]


def batches_in(folder: Path, limit: int) -> list[str]:
    """The names of complete batches, in the order of their names."""
    return [path.stem for path in sorted(folder.glob("*.json"))[:limit]]


def move_batch(source: Path, target: Path, name: str) -> None:
    """Move a batch, its manifest first, so that it is never found half; what is not there is left."""
    target.mkdir(parents=True, exist_ok=True)
    for ending in (".json", ".jsonl"):
        path = source / f"{name}{ending}"
        if path.exists():
            path.replace(target / path.name)


def _put(path: Path, content: bytes) -> None:
    unfinished = path.with_suffix(path.suffix + ".part")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
