"""A town with two organisations and the people who work on the register."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest_asyncio

from linli.clock import FixedClock
from linli.plugin import Actor, Context, ProvisionRequest, organisations, people
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli_organisations import gradings, officers, provisioning, registrations
from linli_organisations.tables import Grading, Registration

NOW = datetime(2026, 7, 24, 4, 0, tzinfo=UTC)
READ_REGISTER = ("identity.organisation.read", "identity.person.read")
CLERK = (
    *READ_REGISTER,
    registrations.READ,
    registrations.APPLY,
    "organisations.officer.read",
    "organisations.officer.write",
    gradings.READ,
    gradings.DRAFT,
)
CHIEF = (*CLERK, registrations.DECIDE, gradings.PUBLISH)


@dataclass
class Town:
    """A tenant with two streets. `clerk` enters, `chief` and `deputy` decide, `reader` only looks."""

    bench: Bench
    tenant: Tenant
    street: BenchArea
    elsewhere: BenchArea
    club_id: UUID
    society_id: UUID
    shop_id: UUID
    person_id: UUID
    category_id: UUID
    clerk: Actor
    chief: Actor
    deputy: Actor
    reader: Actor
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))

    @property
    def today(self) -> date:
        """The day on which the tests take place."""
        return date(2026, 7, 24)

    def as_(self, actor: Actor) -> AbstractAsyncContextManager[Context]:
        """A context of one of the actors, committed at the end."""
        return self.bench.context(self.tenant, actor=actor, clock=self.clock)

    async def apply(self, organisation_id: UUID | None = None, **changes: Any) -> Registration:
        """An application of the clerk's: the club's, to be registered, when nothing else is said."""
        values: dict[str, Any] = {
            "organisation_id": organisation_id or self.club_id,
            "track": "registration",
            "kind": "association",
            "category_id": self.category_id,
            "scope": "社区文体活动",
        }
        async with self.as_(self.clerk) as ctx:
            return await registrations.apply(ctx, **{**values, **changes})

    async def entry(self, number: str, entered_on: date | None = None, **changes: Any) -> Registration:
        """An active entry, applied for by the clerk and approved by the chief."""
        made = await self.apply(**changes)
        async with self.as_(self.chief) as ctx:
            await registrations.accept(ctx, made.id)
            return await registrations.approve(ctx, made.id, number=number, entered_on=entered_on)

    async def officer(self, entry: Registration, **changes: Any) -> Any:
        """An officer whom the clerk enters."""
        values: dict[str, Any] = {
            "post": "president",
            "valid_from": date(2025, 1, 1),
            "is_serving_official": False,
            "name": "演示张三",
        }
        async with self.as_(self.clerk) as ctx:
            return await officers.add(ctx, entry.id, **{**values, **changes})

    async def grading(self, entry: Registration, **changes: Any) -> Grading:
        """A 4A that the clerk drafts."""
        values: dict[str, Any] = {
            "grade": "4A",
            "score": 915,
            "assessed_on": date(2026, 7, 1),
            "assessors": [gradings.AssessorEntry(has_interest=False, name="演示专家")],
        }
        async with self.as_(self.clerk) as ctx:
            return await gradings.draft(ctx, entry.id, **{**values, **changes})

    async def published(
        self, entry: Registration, published_on: date | None = None, **changes: Any
    ) -> Grading:
        """A grading that the chief has published."""
        made = await self.grading(entry, **changes)
        async with self.as_(self.chief) as ctx:
            return await gradings.publish_grade(ctx, made.id, published_on=published_on)

    async def events(self) -> list[str]:
        """The names of the plugin's events, in the order in which they were published."""
        async with self.as_(self.reader) as ctx:
            found = await ctx.db.fetch(
                "select name from events_event where tenant_id = $1 and name like 'organisations.%' order by id",
                ctx.tenant_id,
            )
        return [row["name"] for row in found]


@pytest_asyncio.fixture
async def town(bench: Bench) -> AsyncIterator[Town]:
    tenant = await bench.tenant(plugins=["organisations"])
    street = await bench.area(tenant, "中山街道")
    elsewhere = await bench.area(tenant, "解放街道")
    async with bench.context(tenant) as ctx:
        await provisioning.load_categories(ctx, ProvisionRequest())
        made = [
            await organisations.register(ctx, area_id=street.id, name=name, kind=kind, synthetic=True)
            for name, kind in (
                ("演示棋社", "social_organisation"),
                ("演示棋艺研究会", "social_organisation"),
                ("演示商店", "enterprise"),
            )
        ]
        person = await people.register(ctx, area_id=street.id, full_name="演示李四", synthetic=True)
        category_id = await ctx.db.fetchval(
            "select id from organisations_category where tenant_id = $1 and key = 'sport'", ctx.tenant_id
        )
    path = street.path
    yield Town(
        bench,
        tenant,
        street,
        elsewhere,
        *(one.id for one in made),
        person.id,
        category_id,
        clerk=bench.actor(CLERK, area_path=path),
        chief=bench.actor(CHIEF, area_path=path),
        deputy=bench.actor(CHIEF, area_path=path),
        reader=bench.actor((*READ_REGISTER, registrations.READ, gradings.READ), area_path=path),
    )
