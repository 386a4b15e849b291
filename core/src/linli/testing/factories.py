"""Tenants, areas and contexts for tests."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from linli.areas.paths import child_path
from linli.clock import Clock, SystemClock
from linli.context import SYSTEM, WHOLE_TENANT, Actor, ActorKind, Context, Grant
from linli.counterparts import Counterparts
from linli.db.database import Database
from linli.i18n import initials, sort_key
from linli.ids import new_id
from linli.registry import Composition
from linli.tenancy.catalogue import Catalogue, Tenant, TenantKind, TenantState


@dataclass(frozen=True, slots=True)
class BenchArea:
    """An area that a test made."""

    id: UUID
    path: str


class Bench:
    """What a test needs to start: tenants, and contexts in them."""

    def __init__(self, database: Database, composition: Composition) -> None:
        self.database = database
        self.composition = composition
        self.catalogue = Catalogue(database)

    async def tenant(
        self,
        *,
        plugins: Iterable[str] | None = None,
        kind: TenantKind = TenantKind.CITY,
        parent: Tenant | None = None,
        slug: str = "",
    ) -> Tenant:
        """A new active tenant with these plugins switched on (all installed ones by default), without areas."""
        tenant_id = new_id()
        slug = slug or f"t-{secrets.token_hex(5)}"
        names = sorted(self.composition.names if plugins is None else plugins)
        async with self.database.kernel() as db:
            await db.execute(
                "insert into tenancy_tenant (tenant_id, slug, name, kind, parent_id, state)"
                " values ($1, $2, $3, $4, $5, $6)",
                tenant_id,
                slug,
                f"测试{slug}",
                kind.value,
                parent.id if parent else None,
                TenantState.ACTIVE.value,
            )
            for name in names:
                await db.execute(
                    "insert into tenancy_plugin (tenant_id, id, name, enabled, plugin_version)"
                    " values ($1, $2, $3, true, '0')",
                    tenant_id,
                    new_id(),
                    name,
                )
        self.catalogue.forget(tenant_id)
        return await self.catalogue.by_id(tenant_id)

    async def area(
        self, tenant: Tenant, name: str = "测试社区", *, parent: BenchArea | None = None
    ) -> BenchArea:
        """A new area, at the top of the tenant's tree or below `parent`."""
        async with self.database.unit_of_work(tenant.id) as db:
            siblings: int = await db.fetchval(
                "select count(*) from areas_area where tenant_id = $1 and parent_id is not distinct from $2",
                tenant.id,
                parent.id if parent else None,
            )
            made = BenchArea(new_id(), child_path(parent.path if parent else "", siblings))
            await db.execute(
                "insert into areas_area (tenant_id, id, code, name, name_pinyin, name_initials, level,"
                " parent_id, path, depth, state, valid_from)"
                " values ($1, $2, $3, $4, $5, $6, 'area', $7, $8, $9, 'active', '2020-01-01')",
                tenant.id,
                made.id,
                secrets.token_hex(6),
                name,
                sort_key(name),
                initials(name),
                parent.id if parent else None,
                made.path,
                made.path.count("."),
            )
        return made

    @asynccontextmanager
    async def context(
        self,
        tenant: Tenant,
        *,
        actor: Actor = SYSTEM,
        permissions: Iterable[str] | None = None,
        area_path: str = WHOLE_TENANT,
        clock: Clock | None = None,
        read_only: bool = False,
    ) -> AsyncIterator[Context]:
        """A context in one unit of work, committed at the end; with `permissions`, of an account, not the system."""
        if permissions is not None:
            actor = self.actor(permissions, area_path=area_path)
        async with self.database.unit_of_work(tenant.id, read_only=read_only) as unit:
            yield Context(
                tenant=tenant,
                actor=actor,
                db=unit,
                plugins=self.composition.plugin_set(tenant.plugins),
                clock=clock or SystemClock(),
                request_id="test",
                counterparts=Counterparts(self.catalogue),
            )

    async def one_person(self, tenant: Tenant, person_id: UUID, *actors: Actor) -> list[Actor]:
        """Make these actors accounts of one person."""
        async with self.database.unit_of_work(tenant.id) as db:
            for actor in actors:
                await db.execute(
                    "insert into identity_account (tenant_id, id, login_name, person_id, password_hash)"
                    " values ($1, $2, $3, $4, 'none')",
                    tenant.id,
                    actor.id,
                    f"account-{secrets.token_hex(5)}",
                    person_id,
                )
        return [replace(actor, person_id=person_id) for actor in actors]

    @staticmethod
    def actor(
        permissions: Iterable[str], *, area_path: str = WHOLE_TENANT, account_id: UUID | None = None
    ) -> Actor:
        """An account that holds these permissions at one area."""
        grant = Grant(role="test", area_id=None, area_path=area_path, permissions=frozenset(permissions))
        return Actor(kind=ActorKind.ACCOUNT, id=account_id or new_id(), name="测试账号", grants=(grant,))
