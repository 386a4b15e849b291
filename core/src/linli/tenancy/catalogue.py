"""The catalogue: every tenant's facts, read by slug or id and cached for a moment.

A change is announced by `forget()`, here and to the other processes; `Freshness` says how long what is cached is
good for all the same.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg

from linli.db.database import Database
from linli.errors import NotFound
from linli.freshness import Freshness

_CACHE_SIZE_MAX = 10_000

_SELECT = """
select t.*, p.slug as parent_slug, p.settings as parent_settings,
    (select coalesce(array_agg(name order by name), '{}') from tenancy_plugin x
      where x.tenant_id = t.tenant_id and x.enabled) as plugins
from tenancy_tenant t left join tenancy_tenant p on p.tenant_id = t.parent_id"""


class TenantKind(StrEnum):
    """A city, or a district that may be the child of a city."""

    CITY = "city"
    DISTRICT = "district"


class TenantState(StrEnum):
    """A tenant serves requests only while it is active."""

    PROVISIONING = "provisioning"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class Tenant:
    """One tenant. `settings` are what holds: `own_settings` over those of its parent (`inherited`)."""

    id: UUID
    slug: str
    name: str
    kind: TenantKind
    state: TenantState
    parent_id: UUID | None = None
    parent_slug: str | None = None
    placement: str = "main"
    time_zone: str = "Asia/Shanghai"
    locale: str = "zh-CN"
    settings: Mapping[str, object] = field(default_factory=dict)
    plugins: frozenset[str] = frozenset()
    version: int = 1
    inherited: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    own_settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Catalogue:
    """Reads tenants for one process, bounded and cached."""

    def __init__(self, database: Database, freshness: Freshness | None = None) -> None:
        self.database = database
        self._freshness = freshness or Freshness()
        self._by_id: dict[UUID, tuple[float, Tenant]] = {}
        self._ids: dict[str, UUID] = {}
        self._forgettings = 0

    async def by_slug(self, slug: str) -> Tenant:
        """The tenant with this slug. Raises: NotFound."""
        known = self._ids.get(slug)
        if known is not None and (tenant := self.cached(known)) is not None:
            return tenant
        return await self._read("t.slug = $1", slug)

    async def by_id(self, tenant_id: UUID) -> Tenant:
        """The tenant with this id. Raises: NotFound."""
        return self.cached(tenant_id) or await self._read("t.tenant_id = $1", tenant_id)

    def cached(self, tenant_id: UUID) -> Tenant | None:
        """The tenant with this id, when it was read a moment ago."""
        entry = self._by_id.get(tenant_id)
        if entry is None or time.monotonic() - entry[0] >= self._freshness.seconds:
            return None
        return entry[1]

    async def all(self) -> list[Tenant]:
        """All tenants, in the order of their slugs; not cached."""
        async with self.database.kernel(read_only=True) as db:
            return [tenant_from_record(row) for row in await db.fetch(f"{_SELECT} order by t.slug")]

    def forget(self, tenant_id: UUID | None = None) -> None:
        """Drop what is cached of one tenant and of those that inherit from it, or of all."""
        self._forgettings += 1
        if tenant_id is None:
            self._by_id.clear()
        else:
            self._by_id.pop(tenant_id, None)
            heirs = [key for key, (_read_at, one) in self._by_id.items() if one.parent_id == tenant_id]
            for key in heirs:
                del self._by_id[key]

    async def _read(self, condition: str, argument: object) -> Tenant:
        looked_up_at = self._forgettings
        row = await self.database.kernel_row(f"{_SELECT} where {condition}", argument)
        if row is None:
            raise NotFound(kind="tenant")
        tenant = tenant_from_record(row)
        if looked_up_at != self._forgettings:
            return tenant  # something changed meanwhile: it may be old
        if len(self._by_id) >= _CACHE_SIZE_MAX:
            self._by_id.clear()
            self._ids.clear()
        self._by_id[tenant.id] = (time.monotonic(), tenant)
        self._ids[tenant.slug] = tenant.id
        return tenant


def tenant_from_record(row: asyncpg.Record) -> Tenant:
    """A tenant from a row of the catalogue's query."""
    from linli.tenancy.inheritance import resolve_settings

    inherited = json.loads(row["parent_settings"] or "{}", parse_float=Decimal)
    own = json.loads(row["settings"], parse_float=Decimal)
    return Tenant(
        id=row["tenant_id"],
        slug=row["slug"],
        name=row["name"],
        kind=TenantKind(row["kind"]),
        state=TenantState(row["state"]),
        parent_id=row["parent_id"],
        parent_slug=row["parent_slug"],
        placement=row["placement"],
        time_zone=row["time_zone"],
        locale=row["locale"],
        settings=resolve_settings(inherited, own),
        plugins=frozenset(row["plugins"]),
        version=row["version"],
        inherited=inherited,
        own_settings=own,
    )
