"""Coordinators with accounts and posts, planned visits, and workers that do what is put down."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from linli.ids import new_id
from linli.plugin import Actor, ProvisionRequest, enqueue
from linli.runtime import Runtime
from linli.settings import Settings
from linli.worker import dispatchers
from linli_migrants import entitlements, visit_clock

_ACCOUNT = """
insert into identity_account (tenant_id, id, login_name, person_id, password_hash) values ($1, $2, $3, $4, 'x')"""


class Field:
    """What the tests of visits need besides the world: coordinators, this month's visits, workers."""

    def __init__(self, world: Any) -> None:
        self.world = world

    async def account(self, actor: Actor | None = None, person_id: UUID | None = None) -> Actor:
        """An actor whose account exists, with the officer's permissions by default."""
        made = replace(actor or self.world.officer, id=new_id(), person_id=person_id)
        async with self.world.context() as ctx:
            await ctx.db.execute(_ACCOUNT, self.world.tenant.id, made.id, f"u{made.id.hex[-20:]}", person_id)
        return made

    async def coordinator(self, story: Any, *, from_on: date = date(2026, 1, 1), **values: Any) -> Actor:
        """Somebody posted at the area (or another one) since New Year."""
        made = await self.account()
        place = {"area_id": self.world.area.id, **values}
        await story.act("assignMigrantPost", account_id=made.id, from_on=from_on, **place)
        return made

    async def visit(self, **values: Any) -> UUID:
        """This month's visit to a new stay on file."""
        stay = await self.world.stay(**values)
        async with self.world.bench.context(self.world.tenant, clock=self.world.clock) as ctx:
            await visit_clock.plan(ctx)
        found: UUID = await self.world.value(
            "select id from migrants_visit where tenant_id = $1 and stay_id = $2", stay
        )
        return found

    async def run(self, job: str, *, times: int = 3) -> None:
        """Let a worker do a job and all that it puts down, and deliver events."""
        async with self.world.context() as ctx:
            await enqueue(ctx, job)
        await self.work(times=times)

    async def work(self, *, times: int = 8) -> None:
        """Let a worker do what was put down, and deliver events."""
        deliveries, jobs = dispatchers(self.runtime())
        for _ in range(times):
            await jobs.run_once()
            await deliveries.run_once()
        undone = "select count(*) from jobs_job where tenant_id = $1 and status <> 'done' and name like 'migrants.%'"
        assert await self.world.value(undone) == 0

    def runtime(self) -> Runtime:
        """A process of its own."""
        return Runtime(
            settings=Settings(data_dir=Path(), secret_key="migrants-test"),
            database=self.world.bench.database,
            catalogue=self.world.bench.catalogue,
            composition=self.world.bench.composition,
            clock=self.world.clock,
        )

    async def services(self) -> dict[str, UUID]:
        """The services that the law names, by code."""
        async with self.world.bench.context(self.world.tenant, clock=self.world.clock) as ctx:
            await entitlements.provision(ctx, ProvisionRequest())
            rows = await ctx.db.fetch(
                "select code, id from migrants_service where tenant_id = $1", self.world.tenant.id
            )
        return {row["code"]: row["id"] for row in rows}

    async def setting(self, name: str, value: object) -> None:
        """Set a tenant's setting."""
        from linli.tenancy.settings import set_setting

        async with self.world.bench.context(self.world.tenant, clock=self.world.clock) as ctx:
            await set_setting(ctx, name=name, value=value)
        self.world.bench.catalogue.forget(self.world.tenant.id)
        self.world.tenant = await self.world.bench.catalogue.by_id(self.world.tenant.id)


@pytest.fixture
def field(world: Any) -> Field:
    return Field(world)
