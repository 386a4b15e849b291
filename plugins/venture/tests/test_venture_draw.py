"""What happens between the commitment to a seed and the last reviewer who follows in the order, through the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from linli_graphql.ids import to_global_id
from linli_venture.review import drawing

P, R = "VentureProposal", "VentureReview"


async def entries(world: Any, proposal: UUID) -> list[tuple[str, str]]:
    """The codes and states of a proposal's reviews, in the order of their places."""
    async with world.context() as ctx:
        found = await ctx.db.fetch(
            "select e.code, r.state from venture_review r join venture_expert e on e.tenant_id = $1"
            " and e.id = r.expert_id where r.tenant_id = $1 and r.proposal_id = $2 order by r.place",
            world.tenant.id,
            proposal,
        )
    return [(row["code"], row["state"]) for row in found]


async def moderate(world: Any, proposal: UUID) -> Any:
    return await world.act(
        "moderateVentureProposal",
        world.officer,
        takes="VentureReasonInput",
        gives=R,
        id=to_global_id(P, proposal),
        reason="分差过大",
    )


async def undrawn(world: Any, story: Any, experts: Any) -> list[Any]:
    return [one for one in experts if not await story.reviews_of(one)]


async def test_a_seed_that_is_not_the_committed_one_draws_nobody(
    world: Any, story: Any, refused: Any
) -> None:
    applicant = await world.applicant()
    for _ in range(5):
        await world.expert()
    call, _proposals = await story.closed([applicant])
    await world.put("venture_call", call, seed_commitment="0" * 64)
    assert await refused(story.step("drawVentureReviewers", world.officer, call)) == "venture.seed_changed"
    assert await world.value("select count(*) from venture_draw where tenant_id = $1") == 0


async def test_an_expert_who_left_after_the_draw_is_passed_over(world: Any, story: Any, refused: Any) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(6)]
    _call, (proposal,) = await story.drawn([applicant])
    (last,) = await undrawn(world, story, experts)
    await story.step("leaveVentureExpert", world.officer, last.expert_id, "VentureExpert")
    assert await refused(moderate(world, proposal)) == "venture.too_few_experts"


async def test_an_expert_who_came_to_act_for_the_applicant_after_the_draw_is_passed_over(
    world: Any, story: Any
) -> None:
    applicant = await world.applicant()
    experts = {one.code: one for one in [await world.expert() for _ in range(7)]}
    _call, (proposal,) = await story.drawn([applicant])
    order = await drawn_order(world)
    await world.act(
        "addVentureMember",
        world.officer,
        gives="VentureMember",
        organisation_id=applicant.organisation_id,
        person_id=experts[order[5]].actor.person_id,
    )
    await moderate(world, proposal)
    found = await entries(world, proposal)
    assert found[5:] == [(order[5], "recused"), (order[6], "drawn")]
    reasons = "select array_agg(reason order by place) from venture_review where tenant_id = $1"
    assert (await world.value(reasons))[5:] == ["专家回避。", "分差过大"]


async def test_a_reviewer_who_is_drawn_again_is_told_again(world: Any, story: Any) -> None:
    applicants = [await world.applicant() for _ in range(3)]
    for _ in range(6):
        await world.expert()
    _call, proposals = await story.drawn(applicants)
    sent = "select count(*) from notifications_message where tenant_id = $1 and type = 'venture.review_drawn'"
    before = await world.value(sent)
    for proposal in proposals:
        await moderate(world, proposal)
    assert await world.value(sent) == before + 3


async def drawn_order(world: Any) -> Sequence[str]:
    """The order of the only proposal's experts, from what is published of the draw."""
    found = await world.ask(world.officer, "{ ventureDraws { nodes { seed digest content } } }")
    (draw,) = found["ventureDraws"]["nodes"]
    return drawing.order(draw["seed"], draw["digest"], draw["content"], draw["content"]["proposals"][0])


async def test_an_expert_of_a_rival_reviews_nothing_in_the_call(world: Any, story: Any, refused: Any) -> None:
    first, second = await world.applicant(), await world.applicant()
    experts = [await world.expert() for _ in range(6)]
    tied = await world.expert(employer_id=first.organisation_id)
    call, _proposals = await story.drawn([first, second])
    found = await world.ask(world.officer, "{ ventureDraws { nodes { content } } }")
    listed = found["ventureDraws"]["nodes"][0]["content"]["proposals"]
    assert [one["excluded"] for one in listed] == [[tied.code], [tied.code]]
    reviewer, *_ = [one for one in experts if await story.reviews_of(one)]
    await story.declare(call, reviewer)
    review = (await story.reviews_of(reviewer, "DECLARED"))[0]
    theirs = await world.value(
        "select p.organisation_id from venture_review r join venture_proposal p on p.tenant_id = $1"
        " and p.id = r.proposal_id where r.tenant_id = $1 and r.id = $2",
        review,
    )
    (rival,) = [one for one in (first, second) if one.organisation_id != UUID(str(theirs))]
    document = "query ($review: ID!) { ventureReviewDossier(review: $review) { title } }"
    opened = await world.ask(reviewer.actor, document, review=to_global_id(R, review))
    assert opened["ventureReviewDossier"] is not None
    await world.act(
        "addVentureMember",
        world.officer,
        gives="VentureMember",
        organisation_id=rival.organisation_id,
        person_id=reviewer.actor.person_id,
    )
    opened = await world.ask(reviewer.actor, document, review=to_global_id(R, review))
    assert opened["ventureReviewDossier"] is None
    assert await refused(story.score(review, reviewer)) == "venture.conflicted"
