"""A tenant with an area, people, officers and a clock that stands, and two ways to act in it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.plugin import Actor, organisations, people
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli_graphql.testing import Act, ApiHand, GraphQLBench, Hand, Refused, Repertoire, ServiceHand
from linli_migrants import (
    agents,
    applications,
    census,
    contracts,
    dwellings,
    entitlements,
    figures,
    permit_decisions,
    permits,
    posts,
    reports,
    services,
    slips,
    stays,
    visits,
)

NOON = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
PERMISSIONS = [
    *(f"migrants.{kind}.{verb}" for kind in ("stay", "dwelling", "agent") for verb in ("read", "write")),
    *(f"migrants.stay.{verb}" for verb in ("verify", "reveal")),
    *(f"migrants.permit.{verb}" for verb in ("read", "write", "decide", "record", "endorse", "reveal")),
    *(f"migrants.exchange.{verb}" for verb in ("read", "manage")),
    "identity.person.read",
    "identity.person.write",
    "identity.organisation.read",
    "areas.area.read",
    "documents.document.read",
]
VISIT_KINDS = ("post", "visit", "census", "service", "figures")
PERMISSIONS += [f"migrants.{kind}.{verb}" for kind in VISIT_KINDS for verb in ("read", "write")]
PERMISSIONS += ["migrants.census.answer", "migrants.entitlement.write", "migrants.own.service"]
RESIDENT = ["migrants.own.report", "migrants.own.visit", "migrants.own.service", "migrants.own.apply"]
ORIGIN = "610121"
APPLICATION = "MigrantApplication"

ACTS = {
    "createMigrantDwelling": Act(dwellings.create, "MigrantDwelling", "CreateMigrantDwellingInput"),
    "updateMigrantDwelling": Act(dwellings.update, "MigrantDwelling", "UpdateMigrantDwellingInput"),
    "retireMigrantDwelling": Act(dwellings.retire, "MigrantDwelling", "MigrantStepInput"),
    "reopenMigrantDwelling": Act(dwellings.reopen, "MigrantDwelling", "MigrantStepInput"),
    "reportMigrantStay": Act(stays.report, "MigrantStay", "ReportMigrantStayInput"),
    "verifyMigrantStay": Act(stays.verify, "MigrantStay", "MigrantStepInput"),
    "refuseMigrantStay": Act(stays.refuse, "MigrantStay", "MigrantReasonInput"),
    "activateMigrantStay": Act(stays.activate, "MigrantStay", "MigrantStepInput"),
    "withdrawMigrantStay": Act(stays.withdraw, "MigrantStay", "MigrantStepInput"),
    "departMigrantStay": Act(stays.depart, "MigrantStay", "MigrantStayEndInput"),
    "settleMigrantStay": Act(stays.settle, "MigrantStay", "MigrantStayEndInput"),
    "moveMigrantStay": Act(stays.move, "MigrantStay", "MoveMigrantStayInput"),
    "submitMigrantReport": Act(reports.submit, "MigrantReport", "SubmitMigrantReportInput"),
    "takeMigrantReport": Act(reports.take, "MigrantStay", "MigrantStepInput", about="MigrantReport"),
    "refuseMigrantReport": Act(reports.refuse, "MigrantReport", "MigrantReasonInput"),
    "withdrawMigrantReport": Act(reports.withdraw, "MigrantReport", "MigrantStepInput"),
    "appointMigrantAgent": Act(agents.appoint, "MigrantAgent", "AppointMigrantAgentInput"),
    "dismissMigrantAgent": Act(agents.dismiss, "MigrantAgent", "DismissMigrantAgentInput"),
    "fileMigrantContract": Act(contracts.file, "MigrantContract", "FileMigrantContractInput"),
    "endMigrantContract": Act(contracts.end, "MigrantContract", "MigrantReasonInput"),
    "assignMigrantPost": Act(posts.assign, "MigrantPost", "AssignMigrantPostInput"),
    "endMigrantPost": Act(posts.end, "MigrantPost", "EndMigrantPostInput"),
    "appointMigrantVisit": Act(visits.appoint, "MigrantVisit", "AppointMigrantVisitInput"),
    "declineMigrantVisit": Act(visits.decline, "MigrantVisit", "MigrantServiceStepInput"),
    "doMigrantVisit": Act(visits.do, "MigrantVisit", "DoMigrantVisitInput"),
    "openMigrantCensus": Act(census.open_round, "MigrantCensusRound", "OpenMigrantCensusInput"),
    "answerMigrantCensus": Act(census.answer, "MigrantCensusAnswer", "AnswerMigrantCensusInput"),
    "closeMigrantCensus": Act(census.close, "MigrantCensusRound", "MigrantServiceStepInput"),
    "reopenMigrantCensus": Act(census.reopen, "MigrantCensusRound", "MigrantCensusReasonInput"),
    "cancelMigrantCensus": Act(census.cancel, "MigrantCensusRound", "MigrantCensusReasonInput"),
    "createMigrantService": Act(entitlements.create, "MigrantService", "CreateMigrantServiceInput"),
    "renameMigrantService": Act(entitlements.rename, "MigrantService", "RenameMigrantServiceInput"),
    "retireMigrantService": Act(entitlements.retire, "MigrantService", "MigrantServiceStepInput"),
    "reopenMigrantService": Act(entitlements.reopen, "MigrantService", "MigrantServiceStepInput"),
    "offerMigrantService": Act(services.offer, "MigrantServiceDelivery", "OfferMigrantServiceInput"),
    "bookMigrantService": Act(services.book, "MigrantServiceDelivery", "BookMigrantServiceInput"),
    "acceptMigrantService": Act(services.accept, "MigrantServiceDelivery", "MigrantServiceStepInput"),
    "deliverMigrantService": Act(services.deliver, "MigrantServiceDelivery", "DeliverMigrantServiceInput"),
    "cancelMigrantService": Act(services.cancel, "MigrantServiceDelivery", "MigrantServiceStepInput"),
    "recordMigrantFigure": Act(figures.record, "MigrantFigure", "RecordMigrantFigureInput"),
    "draftMigrantApplication": Act(applications.draft, APPLICATION, "DraftMigrantApplicationInput"),
    "changeMigrantApplication": Act(applications.change_ground, APPLICATION, "ChangeMigrantApplicationInput"),
    "showMigrantPaper": Act(applications.show_paper, "MigrantPaper", "ShowMigrantPaperInput"),
    "takeMigrantPaperBack": Act(
        applications.take_paper_back, APPLICATION, "TakeMigrantPaperBackInput", about="MigrantPaper"
    ),
    "submitMigrantApplication": Act(applications.submit, APPLICATION, "MigrantPermitStepInput"),
    "withdrawMigrantApplication": Act(applications.withdraw, APPLICATION, "MigrantPermitStepInput"),
    "returnMigrantApplication": Act(permit_decisions.send_back, APPLICATION, "ReturnMigrantApplicationInput"),
    "acceptMigrantApplication": Act(permit_decisions.accept, APPLICATION, "AcceptMigrantApplicationInput"),
    "refuseMigrantApplication": Act(permit_decisions.refuse, APPLICATION, "RefuseMigrantApplicationInput"),
    "forwardMigrantApplication": Act(permit_decisions.forward, APPLICATION, "MigrantPermitStepInput"),
    "recordMigrantDecision": Act(permit_decisions.record_decision, APPLICATION, "RecordMigrantDecisionInput"),
    "objectToMigrantRefusal": Act(permit_decisions.object_to, APPLICATION, "ObjectToMigrantRefusalInput"),
    "upholdMigrantRefusal": Act(permit_decisions.uphold, APPLICATION, "DecideMigrantObjectionInput"),
    "reopenMigrantApplication": Act(permit_decisions.reopen, APPLICATION, "DecideMigrantObjectionInput"),
    "issueMigrantSlip": Act(slips.issue_slip, "IssuedDocument", "IssueMigrantSlipInput", about=APPLICATION),
    "recordMigrantPermit": Act(permits.record_issue, "MigrantPermit", "RecordMigrantPermitInput"),
    "endorseMigrantPermit": Act(
        permits.endorse, "MigrantEndorsement", "EndorseMigrantPermitInput", about="MigrantPermit"
    ),
    "terminateMigrantPermit": Act(permits.terminate, "MigrantPermit", "TerminateMigrantPermitInput"),
}
ID_TYPES = {
    "dwelling_id": "MigrantDwelling",
    "person_id": "Person",
    "landlord_person_id": "Person",
    "landlord_organisation_id": "Organisation",
    "employer_id": "Organisation",
    "organisation_id": "Organisation",
    "area_id": "Area",
    "account_id": "Account",
    "post_id": "MigrantPost",
    "round_id": "MigrantCensusRound",
    "service_id": "MigrantService",
    "application_id": APPLICATION,
}
CODES = ("reason", "kind", "outcome", "answer", "measure", "ground", "decision")
LEADING = ("id", "application_id")
REPERTOIRE = Repertoire(ACTS, ID_TYPES, codes=CODES, leading=LEADING)


@dataclass
class World:
    """A tenant at noon on 6 May 2026."""

    bench: Bench
    tenant: Tenant
    area: BenchArea
    clock: FixedClock
    officer: Actor
    checker: Actor

    def context(self, actor: Actor | None = None, **options: Any) -> Any:
        return self.bench.context(self.tenant, actor=actor or self.officer, clock=self.clock, **options)

    async def person(self, name: str = "演示张三", *, area: BenchArea | None = None, **values: Any) -> UUID:
        async with self.context() as ctx:
            place = area or self.area
            person = await people.register(ctx, area_id=place.id, full_name=name, synthetic=True, **values)
        return person.id

    async def unit(self, name: str = "演示物业公司") -> UUID:
        async with self.bench.context(self.tenant, clock=self.clock) as ctx:
            made = await organisations.register(ctx, area_id=self.area.id, name=name, kind="enterprise")
        return made.id

    def resident(self, person_id: UUID) -> Actor:
        return replace(self.bench.actor(RESIDENT), person_id=person_id)

    async def value(self, sql: str, *args: object) -> Any:
        async with self.context() as ctx:
            return await ctx.db.fetchval(sql, self.tenant.id, *args)

    async def set_state(self, table: str, row_id: UUID, **columns: object) -> None:
        """Put a row into a state without going through the rules."""
        sets = ", ".join(f"{name} = ${i}" for i, name in enumerate(columns, start=3))
        async with self.context() as ctx:
            sql = f"update {table} set {sets} where tenant_id = $1 and id = $2"
            await ctx.db.execute(sql, self.tenant.id, row_id, *columns.values())

    async def stay(self, person_id: UUID | None = None, *, from_on: date = date(2026, 1, 1)) -> UUID:
        """An active stay of a person, in a dwelling of its own; by the services."""
        story = Story(self, ServiceHand(self, REPERTOIRE))
        return await story.active(person_id=person_id or await self.person(), from_on=from_on)


class Story:
    """The steps that most tests begin with, taken by either hand."""

    def __init__(self, world: World, hand: Hand) -> None:
        self.world = world
        self.act = hand.act
        self._made = 0

    async def dwelling(self, **values: Any) -> UUID:
        self._made += 1
        given = {
            "area_id": self.world.area.id,
            "address": f"示例路 {self._made} 号 {secrets.token_hex(4)}",
            "kind": "rented",
            **values,
        }
        return await self.act("createMigrantDwelling", **given)

    async def reported(self, actor: Actor | None = None, **values: Any) -> UUID:
        given: dict[str, Any] = {
            "origin_code": ORIGIN,
            "reason": "work",
            "from_on": date(2026, 3, 1),
            **values,
        }
        if "person_id" not in given:
            given["person_id"] = await self.world.person()
        if "dwelling_id" not in given:
            given["dwelling_id"] = await self.dwelling()
        return await self.act("reportMigrantStay", actor, **given)

    async def verified(self, **values: Any) -> UUID:
        stay = await self.reported(**values)
        return await self.act("verifyMigrantStay", self.world.checker, id=stay)

    async def active(self, **values: Any) -> UUID:
        return await self.act("activateMigrantStay", id=await self.verified(**values))

    async def drafted(self, **values: Any) -> UUID:
        """A draft of somebody who has lived here for more than half a year."""
        if "person_id" not in values:
            values["person_id"] = await self.world.person()
            await self.active(person_id=values["person_id"], from_on=date(2025, 9, 1))
        return await self.act("draftMigrantApplication", **{"ground": "work", **values})

    async def complete(self, application: UUID) -> UUID:
        for kind in ("identity", "photo", "labour_contract"):
            await self.act("showMigrantPaper", application_id=application, kind=kind, reference="示例材料")
        return application

    async def handed_in(self, **values: Any) -> UUID:
        application = await self.complete(await self.drafted(**values))
        return await self.act("submitMigrantApplication", id=application)

    async def accepted(self, **values: Any) -> UUID:
        application = await self.handed_in(**values)
        return await self.act("acceptMigrantApplication", self.world.checker, id=application)

    async def approved(self, **values: Any) -> UUID:
        application = await self.accepted(**values)
        await self.act("forwardMigrantApplication", self.world.checker, id=application)
        given = {"decision": "approved", "reference": "公字第 1 号"}
        return await self.act("recordMigrantDecision", self.world.checker, id=application, **given)

    async def refused(self, **values: Any) -> UUID:
        application = await self.handed_in(**values)
        why = {"reason": "居住情况不实"}
        return await self.act("refuseMigrantApplication", self.world.checker, id=application, **why)

    async def permit(self, number: str = "JZ0000000001", **values: Any) -> UUID:
        """A permit that is issued today."""
        application = await self.approved(**values)
        given = {"number": number, "issued_on": self.world.clock.now().date()}
        return await self.act("recordMigrantPermit", self.world.checker, application_id=application, **given)

    async def landlord(self) -> tuple[Actor, UUID]:
        """Somebody with an account, and the dwelling that they let."""
        person = await self.world.person("演示房东")
        return self.world.resident(person), await self.dwelling(landlord_person_id=person)

    async def submitted(self, **values: Any) -> tuple[Actor, UUID]:
        landlord, dwelling = await self.landlord()
        given = {
            "dwelling_id": dwelling,
            "full_name": "演示租客",
            "id_number": "11010519491231002X",
            "origin_code": ORIGIN,
            "reason": "work",
            "from_on": date(2026, 4, 1),
            **values,
        }
        return landlord, await self.act("submitMigrantReport", landlord, **given)


@pytest_asyncio.fixture
async def world(bench: Bench) -> World:
    tenant = await bench.tenant(plugins=["migrants"])
    area = await bench.area(tenant)
    return World(
        bench=bench,
        tenant=tenant,
        area=area,
        clock=FixedClock(NOON),
        officer=bench.actor(PERMISSIONS),
        checker=bench.actor(PERMISSIONS),
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
