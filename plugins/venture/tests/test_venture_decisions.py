"""Decisions through the API: within the pool and by rank, announced and objected to, concluded by others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import pytest
import pytest_asyncio

from linli.plugin import StateMachine, rows
from linli_graphql.ids import from_global_id
from linli_organisations import bars
from linli_venture.calls.states import CALL
from linli_venture.calls.tables import Call
from linli_venture.decisions import announcing
from linli_venture.decisions.errors import AwardsAbovePool
from linli_venture.decisions.proposing import require_money
from linli_venture.decisions.states import DECISION, OBJECTION
from linli_venture.decisions.tables import Decision
from linli_venture.proposals.states import PROPOSAL, ProposalState

P, D, O = "VentureProposal", "VentureDecision", "VentureObjection"  # noqa: E741
GRANT = 6_000_000


class Round:
    """A ranked call of three applicants: the first is the best."""

    def __init__(self, call: UUID, applicants: Any, proposals: list[UUID]) -> None:
        self.call, self.applicants = call, applicants
        self.first, self.second, self.third = proposals
        self.usual = ((self.first, "AWARD"), (self.second, "RESERVE"), (self.third, "REJECT"))


@pytest_asyncio.fixture
async def ranked(world: Any, story: Any) -> Round:
    applicants = [await world.applicant() for _ in range(3)]
    experts = [await world.expert() for _ in range(5)]
    call, proposals = await story.drawn(applicants)
    for reviewer in experts:
        await story.declare(call, reviewer)
        for review in await story.reviews_of(reviewer):
            found = await world.value(
                "select proposal_id from venture_review where tenant_id = $1 and id = $2", review
            )
            await story.score(review, reviewer, 90 - 10 * proposals.index(UUID(str(found))))
    await story.step("rankVentureCall", world.officer, call)
    await world.fund(3 * GRANT)
    return Round(call, applicants, proposals)


async def states(world: Any, *proposals: UUID) -> list[str]:
    sql = "select state from venture_proposal where tenant_id = $1 and id = $2"
    return [await world.value(sql, one) for one in proposals]


async def test_a_decision_is_proposed_announced_and_concluded_by_others_and_opens_the_grants(
    world: Any, story: Any, refused: Any, ranked: Round
) -> None:
    decision = await story.propose(ranked.call, ranked.usual)
    assert await refused(story.step("announceVentureDecision", world.officer, decision, D)) == (
        "workflow.own_work"
    )
    await story.step("announceVentureDecision", world.second, decision, D)
    until = await world.value("select notice_until from venture_decision where tenant_id = $1")
    assert until.isoformat() == "2026-05-22T15:59:59.999999+00:00"
    assert await states(world, ranked.first, ranked.second, ranked.third) == ["notice"] * 3
    conclude = "concludeVentureDecision"
    world.at(until)
    assert await refused(story.step(conclude, world.second, decision, D)) == "venture.notice_running"
    world.at(until + timedelta(microseconds=1))
    assert await refused(story.step(conclude, world.officer, decision, D)) == "workflow.own_work"
    await story.step(conclude, world.second, decision, D)
    assert await states(world, ranked.first, ranked.second, ranked.third) == [
        "awarded",
        "reserved",
        "rejected",
    ]
    grant = await world.value("select amount_fen from venture_grant where tenant_id = $1")
    assert grant == GRANT
    assert await world.value("select state from venture_call where tenant_id = $1") == "decided"
    told = "select count(*) from notifications_message where tenant_id = $1 and type = $2"
    assert await world.value(told, "venture.awards_announced") == 6
    assert await world.value(told, "venture.call_decided") == 6


async def test_what_a_decision_must_say_and_keep_to(
    world: Any, story: Any, refused: Any, ranked: Round
) -> None:
    first, second, third = ranked.first, ranked.second, ranked.third
    reason = {"reason": "名次靠后"}
    for outcomes, code in (
        (ranked.usual[:2], "venture.outcome_missing"),
        ((*ranked.usual, (first, "AWARD")), "venture.outcome_missing"),
        (((world.town.id, "AWARD"), *ranked.usual), "not_found"),
        (((first, "AWARD", {"amountFen": GRANT + 1}), *ranked.usual[1:]), "venture.above_request"),
        (((first, "AWARD", {"amountFen": 0}), *ranked.usual[1:]), "venture.number_out_of_range"),
        ((*ranked.usual[:2], (third, "REJECT", {"reason": " "})), "required"),
        (((first, "REJECT", reason), (second, "AWARD"), (third, "AWARD")), "venture.out_of_rank"),
        (((first, "RESERVE"), (second, "AWARD"), (third, "REJECT")), "venture.out_of_rank"),
        (((first, "AWARD"), (third, "RESERVE"), (second, "RESERVE")), "venture.out_of_rank"),
        (((first, "AWARD"), (second, "REJECT", reason), (third, "RESERVE")), "venture.out_of_rank"),
    ):
        assert await refused(story.propose(ranked.call, outcomes)) == code
    other = ((first, "RESERVE"), (second, "AWARD"), (third, "REJECT"))
    await story.propose(ranked.call, other, order_reason="兼顾片区平衡")
    assert await refused(story.propose(ranked.call, ranked.usual)) == "venture.decision_exists"


async def test_awards_above_the_pool_are_refused(world: Any, story: Any, refused: Any, ranked: Round) -> None:
    every = ((ranked.first, "AWARD"), (ranked.second, "AWARD"), (ranked.third, "AWARD"))
    decision = await story.propose(ranked.call, every)
    receipt = await world.value("select id from venture_receipt where tenant_id = $1")
    await world.act(
        "cancelVentureReceipt", world.second, gives="VentureReceipt", id=receipt, reason="重复登记"
    )
    announce = story.step("announceVentureDecision", world.second, decision, D)
    assert await refused(announce) == "venture.awards_above_pool"
    await story.step("discardVentureDecision", world.officer, decision, D)
    assert await refused(story.propose(ranked.call, every)) == "venture.awards_above_pool"
    await world.fund(2 * GRANT)
    assert await refused(story.propose(ranked.call, every)) == "venture.awards_above_pool"
    less = (ranked.first, "AWARD"), (ranked.second, "AWARD"), (ranked.third, "RESERVE")
    await story.propose(ranked.call, less)


async def test_money_for_another_purpose_does_not_count_for_awards(
    world: Any, story: Any, refused: Any, ranked: Round
) -> None:
    every = ((ranked.first, "AWARD"), (ranked.second, "AWARD"), (ranked.third, "AWARD"))
    receipt = await world.value("select id from venture_receipt where tenant_id = $1")
    await world.act(
        "cancelVentureReceipt", world.second, gives="VentureReceipt", id=receipt, reason="重复登记"
    )
    await world.fund(GRANT)
    await world.fund(3 * GRANT, category="助残")
    assert await refused(story.propose(ranked.call, every)) == "venture.awards_above_pool"
    await world.fund(2 * GRANT, category="为老")
    await story.propose(ranked.call, every)


async def test_awards_under_notice_are_not_promised_twice(
    world: Any, story: Any, refused: Any, ranked: Round
) -> None:
    await story.announced(ranked.call, ranked.usual)
    async with world.context() as ctx:
        call = await rows.get(ctx, Call, ranked.call)
        decision = Decision(tenant_id=ctx.tenant_id, id=call.id, call_id=call.id, awarded_fen=0, area_path="")
        await require_money(ctx, call, decision)
    receipt = await world.value("select id from venture_receipt where tenant_id = $1")
    await world.act(
        "cancelVentureReceipt", world.second, gives="VentureReceipt", id=receipt, reason="重复登记"
    )
    async with world.context() as ctx:
        with pytest.raises(AwardsAbovePool):
            await require_money(ctx, call, decision)


async def test_the_pool_that_ran_out_during_the_notice_opens_no_grant_at_all(
    world: Any, story: Any, refused: Any, ranked: Round
) -> None:
    decision = await story.announced(
        ranked.call, ((ranked.first, "AWARD"), (ranked.second, "AWARD"), (ranked.third, "REJECT"))
    )
    receipt = await world.value("select id from venture_receipt where tenant_id = $1")
    await world.act(
        "cancelVentureReceipt", world.second, gives="VentureReceipt", id=receipt, reason="重复登记"
    )
    await world.fund(GRANT)
    world.at(world.clock.now() + timedelta(days=21))
    conclude = story.step("concludeVentureDecision", world.second, decision, D)
    assert await refused(conclude) == "venture.pool_exhausted"
    assert await world.value("select count(*) from venture_grant where tenant_id = $1") == 0
    assert await states(world, ranked.first) == ["notice"]


async def test_an_applicant_that_was_barred_during_the_notice_gets_no_grant(
    world: Any, story: Any, refused: Any, ranked: Round
) -> None:
    decision = await story.announced(ranked.call, ranked.usual)
    async with world.context() as ctx:
        await bars.impose_bar(
            ctx,
            organisation_id=ranked.applicants[0].organisation_id,
            barred_until=date(2027, 1, 1),
            reason="违约",
        )
    world.at(world.clock.now() + timedelta(days=21))
    conclude = "concludeVentureDecision"
    assert await refused(story.step(conclude, world.second, decision, D)) == "venture.applicant_barred"
    await story.reason("withdrawVentureDecision", world.second, decision, D)
    assert await states(world, ranked.first, ranked.second) == ["scored", "scored"]
    again = (ranked.first, "REJECT"), (ranked.second, "AWARD"), (ranked.third, "REJECT")
    await story.concluded(ranked.call, again, order_reason="第一名被限制申报")


async def test_a_call_is_decided_after_its_ranking(world: Any, story: Any, refused: Any) -> None:
    applicant = await world.applicant()
    for _ in range(5):
        await world.expert()
    call, (proposal,) = await story.drawn([applicant])
    assert await refused(story.propose(call, [(proposal, "AWARD")])) == "venture.not_ranked"


def objected(world: Any, ranked: Round, reason: str = "评分计算有误") -> Any:
    return world.act(
        "objectToVentureAwards",
        ranked.applicants[1].writer,
        gives=O,
        shows="id state",
        proposal_id=ranked.second,
        reason=reason,
    )


def decided(world: Any, actor: Any, objection: UUID, upheld: bool) -> Any:
    return world.act(
        "decideVentureObjection",
        actor,
        takes="DecideVentureObjectionInput",
        gives=O,
        shows="state",
        id=objection,
        upheld=upheld,
        reason="复核结果",
    )


def id_of(node: Any) -> UUID:
    return from_global_id(node["id"])[1]


async def test_objections_are_in_time_and_decided_by_people_with_no_part_in_the_awards(
    world: Any, story: Any, refused: Any, ranked: Round
) -> None:
    assert await refused(objected(world, ranked)) == "venture.not_under_notice"
    decision = await story.announced(ranked.call, ranked.usual)
    assert await refused(objected(world, ranked, " ")) == "required"
    objection = id_of(await objected(world, ranked))
    assert await refused(objected(world, ranked)) == "venture.objection_exists"
    member = world.resident(ranked.applicants[1].colleague.person_id, tuple(world.officer.permissions))
    for actor in (world.officer, world.second, member):
        assert await refused(decided(world, actor, objection, False)) == "venture.own_objection"
    until = await world.value("select notice_until from venture_decision where tenant_id = $1")
    world.at(until + timedelta(microseconds=1))
    conclude = story.step("concludeVentureDecision", world.second, decision, D)
    assert await refused(conclude) == "venture.objection_open"
    await decided(world, world.third, objection, False)
    assert await refused(objected(world, ranked)) == "venture.notice_over"
    await story.step("concludeVentureDecision", world.second, decision, D)


async def test_an_upheld_objection_takes_the_decision_back_and_another_is_proposed(
    world: Any, story: Any, ranked: Round
) -> None:
    await story.announced(ranked.call, ranked.usual)
    objection = id_of(await objected(world, ranked))
    assert (await decided(world, world.third, objection, True))["state"] == "UPHELD"
    assert await states(world, ranked.first, ranked.second, ranked.third) == ["scored"] * 3
    assert await world.value("select state from venture_call where tenant_id = $1") == "reviewing"
    both = (ranked.first, "AWARD"), (ranked.second, "AWARD"), (ranked.third, "REJECT")
    await story.concluded(ranked.call, both)
    assert await states(world, ranked.second) == ["awarded"]


async def test_an_applicant_reads_its_own_objection_and_takes_it_back(
    world: Any, story: Any, refused: Any, ranked: Round
) -> None:
    await story.announced(ranked.call, ranked.usual)
    objection = id_of(await objected(world, ranked))
    document = "{ ventureObjections { totalCount nodes { reason } } }"
    own = await world.ask(ranked.applicants[1].colleague, document)
    assert own["ventureObjections"]["totalCount"] == 1
    other = await world.ask(ranked.applicants[0].writer, document)
    assert other["ventureObjections"]["totalCount"] == 0
    step = "withdrawVentureObjection"
    assert await refused(story.step(step, ranked.applicants[0].writer, objection, O)) == "not_found"
    assert (await story.step(step, ranked.applicants[1].writer, objection, O))["state"] == "WITHDRAWN"


async def test_the_reserve_list_is_settled_in_its_order_with_reasons(
    world: Any, story: Any, refused: Any, ranked: Round
) -> None:
    outcomes = (ranked.first, "AWARD"), (ranked.second, "RESERVE"), (ranked.third, "RESERVE")
    await story.announced(ranked.call, outcomes)
    promote, let_go = "promoteVentureReserve", "letGoVentureReserve"
    assert (
        await refused(story.reason(promote, world.second, ranked.second, P))
        == "workflow.undefined_transition"
    )
    world.at(world.clock.now() + timedelta(days=21))
    decision = await world.value("select id from venture_decision where tenant_id = $1")
    await story.step("concludeVentureDecision", world.second, decision, D)
    assert (
        await refused(story.reason(promote, world.second, ranked.third, P)) == "venture.not_next_in_reserve"
    )
    member = world.resident(ranked.applicants[1].writer.person_id, tuple(world.officer.permissions))
    assert await refused(story.reason(promote, member, ranked.second, P)) == "venture.own_proposal"
    await story.reason(promote, world.second, ranked.second, P)
    await story.reason(let_go, world.second, ranked.third, P)
    assert await states(world, ranked.second, ranked.third) == ["awarded", "rejected"]
    assert await world.value("select count(*) from venture_grant where tenant_id = $1") == 2
    assert (
        await refused(story.reason(promote, world.second, ranked.third, P)) == "workflow.undefined_transition"
    )


async def test_one_project_that_got_a_grant_is_not_funded_twice_by_a_later_call(
    world: Any, story: Any, refused: Any, ranked: Round
) -> None:
    await story.concluded(ranked.call, ranked.usual)
    applicant = ranked.applicants[0]
    opens = world.clock.now() + timedelta(days=1)
    call = await story.published(opens_at=opens, closes_at=opens + timedelta(days=5))
    world.at(opens)
    again = await story.written(call, applicant, "银龄 守护!")
    assert await refused(story.submit(again, applicant.writer)) == "venture.funded_twice"
    await story.submitted(call, applicant, "银龄守护二期")
    await story.submitted(call, ranked.applicants[1], "银龄守护")


async def test_who_may_not_read_decisions_finds_none(
    world: Any, story: Any, refused: Any, ranked: Round
) -> None:
    decision = await story.propose(ranked.call, ranked.usual)
    stranger = world.bench.actor(("venture.call.read", "venture.decision.confirm"))
    assert await refused(story.step("announceVentureDecision", stranger, decision, D)) == "not_found"
    reader = world.bench.actor(("venture.call.read", "venture.decision.read"))
    assert await refused(story.step("announceVentureDecision", reader, decision, D)) == "permission_denied"
    found = await world.ask(
        reader, "{ ventureOutcomesAggregate(groupBy: KIND) { key count sums { value } } }"
    )
    assert {one["key"]: one["count"] for one in found["ventureOutcomesAggregate"]} == {
        "AWARD": 1,
        "RESERVE": 1,
        "REJECT": 1,
    }


async def refused_from_all_other_states(
    world: Any,
    refused: Any,
    table: str,
    row_id: UUID,
    machine: StateMachine,
    action: str,
    step: Callable[[], Any],
) -> None:
    """The step is refused in every state from which the machine's table does not have it."""
    before = await world.value(f"select state from {table} where tenant_id = $1 and id = $2", row_id)
    for state in machine.states:
        if action not in machine.actions_in(state):
            await world.put(table, row_id, state=str(state))
            assert await refused(step()) == "workflow.undefined_transition", (state, action)
    await world.put(table, row_id, state=before)


@pytest.mark.parametrize("action", ["announce", "discard", "conclude", "withdraw"])
async def test_every_step_of_a_decision_works_where_the_table_has_it_and_nowhere_else(
    world: Any, story: Any, refused: Any, ranked: Round, action: str
) -> None:
    decision = await story.propose(ranked.call, ranked.usual)
    if action in ("conclude", "withdraw"):
        await story.step("announceVentureDecision", world.second, decision, D)
        world.at(world.clock.now() + timedelta(days=21))
    taking = story.reason if action == "withdraw" else story.step

    def step() -> Any:
        return taking(f"{action}VentureDecision", world.second, decision, D)

    await refused_from_all_other_states(world, refused, "venture_decision", decision, DECISION, action, step)
    before = await world.value("select state from venture_decision where tenant_id = $1")
    assert (await step())["state"] == DECISION.transition(before, action).target.upper()


@pytest.mark.parametrize("action", ["uphold", "dismiss", "withdraw"])
async def test_every_step_of_an_objection_works_where_the_table_has_it_and_nowhere_else(
    world: Any, story: Any, refused: Any, ranked: Round, action: str
) -> None:
    await story.announced(ranked.call, ranked.usual)
    objection = id_of(await objected(world, ranked))

    def step() -> Any:
        if action == "withdraw":
            return story.step("withdrawVentureObjection", ranked.applicants[1].writer, objection, O)
        return decided(world, world.third, objection, action == "uphold")

    await refused_from_all_other_states(
        world, refused, "venture_objection", objection, OBJECTION, action, step
    )
    assert (await step())["state"] == OBJECTION.transition("raised", action).target.upper()


CALL_STEPS: Final = {
    "announce": ("announceVentureDecision", "reviewing"),
    "reopen": ("withdrawVentureDecision", "notice"),
    "decide": ("concludeVentureDecision", "notice"),
}


@pytest.mark.parametrize("action", sorted(CALL_STEPS))
async def test_every_later_step_of_a_call_works_where_the_table_has_it_and_nowhere_else(
    world: Any, story: Any, refused: Any, ranked: Round, action: str
) -> None:
    name, state = CALL_STEPS[action]
    decision = await story.propose(ranked.call, ranked.usual)
    if state == "notice":
        await story.step("announceVentureDecision", world.second, decision, D)
        world.at(world.clock.now() + timedelta(days=21))
    taking = story.reason if action == "reopen" else story.step

    def step() -> Any:
        return taking(name, world.second, decision, D)

    await refused_from_all_other_states(world, refused, "venture_call", ranked.call, CALL, action, step)
    await step()
    now = await world.value("select state from venture_call where tenant_id = $1")
    assert now == CALL.transition(state, action).target


async def test_reviewers_are_drawn_for_a_closed_call_and_no_other(
    world: Any, story: Any, refused: Any
) -> None:
    applicant = await world.applicant()
    for _ in range(5):
        await world.expert()
    call, _proposals = await story.closed([applicant])

    def step() -> Any:
        return story.step("drawVentureReviewers", world.officer, call)

    await refused_from_all_other_states(world, refused, "venture_call", call, CALL, "start_review", step)
    assert (await step())["state"] == "REVIEWING"


PROPOSAL_STEPS: Final = {
    "announce": ("announceVentureDecision", ("scored", "shortlisted"), "first"),
    "reopen": ("withdrawVentureDecision", ("notice",), "first"),
    "award": ("concludeVentureDecision", ("notice",), "first"),
    "reserve": ("concludeVentureDecision", ("notice",), "second"),
    "reject": ("concludeVentureDecision", ("notice",), "third"),
}


@pytest.mark.parametrize("action", sorted(PROPOSAL_STEPS))
async def test_every_later_step_of_a_proposal_works_where_the_table_has_it_and_nowhere_else(
    world: Any, story: Any, refused: Any, ranked: Round, action: str
) -> None:
    name, allowed, which = PROPOSAL_STEPS[action]
    proposal = getattr(ranked, which)
    decision = await story.propose(ranked.call, ranked.usual)
    if allowed == ("notice",):
        await story.step("announceVentureDecision", world.second, decision, D)
        world.at(world.clock.now() + timedelta(days=21))
    taking = story.reason if action == "reopen" else story.step
    for state in PROPOSAL.states:
        # A proposal that is on a reserve list already is awarded or let go there, also by a decision.
        if action not in PROPOSAL.actions_in(state):
            await world.put("venture_proposal", proposal, state=str(state))
            step = taking(name, world.second, decision, D)
            assert await refused(step) == "workflow.undefined_transition", state
    await world.put("venture_proposal", proposal, state=allowed[-1])
    await taking(name, world.second, decision, D)
    assert await states(world, proposal) == [PROPOSAL.transition(allowed[-1], action).target]


@pytest.mark.parametrize(("name", "action"), [("promote", "award"), ("letGo", "reject")])
async def test_the_reserve_list_is_settled_from_it_and_from_no_other_state(
    world: Any, story: Any, refused: Any, ranked: Round, name: str, action: str
) -> None:
    await story.concluded(ranked.call, ranked.usual)
    for state in PROPOSAL.states:
        if state != ProposalState.RESERVED:
            await world.put("venture_proposal", ranked.second, state=str(state))
            step = story.reason(f"{name}VentureReserve", world.second, ranked.second, P)
            assert await refused(step) == "workflow.undefined_transition", state
    await world.put("venture_proposal", ranked.second, state="reserved")
    await story.reason(f"{name}VentureReserve", world.second, ranked.second, P)
    assert await states(world, ranked.second) == [PROPOSAL.transition("reserved", action).target]


async def test_the_events_tell_ids_and_nothing_else(world: Any, story: Any, ranked: Round) -> None:
    await story.concluded(ranked.call, ranked.usual)
    async with world.context() as ctx:
        found = await ctx.db.fetch(
            "select name, payload from events_event where tenant_id = $1 and name like 'venture.%' order by id",
            ctx.tenant_id,
        )
    names = [row["name"] for row in found]
    assert names[0] == "venture.call_published"
    assert names.count("venture.proposal_submitted") == 3
    assert names[-3:] == ["venture.awards_announced", "venture.grant_awarded", "venture.call_decided"]
    values = [
        value for row in found for value in json.loads(row["payload"]).values() if isinstance(value, str)
    ]
    assert all(UUID(value) for value in values)


@pytest.mark.parametrize("step", ["objectToVentureAwards", "withdrawVentureDecision"])
async def test_what_comes_while_a_decision_is_concluded_waits_for_it(
    world: Any, story: Any, refused: Any, ranked: Round, step: str
) -> None:
    decision = await story.announced(ranked.call, ranked.usual)
    until = await world.value("select notice_until from venture_decision where tenant_id = $1")
    world.at(until + timedelta(microseconds=1))
    async with world.context(world.second) as ctx:
        await announcing.conclude(ctx, decision)
        world.at(until)
        withdrawn = step == "withdrawVentureDecision"
        late = story.reason(step, world.third, decision, D) if withdrawn else objected(world, ranked)
        waiting = asyncio.create_task(late)
        done, _ = await asyncio.wait([waiting], timeout=1)
        assert not done
    expected = {"objectToVentureAwards": "venture.not_under_notice"}
    assert await refused(waiting) == expected.get(step, "workflow.undefined_transition")
    assert await states(world, ranked.first) == ["awarded"]
