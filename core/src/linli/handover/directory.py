"""The public keys of all tenants, in the catalogue's database: written and read by the kernel role, never changed."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.db.database import Database
from linli.handover.errors import BadSignature

_ADD: Final = """
insert into handover_public_key (tenant_id, id, public_key) values ($1, $2, $3)
on conflict (tenant_id, id) do nothing"""
_KEY: Final = "select public_key from handover_public_key where tenant_id = $1 and id = $2"
_ALL: Final = "select tenant_id, id, public_key from handover_public_key order by tenant_id, id limit $1"
_KEYS_MAX: Final = 100_000


class Directory:
    """The public keys in one catalogue's database."""

    def __init__(self, catalogue: Database) -> None:
        self._database = catalogue

    async def publish(self, tenant_id: UUID, key_id: UUID, public_key: bytes) -> None:
        """Enter a tenant's key, once. Raises: BadSignature when another stands there under its id."""
        known = await self._database.kernel_row(_KEY, tenant_id, key_id)
        if known is None:
            async with self._database.kernel() as db:
                await db.execute(_ADD, tenant_id, key_id, public_key)
            known = await self._database.kernel_row(_KEY, tenant_id, key_id)
        if known is None or known["public_key"] != public_key:
            raise BadSignature(what="key")

    async def key(self, tenant_id: UUID, key_id: UUID) -> bytes:
        """A key of a tenant. Raises: BadSignature for one that was never entered."""
        row = await self._database.kernel_row(_KEY, tenant_id, key_id)
        if row is None:
            raise BadSignature(what="key")
        found: bytes = row["public_key"]
        return found

    async def all(self) -> dict[UUID, tuple[UUID, bytes]]:
        """By the key's id, whose it is and the key; at most 100,000."""
        async with self._database.kernel(read_only=True) as db:
            found = await db.fetch(_ALL, _KEYS_MAX)
        return {row["id"]: (row["tenant_id"], row["public_key"]) for row in found}
