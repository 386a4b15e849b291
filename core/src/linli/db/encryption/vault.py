"""The keys of tenants: one for each purpose, made at first use, wrapped by a master key, in memory for a moment.

A row of `privacy_data_key` is current, draining (replaced, but values under it remain), retired (none remain;
kept for backups) or destroyed.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from linli.db.encryption.algorithms import Algorithm, new_key
from linli.db.encryption.errors import (
    KeyDestroyed,
    MasterKeyMissing,
    MasterKeyUnavailable,
)
from linli.db.encryption.master_keys import MasterKeys
from linli.ids import new_id

if TYPE_CHECKING:
    from linli.db.unit_of_work import UnitOfWork

KeyKind = Literal["cipher", "index"]
KEPT_S: Final = 30.0
KEYS_MAX: Final = 4_096
SERVICE_TIMEOUT_S: Final = 10.0
_ROUNDS_MAX: Final = 4
_SEARCHED_MAX: Final = 8

_COLUMNS: Final = "tenant_id, id, purpose, kind, algorithm, master_key_id, wrapped, state"
# Held until the writer's transaction ends: a rotation waits for it, so that nothing is written under an old key.
_CURRENT: Final = f"""
select {_COLUMNS} from privacy_data_key
where tenant_id = $1 and purpose = $2 and kind = $3 and state = 'current' for share"""
_BY_ID: Final = f"select {_COLUMNS} from privacy_data_key where tenant_id = $1 and id = $2"
_SEARCHED: Final = f"""
select {_COLUMNS} from privacy_data_key
where tenant_id = $1 and purpose = $2 and kind = 'index' and state in ('current', 'draining')
order by state, id desc limit $3"""
_INSERT: Final = f"""
insert into privacy_data_key ({_COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, 'current')
on conflict (tenant_id, purpose, kind) where state = 'current' do nothing"""

_FOREIGN: Final = f"""
select {_COLUMNS} from privacy_data_key
where tenant_id = $1 and master_key_id <> $2 and state <> 'destroyed' order by id limit $3 for update"""
_REWRAP: Final = """
update privacy_data_key set master_key_id = $3, wrapped = $4, version = version + 1, updated_at = now()
where tenant_id = $1 and id = $2"""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key of a tenant, unwrapped."""

    id: UUID
    tenant_id: UUID
    purpose: str
    kind: KeyKind
    algorithm: Algorithm
    secret: bytes = field(repr=False)


class Vault:
    """The keys of one process. Bounded; what is remembered is good for 30 s, or until `forget`."""

    def __init__(self, master_keys: MasterKeys | None) -> None:
        self._master_keys = master_keys
        self._known: OrderedDict[tuple[UUID, UUID], tuple[float, DataKey]] = OrderedDict()

    def __repr__(self) -> str:
        return f"Vault({len(self._known)} keys)"

    @property
    def master_keys(self) -> MasterKeys:
        """The master keys. Raises: MasterKeyMissing when none are configured."""
        if self._master_keys is None:
            raise MasterKeyMissing(key_id="-")
        return self._master_keys

    @property
    def configured(self) -> bool:
        """Whether there are master keys."""
        return self._master_keys is not None

    async def writing_key(
        self, db: UnitOfWork, tenant_id: UUID, purpose: str, kind: KeyKind, algorithm: Algorithm
    ) -> DataKey:
        """The current key of a purpose, held until the transaction ends; made of `algorithm` when there is none.

        Two that make the first one at once get the same: the second waits for the first. Raises:
        MasterKeyMissing, MasterKeyWrong, MasterKeyUnavailable.
        """
        for _ in range(_ROUNDS_MAX):
            row = await db.fetchrow(_CURRENT, tenant_id, purpose, kind)
            if row is not None:
                return await self._unwrapped(row)
            await self.add(db, tenant_id, purpose, kind, algorithm)
        raise MasterKeyUnavailable(key_id="-")

    async def reading_key(self, db: UnitOfWork, tenant_id: UUID, key_id: UUID) -> DataKey | None:
        """The key of this id; None when there never was one.

        Raises: KeyDestroyed, MasterKeyMissing, MasterKeyWrong, MasterKeyUnavailable.
        """
        known = self._remembered(tenant_id, key_id)
        if known is not None:
            return known
        row = await db.fetchrow(_BY_ID, tenant_id, key_id)
        return await self._unwrapped(row) if row is not None else None

    async def search_keys(self, db: UnitOfWork, tenant_id: UUID, purpose: str) -> Sequence[DataKey]:
        """The keys under which an index may have been made: the current one, and one that is being replaced."""
        found = await db.fetch(_SEARCHED, tenant_id, purpose, _SEARCHED_MAX)
        return [await self._unwrapped(row) for row in found]

    async def add(
        self, db: UnitOfWork, tenant_id: UUID, purpose: str, kind: KeyKind, algorithm: Algorithm
    ) -> None:
        """Make a new current key, unless there is one. Raises: MasterKeyMissing, MasterKeyUnavailable."""
        master_keys = self.master_keys
        key_id = new_id()
        context = wrapping_context(tenant_id, key_id, purpose, kind, algorithm)
        try:
            async with asyncio.timeout(SERVICE_TIMEOUT_S):
                wrapped = await master_keys.wrap(new_key(algorithm), context)
        except (TimeoutError, OSError) as error:
            raise MasterKeyUnavailable(key_id=master_keys.current_id) from error
        await db.execute(
            _INSERT, tenant_id, key_id, purpose, kind, algorithm.value, master_keys.current_id, wrapped
        )

    async def unwrap(self, row: Mapping[str, Any]) -> bytes:
        """The secret of a row of the table, not remembered. Raises: as `reading_key`."""
        if row["wrapped"] is None:
            raise KeyDestroyed(purpose=row["purpose"])
        context = wrapping_context(
            row["tenant_id"], row["id"], row["purpose"], row["kind"], Algorithm(row["algorithm"])
        )
        try:
            async with asyncio.timeout(SERVICE_TIMEOUT_S):
                return await self.master_keys.unwrap(row["master_key_id"], row["wrapped"], context)
        except (TimeoutError, OSError) as error:
            raise MasterKeyUnavailable(key_id=row["master_key_id"]) from error

    async def rewrap(self, db: UnitOfWork, tenant_id: UUID) -> int:
        """Wrap the keys of a tenant anew that are not under the current master key; gives their number.

        Raises: MasterKeyMissing, MasterKeyWrong, MasterKeyUnavailable.
        """
        master_keys = self.master_keys
        rows = await db.fetch(_FOREIGN, tenant_id, master_keys.current_id, KEYS_MAX)
        for row in rows:
            secret = await self.unwrap(row)
            context = wrapping_context(
                tenant_id, row["id"], row["purpose"], row["kind"], Algorithm(row["algorithm"])
            )
            wrapped = await master_keys.wrap(secret, context)
            await db.execute(_REWRAP, tenant_id, row["id"], master_keys.current_id, wrapped)
        return len(rows)

    def forget(self, tenant_id: UUID | None = None) -> None:
        """Drop the keys of a tenant, or all."""
        if tenant_id is None:
            self._known.clear()
            return
        for key in [key for key in self._known if key[0] == tenant_id]:
            del self._known[key]

    async def _unwrapped(self, row: Mapping[str, Any]) -> DataKey:
        if row["wrapped"] is None:
            raise KeyDestroyed(purpose=row["purpose"])
        known = self._remembered(row["tenant_id"], row["id"])
        if known is not None:
            return known
        made = DataKey(
            id=row["id"],
            tenant_id=row["tenant_id"],
            purpose=row["purpose"],
            kind=row["kind"],
            algorithm=Algorithm(row["algorithm"]),
            secret=await self.unwrap(row),
        )
        if len(self._known) >= KEYS_MAX:
            self._known.popitem(last=False)
        self._known[(made.tenant_id, made.id)] = (time.monotonic(), made)
        return made

    def _remembered(self, tenant_id: UUID, key_id: UUID) -> DataKey | None:
        entry = self._known.get((tenant_id, key_id))
        if entry is None or time.monotonic() - entry[0] >= KEPT_S:
            return None
        return entry[1]


def wrapping_context(tenant_id: UUID, key_id: UUID, purpose: str, kind: str, algorithm: Algorithm) -> bytes:
    """What a wrapped key is bound to: it cannot be put into another row of the table."""
    return b"linli key 1\0" + tenant_id.bytes + key_id.bytes + f"{purpose}\0{kind}\0{algorithm}".encode()
