"""A tenant with a street, people, officers and a clock that stands, and two ways to act in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.plugin import Actor, LinliError, people
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli_graphql.ids import from_global_id, to_global_id
from linli_graphql.testing import GraphQLBench
from linli_social_workers import allowances, education, exams, figures, posts, practice, registrations

NOON = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
RESIDENT = ["social_workers.own.take_part"]
R, S, E = "SocialWorkerRegistration", "SocialWorkerStepInput", "SocialWorkerReasonInput"
RUN = "SocialWorkerAllowanceRun"
Service = Callable[..., Awaitable[Any]]
ACTIONS: dict[str, tuple[Service, str, str]] = {
    "recordSocialWorkerExamResult": (
        exams.record_result,
        "SocialWorkerExamResult",
        "RecordSocialWorkerExamResultInput",
    ),
    "correctSocialWorkerExamResult": (
        exams.correct_result,
        "SocialWorkerExamResult",
        "CorrectSocialWorkerExamResultInput",
    ),
    "setSocialWorkerPassMark": (exams.set_pass_mark, "SocialWorkerPassMark", "SetSocialWorkerPassMarkInput"),
    "certifySocialWorker": (exams.certify, "SocialWorkerCertificate", "CertifySocialWorkerInput"),
    "recogniseSocialWorkerCertificate": (
        exams.recognise,
        "SocialWorkerCertificate",
        "RecogniseSocialWorkerCertificateInput",
    ),
    "revokeSocialWorkerCertificate": (
        exams.revoke,
        "SocialWorkerCertificate",
        "RevokeSocialWorkerCertificateInput",
    ),
    "applyForSocialWorkerRegistration": (registrations.apply, R, "ApplyForSocialWorkerRegistrationInput"),
    "reviewSocialWorkerRegistration": (registrations.review, R, S),
    "registerSocialWorker": (registrations.register, R, "RegisterSocialWorkerInput"),
    "refuseSocialWorkerRegistration": (registrations.refuse, R, E),
    "withdrawSocialWorkerRegistration": (registrations.withdraw, R, S),
    "suspendSocialWorkerRegistration": (registrations.suspend, R, "SuspendSocialWorkerRegistrationInput"),
    "restoreSocialWorkerRegistration": (registrations.restore, R, "RestoreSocialWorkerRegistrationInput"),
    "cancelSocialWorkerRegistration": (registrations.cancel, R, "CancelSocialWorkerRegistrationInput"),
    "applyForSocialWorkerRenewal": (registrations.apply_for_renewal, "SocialWorkerRenewal", S),
    "renewSocialWorkerRegistration": (registrations.renew, "SocialWorkerRenewal", S),
    "refuseSocialWorkerRenewal": (registrations.refuse_renewal, "SocialWorkerRenewal", E),
    "claimSocialWorkerCredit": (education.claim, "SocialWorkerCredit", "ClaimSocialWorkerCreditInput"),
    "approveSocialWorkerCredit": (education.approve, "SocialWorkerCredit", S),
    "refuseSocialWorkerCredit": (education.refuse, "SocialWorkerCredit", E),
    "annulSocialWorkerCredit": (education.annul, "SocialWorkerCredit", E),
    "takeUpSocialWorkerPost": (posts.take_up, "SocialWorkerPost", "TakeUpSocialWorkerPostInput"),
    "leaveSocialWorkerPost": (posts.leave, "SocialWorkerPost", "LeaveSocialWorkerPostInput"),
    "licenseSocialWorker": (practice.license_solo, "SocialWorkerLicence", "LicenseSocialWorkerInput"),
    "revokeSocialWorkerLicence": (practice.revoke, "SocialWorkerLicence", E),
    "enterSocialWorkerPractice": (
        practice.practise,
        "SocialWorkerPractice",
        "EnterSocialWorkerPracticeInput",
    ),
    "enterSocialWorkerSupervision": (
        practice.supervise,
        "SocialWorkerSupervision",
        "EnterSocialWorkerSupervisionInput",
    ),
    "setSocialWorkerAllowanceRule": (
        allowances.set_rule,
        "SocialWorkerAllowanceRule",
        "SetSocialWorkerAllowanceRuleInput",
    ),
    "computeSocialWorkerAllowances": (allowances.compute, RUN, "ComputeSocialWorkerAllowancesInput"),
    "reviewSocialWorkerAllowances": (allowances.review, RUN, S),
    "approveSocialWorkerAllowances": (allowances.approve, RUN, S),
    "markSocialWorkerAllowancesExported": (allowances.mark_exported, RUN, S),
    "markSocialWorkerAllowancesPaid": (allowances.mark_paid, RUN, "MarkSocialWorkerAllowancesPaidInput"),
    "discardSocialWorkerAllowances": (allowances.discard, RUN, S),
    "setSocialWorkerTarget": (figures.set_target, "SocialWorkerTarget", "SetSocialWorkerTargetInput"),
}
# What a mutation is about, where it gives something else.
ABOUT = {"applyForSocialWorkerRenewal": R}
ID_TYPES = {
    "person_id": "Person",
    "supervisor_id": "Person",
    "area_id": "Area",
    "organisation_id": "Organisation",
    "certificate_id": "SocialWorkerCertificate",
}
ENUMS = ("level", "subject")


class Refused(Exception):
    """What either way of acting raises: the code and the last part of the path of a refusal."""

    def __init__(self, code: str, at: str) -> None:
        super().__init__(code, at)
        self.code = code
        self.at = at


@dataclass
class World:
    """A tenant at noon on 6 May 2026; four officers who may do everything."""

    bench: Bench
    tenant: Tenant
    area: BenchArea
    clock: FixedClock
    officer: Actor
    second: Actor
    third: Actor
    fourth: Actor

    def context(self, actor: Actor | None = None, **options: Any) -> Any:
        return self.bench.context(self.tenant, actor=actor or self.officer, clock=self.clock, **options)

    def as_system(self) -> Any:
        return self.bench.context(self.tenant, clock=self.clock)

    async def person(self, name: str = "演示社工", **values: Any) -> UUID:
        async with self.as_system() as ctx:
            person = await people.register(
                ctx, area_id=self.area.id, full_name=name, synthetic=True, **values
            )
        return person.id

    def resident(self, person_id: UUID) -> Actor:
        return replace(self.bench.actor(RESIDENT), person_id=person_id)

    def turn(self, day: str) -> None:
        """Put the clock to noon of a day in Shanghai."""
        at = datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC)
        self.clock.advance(at - self.clock.now())

    async def value(self, sql: str, *args: object) -> Any:
        async with self.as_system() as ctx:
            return await ctx.db.fetchval(sql, self.tenant.id, *args)

    async def set_state(self, table: str, row_id: UUID, **columns: object) -> None:
        """Put a row into a state without going through the rules."""
        sets = ", ".join(f"{name} = ${i}" for i, name in enumerate(columns, start=3))
        async with self.as_system() as ctx:
            sql = f"update {table} set {sets} where tenant_id = $1 and id = $2"
            await ctx.db.execute(sql, self.tenant.id, row_id, *columns.values())


class ServiceHand:
    """Acts by calling the services."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def act(self, name: str, /, actor: Actor | None = None, **values: Any) -> UUID:
        function, *_names = ACTIONS[name]
        places = [values.pop("id")] if "id" in values else []
        try:
            async with self.world.context(actor) as ctx:
                row = await function(ctx, *places, **values)
        except LinliError as error:
            raise Refused(error.code, str(error.path[-1]) if error.path else "") from error
        return UUID(str(row.id))


class ApiHand:
    """Acts through the API."""

    def __init__(self, world: World, api: GraphQLBench) -> None:
        self.world = world
        self.api = api
        api.runtime.clock = world.clock

    async def act(self, name: str, /, actor: Actor | None = None, **values: Any) -> UUID:
        _function, kind, input_type = ACTIONS[name]
        field = kind[0].lower() + kind[1:]
        document = (
            f"mutation($input: {input_type}!) {{ {name}(input: $input)"
            f" {{ {field} {{ id }} problems {{ code message path }} }} }}"
        )
        about = ABOUT.get(name, kind)
        given = {camel(key): self._plain(key, value, about) for key, value in values.items()}
        actor = actor or self.world.officer
        payload = (await self.api.execute(self.world.tenant, actor, document, {"input": given}))[name]
        if payload["problems"]:
            problem = payload["problems"][0]
            assert problem["message"] != f"problems.{problem['code']}", "there is no text for it"
            assert payload[field] is None
            raise Refused(problem["code"], snake(problem["path"][-1]) if problem["path"] else "")
        return from_global_id(payload[field]["id"])[1]

    @staticmethod
    def _plain(key: str, value: Any, kind: str) -> Any:
        if isinstance(value, UUID):
            return to_global_id(ID_TYPES.get(key, kind), value)
        if key in ENUMS and isinstance(value, str):
            return value.upper()
        return value.isoformat() if isinstance(value, date | datetime) else value


Hand = ServiceHand | ApiHand


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


class Story:
    """The steps that most tests begin with, taken by either hand."""

    def __init__(self, world: World, hand: Hand) -> None:
        self.world = world
        self.act = hand.act
        self._made = 0

    async def certificate(self, person_id: UUID | None = None, **values: Any) -> UUID:
        self._made += 1
        given = {
            "person_id": person_id or await self.world.person(),
            "level": "assistant",
            "number": f"ZS-{self.world.tenant.slug}-{self._made:04d}",
            "issued_on": date(2024, 10, 1),
            "passed_in": 2024,
            **values,
        }
        return await self.act("recogniseSocialWorkerCertificate", **given)

    async def applied(self, person_id: UUID | None = None, **values: Any) -> UUID:
        who = person_id or await self.world.person()
        certificate = await self.certificate(who, **values)
        return await self.act("applyForSocialWorkerRegistration", certificate_id=certificate, person_id=who)

    async def registered(
        self, person_id: UUID | None = None, *, valid_from: date | None = None, **values: Any
    ) -> UUID:
        registration = await self.applied(person_id, **values)
        await self.act("reviewSocialWorkerRegistration", self.world.second, id=registration)
        given = {"valid_from": valid_from} if valid_from else {}
        return await self.act("registerSocialWorker", self.world.third, id=registration, **given)

    async def hours(self, person_id: UUID, hours: int, completed_on: date) -> UUID:
        given = {"course": "社区工作", "provider": "培训中心", "evidence": "结业证"}
        credit = await self.act(
            "claimSocialWorkerCredit", person_id=person_id, hours=hours, completed_on=completed_on, **given
        )
        return await self.act("approveSocialWorkerCredit", self.world.second, id=credit)

    async def working(self, name: str = "演示社工", *, since: date = date(2026, 1, 1), **values: Any) -> UUID:
        """Somebody certified, registered and in a post since a day; gives the person."""
        person = await self.world.person(name)
        await self.registered(person, valid_from=since, **values)
        await self.act("takeUpSocialWorkerPost", person_id=person, area_id=self.world.area.id, from_on=since)
        return person

    async def paid(self, month: date) -> UUID:
        """A run of a month, from computed to paid."""
        run = await self.act("computeSocialWorkerAllowances", month=month)
        await self.act("reviewSocialWorkerAllowances", self.world.second, id=run)
        await self.act("approveSocialWorkerAllowances", self.world.third, id=run)
        await self.act("markSocialWorkerAllowancesExported", id=run)
        given = {"paid_on": self.world.clock.now().date(), "reference": "银行回单"}
        return await self.act("markSocialWorkerAllowancesPaid", id=run, **given)


@pytest_asyncio.fixture
async def world(bench: Bench) -> World:
    tenant = await bench.tenant(plugins=["social_workers"])
    area = await bench.area(tenant)
    everything = sorted(bench.composition.plugin_set(tenant.plugins).permissions)
    officers = [bench.actor(everything) for _ in range(4)]
    return World(bench, tenant, area, FixedClock(NOON), *officers)


@pytest.fixture(params=["service", "api"])
def hand(request: pytest.FixtureRequest, world: World, api: GraphQLBench) -> Hand:
    return ServiceHand(world) if request.param == "service" else ApiHand(world, api)


@pytest.fixture
def story(world: World, hand: Hand) -> Story:
    return Story(world, hand)


@pytest.fixture
def quick(world: World) -> Story:
    """The steps taken by the services only, for tests that are about something else."""
    return Story(world, ServiceHand(world))


@pytest.fixture
def refused() -> type[Refused]:
    return Refused
