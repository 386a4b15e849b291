"""A tenant with a pool, applicants, officers and experts, and a clock that stands; all steps go through the API."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.plugin import Actor, add_months, enqueue, organisations, people, rows
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli.worker import dispatchers
from linli_graphql.ids import from_global_id, to_global_id
from linli_graphql.testing import GraphQLBench, refusal, send, written
from linli_organisations import gradings, registrations
from linli_organisations.tables import Category
from linli_venture.money.tables import Pool
from linli_venture.money.terms import GiverKind, SourceKind

NOON = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
OPENS = NOON + timedelta(days=1)
CLOSES = NOON + timedelta(days=11)
REGISTERS = ("identity.organisation.read", "identity.person.read")
OFFICER = (
    *REGISTERS,
    "venture.need.read",
    "venture.need.write",
    "venture.call.read",
    "venture.call.write",
    "venture.call.publish",
    "venture.member.read",
    "venture.member.write",
    "venture.pool.read",
    "venture.proposal.read",
    "venture.proposal.check",
    "venture.expert.read",
    "venture.expert.write",
    "venture.review.manage",
    "venture.review.read",
    "venture.decision.read",
    "venture.decision.write",
    "venture.decision.confirm",
    "venture.objection.decide",
    "venture.pool.write",
    "venture.grant.read",
)
REVIEWER = ("venture.call.read", "venture.own.review")
APPLICANT = ("venture.call.read", "venture.need.read", "venture.own.apply", "identity.organisation.read")
DECLARATIONS = ("TRUE", "NOT_FUNDED", "PRIVACY")
LINES = (
    {"item": "社工服务", "quantity": 100, "unitPriceFen": 80_000, "unit": "次"},
    {"item": "物资", "quantity": 1, "unitPriceFen": 2_000_000},
)
TYPES = {
    "area_id": "Area",
    "pool_id": "VenturePool",
    "call_id": "VentureCall",
    "organisation_id": "Organisation",
    "person_id": "Person",
    "need_id": "VentureNeed",
    "proposal_id": "VentureProposal",
    "employer_id": "Organisation",
    "source_id": "VentureSource",
    "review_id": "VentureReview",
}


@dataclass(frozen=True)
class Applicant:
    """An organisation, and two people who act for it."""

    organisation_id: UUID
    writer: Actor
    colleague: Actor


@dataclass(frozen=True)
class Reviewer:
    """An expert, the code that stands for them, and the actor that they are."""

    expert_id: UUID
    code: str
    actor: Actor


@dataclass
class World:
    """A tenant on 6 May 2026 at noon, local time; the call of most tests opens a day later for ten days."""

    bench: Bench
    api: GraphQLBench
    tenant: Tenant
    town: BenchArea
    elsewhere: BenchArea
    clock: FixedClock
    officer: Actor
    second: Actor
    third: Actor
    pool_id: UUID
    category_id: UUID
    serial: int = 0
    versions: dict[UUID, int] = field(default_factory=dict)

    def context(self, actor: Actor | None = None, **options: Any) -> Any:
        given = {"actor": actor} if actor else {}
        return self.bench.context(self.tenant, clock=self.clock, **given, **options)

    def at(self, moment: datetime) -> None:
        """Let it be this moment."""
        self.clock = FixedClock(moment)
        self.api.runtime.clock = self.clock

    def resident(self, person_id: UUID, permissions: tuple[str, ...] = APPLICANT) -> Actor:
        return replace(self.bench.actor(permissions), person_id=person_id)

    async def ask(self, actor: Actor, document: str, **variables: Any) -> Any:
        outcome = await self.api.execute(self.tenant, actor, document, variables)
        assert not outcome.errors, outcome.errors
        return outcome.data

    async def act(
        self,
        name: str,
        actor: Actor,
        /,
        *,
        takes: str = "",
        gives: str,
        shows: str = "id version",
        **values: Any,
    ) -> Any:
        """Send a mutation; gives the fields that are shown. Raises: Refused."""
        found = await send(
            self.api,
            self.tenant,
            actor,
            name,
            takes=takes or f"{name[0].upper()}{name[1:]}Input",
            gives=gives,
            shows=shows,
            values={key: written(value, key, TYPES, gives) for key, value in values.items()},
        )
        if found and "version" in found:
            self.versions[local(found)] = found["version"]
        return found

    async def value(self, sql: str, *arguments: object) -> Any:
        async with self.context() as ctx:
            return await ctx.db.fetchval(sql, self.tenant.id, *arguments)

    async def put(self, table: str, row_id: UUID, **columns: object) -> None:
        """Put a row into a state without going through the rules."""
        sets = ", ".join(f"{name} = ${i}" for i, name in enumerate(columns, start=3))
        async with self.context() as ctx:
            sql = f"update {table} set {sets} where tenant_id = $1 and id = $2"
            await ctx.db.execute(sql, self.tenant.id, row_id, *columns.values())

    async def work(self, job: str) -> None:
        """Let a worker do a scheduled job."""
        async with self.context() as ctx:
            await enqueue(ctx, job)
        _deliveries, jobs = dispatchers(self.api.runtime)
        for _ in range(3):
            await jobs.run_once()
        sql = "select count(*) from jobs_job where tenant_id = $1 and status <> 'done' and name = $2"
        assert await self.value(sql, job) == 0

    async def person(self, name: str = "演示申报人") -> UUID:
        async with self.context() as ctx:
            made = await people.register(ctx, area_id=self.town.id, full_name=name, synthetic=True)
        return UUID(str(made.id))

    async def organisation(
        self, *, grade: str | None = None, registered: bool = True, area: BenchArea | None = None
    ) -> UUID:
        """An organisation that is registered since 2020, with a grade of last year when one is named."""
        self.serial += 1
        async with self.context() as ctx:
            made = await organisations.register(
                ctx,
                area_id=(area or self.town).id,
                name=f"演示服务中心{self.serial}",
                kind="social_organisation",
                synthetic=True,
            )
            if registered:
                entry = await registrations.apply(
                    ctx,
                    organisation_id=made.id,
                    track="registration",
                    kind="private_non_enterprise",
                    category_id=self.category_id,
                    scope="社区服务",
                )
                await registrations.accept(ctx, entry.id)
                await registrations.approve(
                    ctx, entry.id, number=f"演示{self.serial}", entered_on=date(2020, 1, 1)
                )
            if grade:
                await self.graded(ctx, entry.id, grade, add_months(ctx.today(), -12))
        return UUID(str(made.id))

    async def graded(self, ctx: Any, entry_id: UUID, grade: str, day: date) -> None:
        drafted = await gradings.draft(
            ctx,
            entry_id,
            grade=grade,
            score=900,
            assessed_on=day,
            assessors=[gradings.AssessorEntry(has_interest=False, name="演示专家")],
        )
        await gradings.publish_grade(ctx, drafted.id, published_on=day)

    async def applicant(self, **given: Any) -> Applicant:
        organisation_id = await self.organisation(**given)
        actors = []
        for name in ("演示执笔人", "演示同事"):
            person_id = await self.person(name)
            await self.act(
                "addVentureMember",
                self.officer,
                gives="VentureMember",
                organisation_id=organisation_id,
                person_id=person_id,
            )
            actors.append(self.resident(person_id))
        return Applicant(organisation_id, *actors)

    async def fund(self, fen: int, category: str | None = None) -> None:
        """Let the pool get money for a category, or for any."""
        self.serial += 1
        source = await self.act(
            "addVentureSource",
            self.officer,
            gives="VentureSource",
            pool_id=self.pool_id,
            kind=SourceKind.FISCAL,
            name=f"演示财政资金 {self.serial}",
            **({"category": category} if category else {}),
        )
        await self.act(
            "receiveVentureMoney",
            self.officer,
            gives="VentureReceipt",
            source_id=local(source),
            giver_kind=GiverKind.GOVERNMENT,
            giver="演示财政局",
            amount_fen=fen,
            received_on=date(2026, 5, 6),
            basis=f"演示拨款 {fen}",
        )

    async def expert(self, expertise: tuple[str, ...] = ("为老", "助残"), **given: Any) -> Reviewer:
        person_id = await self.person("演示专家")
        made = await self.act(
            "enterVentureExpert",
            self.officer,
            gives="VentureExpert",
            shows="id code",
            area_id=None,
            person_id=person_id,
            expertise=list(expertise),
            **given,
        )
        return Reviewer(local(made), made["code"], self.resident(person_id, REVIEWER))


@dataclass
class Story:
    """The steps with which most tests begin."""

    world: World

    async def drafted(self, **given: Any) -> UUID:
        """The draft of a call, by the officer."""
        world = self.world
        values = {
            "area_id": world.town.id,
            "title": "社区公益创投",
            "pool_id": world.pool_id,
            "opens_at": OPENS,
            "closes_at": CLOSES,
            "categories": ["为老", "助残"],
            **given,
        }
        return local(await world.act("draftVentureCall", world.officer, gives="VentureCall", **values))

    async def published(self, **given: Any) -> UUID:
        """A call that the second officer published."""
        call = await self.drafted(**given)
        await self.step("publishVentureCall", self.world.second, call)
        return call

    async def open(self, **given: Any) -> UUID:
        """A call that opens at this moment."""
        call = await self.published(**given)
        self.world.at(OPENS)
        return call

    async def step(
        self, name: str, actor: Actor, row_id: UUID, gives: str = "VentureCall", **more: Any
    ) -> Any:
        """A step that takes nothing but an id."""
        return await self.world.act(
            name, actor, takes="VentureStepInput", gives=gives, shows="id version state", id=row_id, **more
        )

    async def reason(
        self, name: str, actor: Actor, row_id: UUID, gives: str = "VentureCall", **more: Any
    ) -> Any:
        """A step that takes a reason."""
        values = {"reason": "演示理由", **more}
        return await self.world.act(
            name,
            actor,
            takes="VentureReasonInput",
            gives=gives,
            shows="id version state",
            id=row_id,
            **values,
        )

    async def begun(self, call: UUID, applicant: Applicant, title: str = "银龄守护") -> UUID:
        """The empty draft of a proposal."""
        return local(
            await self.world.act(
                "draftVentureProposal",
                applicant.writer,
                gives="VentureProposal",
                call_id=call,
                organisation_id=applicant.organisation_id,
                title=title,
            )
        )

    async def change(self, proposal: UUID, actor: Actor, **changes: Any) -> None:
        version = self.world.versions[proposal]
        await self.world.act(
            "updateVentureProposal",
            actor,
            gives="VentureProposal",
            id=proposal,
            expected_version=version,
            **changes,
        )

    async def budget(self, proposal: UUID, actor: Actor, lines: Any = LINES) -> None:
        await self.world.act(
            "putVentureBudget",
            actor,
            gives="VentureProposal",
            id=proposal,
            expected_version=self.world.versions[proposal],
            lines=list(lines),
        )

    async def written(
        self, call: UUID, applicant: Applicant, title: str = "银龄守护", **changes: Any
    ) -> UUID:
        """A complete draft: a budget of 100,000 yuan, of which 40,000 are own funds."""
        proposal = await self.begun(call, applicant, title)
        given = {
            "category": "为老",
            "summary": "每周上门探访独居老人。",
            "needs_text": "社区独居老人多。",
            "plan_text": "招募志愿者\n每周探访",
            "starts_on": date(2026, 7, 1),
            "ends_on": date(2027, 6, 30),
            "own_funds_fen": 4_000_000,
            **changes,
        }
        await self.change(proposal, applicant.writer, **given)
        await self.budget(proposal, applicant.colleague)
        return proposal

    async def submit(self, proposal: UUID, actor: Actor, declarations: Any = DECLARATIONS) -> Any:
        return await self.world.act(
            "submitVentureProposal",
            actor,
            gives="VentureProposal",
            shows="id version state number",
            id=proposal,
            expected_version=self.world.versions[proposal],
            declarations=list(declarations),
        )

    async def submitted(
        self, call: UUID, applicant: Applicant, title: str = "银龄守护", **changes: Any
    ) -> UUID:
        proposal = await self.written(call, applicant, title, **changes)
        await self.submit(proposal, applicant.colleague)
        return proposal

    async def eligible(
        self, call: UUID, applicant: Applicant, title: str = "银龄守护", **changes: Any
    ) -> UUID:
        proposal = await self.submitted(call, applicant, title, **changes)
        await self.step("acceptVentureProposal", self.world.officer, proposal, "VentureProposal")
        return proposal

    async def closed(self, applicants: Any, **given: Any) -> tuple[UUID, list[UUID]]:
        """A closed call with an eligible proposal of each applicant."""
        call = await self.open(**given)
        proposals = [await self.eligible(call, one) for one in applicants]
        self.world.at(CLOSES + timedelta(seconds=1))
        await self.step("closeVentureCall", self.world.officer, call)
        return call, proposals

    async def drawn(self, applicants: Any, **given: Any) -> tuple[UUID, list[UUID]]:
        """A call whose reviewers were drawn."""
        call, proposals = await self.closed(applicants, **given)
        await self.step("drawVentureReviewers", self.world.officer, call)
        return call, proposals

    async def declare(self, call: UUID, reviewer: Reviewer, interests: Any = ()) -> Any:
        return await self.world.act(
            "declareVentureInterests",
            reviewer.actor,
            gives="VentureInterestDeclaration",
            call_id=call,
            interests=[
                {"organisationId": to_global_id("Organisation", one), "kind": "PARTNERSHIP"}
                for one in interests
            ],
        )

    async def score(self, review: UUID, reviewer: Reviewer, points: Any = 80, **given: Any) -> Any:
        """Submit a sheet: the same points for each criterion, or these."""
        keys = ("needs", "plan", "budget", "team", "innovation", "sustainability", "risk")
        sheet = points if isinstance(points, dict) else dict.fromkeys(keys, points)
        return await self.world.act(
            "submitVentureScores",
            reviewer.actor,
            gives="VentureReview",
            shows="id version state",
            id=review,
            points=[{"key": key, "points": value} for key, value in sheet.items()],
            **given,
        )

    async def reviews_of(self, reviewer: Reviewer, state: str = "") -> list[UUID]:
        """A reviewer's own reviews, as the reviewer sees them."""
        found = await self.world.ask(
            reviewer.actor, "{ ventureReviews(first: 100) { nodes { id state proposal { id } } } }"
        )
        nodes = found["ventureReviews"]["nodes"]
        assert all(one["proposal"] is None for one in nodes)
        return [local(one) for one in nodes if not state or one["state"] == state]

    async def ranked(
        self, applicants: Any, experts: Any, points: Any = lambda _proposal, _code: 80, **given: Any
    ) -> tuple[UUID, list[UUID]]:
        """A call that was drawn, declared, scored by `points(proposal, code)` and ranked."""
        call, proposals = await self.drawn(applicants, **given)
        for reviewer in experts:
            if not await self.reviews_of(reviewer):
                continue
            await self.declare(call, reviewer)
            for review in await self.reviews_of(reviewer, "DECLARED"):
                proposal = await self.world.value(
                    "select proposal_id from venture_review where tenant_id = $1 and id = $2", review
                )
                await self.score(review, reviewer, points(UUID(str(proposal)), reviewer.code))
        await self.step("rankVentureCall", self.world.officer, call)
        return call, proposals

    async def propose(self, call: UUID, outcomes: Any, actor: Actor | None = None, **given: Any) -> UUID:
        """Propose a decision: `outcomes` are `(proposal, kind)`, or with further fields."""
        made = await self.world.act(
            "proposeVentureDecision",
            actor or self.world.officer,
            gives="VentureDecision",
            call_id=call,
            outcomes=[
                {"proposalId": to_global_id("VentureProposal", one[0]), "kind": one[1], **_further(one)}
                for one in outcomes
            ],
            **given,
        )
        return local(made)

    async def announced(self, call: UUID, outcomes: Any, **given: Any) -> UUID:
        decision = await self.propose(call, outcomes, **given)
        await self.step("announceVentureDecision", self.world.second, decision, "VentureDecision")
        return decision

    async def concluded(self, call: UUID, outcomes: Any, **given: Any) -> UUID:
        """A decision that was proposed, announced and concluded three weeks later."""
        decision = await self.announced(call, outcomes, **given)
        self.world.at(self.world.clock.now() + timedelta(days=21))
        await self.step("concludeVentureDecision", self.world.second, decision, "VentureDecision")
        return decision


def _further(outcome: Any) -> dict[str, Any]:
    """A rejection has a reason, whatever else is said."""
    given = outcome[2] if len(outcome) > 2 else {}
    return {"reason": "名次靠后", **given} if outcome[1] == "REJECT" else given


def local(node: dict[str, Any]) -> UUID:
    return from_global_id(node["id"])[1]


@pytest_asyncio.fixture
async def world(bench: Bench, api: GraphQLBench) -> World:
    tenant = await bench.tenant(plugins=["organisations", "venture"])
    town = await bench.area(tenant, "演示镇")
    clock = FixedClock(NOON)
    api.runtime.clock = clock
    async with bench.context(tenant, clock=clock) as ctx:
        pool = await rows.insert(
            ctx, Pool, area_id=town.id, area_path=town.path, title="2026 年公益创投", year=2026
        )
        category = await rows.insert(ctx, Category, key="care", name_zh="社区服务", name_en="Care")
    return World(
        bench=bench,
        api=api,
        tenant=tenant,
        town=town,
        elsewhere=await bench.area(tenant, "别的镇"),
        clock=clock,
        officer=bench.actor(OFFICER),
        second=bench.actor(OFFICER),
        third=bench.actor(OFFICER),
        pool_id=UUID(str(pool.id)),
        category_id=UUID(str(category.id)),
    )


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


@pytest.fixture
def refused() -> Any:
    """The code with which a step is refused; fails the test when it is not."""

    async def code(step: Any) -> str:
        return (await refusal(step))[0]

    return code
