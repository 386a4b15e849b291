"""Where contents lie: one interface. A key is `<tenant>/<2 digits>/<address>`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class StoredContent:
    """One content in the store, and when it was put there last."""

    key: str
    put_at: datetime


class Store(Protocol):
    """A place for contents. Whatever goes wrong is StoreUnavailable; a key that is not there is FileNotFoundError."""

    async def put(self, key: str, pieces: AsyncIterator[bytes]) -> None:
        """Keep a content, all of it or nothing; one that is there already is replaced by the same."""
        ...

    def get(self, key: str, start: int, end: int) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, without, `end`, in pieces of any size."""
        ...

    async def delete(self, key: str) -> None:
        """Remove a content; one that is not there is no error."""
        ...

    def contents(self, tenant_id: UUID) -> AsyncIterator[StoredContent]:
        """All contents of a tenant."""
        ...


def key_of(tenant_id: UUID, address: str) -> str:
    """Where a content lies."""
    return f"{tenant_id.hex}/{address[:2]}/{address}"
