"""Whoever acts for an applicant of a call has no part in its review and its decision, through the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from linli_graphql.ids import from_global_id, to_global_id

D, P, R = "VentureDecision", "VentureProposal", "VentureReview"
CODE = "venture.own_call"


def officer_of(world: Any, applicant: Any) -> Any:
    """An officer with every right, who also acts for an applicant."""
    return world.resident(applicant.writer.person_id, tuple(world.officer.permissions))


async def test_who_acts_for_an_applicant_does_not_run_the_review(
    world: Any, story: Any, refused: Any
) -> None:
    first, second = await world.applicant(), await world.applicant()
    experts = [await world.expert() for _ in range(6)]
    call, (mine, theirs) = await story.closed([first, second])
    officer = officer_of(world, first)
    assert await refused(story.step("drawVentureReviewers", officer, call)) == CODE
    await story.step("drawVentureReviewers", world.officer, call)
    sql = "select id from venture_review where tenant_id = $1 and proposal_id = $2 order by place limit 1"
    for proposal in (mine, theirs):
        review = UUID(int=(await world.value(sql, proposal)).int)
        assert await refused(story.reason("replaceVentureReviewer", officer, review, R)) == CODE
        moderate = world.act(
            "moderateVentureProposal",
            officer,
            takes="VentureReasonInput",
            gives=R,
            id=to_global_id(P, proposal),
            reason="补足",
        )
        assert await refused(moderate) == CODE
    for reviewer in experts:
        if await story.reviews_of(reviewer):
            await story.declare(call, reviewer)
            for one in await story.reviews_of(reviewer, "DECLARED"):
                await story.score(one, reviewer)
    assert await refused(story.step("rankVentureCall", officer, call)) == CODE
    await story.step("rankVentureCall", world.officer, call)


async def test_who_acts_for_an_applicant_has_no_part_in_the_decision(
    world: Any, story: Any, refused: Any
) -> None:
    first, second = await world.applicant(), await world.applicant()
    experts = [await world.expert() for _ in range(5)]
    await world.fund(100_000_000)
    call, (mine, theirs) = await story.ranked([first, second], experts)
    officer = officer_of(world, first)
    outcomes = (mine, "AWARD"), (theirs, "REJECT")
    assert await refused(story.propose(call, outcomes, officer)) == CODE
    decision = await story.propose(call, outcomes)
    assert await refused(story.step("announceVentureDecision", officer, decision, D)) == CODE
    await story.step("announceVentureDecision", world.second, decision, D)
    made = await world.act(
        "objectToVentureAwards",
        second.writer,
        gives="VentureObjection",
        proposal_id=theirs,
        reason="评分有误",
    )
    objection = from_global_id(made["id"])[1]
    reviewer = world.resident(experts[0].actor.person_id, tuple(world.officer.permissions))
    for actor in (officer, officer_of(world, second), reviewer):
        decide = world.act(
            "decideVentureObjection",
            actor,
            gives="VentureObjection",
            id=objection,
            upheld=False,
            reason="无误",
        )
        assert await refused(decide) == "venture.own_objection"
    until = await world.value("select notice_until from venture_decision where tenant_id = $1")
    await world.act(
        "decideVentureObjection",
        world.third,
        gives="VentureObjection",
        id=objection,
        upheld=False,
        reason="无误",
    )
    world.at(until.replace(year=until.year + 1))
    assert await refused(story.step("concludeVentureDecision", officer, decision, D)) == CODE


async def test_who_acts_for_an_applicant_checks_no_rival(world: Any, story: Any, refused: Any) -> None:
    first, second = await world.applicant(), await world.applicant()
    call = await story.open()
    await story.begun(call, first)
    rival = await story.submitted(call, second)
    officer = officer_of(world, first)
    assert await refused(story.step("acceptVentureProposal", officer, rival, P)) == CODE
    for step in ("returnVentureProposal", "refuseVentureProposal"):
        assert await refused(story.reason(step, officer, rival, P)) == CODE


async def test_who_wrote_under_another_account_checks_no_rival_after_leaving(
    world: Any, story: Any, refused: Any
) -> None:
    first, second = await world.applicant(), await world.applicant()
    call = await story.open()
    await story.begun(call, first)
    rival = await story.submitted(call, second)
    person_id = first.writer.person_id
    officer, _ = await world.bench.one_person(world.tenant, person_id, officer_of(world, first), first.writer)
    member = await world.value(
        "select id from venture_member where tenant_id = $1 and person_id = $2", person_id
    )
    await world.act(
        "removeVentureMember", world.officer, takes="VentureStepInput", gives="VentureMember", shows="id",
        id=to_global_id("VentureMember", UUID(int=member.int)),
    )  # fmt: skip
    assert await refused(story.step("acceptVentureProposal", officer, rival, P)) == CODE


async def test_who_is_on_the_reserve_list_takes_nobody_off_it(world: Any, story: Any, refused: Any) -> None:
    applicants = [await world.applicant() for _ in range(2)]
    experts = [await world.expert() for _ in range(5)]
    await world.fund(100_000_000)
    call, (first, second) = await story.ranked(applicants, experts)
    await story.concluded(call, ((first, "RESERVE"), (second, "RESERVE")))
    officer = officer_of(world, applicants[1])
    assert await refused(story.reason("letGoVentureReserve", officer, first, P)) == CODE
    await story.reason("letGoVentureReserve", world.second, first, P)


async def test_a_reviewer_of_a_call_does_not_manage_its_review(world: Any, story: Any, refused: Any) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(6)]
    call, _proposals = await story.drawn([applicant])
    drawn = [one for one in experts if await story.reviews_of(one)]
    officer = world.resident(drawn[0].actor.person_id, tuple(world.officer.permissions))
    (other,) = await story.reviews_of(drawn[1])
    replace = story.reason("replaceVentureReviewer", officer, other, R)
    assert await refused(replace) == "venture.reviewer_manages"
    assert await refused(story.step("rankVentureCall", officer, call)) == "venture.reviewer_manages"


async def test_nobody_enters_or_removes_themselves_as_a_member(world: Any, story: Any, refused: Any) -> None:
    applicant = await world.applicant()
    officer = officer_of(world, applicant)
    sql = "select id from venture_member where tenant_id = $1 and person_id = $2"
    member = UUID(int=(await world.value(sql, applicant.writer.person_id)).int)
    leave = world.act(
        "removeVentureMember",
        officer,
        takes="VentureStepInput",
        gives="VentureMember",
        shows="id",
        id=member,
    )
    assert await refused(leave) == "workflow.own_work"
    join = world.act(
        "addVentureMember",
        officer,
        gives="VentureMember",
        organisation_id=await world.organisation(),
        person_id=officer.person_id,
    )
    assert await refused(join) == "workflow.own_work"
