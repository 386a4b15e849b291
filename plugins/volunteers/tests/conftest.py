"""A tenant with an area, people, officers and a clock that stands, and two ways to act in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.plugin import Actor, people
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli_graphql.testing import Act, ApiHand, GraphQLBench, Hand, Refused, Repertoire, ServiceHand
from linli_volunteers import activities, certificates, enrolments, figures, hours, volunteers

NOON = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
PERMISSIONS = [
    *(
        f"volunteers.{kind}.{verb}"
        for kind in ("activity", "volunteer", "enrolment", "hours", "certificate", "figures")
        for verb in ("read", "write")
    ),
    *(f"volunteers.hours.{verb}" for verb in ("verify", "post", "reverse")),
    "identity.person.read",
    "identity.person.write",
    "identity.organisation.read",
    "areas.area.read",
]
RESIDENT = ["volunteers.activity.read", "volunteers.own.take_part"]

ACTS = {
    "createVolunteerActivity": Act(activities.create, "VolunteerActivity", "CreateVolunteerActivityInput"),
    "updateVolunteerActivity": Act(activities.update, "VolunteerActivity", "UpdateVolunteerActivityInput"),
    "openVolunteerActivity": Act(activities.open_for_enrolment, "VolunteerActivity", "VolunteerStepInput"),
    "startVolunteerActivity": Act(activities.start, "VolunteerActivity", "VolunteerStepInput"),
    "finishVolunteerActivity": Act(activities.finish, "VolunteerActivity", "VolunteerStepInput"),
    "settleVolunteerActivity": Act(activities.settle, "VolunteerActivity", "VolunteerStepInput"),
    "cancelVolunteerActivity": Act(activities.cancel, "VolunteerActivity", "VolunteerReasonInput"),
    "registerVolunteer": Act(volunteers.register, "Volunteer", "RegisterVolunteerInput"),
    "withdrawVolunteer": Act(volunteers.withdraw, "Volunteer", "VolunteerStepInput"),
    "enrolVolunteer": Act(enrolments.enrol, "VolunteerEnrolment", "EnrolVolunteerInput"),
    "withdrawVolunteerEnrolment": Act(enrolments.withdraw, "VolunteerEnrolment", "VolunteerStepInput"),
    "claimVolunteerHours": Act(hours.claim, "VolunteerHours", "ClaimVolunteerHoursInput"),
    "verifyVolunteerHours": Act(hours.verify, "VolunteerHours", "VolunteerStepInput"),
    "postVolunteerHours": Act(hours.post, "VolunteerHours", "VolunteerStepInput"),
    "reverseVolunteerHours": Act(hours.reverse, "VolunteerHours", "VolunteerReasonInput"),
    "issueVolunteerCertificate": Act(
        certificates.issue, "VolunteerCertificate", "IssueVolunteerCertificateInput"
    ),
    "revokeVolunteerCertificate": Act(certificates.revoke, "VolunteerCertificate", "VolunteerReasonInput"),
    "recordVolunteerPopulation": Act(
        figures.record_population, "VolunteerPopulation", "RecordVolunteerPopulationInput"
    ),
}
ID_TYPES = {
    "activity_id": "VolunteerActivity",
    "volunteer_id": "Volunteer",
    "person_id": "Person",
    "organiser_id": "Organisation",
    "area_id": "Area",
}
REPERTOIRE = Repertoire(ACTS, ID_TYPES)


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

    async def person(self, name: str = "演示张三", *, area: BenchArea | None = None) -> UUID:
        async with self.context() as ctx:
            place = area or self.area
            person = await people.register(ctx, area_id=place.id, full_name=name, synthetic=True)
        return person.id

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


class Story:
    """The steps that most tests begin with, taken by either hand."""

    def __init__(self, world: World, hand: Hand) -> None:
        self.world = world
        self.act = hand.act

    async def activity(
        self, *, start_h: float = -5, hours: float = 4, places: int = 3, **values: Any
    ) -> UUID:
        starts_at = self.world.clock.now() + timedelta(hours=start_h)
        given = {
            "area_id": self.world.area.id,
            "title": "社区清洁日",
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=hours),
            "places": places,
            **values,
        }
        return await self.act("createVolunteerActivity", **given)

    async def recruiting(self, **values: Any) -> UUID:
        activity = await self.activity(**values)
        return await self.act("openVolunteerActivity", id=activity)

    async def volunteer(self, name: str = "演示张三") -> UUID:
        return await self.act("registerVolunteer", person_id=await self.world.person(name))

    async def person_of(self, volunteer: UUID) -> UUID:
        sql = "select person_id from volunteers_volunteer where tenant_id = $1 and id = $2"
        return UUID(str(await self.world.value(sql, volunteer)))

    async def enrolled(self, **values: Any) -> tuple[UUID, UUID]:
        """A finished activity with one volunteer enrolled."""
        activity, volunteer = await self.recruiting(**values), await self.volunteer()
        await self.act("enrolVolunteer", activity_id=activity, volunteer_id=volunteer)
        await self.finish(activity)
        return activity, volunteer

    async def finish(self, activity: UUID) -> None:
        await self.act("startVolunteerActivity", id=activity)
        await self.act("finishVolunteerActivity", id=activity)

    async def claim(self, activity: UUID, volunteer: UUID, actor: Actor | None = None, **values: Any) -> UUID:
        """Claim from the second to the third hour of an activity that began five hours ago."""
        now = self.world.clock.now()
        times = {"from_at": now - timedelta(hours=4), "to_at": now - timedelta(hours=2)}
        given = {"activity_id": activity, "volunteer_id": volunteer, **times, **values}
        return await self.act("claimVolunteerHours", actor, **given)

    async def posted(self) -> UUID:
        entry = await self.claim(*await self.enrolled())
        await self.act("verifyVolunteerHours", self.world.checker, id=entry)
        return await self.act("postVolunteerHours", id=entry)


@pytest_asyncio.fixture
async def world(bench: Bench) -> World:
    tenant = await bench.tenant(plugins=["volunteers"])
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
