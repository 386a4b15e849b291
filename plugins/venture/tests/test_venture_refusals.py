"""Every refusal has a test: those that the domain demands, and each problem class of the plugin; three of them here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from linli.plugin import LinliError, people, rows
from linli_graphql.ids import to_global_id
from linli_venture.proposals.applicants import MEMBERS_MAX
from linli_venture.proposals.tables import Member
from linli_venture.review.states import Interest

TESTS = Path(__file__).parent
# What a call, its review and its grants must refuse, and by which codes.
DEMANDED = {
    "late entry, to the second": ("venture.late_entry", "venture.correction_too_late"),
    "review by the conflicted": ("venture.conflicted", "venture.declare_first", "venture.own_call"),
    "decision below the minimum of reviews": ("venture.too_few_reviews", "venture.not_ranked"),
    "awards above the pool": ("venture.awards_above_pool", "venture.pool_exhausted"),
    "shares that are not 100 %": ("venture.shares_not_whole", "venture.milestone_shares_not_whole"),
    "payment before verification": ("venture.not_verified",),
    "payment past an overdue report": ("venture.report_overdue",),
    "one project funded twice": ("venture.funded_twice",),
    "an applicant that is barred": ("venture.applicant_barred",),
    "an applicant below the floor": ("venture.below_floor", "venture.applicant_not_registered"),
    "a score that is changed": ("venture.score_final",),
    "own work": ("workflow.own_work", "venture.own_proposal", "venture.own_objection"),
}


def refusals() -> Iterator[str]:
    """The codes of all problem classes of the plugin."""
    waiting = [LinliError]
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        if one.__module__.startswith("linli_venture.") and "code" in vars(one):
            yield one.code


@pytest.fixture(scope="module")
def tested() -> str:
    """All tests of the plugin, without the table above."""
    files = (file.read_text() for file in sorted(TESTS.rglob("test_*.py")))
    return "".join(
        text.replace(text.partition("DEMANDED = {")[2].partition("\n}\n")[0], "") for text in files
    )


def test_every_refusal_has_a_test(composition: Any, tested: str) -> None:
    assert "venture" in composition.names, "its modules are loaded"
    codes = {*refusals(), *(code for codes in DEMANDED.values() for code in codes)}
    assert len(codes) > 100
    assert sorted(code for code in codes if f'"{code}"' not in tested) == []


async def test_who_was_not_drawn_neither_declares_nor_sees_the_applicants(
    world: Any, story: Any, refused: Any
) -> None:
    applicant = await world.applicant()
    for _ in range(5):
        await world.expert()
    call, _proposals = await story.drawn([applicant])
    late = await world.expert()
    assert await refused(story.declare(call, late)) == "venture.not_drawn"
    document = "query ($call: ID!) { ventureReviewApplicants(call: $call) { name } }"
    found = await world.api.execute(
        world.tenant, late.actor, document, {"call": to_global_id("VentureCall", call)}
    )
    assert found.codes == ["venture.not_drawn"]


async def test_nothing_is_reviewed_before_the_draw_and_after_the_announcement(
    world: Any, story: Any, refused: Any
) -> None:
    applicants = [await world.applicant(), await world.applicant()]
    experts = [await world.expert() for _ in range(5)]
    early, _ = await story.closed(applicants)
    assert await refused(story.step("rankVentureCall", world.officer, early)) == "venture.not_reviewing"
    await story.step("drawVentureReviewers", world.officer, early)
    for reviewer in experts:
        await story.declare(early, reviewer)
        for review in await story.reviews_of(reviewer, "DECLARED"):
            await story.score(review, reviewer)
    await story.step("rankVentureCall", world.officer, early)
    await world.fund(100_000_000)
    proposals = [row["id"] for row in await ranked(world)]
    await story.announced(early, [(one, "REJECT") for one in proposals])
    own = await story.reviews_of(experts[0])
    recuse = world.act(
        "recuseVentureReview", experts[0].actor, gives="VentureReview", id=own[0], kind=Interest.ADVICE
    )
    assert await refused(recuse) == "venture.not_reviewing"


async def ranked(world: Any) -> list[Any]:
    async with world.context() as ctx:
        sql = "select id from venture_proposal where tenant_id = $1 order by number"
        return list(await ctx.db.fetch(sql, world.tenant.id))


async def test_at_most_fifty_people_act_for_an_organisation(world: Any, refused: Any) -> None:
    unit = await world.organisation()
    async with world.context() as ctx:
        for number in range(MEMBERS_MAX):
            person = await people.register(
                ctx, area_id=world.town.id, full_name=f"演示成员{number}", synthetic=True
            )
            place = {"area_id": world.town.id, "area_path": world.town.path}
            await rows.insert(ctx, Member, organisation_id=unit, person_id=person.id, **place)
    one_more = world.act(
        "addVentureMember",
        world.officer,
        gives="VentureMember",
        organisation_id=unit,
        person_id=await world.person(),
    )
    assert await refused(one_more) == "venture.too_many_members"
