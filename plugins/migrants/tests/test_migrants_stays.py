"""Stays from report to end, and what is refused on the way."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from linli_migrants.states import STAY


async def test_a_stay_goes_from_report_to_departure(story: Any, world: Any) -> None:
    stay = await story.active()
    await story.act("departMigrantStay", id=stay, on=date(2026, 5, 1))
    row = "select state || ' ' || to_on from migrants_stay where tenant_id = $1 and id = $2"
    assert await world.value(row, stay) == "departed 2026-05-01"


async def test_somebody_reports_themselves_at_an_address(story: Any, world: Any) -> None:
    me = world.resident(await world.person())
    given = {
        "area_id": world.area.id,
        "address": "示例路 9 号",
        "origin_code": "610121001",
        "reason": "family",
    }
    stay = await story.act("reportMigrantStay", me, from_on=date(2026, 5, 6), **given)
    row = "select reporter || ' ' || origin_code from migrants_stay where tenant_id = $1 and id = $2"
    assert await world.value(row, stay) == "person 610121001000"
    await story.act("withdrawMigrantStay", me, id=stay)


async def test_a_move_ends_one_stay_and_reports_the_next(story: Any, world: Any) -> None:
    stay = await story.active()
    new = await story.act("moveMigrantStay", id=stay, dwelling_id=await story.dwelling(), on=date(2026, 5, 2))
    states = "select string_agg(state, ' ' order by from_on) from migrants_stay where tenant_id = $1"
    assert new != stay
    assert await world.value(states) == "departed reported"


@pytest.mark.parametrize(
    ("values", "code", "at"),
    [
        ({"origin_code": "5201"}, "migrants.not_an_origin_code", "origin_code"),
        ({"origin_code": "abcdef"}, "migrants.not_an_origin_code", "origin_code"),
        ({"from_on": date(2026, 5, 7)}, "future_date", "from_on"),
    ],
)
async def test_what_cannot_be_is_refused(
    story: Any, refused: Any, values: dict[str, Any], code: str, at: str
) -> None:
    with pytest.raises(refused) as caught:
        await story.reported(**values)
    assert (caught.value.code, caught.value.at) == (code, at)


async def test_the_registered_of_this_place_are_no_newcomers(story: Any, world: Any, refused: Any) -> None:
    await world.set_state("areas_area", world.area.id, code="621027000000")
    with pytest.raises(refused) as caught:
        await story.reported(origin_code="621027101")
    await story.reported(origin_code="621026")
    assert caught.value.code == "migrants.origin_is_here"


async def test_stays_of_a_person_never_overlap(story: Any, world: Any, refused: Any) -> None:
    person = await world.person()
    first = await story.active(person_id=person, from_on=date(2026, 1, 1))
    with pytest.raises(refused) as caught:
        await story.reported(person_id=person, from_on=date(2026, 2, 1))
    assert caught.value.code == "migrants.stay_overlaps"
    await story.act("departMigrantStay", id=first, on=date(2026, 4, 1))
    with pytest.raises(refused) as caught:
        await story.reported(person_id=person, from_on=date(2026, 3, 31))
    assert caught.value.code == "migrants.stay_overlaps"
    await story.reported(person_id=person, from_on=date(2026, 4, 1))


async def test_nobody_verifies_their_own_report(story: Any, world: Any, refused: Any) -> None:
    stay = await story.reported()
    with pytest.raises(refused) as caught:
        await story.act("verifyMigrantStay", id=stay)
    assert caught.value.code == "migrants.own_report"


async def test_a_stay_ends_after_it_begins(story: Any, refused: Any) -> None:
    stay = await story.active(from_on=date(2026, 3, 1))
    with pytest.raises(refused) as caught:
        await story.act("departMigrantStay", id=stay, on=date(2026, 3, 1))
    assert (caught.value.code, caught.value.at) == ("migrants.ends_before_start", "on")


STEPS = {
    "verify": ("verifyMigrantStay", {}),
    "refuse": ("refuseMigrantStay", {"reason": "查无此人"}),
    "activate": ("activateMigrantStay", {}),
    "withdraw": ("withdrawMigrantStay", {}),
    "depart": ("departMigrantStay", {"on": date(2026, 5, 5)}),
    "settle": ("settleMigrantStay", {"on": date(2026, 5, 5)}),
}


@pytest.mark.parametrize("state", STAY.states)
@pytest.mark.parametrize("action", STAY.actions)
async def test_every_transition_that_is_not_defined_is_refused(
    story: Any, world: Any, refused: Any, state: str, action: str
) -> None:
    stay = await story.reported()
    ended = state in ("departed", "settled", "refused", "withdrawn")
    await world.set_state(
        "migrants_stay",
        stay,
        state=state,
        verified_by=world.checker.id,
        ended_at=world.clock.now() if ended else None,
        to_on=date(2026, 5, 1) if ended else None,
        end_reason="测试" if ended else "",
    )
    name, values = STEPS[action]
    if any((row.source, row.action) == (state, action) for row in STAY.transitions):
        await story.act(name, world.checker, id=stay, **values)
        return
    with pytest.raises(refused) as caught:
        await story.act(name, world.checker, id=stay, **values)
    assert caught.value.code == "workflow.undefined_transition"
