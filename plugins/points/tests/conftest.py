"""A tenant with areas, people who have points, officers and a clock that stands, and two ways to act in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.ids import new_id
from linli.ledger.verify import verify
from linli.plugin import Actor, households, ledger, organisations, people, rows
from linli.runtime import Runtime
from linli.settings import Settings
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli.worker import dispatchers
from linli_graphql.testing import Act, ApiHand, GraphQLBench, Hand, Refused, Repertoire, ServiceHand
from linli_points import accounts, participants, pools, redemptions, rewards, transfers
from linli_points.tables import Participant
from linli_points.terms import RewardKind, TransferPurpose

NOON = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
KINDS = ("rule", "participant", "claim", "reward", "redemption", "transfer", "pool")
PERMISSIONS = [
    *(f"points.{kind}.{verb}" for kind in KINDS for verb in ("read", "write")),
    "points.redemption.fulfil",
    "points.figures.read",
    "identity.person.read",
    "identity.person.write",
    "identity.household.read",
    "identity.household.write",
    "identity.organisation.read",
    "identity.organisation.write",
    "areas.area.read",
    "ledger.account.read",
]
RESIDENT = ["points.rule.read", "points.reward.read", "points.own.take_part"]

ACTS = {
    "createPointsReward": Act(rewards.create, "PointsReward", "CreatePointsRewardInput"),
    "updatePointsReward": Act(rewards.update, "PointsReward", "UpdatePointsRewardInput"),
    "changePointsRewardStock": Act(rewards.change_stock, "PointsReward", "ChangePointsRewardStockInput"),
    "offerPointsReward": Act(rewards.offer, "PointsReward", "PointsSpendingStepInput"),
    "withdrawPointsReward": Act(rewards.withdraw, "PointsReward", "PointsSpendingStepInput"),
    "openPointsPool": Act(pools.open_pool, "PointsPool", "OpenPointsPoolInput"),
    "adjustPointsPool": Act(pools.adjust, "PointsPool", "AdjustPointsPoolInput"),
    "reservePointsRedemption": Act(redemptions.reserve, "PointsRedemption", "ReservePointsRedemptionInput"),
    "issuePointsRedemption": Act(redemptions.issue, "PointsRedemption", "PointsSpendingStepInput"),
    "fulfilPointsRedemption": Act(redemptions.fulfil, "PointsRedemption", "FulfilPointsRedemptionInput"),
    "cancelPointsRedemption": Act(
        redemptions.cancel, "PointsRedemption", "PointsSpendingReasonInput", unseen=True
    ),
    "offerPointsTransfer": Act(transfers.offer, "PointsTransfer", "OfferPointsTransferInput"),
    "acceptPointsTransfer": Act(transfers.accept, "PointsTransfer", "PointsSpendingStepInput", unseen=True),
    "declinePointsTransfer": Act(
        transfers.decline, "PointsTransfer", "DeclinePointsTransferInput", unseen=True
    ),
    "cancelPointsTransfer": Act(transfers.cancel, "PointsTransfer", "PointsSpendingReasonInput", unseen=True),
    "postPointsTransfer": Act(transfers.post, "PointsTransfer", "PointsSpendingStepInput"),
}
ID_TYPES = {
    "participant_id": "PointsParticipant",
    "from_participant_id": "PointsParticipant",
    "to_participant_id": "PointsParticipant",
    "reward_id": "PointsReward",
    "provider_id": "Organisation",
    "area_id": "Area",
}
REPERTOIRE = Repertoire(ACTS, ID_TYPES)


@dataclass(frozen=True)
class Someone:
    """A participant, and the actor that they are (a unit has none)."""

    id: UUID
    account_id: UUID
    person_id: UUID | None = None
    household_id: UUID | None = None
    actor: Actor | None = None


@dataclass
class World:
    """A tenant at noon on 6 May 2026: a town with the community `area`, and another town."""

    bench: Bench
    tenant: Tenant
    town: BenchArea
    area: BenchArea
    elsewhere: BenchArea
    clock: FixedClock
    officer: Actor
    checker: Actor
    settings: dict[str, object] = field(default_factory=dict)

    def context(self, actor: Actor | None = None, **options: Any) -> Any:
        tenant = replace(self.tenant, settings={**self.tenant.settings, **self.settings})
        return self.bench.context(tenant, actor=actor or self.officer, clock=self.clock, **options)

    def resident(self, person_id: UUID) -> Actor:
        return replace(self.bench.actor(RESIDENT), person_id=person_id)

    async def person(
        self, name: str = "演示张三", *, points: int = 0, area: BenchArea | None = None
    ) -> Someone:
        """A made-up resident who takes part, with points."""
        async with self.context() as ctx:
            person = await people.register(
                ctx, area_id=(area or self.area).id, full_name=name, synthetic=True
            )
            joined = await participants.join_person(ctx, person_id=person.id)
        someone = Someone(joined.id, joined.account_id, person.id, actor=self.resident(person.id))
        await self.give(someone, points)
        return someone

    async def household(self, *members: Someone, points: int = 0) -> Someone:
        """A made-up household of participants that takes part too."""
        async with self.context() as ctx:
            made = await households.create(ctx, area_id=self.area.id, name="演示一家", synthetic=True)
            for member in members:
                assert member.person_id is not None
                await households.add_member(
                    ctx, made.id, person_id=member.person_id, relation="other_relative"
                )
            joined = await participants.join_household(ctx, household_id=made.id)
        someone = Someone(joined.id, joined.account_id, household_id=made.id)
        await self.give(someone, points)
        return someone

    async def unit(self, name: str = "演示慈善会", *, charity: bool = True, points: int = 0) -> Someone:
        async with self.context() as ctx:
            made = await organisations.register(
                ctx, area_id=self.area.id, name=name, kind="social_organisation"
            )
            joined = await participants.join_unit(ctx, organisation_id=made.id, charity=charity)
        someone = Someone(joined.id, joined.account_id)
        await self.give(someone, points)
        return someone

    async def leave(self, someone: Someone) -> None:
        async with self.context() as ctx:
            await participants.leave(ctx, someone.id)

    async def rank(self, someone: Someone, nickname: str, *, ranked: bool = True) -> None:
        async with self.context() as ctx:
            await participants.choose_ranking(ctx, someone.id, nickname=nickname, ranked=ranked)

    async def give(self, someone: Someone, points: int) -> UUID | None:
        """Points as a posted claim gives them; the entry."""
        if not points:
            return None
        async with self.context() as ctx:
            purpose = ledger.Purpose("points.claim_posted", f"test:{new_id()}")
            lines = (
                ledger.Line(await accounts.issuance(ctx), -points),
                ledger.Line(someone.account_id, points),
            )
            return (await ledger.post(ctx, purpose, lines)).entry_id

    async def balance(self, someone: Someone) -> tuple[int, int]:
        """Available and reserved points."""
        return await self.account_balance(someone.account_id)

    async def account_balance(self, account_id: UUID) -> tuple[int, int]:
        async with self.context() as ctx:
            held = await ledger.balance(ctx, account_id)
        return held.available, held.reserved

    async def money(self, pool_id: UUID) -> tuple[int, int]:
        """Available and reserved fen of a pool."""
        account_id = await self.value(
            "select account_id from points_pool where tenant_id = $1 and id = $2", pool_id
        )
        return await self.account_balance(account_id)

    async def role(self, role: str) -> int:
        """What the tenant's own account in a role holds."""
        sql = "select id from ledger_account where tenant_id = $1 and role = $2 and owner_kind = 'tenant'"
        found = await self.value(sql, role)
        return sum(await self.account_balance(found)) if found else 0

    async def value(self, sql: str, *args: object) -> Any:
        async with self.context() as ctx:
            return await ctx.db.fetchval(sql, self.tenant.id, *args)

    async def row(self, table: str, row_id: UUID) -> Any:
        async with self.context() as ctx:
            sql = f"select * from {table} where tenant_id = $1 and id = $2"
            return await ctx.db.fetchrow(sql, self.tenant.id, row_id)

    async def set_state(self, table: str, row_id: UUID, **columns: object) -> None:
        """Put a row into a state without going through the rules."""
        sets = ", ".join(f"{name} = ${i}" for i, name in enumerate(columns, start=3))
        async with self.context() as ctx:
            sql = f"update {table} set {sets} where tenant_id = $1 and id = $2"
            await ctx.db.execute(sql, self.tenant.id, row_id, *columns.values())

    async def books_agree(self) -> None:
        """The ledger is right, and every holder's balance is what is available and reserved."""
        assert (await verify(self.bench.database, self.tenant)).problems == []

    def runtime(self) -> Runtime:
        return Runtime(
            settings=Settings(data_dir=Path(), secret_key="test"),
            database=self.bench.database,
            catalogue=self.bench.catalogue,
            composition=self.bench.composition,
            clock=self.clock,
        )

    async def work(self, job: str) -> None:
        """Let a worker do a scheduled job and all that it puts down."""
        from linli.plugin import enqueue

        async with self.context() as ctx:
            await enqueue(ctx, job)
        _deliveries, jobs = dispatchers(self.runtime())
        for _ in range(3):
            await jobs.run_once()
        undone = (
            "select count(*) from jobs_job where tenant_id = $1 and status <> 'done' and name like 'points.%'"
        )
        assert await self.value(undone) == 0

    async def participant(self, someone: Someone) -> Participant:
        async with self.context() as ctx:
            return await rows.get(ctx, Participant, someone.id)


class Story:
    """The steps that most tests begin with, taken by either hand."""

    def __init__(self, world: World, hand: Hand) -> None:
        self.world = world
        self.act = hand.act

    async def draft(self, **values: Any) -> UUID:
        given = {
            "area_id": self.world.town.id,
            "name": "洗衣液",
            "kind": RewardKind.GOODS,
            "points": 10,
            **values,
        }
        return await self.act("createPointsReward", **given)

    async def reward(self, **values: Any) -> UUID:
        """A reward of ten points that is offered in the town."""
        return await self.act("offerPointsReward", id=await self.draft(**values))

    async def pool(self, *, residents: int = 100, **values: Any) -> UUID:
        """A pool of 150 fen for each of a hundred residents of the town."""
        given = {
            "area_id": self.world.town.id,
            "year": 2026,
            "residents": residents,
            "residents_as_of": date(2025, 12, 31),
            "source": "演示统计公报",
            **values,
        }
        return await self.act("openPointsPool", **given)

    async def reserved(
        self, someone: Someone, reward: UUID, actor: Actor | None = None, **values: Any
    ) -> UUID:
        return await self.act(
            "reservePointsRedemption", actor, participant_id=someone.id, reward_id=reward, **values
        )

    async def issued(self, someone: Someone, reward: UUID, **values: Any) -> UUID:
        """A voucher that the participant asked for and an officer issued."""
        made = await self.reserved(someone, reward, someone.actor, **values)
        return await self.act("issuePointsRedemption", id=made)

    async def number(self, redemption: UUID) -> str:
        return str((await self.world.row("points_redemption", redemption))["number"])

    async def fulfilled(self, redemption: UUID, actor: Actor | None = None) -> UUID:
        number = await self.number(redemption)
        return await self.act("fulfilPointsRedemption", actor or self.world.checker, number=number)

    async def offered(
        self,
        giver: Someone,
        receiver: Someone,
        points: int = 10,
        *,
        purpose: TransferPurpose = TransferPurpose.HOUSEHOLD,
        actor: Actor | None = None,
    ) -> UUID:
        return await self.act(
            "offerPointsTransfer",
            actor or giver.actor,
            from_participant_id=giver.id,
            to_participant_id=receiver.id,
            points=points,
            purpose=purpose,
        )


async def new_world(bench: Bench) -> World:
    tenant = await bench.tenant(plugins=["points"])
    town = await bench.area(tenant, "演示镇")
    return World(
        bench=bench,
        tenant=tenant,
        town=town,
        area=await bench.area(tenant, "演示社区", parent=town),
        elsewhere=await bench.area(tenant, "别的镇"),
        clock=FixedClock(NOON),
        officer=bench.actor(PERMISSIONS),
        checker=bench.actor(PERMISSIONS),
    )


@pytest_asyncio.fixture
async def world(bench: Bench) -> World:
    return await new_world(bench)


@pytest.fixture
def make_story(bench: Bench) -> Callable[[], Awaitable[Story]]:
    """Stories in tenants of their own, taken by the services, for tests that need many."""

    async def make() -> Story:
        return Story(made := await new_world(bench), ServiceHand(made, REPERTOIRE))

    return make


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
