"""A tenant with a pool, organisations, officers and a clock that stands, and two ways to act in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.ids import new_id
from linli.ledger.verify import verify
from linli.plugin import Actor, organisations
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli_graphql.testing import Act, ApiHand, GraphQLBench, Hand, Refused, Repertoire, ServiceHand
from linli_venture.grants.opening import award
from linli_venture.money import pools, sources
from linli_venture.money.accounts import ROLES
from linli_venture.money.terms import GiverKind, SourceKind

NOON = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
TODAY = date(2026, 5, 6)
PERMISSIONS = [
    "venture.pool.read",
    "venture.pool.write",
    "venture.grant.read",
    "identity.organisation.read",
    "identity.organisation.write",
    "ledger.account.read",
    "ledger.entry.read",
    "areas.area.read",
]
ACTS = {
    "openVenturePool": Act(pools.open_pool, "VenturePool", "OpenVenturePoolInput"),
    "closeVenturePool": Act(pools.close_pool, "VenturePool", "CloseVenturePoolInput"),
    "addVentureSource": Act(sources.add, "VentureSource", "AddVentureSourceInput"),
    "receiveVentureMoney": Act(sources.receive, "VentureReceipt", "ReceiveVentureMoneyInput"),
    "cancelVentureReceipt": Act(sources.cancel, "VentureReceipt", "CancelVentureReceiptInput"),
}
ID_TYPES = {
    "area_id": "Area",
    "pool_id": "VenturePool",
    "source_id": "VentureSource",
    "organisation_id": "Organisation",
    "person_id": "Person",
}
REPERTOIRE = Repertoire(ACTS, ID_TYPES)


@dataclass(frozen=True)
class Project:
    """A call and a proposal, as far as a grant needs them."""

    id: UUID
    pool_id: UUID
    organisation_id: UUID
    area_id: UUID
    area_path: str
    title: str = "演示:社区老人助餐"
    category: str = "elderly"
    own_fen: int = 0


@dataclass
class World:
    """A tenant at noon on 6 May 2026; four officers who may do everything."""

    bench: Bench
    tenant: Tenant
    area: BenchArea
    elsewhere: BenchArea
    clock: FixedClock
    officer: Actor
    second: Actor
    third: Actor
    fourth: Actor
    settings: dict[str, object] = field(default_factory=dict)

    def context(self, actor: Actor | None = None, **options: Any) -> Any:
        tenant = replace(self.tenant, settings={**self.tenant.settings, **self.settings})
        return self.bench.context(tenant, actor=actor or self.officer, clock=self.clock, **options)

    def turn(self, day: str) -> None:
        """Put the clock to noon of a day in Shanghai."""
        at = datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC)
        self.clock.advance(at - self.clock.now())

    async def unit(self, name: str = "演示助老服务社") -> UUID:
        async with self.context() as ctx:
            made = await organisations.register(
                ctx, area_id=self.area.id, name=name, kind="social_organisation", synthetic=True
            )
        return UUID(str(made.id))

    async def value(self, sql: str, *args: object) -> Any:
        async with self.context() as ctx:
            return await ctx.db.fetchval(sql, self.tenant.id, *args)

    async def rows(self, sql: str, *args: object) -> list[Any]:
        async with self.context() as ctx:
            return list(await ctx.db.fetch(sql, self.tenant.id, *args))

    async def row(self, table: str, row_id: UUID) -> Any:
        return (await self.rows(f"select * from {table} where tenant_id = $1 and id = $2", row_id))[0]

    async def fund(self, source_id: UUID) -> tuple[int, int]:
        """Available and reserved fen of a source."""
        sql = """select a.available, a.reserved from venture_source s
            join ledger_account a on a.tenant_id = $1 and a.id = s.fund_account_id
            where s.tenant_id = $1 and s.id = $2"""
        found = (await self.rows(sql, source_id))[0]
        return found["available"], found["reserved"]

    async def books_agree(self) -> None:
        """The ledger is right, and the plugin's accounts add up to zero."""
        assert (await verify(self.bench.database, self.tenant)).problems == []
        sql = """select coalesce(sum(available + reserved), 0)::bigint from ledger_account
            where tenant_id = $1 and role = any($2)"""
        assert await self.value(sql, list(ROLES)) == 0


class Story:
    """The steps that most tests begin with, taken by either hand."""

    def __init__(self, world: World, hand: Hand) -> None:
        self.world = world
        self.act = hand.act

    async def pool(self, **values: Any) -> UUID:
        given = {"area_id": None, "title": "2026 年度公益创投资金", "year": 2026, **values}
        return await self.act("openVenturePool", **given)

    async def source(self, pool: UUID, fen: int = 0, **values: Any) -> UUID:
        """A source of a pool, with so much money."""
        given = {"pool_id": pool, "kind": SourceKind.FISCAL, "name": "市级财政资金", **values}
        source = await self.act("addVentureSource", **given)
        if fen:
            await self.receive(source, fen)
        return source

    async def receive(self, source: UUID, fen: int, **values: Any) -> UUID:
        given = {
            "source_id": source,
            "giver_kind": GiverKind.GOVERNMENT,
            "giver": "演示财政局",
            "amount_fen": fen,
            "received_on": TODAY,
            "basis": f"演示拨款 {new_id()}",
            **values,
        }
        given = {key: value for key, value in given.items() if value is not None}
        return await self.act("receiveVentureMoney", **given)

    async def project(self, pool: UUID, **values: Any) -> Project:
        if "organisation_id" not in values:
            values["organisation_id"] = await self.world.unit()
        area = self.world.area
        return Project(new_id(), pool, area_id=area.id, area_path=area.path, **values)

    async def award(self, project: Project, fen: int, actor: Actor | None = None) -> UUID:
        """What a decision does with its award."""
        async with self.world.context(actor) as ctx:
            grant = await award(ctx, call=project, proposal=project, amount_fen=fen, decision_id=new_id())
        return UUID(str(grant.id))


@pytest_asyncio.fixture
async def world(bench: Bench) -> World:
    tenant = await bench.tenant(plugins=["organisations", "venture"])
    return World(
        bench,
        tenant,
        await bench.area(tenant, "演示社区"),
        await bench.area(tenant, "别的社区"),
        FixedClock(NOON),
        *(bench.actor(PERMISSIONS) for _ in range(4)),
    )


@pytest.fixture(params=["service", "api"])
def hand(request: pytest.FixtureRequest, world: World, api: GraphQLBench) -> Hand:
    return ServiceHand(world, REPERTOIRE) if request.param == "service" else ApiHand(world, REPERTOIRE, api)


@pytest.fixture
def story(world: World, hand: Hand) -> Story:
    return Story(world, hand)


@pytest.fixture
def quick(world: World) -> Story:
    """The steps taken by the services only, for tests that are about something else."""
    return Story(world, ServiceHand(world, REPERTOIRE))


@pytest.fixture
def refused() -> type[Refused]:
    return Refused
