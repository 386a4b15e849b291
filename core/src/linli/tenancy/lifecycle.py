"""A tenant's life: provisioning, active, suspended, closing."""

from __future__ import annotations

from typing import Final

from linli.audit.record import Change, record
from linli.context import SYSTEM, Context
from linli.db.database import Database
from linli.errors import NotFound, StaleVersion
from linli.registry import Composition
from linli.tenancy.catalogue import Catalogue, Tenant, TenantState
from linli.tenancy.invalidation import Announce
from linli.workflow import Facts, StateMachine, Transition

TENANT_LIFE: Final = StateMachine(
    "tenancy.tenant",
    TenantState.PROVISIONING,
    transitions=(
        Transition("activate", TenantState.PROVISIONING, TenantState.ACTIVE),
        Transition("suspend", TenantState.ACTIVE, TenantState.SUSPENDED),
        Transition("resume", TenantState.SUSPENDED, TenantState.ACTIVE),
        Transition("close", TenantState.ACTIVE, TenantState.CLOSING),
        Transition("close", TenantState.SUSPENDED, TenantState.CLOSING),
    ),
    final=(TenantState.CLOSING,),
)
"""A tenant serves requests while it is active; closing is final, its data wait for their retention to end."""


class TenantLife:
    """Moves tenants through their life, for the platform's operator and never for anybody in a tenant."""

    def __init__(
        self, database: Database, catalogue: Catalogue, composition: Composition, announce: Announce
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._composition = composition
        self._announce = announce

    async def apply(self, slug: str, action: str, *, reason: str = "") -> Tenant:
        """Do `activate`, `suspend`, `resume` or `close`; gives the tenant as it is then.

        Raises: NotFound, UndefinedTransition, StaleVersion.
        """
        self._catalogue.forget()
        tenant = await self._catalogue.by_slug(slug)
        target = TENANT_LIFE.apply(tenant.state, action, Facts(actor_id=None, subject=tenant))
        # The catalogue belongs to the kernel role and the audit trail to the tenant: the entry is written
        # first and committed last, so that it is undone when the change is refused.
        async with self._database.unit_of_work(tenant.id) as unit:
            ctx = Context(
                tenant=tenant,
                actor=SYSTEM,
                db=unit,
                plugins=self._composition.plugin_set(tenant.plugins),
                origin="operator",
                reason=reason,
            )
            before, after = {"state": tenant.state.value}, {"state": target}
            await record(ctx, Change(action, "tenancy_tenant", tenant.id, before=before, after=after))
            await self._store(tenant, target)
        await self._announce(tenant.id)
        return await self._catalogue.by_id(tenant.id)

    async def _store(self, tenant: Tenant, state: str) -> None:
        async with self._database.kernel() as db:
            stored = await db.fetchval(
                "update tenancy_tenant set state = $3, version = version + 1, updated_at = now()"
                " where tenant_id = $1 and version = $2 returning version",
                tenant.id,
                tenant.version,
                state,
            )
            if stored is None:
                exists = await db.fetchval("select 1 from tenancy_tenant where tenant_id = $1", tenant.id)
                raise StaleVersion(expected=tenant.version) if exists else NotFound(kind="tenant")
