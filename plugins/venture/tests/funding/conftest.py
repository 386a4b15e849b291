"""A tenant with a pool, organisations, officers and a clock that stands, and two ways to act in it."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.files.disk import DiskStore
from linli.ids import new_id
from linli.ledger.verify import verify
from linli.plugin import Actor, files, organisations, people, rows
from linli.runtime import Runtime
from linli.settings import Settings
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli.worker import dispatchers
from linli_graphql.testing import Act, ApiHand, GraphQLBench, Hand, Refused, Repertoire, ServiceHand
from linli_venture.calls.tables import Call
from linli_venture.decisions.tables import Decision
from linli_venture.grants import (
    appraising,
    changes,
    contracts,
    ending,
    objections,
    paying,
    refunding,
    spending,
)
from linli_venture.grants import milestones as showing
from linli_venture.grants.contracts import LineGiven, MilestoneGiven
from linli_venture.grants.opening import award
from linli_venture.grants.terms import AppraisalKind
from linli_venture.money import carrying, pools, sources
from linli_venture.money.accounts import ROLES
from linli_venture.money.terms import GiverKind, SourceKind
from linli_venture.proposals.applicants import add_member
from linli_venture.proposals.tables import Proposal

NOON = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
TODAY = date(2026, 5, 6)
TITLE = "演示:社区老人助餐"
GRANT_FEN = 100_000
PERMISSIONS = [
    "venture.pool.read",
    "venture.pool.write",
    *(f"venture.grant.{verb}" for verb in ("read", "write", "report", "verify", "pay", "appraise", "audit")),
    "venture.objection.decide",
    "identity.person.read",
    "identity.organisation.read",
    "identity.organisation.write",
    "ledger.account.read",
    "ledger.entry.read",
    "areas.area.read",
]
GRANT, STEP, REASON = "VentureGrant", "VentureGrantStepInput", "VentureGrantReasonInput"
CARRIED = "VentureCarryOver"
REFUND, OBJECTION = "VentureRefund", "VentureTerminationObjection"
ACTS = {
    "openVenturePool": Act(pools.open_pool, "VenturePool", "OpenVenturePoolInput"),
    "closeVenturePool": Act(pools.close_pool, "VenturePool", "CloseVenturePoolInput"),
    "addVentureSource": Act(sources.add, "VentureSource", "AddVentureSourceInput"),
    "receiveVentureMoney": Act(sources.receive, "VentureReceipt", "ReceiveVentureMoneyInput"),
    "cancelVentureReceipt": Act(sources.cancel, "VentureReceipt", "CancelVentureReceiptInput"),
    "carryOverVentureMoney": Act(carrying.carry_over, CARRIED, "CarryOverVentureMoneyInput"),
    "cancelVentureCarryOver": Act(carrying.cancel, CARRIED, "CancelVentureCarryOverInput"),
    "prepareVentureContract": Act(contracts.prepare, GRANT, "PrepareVentureContractInput"),
    "signVentureContract": Act(contracts.sign, GRANT, STEP),
    "declineVentureGrant": Act(contracts.decline, GRANT, REASON),
    "startVentureGrant": Act(contracts.start, GRANT, STEP),
    "suspendVentureGrant": Act(ending.suspend, GRANT, REASON),
    "resumeVentureGrant": Act(ending.resume, GRANT, STEP),
    "finishVentureGrant": Act(ending.finish, GRANT, STEP),
    "closeVentureGrant": Act(ending.close, GRANT, STEP),
    "terminateVentureGrant": Act(ending.terminate, GRANT, "TerminateVentureGrantInput"),
    "submitVentureMilestone": Act(showing.submit, "VentureMilestone", "SubmitVentureMilestoneInput"),
    "verifyVentureMilestone": Act(showing.verify, "VentureMilestone", STEP),
    "returnVentureMilestone": Act(showing.send_back, "VentureMilestone", REASON),
    "payVentureTranche": Act(paying.pay, "VenturePayment", STEP, about="VentureMilestone"),
    "takeBackVentureMoney": Act(refunding.take_back, REFUND, "TakeBackVentureMoneyInput", about=GRANT),
    "confirmVentureRefund": Act(refunding.confirm, REFUND, STEP),
    "rejectVentureRefund": Act(refunding.reject, REFUND, REASON),
    "reverseVentureRefund": Act(refunding.reverse, REFUND, REASON),
    "objectToVentureTermination": Act(objections.object_to_termination, OBJECTION, REASON, about=GRANT),
    "decideVentureTerminationObjection": Act(objections.decide, OBJECTION, "DecideVentureObjectionInput"),
    "withdrawVentureTerminationObjection": Act(objections.withdraw, OBJECTION, STEP),
    "enterVentureExpenditure": Act(spending.enter, "VentureExpenditure", "EnterVentureExpenditureInput"),
    "verifyVentureExpenditure": Act(spending.verify, "VentureExpenditure", STEP),
    "rejectVentureExpenditure": Act(spending.reject, "VentureExpenditure", REASON),
    "proposeVentureChange": Act(changes.propose, "VentureChange", "ProposeVentureChangeInput"),
    "approveVentureChange": Act(changes.approve, "VentureChange", STEP),
    "rejectVentureChange": Act(changes.reject, "VentureChange", REASON),
    "withdrawVentureChange": Act(changes.withdraw, "VentureChange", STEP),
    "appraiseVentureGrant": Act(appraising.appraise, "VentureAppraisal", "AppraiseVentureGrantInput"),
    "auditVentureGrant": Act(appraising.record_audit, "VentureAudit", "AuditVentureGrantInput"),
}
ID_TYPES = {
    "area_id": "Area",
    "pool_id": "VenturePool",
    "source_id": "VentureSource",
    "organisation_id": "Organisation",
    "person_id": "Person",
    "grant_id": "VentureGrant",
    "line_id": "VentureGrantLine",
    "milestone_id": "VentureMilestone",
}
REPERTOIRE = Repertoire(ACTS, ID_TYPES)


@dataclass(frozen=True)
class Project:
    """A proposal that won in a call of its own, by a decision."""

    call: Call
    proposal: Proposal
    decision: Decision

    @property
    def organisation_id(self) -> UUID:
        return UUID(str(self.proposal.organisation_id))


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

    async def person(self, name: str = "演示申报人") -> UUID:
        async with self.context(self.bench.actor(["identity.person.write"])) as ctx:
            made = await people.register(ctx, area_id=self.area.id, full_name=name, synthetic=True)
        return UUID(str(made.id))

    async def member(self, organisation_id: UUID) -> Actor:
        """Somebody who acts for an organisation, and may do no more than residents may."""
        person_id = await self.person()
        rights = ["venture.member.write", "identity.organisation.read", "identity.person.read"]
        async with self.context(self.bench.actor(rights)) as ctx:
            await add_member(ctx, organisation_id=organisation_id, person_id=person_id)
        return replace(self.bench.actor(["venture.own.apply", "venture.call.read"]), person_id=person_id)

    async def deliver(self) -> None:
        """Let a worker deliver what was told."""
        runtime = Runtime(
            settings=Settings(data_dir=Path(), secret_key="test"),
            database=self.bench.database,
            catalogue=self.bench.catalogue,
            composition=self.bench.composition,
            clock=self.clock,
        )
        deliveries, _jobs = dispatchers(runtime)
        undone = "select count(*) from events_delivery where tenant_id = $1 and status <> 'done'"
        for _ in range(20):
            await deliveries.run_once()
            if await self.value(undone) == 0:
                return
        pytest.fail("events were not delivered")

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

    async def project(
        self,
        pool: UUID,
        *,
        organisation_id: UUID | None = None,
        title: str = TITLE,
        category: str = "elderly",
        shares: tuple[int, ...] = (50, 40, 10),
        **terms: Any,
    ) -> Project:
        """A call, with further terms, and a proposal that won in it, put down without going through the rules."""
        unit, area = organisation_id or await self.world.unit(), self.world.area
        place = {"area_id": area.id, "area_path": area.path}
        async with self.world.context() as ctx:
            call = await rows.insert(
                ctx,
                Call,
                **place,
                title="演示公益创投公告",
                pool_id=pool,
                opens_at=NOON,
                closes_at=NOON + timedelta(days=10),
                cap_fen=50_000_000,
                grant_percent_max=60,
                categories=[category],
                tranche_shares=list(shares),
                reviews_min=5,
                notice_days=5,
                correction_days=5,
                **terms,
            )
            proposal = await rows.insert(
                ctx,
                Proposal,
                **place,
                call_id=call.id,
                organisation_id=unit,
                title=title,
                category=category,
                own_funds_fen=40_000,
            )
            decision = await rows.insert(
                ctx, Decision, **place, call_id=call.id, state="concluded", awarded_fen=0
            )
        return Project(call, proposal, decision)

    async def award(self, project: Project, fen: int, actor: Actor | None = None) -> UUID:
        """What a decision does with its award."""
        async with self.world.context(actor) as ctx:
            grant = await award(
                ctx,
                call=project.call,
                proposal=project.proposal,
                amount_fen=fen,
                decision_id=project.decision.id,
            )
        return UUID(str(grant.id))

    async def awarded(self, fen: int = GRANT_FEN, **values: Any) -> UUID:
        """A grant from a pool that has a special fund of 10,000 fen for it, and public money."""
        pool = await self.pool()
        await self.source(pool, 10_000, kind=SourceKind.SPECIAL_FUND, name="助老专项基金", category="elderly")
        await self.source(pool, max(fen, 1) * 2)
        return await self.award(await self.project(pool, **values), fen)

    async def prepared(self, grant: UUID, **values: Any) -> UUID:
        fen = (await self.world.row("venture_grant", grant))["amount_fen"]
        given = {
            "starts_on": TODAY,
            "ends_on": date(2026, 12, 31),
            "lines": self.lines(fen - fen // 4, fen // 4),
            "milestones": self.milestones(),
            **values,
        }
        return await self.act("prepareVentureContract", id=grant, **given)

    async def signed(self, fen: int = GRANT_FEN, **values: Any) -> UUID:
        grant = await self.prepared(await self.awarded(fen, **values))
        return await self.act("signVentureContract", self.world.second, id=grant)

    async def active(self, fen: int = GRANT_FEN, **values: Any) -> UUID:
        return await self.act("startVentureGrant", id=await self.signed(fen, **values))

    @staticmethod
    def lines(*amounts: int) -> list[LineGiven]:
        return [LineGiven(f"科目{place}", fen) for place, fen in enumerate(amounts, start=1)]

    @staticmethod
    def milestones(*shares: int) -> list[MilestoneGiven]:
        days = (date(2026, 6, 1), date(2026, 9, 1), date(2026, 12, 1))
        return [
            MilestoneGiven(f"节点{place}", share, day)
            for place, (share, day) in enumerate(zip(shares or (50, 40, 10), days, strict=False), start=1)
        ]

    async def milestone(self, grant: UUID, number: int) -> UUID:
        sql = "select id from venture_milestone where tenant_id = $1 and grant_id = $2 and number = $3"
        return UUID(str(await self.world.value(sql, grant, number)))

    async def line(self, grant: UUID, place: int = 1) -> UUID:
        sql = "select id from venture_grant_line where tenant_id = $1 and grant_id = $2 and place = $3"
        return UUID(str(await self.world.value(sql, grant, place)))

    async def attach(self, kind: str, owner: UUID, actor: Actor | None = None) -> None:
        async with self.world.context(actor) as ctx:
            content = io.BytesIO("演示材料".encode())
            await files.attach(ctx, content, kind=kind, owner_id=owner, name="材料.txt")

    async def submitted(self, milestone: UUID) -> UUID:
        await self.attach("venture.evidence", milestone)
        return await self.act("submitVentureMilestone", id=milestone, report="已完成")

    async def verified(self, grant: UUID, number: int) -> UUID:
        """A milestone that the officer showed and the second verified."""
        milestone = await self.submitted(await self.milestone(grant, number))
        return await self.act("verifyVentureMilestone", self.world.second, id=milestone)

    async def paid(self, grant: UUID, number: int) -> UUID:
        return await self.act("payVentureTranche", self.world.third, id=await self.verified(grant, number))

    async def entered(self, line: UUID, fen: int, **values: Any) -> UUID:
        given = {
            "line_id": line,
            "amount_fen": fen,
            "spent_on": TODAY,
            "item": "演示物资",
            "receipt_number": f"演示票据 {new_id()}",
            **values,
        }
        return await self.act("enterVentureExpenditure", **given)

    async def spent(self, line: UUID, fen: int, **values: Any) -> UUID:
        """An expenditure that the officer entered and the second verified."""
        made = await self.entered(line, fen, **values)
        await self.attach("venture.receipt", made)
        return await self.act("verifyVentureExpenditure", self.world.second, id=made)

    async def given_back(self, grant: UUID, fen: int, basis: str = "银行回单 1", **values: Any) -> UUID:
        """A refund that the officer recorded and the second confirmed."""
        given = {"amount_fen": fen, "received_on": TODAY, "basis": basis, **values}
        made = await self.act("takeBackVentureMoney", id=grant, **given)
        return await self.act("confirmVentureRefund", self.world.second, id=made)

    async def terminated(self, grant: UUID, **values: Any) -> UUID:
        """A grant that the officer terminated."""
        given = {"reason": "挪用资助款", "rule": "管理办法 2026 第 12 条", **values}
        return await self.act("terminateVentureGrant", id=grant, **given)

    async def grantee(self, grant: UUID) -> Actor:
        """Somebody who acts for the organisation of a grant."""
        return await self.world.member((await self.world.row("venture_grant", grant))["organisation_id"])

    async def finished(self, fen: int = GRANT_FEN, *, spent: int = 0) -> UUID:
        """A grant of which all but the last tranche are paid and the work is done; so much was spent."""
        grant = await self.active(fen)
        await self.paid(grant, 1)
        await self.paid(grant, 2)
        if spent:
            await self.spent(await self.line(grant), spent)
        return await self.act("finishVentureGrant", id=grant)

    async def audited(self, grant: UUID, accepted: int) -> None:
        """Appraised and audited by the fourth."""
        fourth = self.world.fourth
        await self.act(
            "appraiseVentureGrant",
            fourth,
            grant_id=grant,
            kind=AppraisalKind.FINAL,
            score=92,
            summary="完成良好",
        )
        await self.act(
            "auditVentureGrant",
            fourth,
            grant_id=grant,
            auditor="演示会计师事务所",
            report_number="演审〔2026〕1号",
            accepted_fen=accepted,
            opinion="账目清楚",
            audited_on=TODAY,
        )


class Api(ApiHand):
    """Writes lists of dataclasses as inputs."""

    def _written(self, act: Act, key: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self._written(act, key, one) for one in value]
        if is_dataclass(value) and not isinstance(value, type):
            given = {name: self._written(act, name, one) for name, one in asdict(value).items()}
            return {_camel(name): one for name, one in given.items()}
        return super()._written(act, key, value)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


async def new_world(bench: Bench, folder: Path) -> World:
    bench.database.store = DiskStore(folder)
    tenant = await bench.tenant(plugins=["organisations", "venture"])
    return World(
        bench,
        tenant,
        await bench.area(tenant, "演示社区"),
        await bench.area(tenant, "别的社区"),
        FixedClock(NOON),
        *(bench.actor(PERMISSIONS) for _ in range(4)),
    )


@pytest_asyncio.fixture
async def world(bench: Bench, tmp_path: Path) -> World:
    return await new_world(bench, tmp_path)


@pytest.fixture(params=["service", "api"])
def hand(request: pytest.FixtureRequest, world: World, api: GraphQLBench) -> Hand:
    return ServiceHand(world, REPERTOIRE) if request.param == "service" else Api(world, REPERTOIRE, api)


@pytest.fixture
def story(world: World, hand: Hand) -> Story:
    return Story(world, hand)


@pytest.fixture
def make_story(bench: Bench, tmp_path: Path) -> Callable[[], Awaitable[Story]]:
    """Stories in tenants of their own, taken by the services, for tests that need many."""

    async def make() -> Story:
        made = await new_world(bench, tmp_path)
        return Story(made, ServiceHand(made, REPERTOIRE))

    return make


@pytest.fixture
def api_story(world: World, api: GraphQLBench) -> Story:
    """The steps taken through the API only."""
    return Story(world, Api(world, REPERTOIRE, api))


@pytest.fixture
def quick(world: World) -> Story:
    """The steps taken by the services only, for tests that are about something else."""
    return Story(world, ServiceHand(world, REPERTOIRE))


@pytest.fixture
def refused() -> type[Refused]:
    return Refused
