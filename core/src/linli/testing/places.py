"""Two places that hand people over to one another, in one database or two, and the worker's queues for them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from linli.clock import Clock
from linli.context import Context
from linli.db.database import Database
from linli.events.delivery import Deliveries
from linli.handover import offering
from linli.handover.carrier import Carrier, PlatformCarrier
from linli.handover.courier import Messages
from linli.handover.ending import PURPOSE
from linli.handover.tables import Offered
from linli.identity import people
from linli.privacy import consents
from linli.privacy.consents import ConsentForm
from linli.queues.work import WorkQueue
from linli.registry import Composition
from linli.runtime import Runtime
from linli.settings import Settings
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea

ROUNDS_MAX: Final = 60
FIELDS: Final = ("identity.person.full_name", "identity.person.phone")


class Places:
    """Place `a` hands over to place `b`. `there` is b's database when it is not a's, which has the catalogue."""

    def __init__(self, here: Database, there: Database, composition: Composition, *, clock: Clock) -> None:
        self.bench = Bench(here, composition)
        self.clock = clock
        databases = {"main": here, "there": there}
        self.runtimes = [
            Runtime(
                settings=Settings(data_dir=Path(), database_url=one.owner_url),
                database=one,
                catalogue=self.bench.catalogue,
                composition=composition,
                clock=clock,
                placements=databases,
            )
            for one in ((here,) if here is there else (here, there))
        ]
        self.placement = "main" if here is there else "there"
        self.a: Tenant
        self.b: Tenant

    async def open(self, *, plugins: Sequence[str] | None = None) -> Places:
        """Make the two tenants; both accept hand-overs."""
        self.a = await self._tenant("main", plugins)
        self.b = await self._tenant(self.placement, plugins)
        return self

    @asynccontextmanager
    async def context(self, tenant: Tenant, **options: Any) -> AsyncIterator[Context]:
        """A context in the tenant's database."""
        bench = Bench(self.runtimes[0].database_of(tenant), self.bench.composition)
        bench.catalogue = self.bench.catalogue
        async with bench.context(tenant, clock=self.clock, **options) as ctx:
            yield ctx

    async def person(self, tenant: Tenant, name: str = "测试甲", **values: Any) -> UUID:
        """A person of the register who has consented to hand-overs."""
        given = {"phone": "19900000001", "birth_date": date(1990, 3, 7), **values}
        async with self.context(tenant) as ctx:
            person = await people.register(ctx, area_id=None, full_name=name, synthetic=True, **given)
        await self.consent(tenant, person.id)
        return person.id

    async def consent(self, tenant: Tenant, person_id: UUID) -> None:
        """The person consents on paper."""
        async with self.context(tenant) as ctx:
            await consents.record_paper(
                ctx,
                person_id,
                PURPOSE,
                text_version=1,
                form=ConsentForm.PAPER,
                reference="档案 1",
                given_on=ctx.today(),
            )

    async def area_of_b(self) -> BenchArea:
        """A new area of place b."""
        bench = Bench(self.runtimes[0].database_of(self.b), self.bench.composition)
        return await bench.area(self.b)

    async def offer(self, person_id: UUID, fields: Sequence[str] = FIELDS, **options: Any) -> Offered:
        """Place a offers the person to place b."""
        async with self.context(self.a) as ctx:
            return await offering.offer(
                ctx, person_id, counterpart=self.b.slug, fields=fields, purpose="迁居", **options
            )

    async def carry(self, carrier: Carrier | None = None) -> int:
        """Deliver the two places' due messages, until none is; gives how many deliveries were tried."""
        return await self._all(lambda runtime: self.queue(runtime, carrier))

    async def work(self) -> None:
        """Deliver the two places' events, and messages, until nothing is due."""
        for _ in range(ROUNDS_MAX):
            events = await self._all(lambda runtime: WorkQueue(Deliveries(), runtime))
            if events + await self.carry() == 0:
                return

    def queue(self, runtime: Runtime, carrier: Carrier | None = None) -> WorkQueue:
        """The worker's queue of messages of one database."""
        return WorkQueue(Messages(carrier or PlatformCarrier(runtime)), runtime)

    async def rows(self, tenant: Tenant, table: str) -> list[dict[str, Any]]:
        """All rows of the tenant in a table, oldest first."""
        async with self.context(tenant) as ctx:
            found = await ctx.db.fetch(
                f"select * from {table} where tenant_id = $1 order by id", ctx.tenant_id
            )
        return [dict(row) for row in found]

    async def _all(self, queue: Callable[[Runtime], WorkQueue]) -> int:
        count = 0
        for runtime in self.runtimes:
            own = [one.id for one in (self.a, self.b) if runtime.database_of(one) is runtime.database]
            for _ in range(ROUNDS_MAX):
                due = await queue(runtime).due()
                done = sum([await queue(runtime).serve(one) for one in own if one in due])
                count += done
                if done == 0:
                    break
        return count

    async def _tenant(self, placement: str, plugins: Sequence[str] | None) -> Tenant:
        tenant = await self.bench.tenant(plugins=plugins)
        settings = '{"handover.accepts": {"value": true, "mode": "free"}}'
        async with self.bench.database.kernel() as db:
            await db.execute(
                "update tenancy_tenant set placement = $2, settings = $3 where tenant_id = $1",
                tenant.id,
                placement,
                settings,
            )
        self.bench.catalogue.forget(tenant.id)
        return await self.bench.catalogue.by_id(tenant.id)
