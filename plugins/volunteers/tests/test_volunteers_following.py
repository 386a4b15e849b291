"""What becomes of volunteers when people move, leave, die, or turn out to have been entered twice."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from linli.events.replay import replay
from linli.plugin import people, rows
from linli.runtime import Runtime
from linli.settings import Settings
from linli.worker import dispatchers
from linli_volunteers import certificates
from linli_volunteers.tables import Certificate, Enrolment, Hours, Volunteer

TABLES = (Volunteer, Enrolment, Hours, Certificate)
FOLLOWING = ("volunteers.follow_merges", "volunteers.follow_moves", "volunteers.follow_ends")


async def deliver(world: Any) -> None:
    """Let the worker deliver what waits, through the real outbox; nothing may be left or have failed."""
    bench = world.bench
    deliveries, _jobs = dispatchers(
        Runtime(
            settings=Settings(data_dir=Path(), secret_key="test"),
            database=bench.database,
            catalogue=bench.catalogue,
            composition=bench.composition,
            clock=world.clock,
        )
    )
    for _ in range(20):
        await deliveries.run_once()
        if await world.value(UNDONE) == 0:
            return
    async with world.context() as ctx:
        left = await ctx.db.fetch(
            "select subscription, status, error_code from events_delivery"
            " where tenant_id = $1 and status <> 'done'",
            ctx.tenant_id,
        )
    pytest.fail(str([dict(row) for row in left]))


UNDONE = "select count(*) from events_delivery where tenant_id = $1 and status <> 'done'"


async def dump(world: Any) -> dict[str, list[dict[str, object]]]:
    """All rows of people's tables, in full."""
    async with world.context() as ctx:
        return {
            table._meta.tablename: [
                dict(row)
                for row in await ctx.db.fetch(
                    f"select * from {table._meta.tablename} where tenant_id = $1 order by id", ctx.tenant_id
                )
            ]
            for table in TABLES
        }


async def deliver_again(world: Any) -> None:
    """Deliver each event once more: nothing may change."""
    before = await dump(world)
    async with world.bench.context(world.tenant, clock=world.clock) as ctx:
        for name in FOLLOWING:
            await replay(ctx, subscription=name)
    await deliver(world)
    assert await dump(world) == before


async def merge(world: Any, kept: UUID, duplicate: UUID) -> None:
    async with world.bench.context(world.tenant, clock=world.clock) as ctx:
        await people.merge(ctx, kept_id=kept, duplicate_id=duplicate, reason="同一人")


async def row(world: Any, table: Any, row_id: UUID) -> Any:
    async with world.context() as ctx:
        return await rows.find(ctx, table, row_id)


async def served(story: Any, volunteer: UUID, activity: UUID, *, until: str = "posted", **times: Any) -> UUID:
    """Hours of a volunteer at a finished activity, as far as `until`; enrolled without going through the rules."""
    async with story.world.context() as ctx:
        place = await ctx.db.fetchrow(
            "select area_id, area_path from volunteers_activity where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            activity,
        )
        await rows.insert(
            ctx,
            Enrolment,
            activity_id=activity,
            volunteer_id=volunteer,
            person_id=(await rows.get(ctx, Volunteer, volunteer)).person_id,
            **dict(place),
        )
    entry = await story.claim(activity, volunteer, **times)
    if until in ("verified", "posted"):
        await story.act("verifyVolunteerHours", story.world.checker, id=entry)
    if until == "posted":
        await story.act("postVolunteerHours", id=entry)
    return UUID(str(entry))


async def finished(story: Any, **values: Any) -> UUID:
    activity = await story.recruiting(**values)
    await story.finish(activity)
    return UUID(str(activity))


async def minutes(story: Any, person: UUID) -> int:
    async with story.world.context() as ctx:
        return await certificates.posted_minutes(ctx, person, ctx.today())


async def two(story: Any) -> tuple[UUID, UUID, UUID, UUID]:
    """The kept person and volunteer, the duplicate's person and volunteer."""
    own, double = await story.volunteer("演示张三"), await story.volunteer("演示张叁")
    return await story.person_of(own), own, await story.person_of(double), double


async def test_a_merged_persons_record_is_the_kept_persons_with_its_content_untouched(quick: Any) -> None:
    world = quick.world
    kept = await world.person("演示张三")
    entry = await quick.posted()
    double = (await row(world, Hours, entry)).volunteer_id
    duplicate = await quick.person_of(double)
    certificate = await quick.act("issueVolunteerCertificate", volunteer_id=double)
    before = await dump(world)
    await merge(world, kept, duplicate)
    await deliver(world)

    after = await dump(world)
    for name, found in after.items():
        for old, new in zip(before[name], found, strict=True):
            changed = {key for key in old if old[key] != new[key]} - {"version", "updated_at"}
            assert changed == {"person_id"}, name
            assert new["person_id"] == kept
    async with world.context() as ctx:
        audited = await ctx.db.fetch(
            "select subject_table, after from audit_entry where tenant_id = $1 and action = 'merge'"
            " and subject_table like 'volunteers%'",
            ctx.tenant_id,
        )
    assert {one["subject_table"] for one in audited} == set(after)
    assert all(
        json.loads(one["after"]).keys() <= {"person_id", "volunteer_id", "version"} | PLACE for one in audited
    )
    assert (await row(world, Certificate, certificate)).state == "valid"
    assert await minutes(quick, kept) == 120
    await deliver_again(world)


PLACE = {"area_id", "area_path", "overlap_found_at"}


async def test_two_volunteers_of_one_person_become_one(quick: Any) -> None:
    world = quick.world
    kept, own, duplicate, double = await two(quick)
    await world.set_state(
        "volunteers_volunteer", double, registered_on=world.clock.now().date() - timedelta(9)
    )
    await quick.act("withdrawVolunteer", id=own)
    entry = await served(quick, double, await finished(quick))
    certificate = await quick.act("issueVolunteerCertificate", volunteer_id=double)
    both = await quick.recruiting(start_h=20)
    once = await quick.recruiting(start_h=40)
    await world.set_state("volunteers_volunteer", own, state="active", withdrawn_on=None)
    for volunteer, activity in ((own, both), (double, both), (double, once)):
        await quick.act("enrolVolunteer", activity_id=activity, volunteer_id=volunteer)
    await quick.act("withdrawVolunteer", id=own)  # also from `both`
    await merge(world, kept, duplicate)
    await deliver(world)

    one = await row(world, Volunteer, own)
    assert (one.person_id, one.state, one.withdrawn_on) == (kept, "active", None)
    assert one.registered_on == world.clock.now().date() - timedelta(9)
    assert await row(world, Volunteer, double) is None
    found = await dump(world)
    places = {(e["activity_id"], e["state"]) for e in found["volunteers_enrolment"]}
    assert {(both, "enrolled"), (once, "enrolled")} <= places
    assert len(found["volunteers_enrolment"]) == len(places) == 3
    for table, row_id in ((Hours, entry), (Certificate, certificate)):
        carried = await row(world, table, row_id)
        assert (carried.person_id, carried.volunteer_id) == (kept, own)
    await deliver_again(world)


async def test_the_kept_person_sees_and_claims_and_the_overlap_rule_holds_across_both(
    quick: Any, api: Any, refused: Any
) -> None:
    world = quick.world
    kept, own, duplicate, double = await two(quick)
    await served(quick, double, await finished(quick))
    ahead, clashing = await quick.recruiting(start_h=20), await quick.recruiting(start_h=21)
    await quick.act("enrolVolunteer", activity_id=ahead, volunteer_id=double)
    other = await quick.recruiting()
    await quick.finish(other)
    await merge(world, kept, duplicate)
    await deliver(world)

    document = (
        "{ volunteers { totalCount } volunteerHoursEntries { nodes { overlapFoundAt person { fullName } } } }"
    )
    seen = await api.execute(world.tenant, world.resident(kept), document)
    assert seen["volunteers"]["totalCount"] == 1
    assert [one["overlapFoundAt"] for one in seen["volunteerHoursEntries"]["nodes"]] == [None]
    with pytest.raises(refused) as refusal:
        await quick.act("enrolVolunteer", world.resident(kept), activity_id=clashing)
    assert refusal.value.code == "volunteers.enrolment_overlaps"
    with pytest.raises(refused) as refusal:
        await served(quick, own, other)
    assert refusal.value.code == "volunteers.hours_overlap"


@pytest.mark.parametrize("same_activity", [True, False])
async def test_posted_hours_that_overlap_stay_posted_are_marked_and_counted_once(
    quick: Any, api: Any, same_activity: bool
) -> None:
    world = quick.world
    kept, own, duplicate, double = await two(quick)
    here = await finished(quick)
    there = here if same_activity else await finished(quick)
    mine, theirs = await served(quick, own, here), await served(quick, double, there)
    certificate = await quick.act("issueVolunteerCertificate", volunteer_id=double)
    await merge(world, kept, duplicate)
    await deliver(world)

    assert (await row(world, Hours, mine)).overlap_found_at is None
    marked = await row(world, Hours, theirs)
    assert (marked.state, marked.person_id, marked.overlap_found_at) == ("posted", kept, world.clock.now())
    assert await minutes(quick, kept) == 120
    document = (
        '{ volunteerHoursEntries(filter: {overlapFoundAt: {gte: "2026-01-01T00:00:00Z"}}) { totalCount } }'
    )
    told = await api.execute(world.tenant, world.officer, document)
    assert told["volunteerHoursEntries"]["totalCount"] == 1
    await deliver_again(world)

    await quick.act("reverseVolunteerHours", id=mine, reason="重复登记")
    assert (await row(world, Hours, theirs)).overlap_found_at is None
    assert await minutes(quick, kept) == 120
    assert (await row(world, Certificate, certificate)).state == "revoked"  # it may have counted `mine`


@pytest.mark.parametrize(
    ("mine", "theirs", "whose"),
    [
        ("claimed", "claimed", "theirs"),
        ("posted", "claimed", "theirs"),
        ("claimed", "posted", "mine"),
        ("verified", "posted", "mine"),
        ("posted", "verified", "theirs"),
    ],
)
async def test_the_entry_that_came_less_far_is_marked_and_goes_no_further(
    quick: Any, refused: Any, mine: str, theirs: str, whose: str
) -> None:
    world = quick.world
    kept, own, duplicate, double = await two(quick)
    activity = await finished(quick)
    entries = {
        "mine": await served(quick, own, activity, until=mine),
        "theirs": await served(quick, double, activity, until=theirs),
    }
    await merge(world, kept, duplicate)
    await deliver(world)

    found = {name: (await row(world, Hours, entry)).overlap_found_at for name, entry in entries.items()}
    assert {name for name, moment in found.items() if moment} == {whose}
    step = (
        "postVolunteerHours"
        if {"mine": mine, "theirs": theirs}[whose] == "verified"
        else "verifyVolunteerHours"
    )
    with pytest.raises(refused) as refusal:
        await quick.act(step, world.checker, id=entries[whose])
    assert refusal.value.code == "volunteers.hours_overlap"
    other = next(name for name in entries if name != whose)
    await quick.act("reverseVolunteerHours", id=entries[other], reason="重复登记")
    assert (await row(world, Hours, entries[whose])).overlap_found_at is None
    assert await quick.act(step, world.checker, id=entries[whose])


async def test_a_mark_stays_while_a_third_entry_is_in_the_way(quick: Any) -> None:
    world = quick.world
    kept, own, duplicate, double = await two(quick)
    now = world.clock.now()
    early = {"from_at": now - timedelta(hours=4), "to_at": now - timedelta(hours=3)}
    late = {"from_at": now - timedelta(hours=3), "to_at": now - timedelta(hours=2)}
    first = await served(quick, own, await finished(quick), **early)
    second = await served(quick, own, await finished(quick), **late)
    across = await served(quick, double, await finished(quick))
    await merge(world, kept, duplicate)
    await deliver(world)
    for entry, is_marked in ((first, True), (second, False)):
        await quick.act("reverseVolunteerHours", id=entry, reason="重复登记")
        assert bool((await row(world, Hours, across)).overlap_found_at) is is_marked


async def test_a_chain_of_merges_ends_at_the_last_entry_in_whichever_order_it_is_told(quick: Any) -> None:
    world = quick.world
    last = await world.person("演示末")
    kept, _own, duplicate, _double = await two(quick)
    await served(quick, _double, await finished(quick))
    await merge(world, kept, duplicate)
    await merge(world, last, kept)
    async with world.context() as ctx:  # the later event first
        await ctx.db.execute(
            "update events_delivery d set next_attempt_at = next_attempt_at + interval '1 minute'"
            " where tenant_id = $1 and event_id = (select min(id::text)::uuid from events_event"
            " where tenant_id = $1 and name = 'identity.person_merged')",
            ctx.tenant_id,
        )
    world.clock.advance(timedelta(minutes=2))
    await deliver(world)
    found = await dump(world)
    assert len(found["volunteers_volunteer"]) == 1
    assert {one["person_id"] for some in found.values() for one in some} == {last}
    await deliver_again(world)


async def test_a_volunteer_lies_where_the_person_does(quick: Any) -> None:
    world = quick.world
    volunteer = await quick.volunteer()
    person = await quick.person_of(volunteer)
    elsewhere = await world.bench.area(world.tenant, "解放社区")
    for area, version in ((elsewhere, 2), (world.area, 3)):
        async with world.context() as ctx:
            await people.update(ctx, person, area_id=area.id)
        await deliver(world)
        moved = await row(world, Volunteer, volunteer)
        assert (moved.area_id, moved.area_path, moved.version) == (area.id, area.path, version)
    await deliver_again(world)


@pytest.mark.parametrize("end", ["mark_left", "mark_deceased"])
async def test_whoever_leaves_or_dies_is_withdrawn_with_what_lies_ahead(quick: Any, end: str) -> None:
    world = quick.world
    volunteer = await quick.volunteer()
    person = await quick.person_of(volunteer)
    entry = await served(quick, volunteer, await finished(quick))
    ahead = await quick.recruiting(start_h=20)
    enrolment = await quick.act("enrolVolunteer", activity_id=ahead, volunteer_id=volunteer)
    async with world.context() as ctx:
        await getattr(people, end)(ctx, person)
    await deliver(world)
    assert (await row(world, Volunteer, volunteer)).state == "withdrawn"
    assert (await row(world, Enrolment, enrolment)).state == "withdrawn"
    assert (await row(world, Hours, entry)).state == "posted"
    await deliver_again(world)


async def test_somebody_who_is_back_before_the_event_came_stays_a_volunteer(quick: Any) -> None:
    world = quick.world
    volunteer = await quick.volunteer()
    person = await quick.person_of(volunteer)
    async with world.context() as ctx:
        await people.mark_left(ctx, person)
        await people.mark_returned(ctx, person)
    await deliver(world)
    assert (await row(world, Volunteer, volunteer)).state == "active"


async def test_people_who_are_no_volunteers_change_nothing(quick: Any) -> None:
    world = quick.world
    kept, duplicate, moving = [await world.person(f"演示{n}") for n in "甲乙丙"]
    elsewhere = await world.bench.area(world.tenant, "解放社区")
    await merge(world, kept, duplicate)
    async with world.context() as ctx:
        await people.update(ctx, moving, area_id=elsewhere.id)
        await people.mark_left(ctx, moving)
    await deliver(world)
    assert not any((await dump(world)).values())
