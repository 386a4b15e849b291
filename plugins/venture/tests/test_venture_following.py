"""Applicants and experts follow the registers, and attachments their readers."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from uuid import UUID

from linli.files.disk import DiskStore
from linli.plugin import files, organisations, people
from linli.runtime import Runtime
from linli.settings import Settings
from linli.worker import dispatchers
from linli_venture.incubation import incubating


async def deliver(world: Any) -> None:
    """Let the worker deliver what waits, through the real outbox."""
    runtime = Runtime(
        settings=Settings(data_dir=Path(), secret_key="test"),
        database=world.bench.database,
        catalogue=world.bench.catalogue,
        composition=world.bench.composition,
        clock=world.clock,
    )
    deliveries, _jobs = dispatchers(runtime)
    for _ in range(10):
        if await deliveries.run_once() == 0:
            break
    undone = "select count(*) from events_delivery where tenant_id = $1 and status <> 'done'"
    assert await world.value(undone) == 0


async def merge(world: Any, kept: UUID, merged: UUID) -> None:
    async with world.context() as ctx:
        await people.merge(ctx, kept_id=kept, duplicate_id=merged, reason="同一人")


async def test_who_acts_for_an_applicant_stays_so_when_two_entries_become_one(world: Any, story: Any) -> None:
    applicant = await world.applicant()
    kept = await world.person("演示新登记")
    await merge(world, kept, applicant.writer.person_id)
    await deliver(world)
    actor = world.resident(kept)
    proposal = await story.begun(await story.open(), type(applicant)(applicant.organisation_id, actor, actor))
    await merge(world, applicant.colleague.person_id, kept)
    await deliver(world)
    members = await world.value("select array_agg(person_id) from venture_member where tenant_id = $1")
    assert members == [applicant.colleague.person_id]
    await story.change(proposal, applicant.colleague, summary="继续")


async def test_a_reviewer_keeps_reviews_and_scores_when_two_entries_become_one(
    world: Any, story: Any
) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(6)]
    call, (proposal,) = await story.drawn([applicant])
    drawn = [one for one in experts if await story.reviews_of(one)]
    (left,) = [one for one in experts if one not in drawn]
    reviewer = drawn[0]
    await story.declare(call, reviewer)
    (review,) = await story.reviews_of(reviewer)
    await story.score(review, reviewer)
    await merge(world, left.actor.person_id, reviewer.actor.person_id)
    await deliver(world)
    assert await story.reviews_of(left) == [review]
    found = await world.ask(left.actor, "{ ventureScoreSheets { totalCount } ventureScores { totalCount } }")
    assert (found["ventureScoreSheets"]["totalCount"], found["ventureScores"]["totalCount"]) == (1, 7)
    state = "select state from venture_expert where tenant_id = $1 and id = $2"
    assert await world.value(state, reviewer.expert_id) == "left"
    assert proposal is not None


async def test_one_person_does_not_review_a_proposal_twice_when_two_entries_become_one(
    world: Any, story: Any
) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(7)]
    call, (proposal,) = await story.drawn([applicant])
    drawn = [one for one in experts if await story.reviews_of(one)]
    kept, merged = drawn[0], drawn[1]
    await story.declare(call, merged)
    (review,) = await story.reviews_of(merged)
    await story.score(review, merged)
    await merge(world, kept.actor.person_id, merged.actor.person_id)
    await deliver(world)
    states = (
        "select array_agg(state order by state) from venture_review where tenant_id = $1 and person_id = $2"
    )
    assert await world.value(states, kept.actor.person_id) == ["replaced", "submitted"]
    open_ones = (
        "select count(*) from venture_review where tenant_id = $1 and proposal_id = $2 and state = 'drawn'"
    )
    assert await world.value(open_ones, proposal) == 4


async def test_an_interest_that_a_person_declared_under_another_entry_recuses(world: Any, story: Any) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(8)]
    call, (proposal,) = await story.drawn([applicant])
    drawn = [one for one in experts if await story.reviews_of(one)]
    await story.declare(call, drawn[0], [applicant.organisation_id])
    await merge(world, drawn[1].actor.person_id, drawn[0].actor.person_id)
    await deliver(world)
    states = "select array_agg(state) from venture_review where tenant_id = $1 and person_id = $2"
    assert await world.value(states, drawn[1].actor.person_id) == ["recused", "recused"]
    open_ones = (
        "select count(*) from venture_review where tenant_id = $1 and proposal_id = $2 and state = 'drawn'"
    )
    assert await world.value(open_ones, proposal) == 5


async def test_members_and_incubations_lie_where_their_organisation_moved(world: Any) -> None:
    applicant = await world.applicant()
    unit = applicant.organisation_id
    async with world.context() as ctx:
        await incubating.start(ctx, organisation_id=unit, support="场地", started_on=ctx.today())
        await organisations.update(ctx, unit, area_id=world.elsewhere.id)
    await deliver(world)
    for table in ("venture_member", "venture_incubation"):
        paths = await world.value(f"select array_agg(distinct area_path) from {table} where tenant_id = $1")
        assert paths == [world.elsewhere.path]


async def test_reviewers_read_attachments_where_they_see_who_applies(
    world: Any, story: Any, tmp_path: Path
) -> None:
    for anonymous in (False, True):
        applicant = await world.applicant()
        call = await story.published(
            anonymous=anonymous,
            opens_at=world.clock.now().replace(microsecond=1_000),
            closes_at=world.clock.now().replace(year=2027),
        )
        proposal = await story.written(call, applicant)
        async with world.context(applicant.writer) as ctx:
            ctx.db.store = DiskStore(tmp_path)
            content = io.BytesIO(b"%PDF-1.7\n" + b"x" * 100 + b"\n%%EOF")
            await files.attach(ctx, content, kind="venture.attachment", owner_id=proposal, name="方案.pdf")
        expert = await world.expert()
        await world.put("venture_proposal", proposal, sealed=False, state="eligible")
        async with world.context() as ctx:
            await ctx.db.execute(
                "insert into venture_review (tenant_id, id, area_path, call_id, proposal_id, expert_id, person_id,"
                " place, state) values ($1, gen_random_uuid(), '', $2, $3, $4, $5, 1, 'declared')",
                world.tenant.id,
                call,
                proposal,
                expert.expert_id,
                expert.actor.person_id,
            )
        async with world.context(expert.actor) as ctx:
            seen = await files.of_owner(ctx, "venture.attachment", proposal)
        assert len(seen) == (0 if anonymous else 1)
