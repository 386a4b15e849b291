"""Needs and calls through the API: rules, publication, amendments, closing to the second."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from linli_graphql.ids import from_global_id
from linli_venture.calls.states import CALL, NEED, CallState, NeedState

SHEET = [{"key": "needs", "title": "需求", "weight": 40}, {"key": "plan", "title": "方案", "weight": 60}]


async def test_a_call_has_the_usual_rules_where_none_are_given(world: Any, story: Any) -> None:
    await story.drafted()
    document = """{ ventureCalls { nodes { capFen grantPercentMax floorGrade trancheShares midtermTranche
        finalTranche reviewsMin anonymous opensAtLocal closesAtLocal seedCommitment number
        criteria { nodes { key weight } } } } }"""
    (call,) = (await world.ask(world.officer, document))["ventureCalls"]["nodes"]
    assert call.pop("criteria")["nodes"] == [
        {"key": "needs", "weight": 20},
        {"key": "plan", "weight": 25},
        {"key": "budget", "weight": 15},
        {"key": "team", "weight": 15},
        {"key": "innovation", "weight": 10},
        {"key": "sustainability", "weight": 10},
        {"key": "risk", "weight": 5},
    ]
    assert call == {
        "capFen": 50_000_000,
        "grantPercentMax": 60,
        "floorGrade": None,
        "trancheShares": [50, 40, 10],
        "midtermTranche": 2,
        "finalTranche": 3,
        "reviewsMin": 5,
        "anonymous": True,
        "opensAtLocal": "2026-05-07 12:00:00",
        "closesAtLocal": "2026-05-17 12:00:00",
        "seedCommitment": "",
        "number": None,
    }


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"tranche_shares": [50, 40, 9]}, "venture.shares_not_whole"),
        ({"tranche_shares": [60, 50, -10]}, "venture.number_out_of_range"),
        ({"midterm_tranche": 4}, "venture.number_out_of_range"),
        ({"midterm_tranche": 3, "final_tranche": 2}, "venture.number_out_of_range"),
        ({"criteria": [{"key": "needs", "title": "需求", "weight": 99}]}, "venture.weights_not_whole"),
        ({"criteria": [{"key": "plan", "title": "方案", "weight": 100}]}, "venture.no_needs_criterion"),
        ({"criteria": [{**SHEET[0], "weight": 60}, SHEET[0]]}, "venture.given_twice"),
        ({"categories": ["为老", "为老"]}, "venture.given_twice"),
        ({"categories": []}, "required"),
        ({"reviews_min": 4}, "venture.number_out_of_range"),
        ({"grant_percent_max": 101}, "venture.number_out_of_range"),
        ({"cap_fen": 0}, "venture.number_out_of_range"),
        ({"closes_at": "2026-05-07T04:00:00+00:00"}, "venture.closes_before_opening"),
        ({"opens_at": "2026-05-07T04:00:00"}, "venture.naive_moment"),
        ({"title": " "}, "required"),
    ],
)
async def test_rules_that_contradict_themselves_are_refused(
    world: Any, story: Any, refused: Any, given: dict[str, Any], code: str
) -> None:
    assert await refused(story.drafted(**given)) == code
    call = await story.drafted()
    step = world.act("updateVentureCall", world.officer, gives="VentureCall", id=call, **given)
    assert await refused(step) == code


@pytest.mark.parametrize(
    ("given", "waits"),
    [
        ({}, (2, 3)),
        ({"tranche_shares": [100]}, (0, 1)),
        ({"tranche_shares": [60, 40]}, (0, 2)),
        ({"tranche_shares": [25, 25, 25, 25]}, (2, 4)),
        ({"tranche_shares": [25, 25, 25, 25], "midterm_tranche": 3}, (3, 4)),
        ({"midterm_tranche": 0}, (0, 3)),
        ({"final_tranche": 0}, (2, 0)),
        ({"midterm_tranche": None}, (2, 3)),
    ],
)
async def test_tranches_wait_for_appraisals_as_usual_or_as_the_terms_say(
    world: Any, story: Any, given: dict[str, Any], waits: tuple[int, int]
) -> None:
    drafted = await story.drafted(**given)
    changed = await story.drafted()
    shows = "id version midtermTranche finalTranche"
    for call, values in ((drafted, {"title": "改名"}), (changed, given or {"title": "改名"})):
        found = await world.act(
            "updateVentureCall", world.officer, gives="VentureCall", shows=shows, id=call, **values
        )
        assert (found["midtermTranche"], found["finalTranche"]) == waits


async def test_a_closed_or_unknown_pool_is_refused(world: Any, story: Any, refused: Any) -> None:
    assert await refused(story.drafted(pool_id=world.town.id)) == "not_found"
    blind = world.bench.actor(("venture.call.read", "venture.call.write"))
    world.officer, officer = blind, world.officer
    assert await refused(story.drafted()) == "not_found"
    world.officer = officer
    await world.put("venture_pool", world.pool_id, state="closed")
    assert await refused(story.drafted()) == "venture.pool_closed"


async def test_whoever_drafted_a_call_does_not_publish_it(world: Any, story: Any, refused: Any) -> None:
    call = await story.drafted()
    assert await refused(story.step("publishVentureCall", world.officer, call)) == "workflow.own_work"
    assert (await story.step("publishVentureCall", world.second, call))["state"] == "PUBLISHED"


async def test_nobody_who_wrote_on_a_call_publishes_it(world: Any, story: Any, refused: Any) -> None:
    call = await story.drafted()
    await world.act("updateVentureCall", world.second, gives="VentureCall", id=call, title="社区创投")
    for writer in (world.officer, world.second):
        assert await refused(story.step("publishVentureCall", writer, call)) == "workflow.own_work"
    assert (await story.step("publishVentureCall", world.third, call))["state"] == "PUBLISHED"


async def test_a_call_is_published_before_it_opens(world: Any, story: Any, refused: Any) -> None:
    call = await story.drafted()
    world.at(world.clock.now() + timedelta(days=1, seconds=1))
    assert await refused(story.step("publishVentureCall", world.second, call)) == "venture.opens_in_the_past"


async def test_the_rules_are_frozen_with_a_digest_that_anybody_can_recompute(
    world: Any, story: Any, refused: Any
) -> None:
    call = await story.published(criteria=SHEET)
    change = world.act("updateVentureCall", world.officer, gives="VentureCall", id=call, cap_fen=1)
    assert await refused(change) == "venture.call_frozen"
    document = "{ ventureCalls { nodes { number rulesVersion versions { nodes { number rules digest } } } } }"
    (found,) = (await world.ask(world.officer, document))["ventureCalls"]["nodes"]
    assert (found["number"], found["rulesVersion"]) == ("2026-1", 1)
    (version,) = found["versions"]["nodes"]
    text = json.dumps(version["rules"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == version["digest"]
    assert version["rules"]["criteria"] == SHEET
    assert version["rules"]["tranche_shares"] == [50, 40, 10]
    assert (version["rules"]["midterm_tranche"], version["rules"]["final_tranche"]) == (2, 3)


async def test_the_database_itself_keeps_a_frozen_version(world: Any, story: Any) -> None:
    await story.published()
    async with world.context() as ctx:
        allowed = await ctx.db.fetchval(
            "select has_table_privilege(current_user, 'venture_call_version', 'update')"
        )
    assert allowed is False


async def test_an_amendment_is_a_further_version_and_applicants_are_told(
    world: Any, story: Any, refused: Any
) -> None:
    call = await story.open()
    applicant = await world.applicant()
    await story.begun(call, applicant)

    def amend(**given: Any) -> Any:
        values = {"note": "延长申报期", **given}
        return world.act("amendVentureCall", world.second, gives="VentureCall", id=call, **values)

    assert await refused(amend()) == "venture.nothing_amended"
    assert await refused(amend(closes_at="2026-05-17T04:00:00+00:00")) == "venture.closing_moved_forward"
    assert await refused(amend(note=" ", guide="新")) == "required"
    await amend(closes_at="2026-05-20T04:00:00+00:00")
    told = await world.value(
        "select count(*) from notifications_message where tenant_id = $1 and type = 'venture.call_amended'"
    )
    assert told == 2
    versions = "select count(*) from venture_call_version where tenant_id = $1 and call_id = $2"
    assert await world.value(versions, call) == 2
    world.at(world.clock.now().replace(day=21))
    assert await refused(amend(guide="太晚")) == "venture.amended_too_late"


async def test_a_call_closes_after_its_last_moment_by_hand_or_by_the_clock(
    world: Any, story: Any, refused: Any
) -> None:
    call = await story.open()
    closes = world.clock.now() + timedelta(days=10)
    world.at(closes)
    assert await refused(story.step("closeVentureCall", world.officer, call)) == "venture.still_open"
    await world.work("venture.close_due_calls")
    assert await world.value("select state from venture_call where tenant_id = $1") == "published"
    world.at(closes + timedelta(seconds=1))
    await world.work("venture.close_due_calls")
    assert await world.value("select state from venture_call where tenant_id = $1") == "closed"


async def test_who_may_not_read_calls_sees_none_and_who_may_elsewhere_neither(world: Any, story: Any) -> None:
    await story.drafted()
    elsewhere = world.bench.actor(("venture.call.read",), area_path=world.elsewhere.path)
    found = await world.ask(elsewhere, "{ ventureCalls { totalCount } }")
    assert found["ventureCalls"]["totalCount"] == 0


CALL_STEPS = {
    "publish": ("publishVentureCall", "second", {}),
    "amend": ("amendVentureCall", "second", {"note": "补充", "guide": "指南"}),
    "close": ("closeVentureCall", "officer", {}),
    "cancel": ("cancelVentureCall", "second", {"reason": "资金调整"}),
}


@pytest.mark.parametrize("state", list(CallState))
@pytest.mark.parametrize("action", sorted(CALL_STEPS))
async def test_every_step_of_a_call_works_where_the_table_has_it_and_nowhere_else(
    world: Any, story: Any, refused: Any, state: CallState, action: str
) -> None:
    call = await story.drafted()
    await world.put("venture_call", call, state=state.value, rules_version=1)
    if action == "close":
        world.at(world.clock.now() + timedelta(days=12))
    name, actor, given = CALL_STEPS[action]
    kind = "" if action == "amend" else "VentureReasonInput" if given else "VentureStepInput"
    step = world.act(
        name, getattr(world, actor), takes=kind, gives="VentureCall", shows="state", id=call, **given
    )
    if action in CALL.actions_in(state):
        assert (await step)["state"] == CALL.transition(state, action).target.upper()
    else:
        assert await refused(step) == "workflow.undefined_transition"


async def need(world: Any) -> Any:
    return await world.act(
        "recordVentureNeed",
        world.officer,
        gives="VentureNeed",
        area_id=world.town.id,
        title="独居老人缺少探访",
        category="为老",
        beneficiaries=120,
        source="演示社区问卷",
        surveyed_on="2026-04-01",
    )


@pytest.mark.parametrize("state", list(NeedState))
@pytest.mark.parametrize("action", ["publish", "withdraw"])
async def test_every_step_of_a_need_works_where_the_table_has_it_and_nowhere_else(
    world: Any, story: Any, refused: Any, state: NeedState, action: str
) -> None:
    made = from_global_id((await need(world))["id"])[1]
    await world.put("venture_need", made, state=state.value)
    step = story.step(f"{action}VentureNeed", world.officer, made, "VentureNeed")
    if action in NEED.actions_in(state):
        assert (await step)["state"] == NEED.transition(state, action).target.upper()
    else:
        assert await refused(step) == "workflow.undefined_transition"


async def test_a_need_of_tomorrow_is_refused(world: Any, refused: Any) -> None:
    step = world.act(
        "recordVentureNeed",
        world.officer,
        gives="VentureNeed",
        area_id=None,
        title="停车",
        category="其他",
        beneficiaries=1,
        source="演示",
        surveyed_on="2026-05-07",
    )
    assert await refused(step) == "future_date"
