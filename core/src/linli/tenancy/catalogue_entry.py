"""A tenant's row in the catalogue, written by the kernel role: made first, finished last, or undone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from linli.db.database import Database
from linli.ids import new_id
from linli.tenancy.catalogue import TenantState
from linli.tenancy.profile import Profile

_INSERT: Final = """
insert into tenancy_tenant (tenant_id, slug, name, kind, parent_id, state, time_zone, locale)
values ($1, $2, $3, $4, $5, 'provisioning', $6, $7) on conflict (slug) do nothing returning tenant_id"""

_FINISH: Final = """
update tenancy_tenant set name = $2, kind = $3, parent_id = $4, time_zone = $5, locale = $6, state = $7,
    profile_hash = $8, version = version + 1, updated_at = now()
where tenant_id = $1
    and (name, kind, parent_id, time_zone, locale, state, profile_hash)
        is distinct from ($2::text, $3::text, $4::uuid, $5::text, $6::text, $7::text, $8::text)"""


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """What the catalogue says of a tenant before a profile is applied."""

    tenant_id: UUID
    state: TenantState
    profile_hash: str


async def find_entry(database: Database, slug: str) -> CatalogueEntry | None:
    """The entry with this slug, if there is one."""
    async with database.kernel(read_only=True) as db:
        row = await db.fetchrow(
            "select tenant_id, state, profile_hash from tenancy_tenant where slug = $1", slug
        )
    if row is None:
        return None
    return CatalogueEntry(row["tenant_id"], TenantState(row["state"]), row["profile_hash"])


async def create_entry(database: Database, profile: Profile, parent_id: UUID | None) -> CatalogueEntry | None:
    """A new entry in state `provisioning`; None when another process was quicker."""
    tenant_id, p = new_id(), profile
    async with database.kernel() as db:
        made = await db.fetchval(
            _INSERT, tenant_id, p.slug, p.name, p.kind.value, parent_id, p.time_zone, p.locale
        )
    return None if made is None else CatalogueEntry(tenant_id, TenantState.PROVISIONING, "")


async def finish_entry(
    database: Database,
    tenant_id: UUID,
    profile: Profile,
    *,
    parent_id: UUID | None,
    state: TenantState,
    profile_hash: str,
) -> None:
    """Store the profile's facts, the state and the hash of what was applied, as far as they differ."""
    p, kind = profile, profile.kind.value
    async with database.kernel() as db:
        await db.execute(
            _FINISH, tenant_id, p.name, kind, parent_id, p.time_zone, p.locale, state.value, profile_hash
        )


async def undo_entry(database: Database, tenant_id: UUID) -> None:
    """Take back an entry in state `provisioning` whose tenant's transaction was rolled back."""
    async with database.kernel() as db:
        await db.execute(
            "delete from tenancy_tenant where tenant_id = $1 and state = 'provisioning'", tenant_id
        )
