"""Sealing: entries are linked into their tenant's chain soon after their commit, by one sealer at a time.

Writers never wait for the chain. The chain's order is the order of sealing: by id within a pass; an entry
whose transaction took long is sealed after others with later ids.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from linli.audit.chain import ALGORITHMS, DEFAULT_ALGORITHM, ENTRY_COLUMNS, GENESIS, canonical, link
from linli.db.unit_of_work import UnitOfWork
from linli.ids import new_id

if TYPE_CHECKING:
    from linli.runtime import Runtime

BATCH: Final = 1_000
TENANTS_MAX: Final = 10_000
SHORT_LOOK_BACK: Final = timedelta(seconds=10)
LONG_LOOK_BACK: Final = timedelta(hours=1)
_NO_ID: Final = UUID(int=0)

_MISSING_HEADS = """
select t.tenant_id from tenancy_tenant t
where not exists (select 1 from audit_head h where h.tenant_id = t.tenant_id) limit $1"""

_INSERT_HEAD = """
insert into audit_head (tenant_id, id, position, hash, last_entry_id) values ($1, $2, 0, $3, $4)
on conflict (tenant_id) do nothing"""

_WITH_NEW_ENTRIES = """
select h.tenant_id from audit_head h
where exists (select 1 from audit_entry e where e.tenant_id = h.tenant_id and e.id > h.last_entry_id)
limit $1"""

_ALL_HEADS = "select tenant_id from audit_head where position > 0 order by tenant_id limit $1"

# Who holds the head's row is the tenant's only sealer; another passes by.
_LOCK_HEAD = """
select id, position, hash, last_entry_id from audit_head where tenant_id = $1 for update skip locked"""

_UNSEALED = f"""
select {", ".join("e." + name for name in ENTRY_COLUMNS)} from audit_entry e
where e.tenant_id = $1 and e.id > $2
and not exists (select 1 from audit_seal s where s.tenant_id = $1 and s.entry_id = e.id)
order by e.id limit $3"""

_INSERT_SEALS = """
insert into audit_seal (tenant_id, id, position, entry_id, algorithm, previous_hash, hash)
select $1, seal.id, seal.position, seal.entry_id, $2, seal.previous_hash, seal.hash
from unnest($3::uuid[], $4::bigint[], $5::uuid[], $6::text[], $7::text[])
    as seal (id, position, entry_id, previous_hash, hash)"""

_MOVE_HEAD = """
update audit_head set position = $3, hash = $4, last_entry_id = greatest(last_entry_id, $5),
    version = version + 1, updated_at = $6
where tenant_id = $1 and id = $2"""


class Sealer:
    """Seals the entries of all tenants, a batch of each tenant in turn. Works as the kernel role."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def run_once(self) -> int:
        """Seal up to 1,000 entries of each tenant that has new ones; gives how many were sealed."""
        async with self._runtime.database.kernel() as db:
            await _add_heads(db)
            tenants = [row["tenant_id"] for row in await db.fetch(_WITH_NEW_ENTRIES, TENANTS_MAX)]
        return sum([await self.seal(tenant_id, look_back=SHORT_LOOK_BACK) for tenant_id in tenants])

    async def sweep(self) -> int:
        """Seal what transactions of up to an hour left behind; gives how many were sealed."""
        async with self._runtime.database.kernel(read_only=True) as db:
            tenants = [row["tenant_id"] for row in await db.fetch(_ALL_HEADS, TENANTS_MAX)]
        return sum([await self.seal(tenant_id, look_back=LONG_LOOK_BACK) for tenant_id in tenants])

    async def seal(self, tenant_id: UUID, *, look_back: timedelta | None = SHORT_LOOK_BACK) -> int:
        """Seal up to 1,000 entries of one tenant; none when another sealer is at work on it.

        Looks at entries made up to `look_back` before the newest sealed one, at all entries when it is None.
        """
        algorithm = await self._algorithm(tenant_id)
        async with self._runtime.database.kernel() as db:
            head = await db.fetchrow(_LOCK_HEAD, tenant_id)
            if head is None:
                return 0
            start = _NO_ID if look_back is None else id_before(head["last_entry_id"], look_back)
            entries = await db.fetch(_UNSEALED, tenant_id, start, BATCH)
            if not entries:
                return 0
            position, previous = head["position"], head["hash"]
            seals: list[tuple[UUID, int, UUID, str, str]] = []
            for entry in entries:
                position += 1
                made = link(algorithm, previous, canonical(entry))
                seals.append((new_id(), position, entry["id"], previous, made))
                previous = made
            await db.execute(_INSERT_SEALS, tenant_id, algorithm, *map(list, zip(*seals, strict=True)))
            now = self._runtime.clock.now()
            await db.execute(_MOVE_HEAD, tenant_id, head["id"], position, previous, entries[-1]["id"], now)
        return len(seals)

    async def _algorithm(self, tenant_id: UUID) -> str:
        tenant = await self._runtime.catalogue.by_id(tenant_id)
        chosen = tenant.settings.get("audit.hash", DEFAULT_ALGORITHM)
        return chosen if isinstance(chosen, str) and chosen in ALGORITHMS else DEFAULT_ALGORITHM


def id_before(entry_id: UUID, by: timedelta) -> UUID:
    """The smallest UUIDv7 of the moment that lies `by` before an id's own. Source: RFC 9562 §5.7."""
    milliseconds = max(0, (entry_id.int >> 80) - int(by.total_seconds() * 1_000))
    return UUID(int=milliseconds << 80)


async def _add_heads(db: UnitOfWork) -> None:
    missing = [row["tenant_id"] for row in await db.fetch(_MISSING_HEADS, TENANTS_MAX)]
    if missing:
        await db.executemany(_INSERT_HEAD, [(tenant_id, new_id(), GENESIS, _NO_ID) for tenant_id in missing])
