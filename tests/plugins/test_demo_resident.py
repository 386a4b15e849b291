"""The demo resident can do what residents do for themselves: read the own entry, volunteer, claim hours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from linli.identity import roles
from linli.identity.authenticate import authenticate
from linli.identity.demo import ensure_demo_account
from linli.testing.factories import Bench
from linli_graphql.testing import GraphQLBench
from linli_volunteers import activities

OWN = """{ me { person { id fullName synthetic } }
  volunteers { nodes { state } } volunteerHoursEntries { nodes { state minutes } } }"""
REGISTER = """mutation($input: RegisterVolunteerInput!) {
  registerVolunteer(input: $input) { volunteer { state } problems { code message } } }"""
ENROL = """mutation($input: EnrolVolunteerInput!) {
  enrolVolunteer(input: $input) { volunteerEnrolment { state } problems { code message } } }"""
CLAIM = """mutation($input: ClaimVolunteerHoursInput!) {
  claimVolunteerHours(input: $input) { volunteerHours { minutes } problems { code message } } }"""


async def test_the_demo_resident_reads_the_own_entry_volunteers_and_claims_own_hours(
    bench: Bench, api: GraphQLBench
) -> None:
    tenant = await bench.tenant(plugins=["volunteers"])
    area = await bench.area(tenant)
    suggested = bench.composition.manifests["volunteers"].declares.roles["resident"]
    async with bench.context(tenant) as ctx:
        await roles.define(
            ctx, key="resident", name_zh="居民", name_en="Resident", permissions=list(suggested)
        )
        token = await ensure_demo_account(ctx, "resident")
        begun = ctx.now() - timedelta(hours=3)
        activity = await activities.create(
            ctx,
            area_id=area.id,
            title="社区清洁日",
            starts_at=begun,
            ends_at=begun + timedelta(hours=2),
            places=3,
        )
        await activities.open_for_enrolment(ctx, activity.id)
        await activities.start(ctx, activity.id)
    resident = (await authenticate(bench.database, bench.catalogue, token)).actor

    async def ask(document: str, **given: Any) -> Any:
        outcome = await api.execute(tenant, resident, document, {"input": given} if given else None)
        assert not outcome.errors, outcome.errors
        assert outcome.data is not None
        assert not any(one.get("problems") for one in outcome.data.values()), outcome.data
        return outcome.data

    person = (await ask(OWN))["me"]["person"]
    assert (person["fullName"], person["synthetic"]) == ("演示居民", True)
    await ask(REGISTER, personId=person["id"])
    found = await ask("{ volunteerActivities { nodes { id } } }")
    (seen,) = found["volunteerActivities"]["nodes"]
    await ask(ENROL, activityId=seen["id"])
    until = begun + timedelta(hours=1)
    await ask(CLAIM, activityId=seen["id"], fromAt=begun.isoformat(), toAt=until.isoformat())
    own = await ask(OWN)
    assert own["volunteers"]["nodes"] == [{"state": "ACTIVE"}]
    assert own["volunteerHoursEntries"]["nodes"] == [{"state": "CLAIMED", "minutes": 60}]
