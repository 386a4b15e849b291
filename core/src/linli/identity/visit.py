"""Someone at the door: a request that has a tenant but no actor yet, such as a log-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from linli.clock import Clock, SystemClock
from linli.context import Actor, ActorKind, Context
from linli.db.database import Database
from linli.errors import TenantSuspended
from linli.tenancy.catalogue import Tenant, TenantState

if TYPE_CHECKING:
    from linli.registry import PluginSet

NOBODY: Final = Actor(kind=ActorKind.ACCOUNT, id=None, name="")


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known before anybody has signed in. `origin` is the caller's address for the audit trail."""

    database: Database
    tenant: Tenant
    plugins: PluginSet
    clock: Clock = field(default_factory=SystemClock)
    locale: str = "zh-CN"
    request_id: str = ""
    origin: str = ""

    @asynccontextmanager
    async def context(self, actor: Actor = NOBODY) -> AsyncIterator[Context]:
        """A context in a transaction of its own, committed at the end. Raises: TenantSuspended."""
        require_open(self.tenant)
        async with self.database.unit_of_work(self.tenant.id) as unit:
            yield Context(
                tenant=self.tenant,
                actor=actor,
                db=unit,
                plugins=self.plugins,
                clock=self.clock,
                locale=self.locale,
                request_id=self.request_id,
                origin=self.origin,
            )


def require_open(tenant: Tenant) -> None:
    """Go on only with a tenant that serves requests. Raises: TenantSuspended."""
    if tenant.state is not TenantState.ACTIVE:
        raise TenantSuspended()
