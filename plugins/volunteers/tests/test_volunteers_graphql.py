"""What is read through the API: own records, area scopes, other tenants, statements per request."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from linli_graphql.ids import to_global_id

OWN = """
{ me { person {
    fullName
    volunteerHours { nodes { minutes hours state activity { title } } totalCount }
    volunteerCertificates { nodes { number verificationPath minutes state } } } }
  volunteers { nodes { state registeredOn } }
  volunteerEnrolments { nodes { state } }
  volunteerHoursEntries(orderBy: FROM_AT_DESC) { totalCount } }"""

EVERYTHING = """
{ volunteerActivities(orderBy: STARTS_AT_ASC, filter: {state: {eq: FINISHED}}) { nodes {
    title places state area { name } organiser { name }
    enrolments { nodes { state volunteer { state person { fullName } } } }
    hours { nodes { minutes hours state person { fullName } } } } } }"""


async def certified(story: Any) -> tuple[UUID, UUID]:
    """A person with two posted hours and a certificate, and that volunteer."""
    entry = await story.posted()
    sql = "select volunteer_id from volunteers_hours where tenant_id = $1 and id = $2"
    volunteer = UUID(str(await story.world.value(sql, entry)))
    await story.act("issueVolunteerCertificate", volunteer_id=volunteer)
    return await story.person_of(volunteer), volunteer


async def test_a_resident_sees_the_own_records_and_no_others(quick: Any, api: Any) -> None:
    person, _volunteer = await certified(quick)
    other = await quick.volunteer("演示李四")
    found = await api.execute(quick.world.tenant, quick.world.resident(person), OWN)
    assert found["me"]["person"]["volunteerHours"] == {
        "nodes": [{"minutes": 120, "hours": 2.0, "state": "POSTED", "activity": {"title": "社区清洁日"}}],
        "totalCount": 1,
    }
    certificate = found["me"]["person"]["volunteerCertificates"]["nodes"][0]
    path = f"/p/{quick.world.tenant.slug}/volunteers/verify/{certificate['number']}"
    assert (certificate["verificationPath"], certificate["minutes"]) == (path, 120)
    assert found["volunteers"]["nodes"] == [{"state": "ACTIVE", "registeredOn": "2026-05-06"}]
    assert found["volunteerHoursEntries"]["totalCount"] == 1
    stranger = quick.world.resident(await quick.person_of(other))
    found = await api.execute(quick.world.tenant, stranger, OWN)
    assert found["volunteerHoursEntries"]["totalCount"] == 0
    assert found["volunteerEnrolments"]["nodes"] == []


@pytest.mark.parametrize(
    "kind", ["Volunteer", "VolunteerEnrolment", "VolunteerHours", "VolunteerCertificate"]
)
async def test_a_strangers_record_looks_like_one_that_does_not_exist(quick: Any, api: Any, kind: str) -> None:
    await certified(quick)
    other = quick.world.resident(await quick.world.person("演示李四"))
    table = {"Volunteer": "volunteer", "VolunteerEnrolment": "enrolment", "VolunteerHours": "hours"}
    sql = f"select id from volunteers_{table.get(kind, 'certificate')} where tenant_id = $1"
    row_id = UUID(str(await quick.world.value(sql)))
    document = "query($id: ID!) { node(id: $id) { id } }"
    given = {"id": to_global_id(kind, row_id)}
    assert (await api.execute(quick.world.tenant, quick.world.officer, document, given))["node"] is not None
    assert (await api.execute(quick.world.tenant, other, document, given))["node"] is None
    foreign = await quick.world.bench.tenant(plugins=["volunteers"])
    assert (await api.execute(foreign, quick.world.officer, document, given))["node"] is None


async def test_an_officer_sees_the_own_area_only(quick: Any, api: Any) -> None:
    world = quick.world
    await quick.enrolled()
    other = await world.bench.area(world.tenant, "别的社区")
    elsewhere = world.bench.actor(world.officer.permissions, area_path=other.path)
    here = world.bench.actor(world.officer.permissions, area_path=world.area.path)
    counts = (
        "{ volunteerActivities { totalCount } volunteers { totalCount } volunteerEnrolments { totalCount } }"
    )
    found = await api.execute(world.tenant, elsewhere, counts)
    assert [field["totalCount"] for field in (found.data or {}).values()] == [0, 0, 0]
    found = await api.execute(world.tenant, here, counts)
    assert [field["totalCount"] for field in (found.data or {}).values()] == [1, 1, 1]


async def test_the_statements_of_a_list_do_not_grow_with_its_rows(quick: Any, api: Any) -> None:
    await quick.claim(*await quick.enrolled())
    first = await api.execute(quick.world.tenant, quick.world.officer, EVERYTHING)
    assert len(first["volunteerActivities"]["nodes"]) == 1
    for _ in range(3):
        await quick.claim(*await quick.enrolled())
    after = await api.execute(quick.world.tenant, quick.world.officer, EVERYTHING)
    assert len(after["volunteerActivities"]["nodes"]) == 4
    assert after.statements == first.statements
    assert first.statements <= 8


async def test_a_repeated_claim_with_the_same_key_is_done_once(quick: Any, api: Any) -> None:
    world = quick.world
    api.runtime.clock = world.clock
    activity, volunteer = await quick.enrolled()
    document = """mutation($input: ClaimVolunteerHoursInput!) {
      claimVolunteerHours(input: $input, idempotencyKey: "手机-1") { volunteerHours { id } problems { code } } }"""
    given = {
        "activityId": to_global_id("VolunteerActivity", activity),
        "volunteerId": to_global_id("Volunteer", volunteer),
        "fromAt": "2026-05-06T08:00:00+08:00",
        "toAt": "2026-05-06T09:30:00+08:00",
    }
    answers = [
        (await api.execute(world.tenant, world.officer, document, {"input": given}))["claimVolunteerHours"]
        for _ in range(2)
    ]
    assert answers[0]["problems"] == []
    assert answers[0] == answers[1]


async def test_an_id_of_another_type_is_refused(quick: Any, api: Any) -> None:
    activity = await quick.activity()
    document = """mutation($id: ID!) { verifyVolunteerHours(input: {id: $id}) { problems { code path } } }"""
    given = {"id": to_global_id("VolunteerActivity", activity)}
    found = await api.execute(quick.world.tenant, quick.world.officer, document, given)
    assert found["verifyVolunteerHours"]["problems"] == [{"code": "invalid_id", "path": ["input", "id"]}]


async def test_a_tenant_without_the_plugin_has_none_of_its_types(quick: Any, api: Any) -> None:
    without = await quick.world.bench.tenant(plugins=[])
    composition = quick.world.bench.composition
    assert "olunteer" not in api.interface.print_schema(composition.plugin_set(without.plugins))
    assert "type VolunteerHours " in api.interface.print_schema(composition.plugin_set(["volunteers"]))
