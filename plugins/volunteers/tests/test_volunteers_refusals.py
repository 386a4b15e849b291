"""Each refusal with its code and path, by the services and through the API alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from linli.plugin import organisations


async def refusal(story: Any, refused: Any, name: str, /, *actor: Any, **values: Any) -> tuple[str, str]:
    """The code and the path of the refusal of an act."""
    with pytest.raises(refused) as caught:
        await story.act(name, *actor, **values)
    return caught.value.code, caught.value.at


async def test_the_whole_way_from_draft_to_settled_is_open(story: Any) -> None:
    activity, volunteer = await story.enrolled()
    entry = await story.claim(activity, volunteer)
    await story.act("verifyVolunteerHours", story.world.checker, id=entry)
    await story.act("postVolunteerHours", id=entry)
    await story.act("settleVolunteerActivity", id=activity)
    certificate = await story.act("issueVolunteerCertificate", volunteer_id=volunteer)
    sql = "select minutes from volunteers_certificate where tenant_id = $1 and id = $2"
    assert await story.world.value(sql, certificate) == 120


@pytest.mark.parametrize(
    ("values", "code", "at"),
    [
        ({"title": "  "}, "required", "title"),
        ({"title": "长" * 101}, "too_long", "title"),
        ({"description": "长" * 2001}, "too_long", "description"),
        ({"places": 0}, "volunteers.places_out_of_range", "places"),
        ({"places": 10_001}, "volunteers.places_out_of_range", "places"),
        ({"hours": 0}, "volunteers.ends_before_start", "ends_at"),
        ({"hours": -1}, "volunteers.ends_before_start", "ends_at"),
        ({"hours": 24 * 7 + 1}, "volunteers.shift_too_long", "ends_at"),
        ({"start_h": 24 * 365 * 200}, "volunteers.impossible_time", "starts_at"),
    ],
)
async def test_an_activity_that_cannot_be_is_refused(
    story: Any, refused: Any, values: dict[str, Any], code: str, at: str
) -> None:
    with pytest.raises(refused) as caught:
        await story.activity(**values)
    assert (caught.value.code, caught.value.at) == (code, at)


async def test_a_time_without_a_zone_is_refused(story: Any, refused: Any) -> None:
    naive = story.world.clock.now().replace(tzinfo=None)
    with pytest.raises(refused) as caught:
        await story.activity(starts_at=naive)
    assert (caught.value.code, caught.value.at) == ("volunteers.impossible_time", "starts_at")


async def test_a_closed_organiser_is_refused(story: Any, refused: Any) -> None:
    world = story.world
    async with world.bench.context(world.tenant) as ctx:
        unit = await organisations.register(
            ctx, area_id=world.area.id, name="演示社", kind="social_organisation"
        )
    await story.activity(organiser_id=unit.id)
    async with world.bench.context(world.tenant) as ctx:
        await organisations.close(ctx, unit.id)
    with pytest.raises(refused) as caught:
        await story.activity(organiser_id=unit.id)
    assert (caught.value.code, caught.value.at) == ("volunteers.organiser_unusable", "organiser_id")


async def test_while_it_recruits_an_activity_keeps_its_time_but_not_its_title(
    story: Any, refused: Any
) -> None:
    activity = await story.recruiting()
    await story.act("updateVolunteerActivity", id=activity, title="社区植树日")
    later = story.world.clock.now() + timedelta(hours=1)
    found = await refusal(story, refused, "updateVolunteerActivity", id=activity, ends_at=later)
    assert found == ("volunteers.not_changeable", "ends_at")


async def test_a_title_cannot_be_taken_away(story: Any, refused: Any) -> None:
    activity = await story.activity()
    found = await refusal(story, refused, "updateVolunteerActivity", id=activity, title=None)
    assert found == ("required", "title")
    found = await refusal(story, refused, "updateVolunteerActivity", id=activity, places=None)
    assert found == ("required", "places")


async def test_a_change_of_an_older_version_is_refused(story: Any, refused: Any) -> None:
    activity = await story.activity()
    await story.act("updateVolunteerActivity", id=activity, title="社区植树日", expected_version=1)
    found = await refusal(
        story, refused, "updateVolunteerActivity", id=activity, title="又改", expected_version=1
    )
    assert found == ("stale_version", "")


async def test_there_are_never_fewer_places_than_enrolled(story: Any, refused: Any) -> None:
    activity = await story.recruiting(places=2)
    for name in ("演示甲", "演示乙"):
        await story.act("enrolVolunteer", activity_id=activity, volunteer_id=await story.volunteer(name))
    third = await story.volunteer("演示丙")
    found = await refusal(story, refused, "enrolVolunteer", activity_id=activity, volunteer_id=third)
    assert found == ("volunteers.no_place_left", "activity_id")
    found = await refusal(story, refused, "updateVolunteerActivity", id=activity, places=1)
    assert found == ("volunteers.fewer_places_than_enrolled", "places")


async def test_nobody_registers_twice_or_ahead_of_time(story: Any, refused: Any) -> None:
    person = await story.world.person()
    tomorrow = date(2026, 5, 7)
    found = await refusal(story, refused, "registerVolunteer", person_id=person, registered_on=tomorrow)
    assert found == ("future_date", "registered_on")
    await story.act("registerVolunteer", person_id=person)
    found = await refusal(story, refused, "registerVolunteer", person_id=person)
    assert found == ("volunteers.already_registered", "person_id")


async def test_somebody_who_left_does_not_become_a_volunteer(story: Any, refused: Any) -> None:
    person = await story.world.person()
    await story.world.set_state("identity_person", person, state="left", ended_on=date(2026, 5, 1))
    found = await refusal(story, refused, "registerVolunteer", person_id=person)
    assert found == ("volunteers.person_not_active", "person_id")


async def test_a_volunteer_who_withdrew_enrols_again_only_after_returning(story: Any, refused: Any) -> None:
    activity, volunteer = await story.recruiting(), await story.volunteer()
    await story.act("enrolVolunteer", activity_id=activity, volunteer_id=volunteer)
    await story.act("withdrawVolunteer", id=volunteer)
    found = await refusal(story, refused, "enrolVolunteer", activity_id=activity, volunteer_id=volunteer)
    assert found == ("volunteers.not_a_volunteer", "volunteer_id")
    await story.act("registerVolunteer", person_id=await story.person_of(volunteer))
    await story.act("enrolVolunteer", activity_id=activity, volunteer_id=volunteer)


async def test_an_enrolment_is_refused_twice_and_outside_recruiting(story: Any, refused: Any) -> None:
    activity, volunteer = await story.activity(), await story.volunteer()
    given = {"activity_id": activity, "volunteer_id": volunteer}
    assert await refusal(story, refused, "enrolVolunteer", **given) == (
        "volunteers.not_recruiting",
        "activity_id",
    )
    await story.act("openVolunteerActivity", id=activity)
    await story.act("enrolVolunteer", **given)
    assert await refusal(story, refused, "enrolVolunteer", **given) == (
        "volunteers.already_enrolled",
        "activity_id",
    )


async def test_two_activities_at_one_time_are_refused_and_one_after_the_other_are_not(
    story: Any, refused: Any
) -> None:
    volunteer = await story.volunteer()
    first = await story.recruiting(start_h=1, hours=2)
    overlapping = await story.recruiting(start_h=2.5, hours=2)
    after = await story.recruiting(start_h=3, hours=1)
    before = await story.recruiting(start_h=0, hours=1)
    await story.act("enrolVolunteer", activity_id=first, volunteer_id=volunteer)
    found = await refusal(story, refused, "enrolVolunteer", activity_id=overlapping, volunteer_id=volunteer)
    assert found == ("volunteers.enrolment_overlaps", "activity_id")
    await story.act("enrolVolunteer", activity_id=after, volunteer_id=volunteer)
    await story.act("enrolVolunteer", activity_id=before, volunteer_id=volunteer)


async def test_an_enrolment_with_hours_stands(story: Any, refused: Any) -> None:
    activity, volunteer = await story.enrolled()
    entry = await story.claim(activity, volunteer)
    enrolment = UUID(str(await story.world.value("select id from volunteers_enrolment where tenant_id = $1")))
    found = await refusal(story, refused, "withdrawVolunteerEnrolment", id=enrolment)
    assert found == ("volunteers.has_hours", "")
    await story.act("reverseVolunteerHours", id=entry, reason="误报")
    await story.act("withdrawVolunteerEnrolment", id=enrolment)


@pytest.mark.parametrize(
    ("start_h", "end_h", "code", "at"),
    [
        (-6, -4, "volunteers.beyond_shift", "from_at"),
        (-4, -0.5, "volunteers.beyond_shift", "to_at"),
        (-5.5, -0.5, "volunteers.beyond_shift", "from_at"),
        (-4, -4, "volunteers.ends_before_start", "to_at"),
        (-3, -4, "volunteers.ends_before_start", "to_at"),
        (-4, 1, "future_date", "to_at"),
    ],
)
async def test_hours_outside_the_shift_or_in_the_future_are_refused(
    story: Any, refused: Any, start_h: float, end_h: float, code: str, at: str
) -> None:
    activity, volunteer = await story.enrolled()
    now = story.world.clock.now()
    times = {"from_at": now + timedelta(hours=start_h), "to_at": now + timedelta(hours=end_h)}
    with pytest.raises(refused) as caught:
        await story.claim(activity, volunteer, **times)
    assert (caught.value.code, caught.value.at) == (code, at)


async def test_hours_are_claimed_while_the_activity_runs_or_after_by_those_enrolled(
    story: Any, refused: Any
) -> None:
    activity, volunteer = await story.recruiting(), await story.volunteer()
    stranger = await story.volunteer("演示李四")
    await story.act("enrolVolunteer", activity_id=activity, volunteer_id=volunteer)
    with pytest.raises(refused) as caught:
        await story.claim(activity, volunteer)
    assert caught.value.code == "volunteers.not_claimable"
    await story.act("startVolunteerActivity", id=activity)
    with pytest.raises(refused) as caught:
        await story.claim(activity, stranger)
    assert caught.value.code == "volunteers.not_enrolled"
    await story.claim(activity, volunteer)


async def test_a_second_entry_for_the_same_activity_is_refused_until_the_first_is_reversed(
    story: Any, refused: Any
) -> None:
    activity, volunteer = await story.enrolled()
    entry = await story.claim(activity, volunteer)
    now = story.world.clock.now()
    apart = {"from_at": now - timedelta(hours=2), "to_at": now - timedelta(hours=1)}
    with pytest.raises(refused) as caught:
        await story.claim(activity, volunteer, **apart)
    assert caught.value.code == "volunteers.already_claimed"
    await story.act("reverseVolunteerHours", id=entry, reason="时间有误")
    await story.claim(activity, volunteer, **apart)


async def test_hours_that_overlap_others_of_the_person_are_refused(story: Any, refused: Any) -> None:
    activity, volunteer = await story.enrolled()
    await story.claim(activity, volunteer)
    other = await story.recruiting(start_h=-1, hours=0.5)
    await story.act("enrolVolunteer", activity_id=other, volunteer_id=volunteer)
    await story.finish(other)
    # The rule must hold even where enrolments overlap, for instance after a correction by hand.
    now = story.world.clock.now()
    await story.world.set_state(
        "volunteers_activity", other, starts_at=now - timedelta(hours=3), ends_at=now - timedelta(hours=1)
    )
    given = {"from_at": now - timedelta(hours=3), "to_at": now - timedelta(hours=1)}
    with pytest.raises(refused) as caught:
        await story.claim(other, volunteer, **given)
    assert (caught.value.code, caught.value.at) == ("volunteers.hours_overlap", "from_at")
    await story.claim(other, volunteer, from_at=now - timedelta(hours=2), to_at=now - timedelta(hours=1))


async def test_nobody_verifies_what_they_claimed_or_served(story: Any, refused: Any) -> None:
    world = story.world
    activity, volunteer = await story.enrolled()
    entry = await story.claim(activity, volunteer)
    same_person = replace(world.checker, person_id=await story.person_of(volunteer))
    for actor in (world.officer, same_person):
        found = await refusal(story, refused, "verifyVolunteerHours", actor, id=entry)
        assert found == ("volunteers.self_verification", "")
    await story.act("verifyVolunteerHours", world.checker, id=entry)


async def test_own_claims_are_not_verified_by_the_volunteer(story: Any, refused: Any) -> None:
    world = story.world
    activity, volunteer = await story.enrolled()
    person = await story.person_of(volunteer)
    entry = await story.claim(activity, volunteer, world.resident(person))
    officer_too = replace(world.officer, person_id=person)
    found = await refusal(story, refused, "verifyVolunteerHours", officer_too, id=entry)
    assert found == ("volunteers.self_verification", "")
    await story.act("verifyVolunteerHours", world.checker, id=entry)


async def test_hours_are_posted_once_and_reversed_once_with_a_reason(story: Any, refused: Any) -> None:
    entry = await story.posted()
    for name in ("postVolunteerHours", "verifyVolunteerHours"):
        found = await refusal(story, refused, name, story.world.checker, id=entry)
        assert found == ("workflow.undefined_transition", "")
    assert await refusal(story, refused, "reverseVolunteerHours", id=entry, reason=" ") == (
        "required",
        "reason",
    )
    await story.act("reverseVolunteerHours", id=entry, reason="误报")
    found = await refusal(story, refused, "reverseVolunteerHours", id=entry, reason="误报")
    assert found == ("workflow.undefined_transition", "")


async def test_an_activity_with_open_hours_is_not_settled(story: Any, refused: Any) -> None:
    activity, volunteer = await story.enrolled()
    entry = await story.claim(activity, volunteer)
    found = await refusal(story, refused, "settleVolunteerActivity", id=activity)
    assert found == ("volunteers.hours_open", "")
    await story.act("reverseVolunteerHours", id=entry, reason="未到场")
    await story.act("settleVolunteerActivity", id=activity)
    with pytest.raises(refused) as caught:
        await story.claim(activity, volunteer)
    assert caught.value.code == "volunteers.not_claimable"


async def test_nothing_is_certified_without_posted_hours_or_ahead_of_time(story: Any, refused: Any) -> None:
    activity, volunteer = await story.enrolled()
    await story.claim(activity, volunteer)
    found = await refusal(story, refused, "issueVolunteerCertificate", volunteer_id=volunteer)
    assert found == ("volunteers.nothing_to_certify", "volunteer_id")
    found = await refusal(
        story, refused, "issueVolunteerCertificate", volunteer_id=volunteer, as_of=date(2026, 5, 7)
    )
    assert found == ("future_date", "as_of")


async def test_a_reversal_revokes_the_certificates_that_counted_the_hours(story: Any, refused: Any) -> None:
    entry = await story.posted()
    sql = "select volunteer_id from volunteers_hours where tenant_id = $1 and id = $2"
    volunteer = UUID(str(await story.world.value(sql, entry)))
    certificate = await story.act("issueVolunteerCertificate", volunteer_id=volunteer)
    await story.act("reverseVolunteerHours", id=entry, reason="误报")
    sql = "select state from volunteers_certificate where tenant_id = $1 and id = $2"
    assert await story.world.value(sql, certificate) == "revoked"
    found = await refusal(story, refused, "revokeVolunteerCertificate", id=certificate, reason="再撤")
    assert found == ("workflow.undefined_transition", "")


@pytest.mark.parametrize(
    ("values", "code", "at"),
    [
        ({"residents": -1}, "volunteers.residents_out_of_range", "residents"),
        ({"residents": 2_000_000_001}, "volunteers.residents_out_of_range", "residents"),
        ({"as_of": date(2026, 5, 7)}, "future_date", "as_of"),
        ({"source": ""}, "required", "source"),
    ],
)
async def test_a_number_of_residents_that_cannot_be_is_refused(
    story: Any, refused: Any, values: dict[str, Any], code: str, at: str
) -> None:
    given = {"area_id": story.world.area.id, "residents": 7300, "as_of": date(2026, 1, 1), "source": "公报"}
    await story.act("recordVolunteerPopulation", **given)
    found = await refusal(story, refused, "recordVolunteerPopulation", **{**given, **values})
    assert found == (code, at)


async def test_without_the_permission_nothing_is_done_and_what_is_not_seen_is_not_found(
    story: Any, refused: Any
) -> None:
    world = story.world
    activity, volunteer = await story.enrolled()
    entry = await story.claim(activity, volunteer)
    elsewhere = world.bench.actor(world.officer.permissions, area_path="zz.")
    reader = world.bench.actor(
        ["volunteers.hours.read", "volunteers.activity.read", "volunteers.volunteer.read"]
    )
    for actor, code in ((elsewhere, "not_found"), (reader, "permission_denied")):
        for name in ("verifyVolunteerHours", "reverseVolunteerHours"):
            reason = {"reason": "试"} if name == "reverseVolunteerHours" else {}
            assert (await refusal(story, refused, name, actor, id=entry, **reason))[0] == code
        assert (await refusal(story, refused, "settleVolunteerActivity", actor, id=activity))[0] == code
        assert (await refusal(story, refused, "withdrawVolunteer", actor, id=volunteer))[0] == code
        given = {"volunteer_id": volunteer, "activity_id": activity}
        assert (await refusal(story, refused, "enrolVolunteer", actor, **given))[0] == code


async def test_a_resident_acts_for_oneself_and_for_nobody_else(story: Any, refused: Any) -> None:
    world = story.world
    person, other = await world.person(), await story.volunteer("演示李四")
    resident = world.resident(person)
    activity = await story.recruiting()
    found = await refusal(story, refused, "registerVolunteer", resident, person_id=await world.person())
    assert found == ("not_found", "person_id")
    volunteer = await story.act("registerVolunteer", resident, person_id=person)
    enrolment = await story.act("enrolVolunteer", resident, activity_id=activity)
    found = await refusal(
        story, refused, "enrolVolunteer", resident, activity_id=activity, volunteer_id=other
    )
    assert found[0] == "not_found"
    await story.act("withdrawVolunteerEnrolment", resident, id=enrolment)
    await story.act("enrolVolunteer", resident, activity_id=activity)
    await story.finish(activity)
    entry = await story.claim(activity, volunteer, resident)
    found = await refusal(story, refused, "verifyVolunteerHours", resident, id=entry)
    assert found[0] == "not_found"
    nobody = world.bench.actor(["volunteers.activity.read"])
    found = await refusal(story, refused, "enrolVolunteer", nobody, activity_id=activity)
    assert found == ("not_found", "volunteer_id")


async def test_the_right_to_take_part_is_no_right_over_others_who_can_be_seen(
    story: Any, refused: Any
) -> None:
    world = story.world
    reading = ["volunteers.volunteer.read", "volunteers.enrolment.read", "identity.person.read"]
    curious = replace(
        world.bench.actor([*reading, "volunteers.activity.read", "volunteers.own.take_part"]),
        person_id=await world.person("演示好奇者"),
    )
    activity, volunteer = await story.enrolled()
    sql = "select id from volunteers_enrolment where tenant_id = $1"
    enrolment = UUID(str(await world.value(sql)))
    other = await world.person("演示李四")
    both = {"activity_id": activity, "volunteer_id": volunteer}
    now = world.clock.now()
    attempts: list[tuple[str, dict[str, Any]]] = [
        ("registerVolunteer", {"person_id": other}),
        ("withdrawVolunteer", {"id": volunteer}),
        ("enrolVolunteer", both),
        ("withdrawVolunteerEnrolment", {"id": enrolment}),
        ("claimVolunteerHours", {**both, "from_at": now - timedelta(hours=4), "to_at": now}),
    ]
    for name, values in attempts:
        found = await refusal(story, refused, name, curious, **values)
        assert found == ("permission_denied", ""), name
