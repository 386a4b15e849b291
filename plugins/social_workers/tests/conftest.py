"""A tenant with a street, people, officers and a clock that stands, and two ways to act in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.plugin import Actor, people
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli_graphql.testing import Act, ApiHand, GraphQLBench, Hand, Refused, Repertoire, ServiceHand
from linli_social_workers import (
    allowances,
    education,
    exams,
    figures,
    papers,
    posts,
    practice,
    registrations,
    renewals,
)

NOON = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
RESIDENT = ["social_workers.own.take_part"]
R, S, E = "SocialWorkerRegistration", "SocialWorkerStepInput", "SocialWorkerReasonInput"
RUN, P = "SocialWorkerAllowanceRun", "IssueSocialWorkerPaperInput"
ACTS = {
    "recordSocialWorkerExamResult": Act(
        exams.record_result, "SocialWorkerExamResult", "RecordSocialWorkerExamResultInput"
    ),
    "correctSocialWorkerExamResult": Act(
        exams.correct_result, "SocialWorkerExamResult", "CorrectSocialWorkerExamResultInput"
    ),
    "setSocialWorkerPassMark": Act(
        exams.set_pass_mark, "SocialWorkerPassMark", "SetSocialWorkerPassMarkInput"
    ),
    "certifySocialWorker": Act(exams.certify, "SocialWorkerCertificate", "CertifySocialWorkerInput"),
    "recogniseSocialWorkerCertificate": Act(
        exams.recognise, "SocialWorkerCertificate", "RecogniseSocialWorkerCertificateInput"
    ),
    "revokeSocialWorkerCertificate": Act(
        exams.revoke, "SocialWorkerCertificate", "RevokeSocialWorkerCertificateInput"
    ),
    "applyForSocialWorkerRegistration": Act(registrations.apply, R, "ApplyForSocialWorkerRegistrationInput"),
    "reviewSocialWorkerRegistration": Act(registrations.review, R, S),
    "registerSocialWorker": Act(registrations.register, R, "RegisterSocialWorkerInput"),
    "refuseSocialWorkerRegistration": Act(registrations.refuse, R, E),
    "withdrawSocialWorkerRegistration": Act(registrations.withdraw, R, S),
    "suspendSocialWorkerRegistration": Act(registrations.suspend, R, "SuspendSocialWorkerRegistrationInput"),
    "restoreSocialWorkerRegistration": Act(registrations.restore, R, "RestoreSocialWorkerRegistrationInput"),
    "cancelSocialWorkerRegistration": Act(registrations.cancel, R, "CancelSocialWorkerRegistrationInput"),
    "applyForSocialWorkerRenewal": Act(renewals.apply, "SocialWorkerRenewal", S, about=R),
    "renewSocialWorkerRegistration": Act(renewals.renew, "SocialWorkerRenewal", S),
    "refuseSocialWorkerRenewal": Act(renewals.refuse, "SocialWorkerRenewal", E),
    "claimSocialWorkerCredit": Act(education.claim, "SocialWorkerCredit", "ClaimSocialWorkerCreditInput"),
    "approveSocialWorkerCredit": Act(education.approve, "SocialWorkerCredit", S),
    "refuseSocialWorkerCredit": Act(education.refuse, "SocialWorkerCredit", E),
    "annulSocialWorkerCredit": Act(education.annul, "SocialWorkerCredit", E),
    "takeUpSocialWorkerPost": Act(posts.take_up, "SocialWorkerPost", "TakeUpSocialWorkerPostInput"),
    "leaveSocialWorkerPost": Act(posts.leave, "SocialWorkerPost", "LeaveSocialWorkerPostInput"),
    "licenseSocialWorker": Act(practice.license_solo, "SocialWorkerLicence", "LicenseSocialWorkerInput"),
    "revokeSocialWorkerLicence": Act(practice.revoke, "SocialWorkerLicence", E),
    "enterSocialWorkerPractice": Act(
        practice.practise, "SocialWorkerPractice", "EnterSocialWorkerPracticeInput"
    ),
    "enterSocialWorkerSupervision": Act(
        practice.supervise, "SocialWorkerSupervision", "EnterSocialWorkerSupervisionInput"
    ),
    "setSocialWorkerAllowanceRule": Act(
        allowances.set_rule, "SocialWorkerAllowanceRule", "SetSocialWorkerAllowanceRuleInput"
    ),
    "computeSocialWorkerAllowances": Act(allowances.compute, RUN, "ComputeSocialWorkerAllowancesInput"),
    "reviewSocialWorkerAllowances": Act(allowances.review, RUN, S),
    "approveSocialWorkerAllowances": Act(allowances.approve, RUN, S),
    "markSocialWorkerAllowancesExported": Act(allowances.mark_exported, RUN, S),
    "markSocialWorkerAllowancesPaid": Act(allowances.mark_paid, RUN, "MarkSocialWorkerAllowancesPaidInput"),
    "discardSocialWorkerAllowances": Act(allowances.discard, RUN, S),
    "issueSocialWorkerCard": Act(papers.issue_card, "IssuedDocument", P, about=R),
    "issueSocialWorkerEducationStatement": Act(
        papers.issue_education_statement, "IssuedDocument", P, about=R
    ),
    "issueSocialWorkerAllowanceStatement": Act(
        papers.issue_allowance_statement, "IssuedDocument", "IssueSocialWorkerAllowanceStatementInput"
    ),
    "setSocialWorkerTarget": Act(figures.set_target, "SocialWorkerTarget", "SetSocialWorkerTargetInput"),
}
ID_TYPES = {
    "person_id": "Person",
    "supervisor_id": "Person",
    "area_id": "Area",
    "organisation_id": "Organisation",
    "certificate_id": "SocialWorkerCertificate",
}
REPERTOIRE = Repertoire(ACTS, ID_TYPES, codes=("level", "subject"))


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
        self._made += 1
        given = {"course": f"社区工作{self._made}", "provider": "培训中心", "evidence": "结业证"}
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
