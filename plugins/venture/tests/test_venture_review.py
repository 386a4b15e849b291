"""The review through the API: the draw recomputed, declarations, blind scores, the ranking."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from linli_graphql.ids import to_global_id
from linli_organisations import officers
from linli_venture.review import sheets
from linli_venture.review.states import EXPERT, REVIEW, ExpertState, ReviewState

DRAW = "{ ventureCalls { nodes { seedCommitment } } ventureDraws { nodes { seed digest content } } }"
DOSSIER = """query ($review: ID!) { ventureReviewDossier(review: $review) {
    number title applicant grantFen texts { key text } lines { item amountFen } } }"""
P, R = "VentureProposal", "VentureReview"


async def panel(world: Any, proposal: UUID) -> list[tuple[str, str]]:
    """The reviewers of a proposal in the order of their places, with the states of their reviews."""
    async with world.context() as ctx:
        found = await ctx.db.fetch(
            "select e.code, r.state from venture_review r join venture_expert e on e.tenant_id = $1"
            " and e.id = r.expert_id where r.tenant_id = $1 and r.proposal_id = $2 order by r.place",
            world.tenant.id,
            proposal,
        )
    return [(row["code"], row["state"]) for row in found]


def recomputed(seed: str, content: dict[str, Any], number: str) -> list[str]:
    """The order of a proposal's experts, as an outsider computes it from what is published."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    (proposal,) = [one for one in content["proposals"] if one["number"] == number]
    tickets = {
        hashlib.sha256(f"{seed}|{digest}|{number}|{one['code']}".encode()).hexdigest(): one["code"]
        for one in content["experts"]
        if proposal["category"] in one["expertise"] and one["code"] not in proposal["excluded"]
    }
    return [tickets[key] for key in sorted(tickets)]


async def test_an_outsider_recomputes_the_draw_from_the_seed_and_the_list(world: Any, story: Any) -> None:
    applicants = [await world.applicant() for _ in range(3)]
    employer = applicants[0].organisation_id
    experts = [await world.expert() for _ in range(9)]
    experts += [await world.expert(("环保",)), await world.expert(employer_id=employer)]
    call, proposals = await story.closed(applicants)
    before = await world.ask(world.officer, DRAW)
    assert before["ventureDraws"]["nodes"] == []
    await story.step("drawVentureReviewers", world.officer, call)
    found = await world.ask(world.officer, DRAW)
    (draw,) = found["ventureDraws"]["nodes"]
    commitment = found["ventureCalls"]["nodes"][0]["seedCommitment"]
    assert hashlib.sha256(draw["seed"].encode()).hexdigest() == commitment
    assert commitment == before["ventureCalls"]["nodes"][0]["seedCommitment"]
    text = json.dumps(draw["content"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == draw["digest"]
    assert len(draw["content"]["experts"]) == 11
    numbers = [one["number"] for one in draw["content"]["proposals"]]
    assert draw["content"]["proposals"][0]["excluded"] == [experts[-1].code]
    for number, proposal in zip(numbers, proposals, strict=True):
        expected = recomputed(draw["seed"], draw["content"], number)
        assert await panel(world, proposal) == [(code, "drawn") for code in expected[:5]]
        assert experts[9].code not in expected


async def test_the_seed_is_nowhere_before_the_draw(world: Any, story: Any) -> None:
    await story.published()
    stored = await world.value("select seed from venture_draw_seed where tenant_id = $1")
    commitment = await world.value("select seed_commitment from venture_call where tenant_id = $1")
    assert len(commitment) == 64
    trail = await world.value(
        "select string_agg(coalesce(after::text, ''), ' ') from audit_entry"
        " where tenant_id = $1 and subject_table = 'venture_draw_seed'"
    )
    assert "***" in trail
    assert hashlib.sha256(bytes(stored)).hexdigest() != commitment


async def test_people_whom_the_registers_tie_to_an_applicant_are_left_out(world: Any, story: Any) -> None:
    applicant = await world.applicant()
    async with world.context() as ctx:
        entry = await ctx.db.fetchval(
            "select id from organisations_registration where tenant_id = $1 and organisation_id = $2",
            ctx.tenant_id,
            applicant.organisation_id,
        )
        experts = [await world.expert() for _ in range(7)]
        await officers.add(
            ctx,
            entry,
            post="director",
            valid_from=date(2025, 1, 1),
            is_serving_official=False,
            person_id=experts[0].actor.person_id,
        )
    await world.act(
        "addVentureMember",
        world.officer,
        gives="VentureMember",
        organisation_id=applicant.organisation_id,
        person_id=experts[1].actor.person_id,
    )
    _call, (proposal,) = await story.drawn([applicant])
    codes = {code for code, _state in await panel(world, proposal)}
    assert codes == {one.code for one in experts[2:]}


async def test_a_draw_waits_for_the_check_and_for_objections_and_needs_experts(
    world: Any, story: Any, refused: Any
) -> None:
    applicants = [await world.applicant(), await world.applicant()]
    call = await story.open()
    first = await story.submitted(call, applicants[0])
    second = await story.submitted(call, applicants[1])
    world.at(world.clock.now() + timedelta(days=10, seconds=1))
    assert await refused(story.step("drawVentureReviewers", world.officer, call)) == (
        "workflow.undefined_transition"
    )
    await story.step("closeVentureCall", world.officer, call)

    def draw() -> Any:
        return story.step("drawVentureReviewers", world.officer, call)

    assert await refused(draw()) == "venture.unchecked_proposals"
    await story.reason("refuseVentureProposal", world.officer, first, P)
    await story.reason("refuseVentureProposal", world.officer, second, P)
    assert await refused(draw()) == "venture.objection_open"
    world.at(world.clock.now() + timedelta(days=20))
    assert await refused(draw()) == "venture.nothing_to_review"
    await world.put("venture_proposal", second, state="eligible")
    for _ in range(4):
        await world.expert()
    assert await refused(draw()) == "venture.too_few_experts"
    await world.expert()
    await draw()


async def test_nothing_is_opened_before_interests_are_declared(world: Any, story: Any, refused: Any) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(5)]
    call, _proposals = await story.drawn([applicant])
    reviewer, other = experts[:2]
    (review,) = await story.reviews_of(reviewer)

    async def opened(actor: Any) -> Any:
        variables = {"review": to_global_id(R, review)}
        return await world.api.execute(world.tenant, actor, DOSSIER, variables)

    assert (await opened(reviewer.actor))["ventureReviewDossier"] is None
    assert await refused(story.score(review, reviewer)) == "venture.declare_first"
    shown = await world.ask(
        reviewer.actor,
        "query ($call: ID!) { ventureReviewApplicants(call: $call) { name } }",
        call=to_global_id("VentureCall", call),
    )
    assert [one["name"] for one in shown["ventureReviewApplicants"]] == ["演示服务中心1"]
    await story.declare(call, reviewer)
    assert await refused(story.declare(call, reviewer)) == "venture.declared_already"
    dossier = (await opened(reviewer.actor))["ventureReviewDossier"]
    assert (dossier["number"], dossier["applicant"], dossier["grantFen"]) == ("2026-1-001", None, 6_000_000)
    assert dossier["texts"][2] == {"key": "plan_text", "text": "招募志愿者\n每周探访"}
    assert (await opened(other.actor))["ventureReviewDossier"] is None
    assert (await opened(world.officer)).codes == ["permission_denied"]
    assert await refused(story.score(review, other)) == "not_found"


async def test_reviewers_see_who_applies_only_where_the_call_says_so(world: Any, story: Any) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(5)]
    call, _proposals = await story.drawn([applicant], anonymous=False)
    (review,) = await story.reviews_of(experts[0])
    await story.declare(call, experts[0])
    found = await world.ask(experts[0].actor, DOSSIER, review=to_global_id(R, review))
    assert found["ventureReviewDossier"]["applicant"] == "演示服务中心1"


async def test_an_interest_recuses_and_the_next_of_the_order_reviews(
    world: Any, story: Any, refused: Any
) -> None:
    first, second = await world.applicant(), await world.applicant()
    experts = {one.code: one for one in [await world.expert() for _ in range(7)]}
    call, (proposal, other) = await story.drawn([first, second])
    (draw,) = (await world.ask(world.officer, DRAW))["ventureDraws"]["nodes"]
    order = recomputed(draw["seed"], draw["content"], "2026-1-001")
    reviewer = experts[order[0]]
    assert await refused(story.declare(call, reviewer, [world.town.id])) == "venture.no_applicant_here"
    await story.declare(call, reviewer, [first.organisation_id])
    found = await panel(world, proposal)
    assert [code for code, _state in found] == order[:6]
    assert found[0] == (order[0], "recused")
    states = dict(await panel(world, other))
    assert states.get(order[0], "declared") == "declared"
    recused = await world.value(
        "select r.id from venture_review r where r.tenant_id = $1 and r.proposal_id = $2 and r.state = 'recused'",
        proposal,
    )
    refused_score = story.score(UUID(str(recused)), reviewer)
    assert await refused(refused_score) == "workflow.undefined_transition"


async def test_an_interest_found_later_is_declared_on_the_review(world: Any, story: Any) -> None:
    applicant = await world.applicant()
    experts = {one.code: one for one in [await world.expert() for _ in range(6)]}
    call, (proposal,) = await story.drawn([applicant])
    code = (await panel(world, proposal))[0][0]
    await story.declare(call, experts[code])
    (review,) = await story.reviews_of(experts[code])
    await world.act("recuseVentureReview", experts[code].actor, gives=R, id=review, kind="KINSHIP")
    found = await panel(world, proposal)
    assert (len(found), found[0]) == (6, (code, "recused"))


async def test_whoever_came_to_act_for_the_applicant_after_the_draw_does_not_score(
    world: Any, story: Any, refused: Any
) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(5)]
    call, _proposals = await story.drawn([applicant])
    (review,) = await story.reviews_of(experts[0])
    await story.declare(call, experts[0])
    await world.act(
        "addVentureMember",
        world.officer,
        gives="VentureMember",
        organisation_id=applicant.organisation_id,
        person_id=experts[0].actor.person_id,
    )
    assert await refused(story.score(review, experts[0])) == "venture.conflicted"


async def test_a_score_is_never_changed_and_a_sheet_is_complete(world: Any, story: Any, refused: Any) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(5)]
    call, _proposals = await story.drawn([applicant])
    reviewer = experts[0]
    (review,) = await story.reviews_of(reviewer)
    await story.declare(call, reviewer)
    sheet = dict.fromkeys(("needs", "plan", "budget", "team", "innovation", "sustainability", "risk"), 80)
    for wrong, code in (
        ({"needs": 80}, "venture.sheet_incomplete"),
        ({**sheet, "looks": 1}, "venture.sheet_incomplete"),
        ({**sheet, "risk": 101}, "venture.number_out_of_range"),
        ({**sheet, "risk": -1}, "venture.number_out_of_range"),
    ):
        assert await refused(story.score(review, reviewer, wrong)) == code
    await story.score(review, reviewer, {**sheet, "needs": 90, "risk": 60})
    assert await refused(story.score(review, reviewer, sheet)) == "venture.score_final"
    total = "select total from venture_score_sheet where tenant_id = $1"
    assert await world.value(total) == 20 * 90 + 75 * 80 + 5 * 60
    async with world.context() as ctx:
        for table, columns in (("venture_score_sheet", "total"), ("venture_score", "points")):
            allowed = "select has_column_privilege(current_user, $1, $2, 'update')"
            assert await ctx.db.fetchval(allowed, table, columns) is False
            assert await ctx.db.fetchval(allowed, table, "sealed") is True


async def test_a_call_with_too_few_reviews_of_a_proposal_is_not_ranked(
    world: Any, story: Any, refused: Any
) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(6)]
    call, (proposal,) = await story.drawn([applicant])
    by_code = {one.code: one for one in experts}
    drawn = [by_code[code] for code, _state in await panel(world, proposal)]
    for reviewer in drawn[:4]:
        await story.declare(call, reviewer)
        (review,) = await story.reviews_of(reviewer)
        await story.score(review, reviewer)
    rank = "rankVentureCall"
    assert await refused(story.step(rank, world.officer, call)) == "venture.too_few_reviews"
    (late,) = await story.reviews_of(drawn[4])
    await story.reason("replaceVentureReviewer", world.officer, late, R)
    found = await panel(world, proposal)
    assert found[4][1] == "replaced"
    (last,) = [one for one in experts if one not in drawn]
    await story.declare(call, last)
    (review,) = await story.reviews_of(last)
    await story.score(review, last)
    await story.step(rank, world.officer, call)
    assert await refused(story.step(rank, world.officer, call)) == "venture.ranked_already"


async def test_moderation_adds_the_next_expert_with_a_reason_and_not_by_the_applicant(
    world: Any, story: Any, refused: Any
) -> None:
    applicant = await world.applicant()
    for _ in range(6):
        await world.expert()
    _call, (proposal,) = await story.drawn([applicant])
    both = world.resident(applicant.writer.person_id, tuple(world.officer.permissions))

    def moderate(actor: Any, reason: str = "分差过大") -> Any:
        document = """mutation ($input: VentureReasonInput!) { moderateVentureProposal(input: $input) {
            ventureReview { reason place } problems { code } } }"""
        given = {"id": to_global_id(P, proposal), "reason": reason}
        return world.ask(actor, document, input=given)

    async def code(actor: Any, reason: str = "分差过大") -> str:
        return (await moderate(actor, reason))["moderateVentureProposal"]["problems"][0]["code"]

    assert await code(both) == "venture.own_call"
    assert await code(world.officer, " ") == "required"
    added = (await moderate(world.officer))["moderateVentureProposal"]["ventureReview"]
    assert added == {"reason": "分差过大", "place": 6}
    assert len(await panel(world, proposal)) == 6
    assert await code(world.officer) == "venture.too_few_experts"


@pytest.mark.parametrize("state", list(ExpertState))
@pytest.mark.parametrize("action", ["leave", "return"])
async def test_every_step_of_an_expert_works_where_the_table_has_it_and_nowhere_else(
    world: Any, story: Any, refused: Any, state: ExpertState, action: str
) -> None:
    expert = await world.expert()
    await world.put("venture_expert", expert.expert_id, state=state.value)
    step = story.step(f"{action}VentureExpert", world.officer, expert.expert_id, "VentureExpert")
    if action in EXPERT.actions_in(state):
        assert (await step)["state"] == EXPERT.transition(state, action).target.upper()
    else:
        assert await refused(step) == "workflow.undefined_transition"


async def test_a_person_is_an_expert_once(world: Any, refused: Any) -> None:
    expert = await world.expert()
    again = world.act(
        "enterVentureExpert",
        world.officer,
        gives="VentureExpert",
        area_id=None,
        person_id=expert.actor.person_id,
        expertise=["为老"],
    )
    assert await refused(again) == "venture.expert_taken"


@pytest.mark.parametrize("state", list(ReviewState))
@pytest.mark.parametrize("action", ["declare", "recuse", "submit", "replace", "miss"])
async def test_every_step_of_a_review_works_where_the_table_has_it_and_nowhere_else(
    world: Any, story: Any, refused: Any, state: ReviewState, action: str
) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(6)]
    call, (proposal,) = await story.drawn([applicant])
    by_code = {one.code: one for one in experts}
    reviewer = by_code[(await panel(world, proposal))[0][0]]
    (review,) = await story.reviews_of(reviewer)
    at = world.clock.now() if state == ReviewState.SUBMITTED else None
    await world.put("venture_review", review, state=state.value, submitted_at=at)
    allowed = action in REVIEW.actions_in(state)
    if action == "declare":
        await story.declare(call, reviewer)
    elif action == "miss":
        await _others_score(world, story, call, experts, reviewer)
        await world.ask(
            world.officer,
            """mutation ($input: VentureReasonInput!) {
                moderateVentureProposal(input: $input) { problems { code } } }""",
            input={"id": to_global_id(P, proposal), "reason": "补足"},
        )
        (last,) = [one for one in experts if one is not reviewer and await story.reviews_of(one, "DRAWN")]
        await story.declare(call, last)
        (added,) = await story.reviews_of(last)
        await story.score(added, last)
        await story.step("rankVentureCall", world.officer, call)
    else:
        if action == "recuse":
            step = world.act("recuseVentureReview", reviewer.actor, gives=R, id=review, kind="ADVICE")
        elif action == "submit":
            step = story.score(review, reviewer)
        else:
            step = story.reason("replaceVentureReviewer", world.officer, review, R)
        if allowed:
            await step
        else:
            expected = {
                ("submit", "submitted"): "venture.score_final",
                ("submit", "drawn"): "venture.declare_first",
            }.get((action, state.value), "workflow.undefined_transition")
            assert await refused(step) == expected
    now = await world.value("select state from venture_review where tenant_id = $1 and id = $2", review)
    assert now == (REVIEW.transition(state, action).target if allowed else state)


async def _others_score(world: Any, story: Any, call: UUID, experts: Any, but: Any) -> None:
    for one in experts:
        if one is not but and await story.reviews_of(one):
            await story.declare(call, one)
            (review,) = await story.reviews_of(one)
            await story.score(review, one)


async def test_after_the_ranking_nobody_is_added_and_nothing_is_submitted(
    world: Any, story: Any, refused: Any
) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(6)]
    _call, (proposal,) = await story.ranked([applicant], experts)
    moderate = world.act(
        "moderateVentureProposal",
        world.officer,
        takes="VentureReasonInput",
        gives=R,
        id=to_global_id(P, proposal),
        reason="补足",
    )
    assert await refused(moderate) == "venture.ranked_already"


async def test_a_review_that_a_ranking_did_not_see_is_not_submitted_after_it(
    world: Any, story: Any, refused: Any
) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(5)]
    call, _proposals = await story.ranked([applicant], experts)
    (review,) = await story.reviews_of(experts[0])
    await world.put("venture_review", review, state="declared", submitted_at=None)
    assert await refused(story.score(review, experts[0])) == "venture.ranked_already"
    await world.put("venture_review", review, state="drawn")
    late = story.declare(call, experts[0])
    assert await refused(late) == "venture.ranked_already"
    recuse = world.act("recuseVentureReview", experts[0].actor, gives=R, id=review, kind="KINSHIP")
    assert await refused(recuse) == "venture.ranked_already"


async def test_a_sheet_that_is_submitted_during_the_ranking_is_ranked_or_refused(
    world: Any, story: Any
) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(6)]
    call, (proposal,) = await story.drawn([applicant])
    for one in experts:
        if await story.reviews_of(one):
            await story.declare(call, one)
            (review,) = await story.reviews_of(one)
            await story.score(review, one)
    await world.act(
        "moderateVentureProposal",
        world.officer,
        takes="VentureReasonInput",
        gives=R,
        id=to_global_id(P, proposal),
        reason="补足",
    )
    (last,) = [one for one in experts if await story.reviews_of(one, "DRAWN")]
    await story.declare(call, last)
    (review,) = await story.reviews_of(last)
    started = asyncio.Event()
    async with world.context(last.actor) as ctx:
        points = [
            sheets.PointsGiven(one, 100)
            for one in ("needs", "plan", "budget", "team", "innovation", "sustainability", "risk")
        ]
        await sheets.submit(ctx, review, points=points)

        async def rank() -> None:
            started.set()
            await story.step("rankVentureCall", world.officer, call)

        ranking = asyncio.create_task(rank())
        await started.wait()
        done, _ = await asyncio.wait([ranking], timeout=1)
        assert not done, "the ranking waits for a sheet on its way"
    await ranking
    ranked = await world.value("select reviews from venture_ranking where tenant_id = $1")
    opened = await world.value("select count(*) from venture_score_sheet where tenant_id = $1 and not sealed")
    assert (ranked, opened) == (6, 6)
