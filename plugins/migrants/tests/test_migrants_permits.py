"""Residence permits: from application to issue, endorsement, suspension, restoration and end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from linli_migrants import applications, permit_following, permit_jobs, permits
from linli_migrants.permit_states import APPLICATION, PERMIT

PERMIT_ROW = """select state || ' ' || valid_until || ' ' || coalesce(suspended_on::text, '-') || ' '
    || continuous_since from migrants_permit where tenant_id = $1 and id = $2"""


def at(day: str) -> datetime:
    """Noon of a day in Shanghai."""
    return datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC)


def turn(world: Any, day: str) -> None:
    world.clock.advance(at(day) - world.clock.now())


async def as_system(world: Any, work: Any, *arguments: Any) -> Any:
    async with world.bench.context(world.tenant, clock=world.clock) as ctx:
        return await work(ctx, *arguments)


async def issued_on(story: Any, world: Any, day: str) -> Any:
    """A permit that was issued on a day, of somebody who lives here since a year before."""
    turn(world, day)
    person = await world.person()
    await story.active(person_id=person, from_on=date.fromisoformat(day) - timedelta(days=365))
    return await story.permit(person_id=person)


async def test_the_permit_of_31_march_2025(story: Any, world: Any, refused: Any) -> None:
    permit = await issued_on(story, world, "2025-03-31")
    assert await world.value(PERMIT_ROW, permit) == "active 2026-03-31 - 2025-03-31"
    turn(world, "2026-02-27")
    with pytest.raises(refused) as caught:
        await story.act("endorseMigrantPermit", id=permit)
    assert caught.value.code == "migrants.not_yet_endorsable"
    turn(world, "2026-03-30")
    assert await as_system(world, permits.suspend_late) == 0
    turn(world, "2026-03-31")
    assert await as_system(world, permits.suspend_late) == 1
    assert await as_system(world, permits.suspend_late) == 0
    assert await world.value(PERMIT_ROW, permit) == "suspended 2026-03-31 2026-03-31 2025-03-31"
    turn(world, "2026-06-10")
    await story.act("endorseMigrantPermit", id=permit)
    assert await world.value(PERMIT_ROW, permit) == "active 2027-03-31 - 2026-06-10"
    row = "select on_time || ' ' || anniversary from migrants_endorsement where tenant_id = $1"
    assert await world.value(row) == "false 2026-03-31"


async def test_an_endorsement_in_the_window_keeps_the_years_of_residence(
    story: Any, world: Any, refused: Any
) -> None:
    permit = await issued_on(story, world, "2025-03-31")
    turn(world, "2026-02-28")
    await story.act("endorseMigrantPermit", id=permit)
    assert await world.value(PERMIT_ROW, permit) == "active 2027-03-31 - 2025-03-31"
    with pytest.raises(refused) as caught:
        await story.act("endorseMigrantPermit", id=permit)
    assert caught.value.code == "migrants.not_yet_endorsable"
    turn(world, "2026-03-31")
    assert await as_system(world, permits.suspend_late) == 0


async def test_the_job_catches_up_after_it_did_not_run(quick: Any, world: Any) -> None:
    permit = await issued_on(quick, world, "2025-03-31")
    turn(world, "2026-05-20")
    await as_system(world, permit_jobs.suspend, {})
    assert await world.value(PERMIT_ROW, permit) == "suspended 2026-03-31 2026-03-31 2025-03-31"


async def test_people_are_reminded_when_the_window_opens_and_a_week_before(quick: Any, world: Any) -> None:
    await issued_on(quick, world, "2025-03-31")
    told = {}
    for day in ("2026-02-27", "2026-02-28", "2026-03-01", "2026-03-23", "2026-03-24", "2026-03-25"):
        turn(world, day)
        told[day] = await as_system(world, permits.remind)
    assert {day for day, count in told.items() if count} == {"2026-02-28", "2026-03-24"}
    events = """select string_agg(payload ->> 'again', ' ' order by id) from events_event
        where tenant_id = $1 and name = 'migrants.endorsement_due'"""
    assert await world.value(events) == "false true"


async def test_the_number_is_encrypted_and_shown_for_a_reason(quick: Any, world: Any) -> None:
    permit = await quick.permit("jz123456")
    async with world.context() as ctx:
        shown = await permits.reveal_number(ctx, permit, reason="窗口核验")
    assert shown.value == "JZ123456"
    assert (
        await world.value(
            "select position('JZ123456'::bytea in number) from migrants_permit where tenant_id = $1"
        )
        == 0
    )


async def test_the_decision_is_due_in_15_days_or_30_in_remote_areas(story: Any, world: Any) -> None:
    due = """select (decision_due_on - '2026-05-06'::date)::text from migrants_application
        where tenant_id = $1 and id = $2"""
    assert await world.value(due, await story.accepted()) == "15"
    remote = await story.handed_in()
    await story.act("acceptMigrantApplication", world.checker, id=remote, remote=True)
    assert await world.value(due, remote) == "30"


async def test_an_application_is_returned_once_with_all_that_is_missing(
    story: Any, world: Any, refused: Any
) -> None:
    application = await story.drafted()
    await story.act("showMigrantPaper", application_id=application, kind="photo", reference="照片")
    await story.act("submitMigrantApplication", id=application)
    with pytest.raises(refused) as caught:
        await story.act("acceptMigrantApplication", world.checker, id=application)
    assert caught.value.code == "migrants.papers_missing"
    await story.act("returnMigrantApplication", world.checker, id=application, note="请补齐")
    missing = "select lacking from migrants_application where tenant_id = $1 and id = $2"
    assert await world.value(missing, application) == "identity ground_proof"
    await story.act("submitMigrantApplication", id=application)
    with pytest.raises(refused) as caught:
        await story.act("returnMigrantApplication", world.checker, id=application)
    assert caught.value.code == "migrants.returned_before"


async def test_a_complete_application_is_not_returned(story: Any, world: Any, refused: Any) -> None:
    with pytest.raises(refused) as caught:
        await story.act("returnMigrantApplication", world.checker, id=await story.handed_in())
    assert caught.value.code == "migrants.nothing_missing"


@pytest.mark.parametrize(
    ("submitted", "last", "late"),
    [
        # 2026: holidays from 15 to 23 February; 14 and 28 February are make-up workdays (调休).
        ("2026-02-12", "2026-02-26", "2026-02-27"),
        ("2026-02-25", "2026-03-03", "2026-03-04"),
        # 2025: holidays from 28 January to 4 February; 26 January and 8 February work.
        ("2025-01-24", "2025-02-07", "2025-02-08"),
    ],
)
async def test_working_days_over_the_spring_festival(
    quick: Any, world: Any, refused: Any, submitted: str, last: str, late: str
) -> None:
    turn(world, submitted)
    person = await world.person()
    await quick.active(person_id=person, from_on=date(2024, 1, 1))
    one = await quick.drafted(person_id=person)
    await quick.act("submitMigrantApplication", id=one)
    turn(world, late)
    with pytest.raises(refused) as caught:
        await quick.act("returnMigrantApplication", world.checker, id=one)
    assert caught.value.code == "migrants.return_too_late"
    turn(world, last)
    await quick.act("returnMigrantApplication", world.checker, id=one)


async def test_what_was_not_returned_in_time_counts_as_accepted(story: Any, world: Any) -> None:
    application = await story.drafted()
    await story.act("submitMigrantApplication", id=application)
    turn(world, "2026-05-14")
    await story.act("acceptMigrantApplication", world.checker, id=application)


async def test_a_permit_takes_half_a_year_of_residence(story: Any, world: Any, refused: Any) -> None:
    person = await world.person()
    await story.active(person_id=person, from_on=date(2025, 11, 7))
    application = await story.drafted(person_id=person)
    with pytest.raises(refused) as caught:
        await story.act("submitMigrantApplication", id=application)
    assert caught.value.code == "migrants.not_yet_eligible"
    turn(world, "2026-05-07")
    await story.act("submitMigrantApplication", id=application)


async def test_a_move_does_not_break_half_a_year(story: Any, world: Any) -> None:
    person = await world.person()
    stay = await story.active(person_id=person, from_on=date(2025, 9, 1))
    new = await story.act("moveMigrantStay", id=stay, dwelling_id=await story.dwelling(), on=date(2026, 4, 1))
    await story.act("verifyMigrantStay", world.checker, id=new)
    await story.handed_in(person_id=person)


async def test_nobody_has_two_permits_or_two_open_applications(story: Any, world: Any, refused: Any) -> None:
    person = await world.person()
    await story.active(person_id=person, from_on=date(2025, 9, 1))
    first = await story.drafted(person_id=person)
    with pytest.raises(refused) as caught:
        await story.drafted(person_id=person)
    assert caught.value.code == "migrants.has_application"
    await story.act("withdrawMigrantApplication", id=first)
    await story.permit(person_id=person)
    with pytest.raises(refused) as caught:
        await story.drafted(person_id=person)
    assert caught.value.code == "migrants.has_permit"


async def test_the_registered_of_this_place_need_no_permit(story: Any, world: Any, refused: Any) -> None:
    person = await world.person()
    await story.active(person_id=person, from_on=date(2025, 9, 1))
    await world.set_state("areas_area", world.area.id, code="610121000000")
    with pytest.raises(refused) as caught:
        await story.drafted(person_id=person)
    assert caught.value.code == "migrants.permit_for_locals"


async def test_a_permit_takes_a_stay_on_file(story: Any, world: Any, refused: Any) -> None:
    with pytest.raises(refused) as caught:
        await story.drafted(person_id=await world.person())
    assert caught.value.code == "migrants.no_active_stay"


async def test_a_permit_is_never_issued_before_acceptance(story: Any, world: Any, refused: Any) -> None:
    given = {"number": "JZ0000000001", "issued_on": date(2026, 5, 6)}
    for application in (await story.handed_in(), await story.accepted()):
        with pytest.raises(refused) as caught:
            await story.act("recordMigrantPermit", world.checker, application_id=application, **given)
        assert caught.value.code == "workflow.undefined_transition"
    approved = await story.approved()
    early = {**given, "issued_on": date(2026, 5, 5)}
    with pytest.raises(refused) as caught:
        await story.act("recordMigrantPermit", world.checker, application_id=approved, **early)
    assert caught.value.code == "migrants.issued_before_acceptance"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"number": "1"}, "migrants.not_a_permit_number"),
        ({"issued_on": date(2026, 5, 7)}, "future_date"),
        ({"number": "JZ0000000001"}, "migrants.permit_number_taken"),
    ],
)
async def test_what_a_permit_cannot_be(
    story: Any, world: Any, refused: Any, values: dict[str, Any], code: str
) -> None:
    await story.permit("JZ0000000001")
    given = {"number": "JZ0000000002", "issued_on": date(2026, 5, 6), **values}
    with pytest.raises(refused) as caught:
        await story.act("recordMigrantPermit", world.checker, application_id=await story.approved(), **given)
    assert caught.value.code == code


async def test_nobody_decides_what_they_submitted_or_their_own(story: Any, world: Any, refused: Any) -> None:
    application = await story.handed_in()
    for name, values in (
        ("acceptMigrantApplication", {}),
        ("refuseMigrantApplication", {"reason": "不符"}),
        ("returnMigrantApplication", {}),
    ):
        with pytest.raises(refused) as caught:
            await story.act(name, id=application, **values)
        assert caught.value.code == "migrants.own_application"


async def test_an_objection_is_decided_by_somebody_new(story: Any, world: Any, refused: Any) -> None:
    application = await story.refused()
    row = """select refuse_reason || ' ' || (rule_version <> '') || ' ' || (objection_until - '2026-05-06'::date)
        from migrants_application where tenant_id = $1 and id = $2"""
    assert await world.value(row, application) == "居住情况不实 true 60"
    await story.act("objectToMigrantRefusal", id=application, objection="我一直住在这里")
    with pytest.raises(refused) as caught:
        await story.act("upholdMigrantRefusal", world.checker, id=application, answer="维持")
    assert caught.value.code == "migrants.same_decider"
    third = world.bench.actor([one for grant in world.officer.grants for one in grant.permissions])
    await story.act("reopenMigrantApplication", third, id=application, answer="证据充分")
    await story.act("acceptMigrantApplication", world.checker, id=application)


async def test_an_objection_comes_in_time(story: Any, world: Any, refused: Any) -> None:
    application = await story.refused()
    turn(world, "2026-07-06")
    with pytest.raises(refused) as caught:
        await story.act("objectToMigrantRefusal", id=application, objection="晚了")
    assert caught.value.code == "migrants.objection_too_late"


async def test_papers_and_ground_stand_once_handed_in(story: Any, world: Any, refused: Any) -> None:
    application = await story.drafted()
    paper = await story.act("showMigrantPaper", application_id=application, kind="photo", reference="照片")
    with pytest.raises(refused) as caught:
        await story.act("showMigrantPaper", application_id=application, kind="photo", reference="照片")
    assert caught.value.code == "migrants.paper_given"
    await story.act("changeMigrantApplication", id=application, ground="housing")
    await story.act("submitMigrantApplication", id=application)
    for name, values in (
        ("changeMigrantApplication", {"id": application, "ground": "work"}),
        ("takeMigrantPaperBack", {"id": paper}),
        ("showMigrantPaper", {"application_id": application, "kind": "identity", "reference": "证件"}),
    ):
        with pytest.raises(refused) as caught:
            await story.act(name, **values)
        assert caught.value.code == "migrants.application_not_changeable"


async def test_somebody_applies_for_themselves(story: Any, world: Any) -> None:
    person = await world.person()
    await story.active(person_id=person, from_on=date(2025, 9, 1))
    me = world.resident(person)
    application = await story.act("draftMigrantApplication", me, ground="work")
    await story.act("submitMigrantApplication", me, id=application)
    await story.act("withdrawMigrantApplication", me, id=application)


async def test_a_permit_ends_with_the_stay_and_not_with_a_move(quick: Any, world: Any) -> None:
    person = await world.person()
    stay = await quick.active(person_id=person, from_on=date(2025, 9, 1))
    permit = await quick.permit(person_id=person)
    moved = await quick.act(
        "moveMigrantStay", id=stay, dwelling_id=await quick.dwelling(), on=date(2026, 5, 1)
    )
    await as_system(world, permit_following.follow_stay_end, person)
    assert str(await world.value(PERMIT_ROW, permit)).startswith("active")
    await quick.act("verifyMigrantStay", world.checker, id=moved)
    await quick.act("departMigrantStay", id=moved, on=date(2026, 5, 6))
    for _ in range(2):
        await as_system(world, permit_following.follow_stay_end, person)
    assert str(await world.value(PERMIT_ROW, permit)).startswith("terminated")


async def test_who_lives_here_no_longer_gets_no_endorsement(story: Any, world: Any, refused: Any) -> None:
    permit = await issued_on(story, world, "2025-03-31")
    turn(world, "2026-03-10")
    stay = await world.value("select id from migrants_stay where tenant_id = $1")
    await story.act("departMigrantStay", id=stay, on=date(2026, 3, 1))
    with pytest.raises(refused) as caught:
        await story.act("endorseMigrantPermit", id=permit)
    assert caught.value.code == "migrants.no_active_stay"


STEPS: dict[str, tuple[str, dict[str, Any]]] = {
    "submit": ("submitMigrantApplication", {}),
    "return": ("returnMigrantApplication", {}),
    "accept": ("acceptMigrantApplication", {}),
    "refuse": ("refuseMigrantApplication", {"reason": "不符"}),
    "forward": ("forwardMigrantApplication", {}),
    "approve": ("recordMigrantDecision", {"decision": "approved", "reference": "公字第 1 号"}),
    "refuse_by_authority": (
        "recordMigrantDecision",
        {"decision": "refused", "reference": "公字第 1 号", "reason": "不符"},
    ),
    "issue": ("recordMigrantPermit", {"number": "JZ0000000009", "issued_on": date(2026, 5, 6)}),
    "object": ("objectToMigrantRefusal", {"objection": "异议"}),
    "uphold": ("upholdMigrantRefusal", {"answer": "维持"}),
    "reopen": ("reopenMigrantApplication", {"answer": "重新办理"}),
    "withdraw": ("withdrawMigrantApplication", {}),
}


@pytest.mark.parametrize("state", APPLICATION.states)
@pytest.mark.parametrize("action", APPLICATION.actions)
async def test_every_step_of_an_application_that_is_not_defined_is_refused(
    story: Any, world: Any, refused: Any, state: str, action: str
) -> None:
    application = await story.drafted()
    now = world.clock.now()
    await world.set_state(
        "migrants_application",
        application,
        state=state,
        submitted_at=now,
        return_until=now,
        submitted_by=world.officer.id,
        accepted_at=now,
        decision_due_on=date(2026, 5, 21),
        refuse_reason="不符",
        rule_version="条例",
        objection_until=date(2026, 7, 5),
    )
    name, values = STEPS[action]
    given = {("application_id" if action == "issue" else "id"): application, **values}
    if any((row.source, row.action) == (state, action) for row in APPLICATION.transitions):
        if action == "accept":  # what was not returned in time counts as accepted
            world.clock.advance(timedelta(minutes=1))
        await story.act(name, world.checker, **given)
        return
    with pytest.raises(refused) as caught:
        await story.act(name, world.checker, **given)
    assert caught.value.code == "workflow.undefined_transition"


@pytest.mark.parametrize("state", PERMIT.states)
@pytest.mark.parametrize("action", ["endorse", "terminate"])
async def test_every_step_of_a_permit_that_is_not_defined_is_refused(
    story: Any, world: Any, refused: Any, state: str, action: str
) -> None:
    permit = await issued_on(story, world, "2025-03-31")
    turn(world, "2026-03-10")
    ended = state == "terminated"
    await world.set_state(
        "migrants_permit",
        permit,
        state=state,
        suspended_on=date(2026, 3, 1) if state == "suspended" else None,
        ended_on=date(2026, 3, 1) if ended else None,
        end_reason="离开" if ended else "",
    )
    name = f"{action}MigrantPermit"
    values = {"reason": "注销"} if action == "terminate" else {}
    if not ended:
        await story.act(name, id=permit, **values)
        return
    with pytest.raises(refused) as caught:
        await story.act(name, id=permit, **values)
    assert caught.value.code == "workflow.undefined_transition"


async def test_the_applicant_sees_what_is_missing(quick: Any, world: Any, api: Any) -> None:
    person = await world.person()
    await quick.active(person_id=person, from_on=date(2025, 9, 1))
    application = await quick.drafted(person_id=person)
    await quick.act("submitMigrantApplication", id=application)
    await quick.act("returnMigrantApplication", world.checker, id=application, note="请补齐")
    document = (
        "{ migrantApplications(first: 5) { nodes { state missing note papers(first: 3) { totalCount } } } }"
    )
    seen = await api.execute(world.tenant, world.resident(person), document)
    assert seen["migrantApplications"]["nodes"] == [
        {
            "state": "RETURNED",
            "missing": ["IDENTITY", "PHOTO", "GROUND_PROOF"],
            "note": "请补齐",
            "papers": {"totalCount": 0},
        }
    ]


WORK = """{ migrantWorkList(sections: [ENDORSEMENTS_DUE, APPLICATIONS_OPEN]) {
    section groups { grid building items { subjectId person dueOn } } } }"""
FIGURES = """query($since: Date!, $until: Date!) { migrantPermitFigures(since: $since, until: $until) {
    permitsValid { numerator denominator percent status }
    endorsementsOnTime { numerator denominator percent status } } }"""
LOOKING = ["migrants.permit.read", "migrants.figures.read"]


async def test_the_work_list_has_endorsements_that_are_due_and_applications_that_wait(
    quick: Any, world: Any, api: Any
) -> None:
    api.runtime.clock = world.clock
    await issued_on(quick, world, "2025-03-31")
    turn(world, "2026-02-27")
    person = await world.person()
    await quick.active(person_id=person, from_on=date(2025, 6, 1))
    await quick.handed_in(person_id=person)
    looking = world.bench.actor(LOOKING)

    async def counted() -> dict[str, list[str]]:
        found = (await api.execute(world.tenant, looking, WORK))["migrantWorkList"]
        return {
            page["section"]: [item["dueOn"] for group in page["groups"] for item in group["items"]]
            for page in found
        }

    assert await counted() == {"ENDORSEMENTS_DUE": [], "APPLICATIONS_OPEN": ["2026-03-05"]}
    turn(world, "2026-02-28")
    assert (await counted())["ENDORSEMENTS_DUE"] == ["2026-03-31"]
    turn(world, "2026-06-10")
    await as_system(world, permits.suspend_late)
    assert (await counted())["ENDORSEMENTS_DUE"] == ["2026-03-31"]


async def test_rates_are_made_from_who_is_eligible_and_what_was_due(quick: Any, world: Any, api: Any) -> None:
    api.runtime.clock = world.clock
    turn(world, "2025-03-31")
    held = []
    for number in range(8):
        person = await world.person()
        await quick.active(person_id=person, from_on=date(2024, 3, 31))
        if number < 6:
            held.append(await quick.permit(f"JZ000000{number}", person_id=person))
    moved = await world.person()
    stay = await quick.active(person_id=moved, from_on=date(2024, 8, 1))
    new = await quick.act("moveMigrantStay", id=stay, dwelling_id=await quick.dwelling(), on=date(2025, 3, 1))
    await quick.act("verifyMigrantStay", world.checker, id=new)
    await quick.active(person_id=await world.person(), from_on=date(2025, 1, 1))  # not half a year yet
    looking = world.bench.actor(LOOKING)

    async def figures(**days: str) -> Any:
        return (await api.execute(world.tenant, looking, FIGURES, days))["migrantPermitFigures"]

    found = await figures(since="2025-01-01", until="2025-03-31")
    assert found["permitsValid"] == {
        "numerator": 6,
        "denominator": 9,
        "percent": "66.67",
        "status": "DEFINED",
    }
    assert found["endorsementsOnTime"]["status"] == "NOT_DEFINED"
    turn(world, "2026-03-15")
    for permit in held[:5]:
        await quick.act("endorseMigrantPermit", id=permit)
    turn(world, "2026-04-10")
    await as_system(world, permits.suspend_late)
    found = await figures(since="2026-03-01", until="2026-04-10")
    assert found["endorsementsOnTime"] == {
        "numerator": 5,
        "denominator": 6,
        "percent": "83.33",
        "status": "DEFINED",
    }


async def test_a_deadline_beyond_the_published_calendar_is_filled_in_later(
    story: Any, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn(world, "2026-12-29")
    application = await story.drafted()
    await story.act("submitMigrantApplication", id=application)
    until = "select return_until from migrants_application where tenant_id = $1 and id = $2"
    assert await world.value(until, application) is None
    assert await as_system(world, applications.fill_deadlines) == 0
    monkeypatch.setattr(applications, "due_if_known", lambda _deadline: world.clock.now())
    assert await as_system(world, applications.fill_deadlines) == 1
    assert await world.value(until, application) == world.clock.now()
    await story.act("returnMigrantApplication", world.checker, id=application)
