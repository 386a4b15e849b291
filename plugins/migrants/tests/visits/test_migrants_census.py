"""The quarterly census: no dwelling is left out, rounds never overlap, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from linli_migrants.visit_states import ROUND

Q2 = {"year": 2026, "quarter": 2}
REPORT = """
select concat_ws(' ', state, dwellings, inhabited, vacant, nobody_met, refused, people_found, people_moved, people_new)
from migrants_census_round where tenant_id = $1 and id = $2"""
OPEN = "select count(*) from migrants_census_round where tenant_id = $1 and state = 'open'"


async def opened(story: Any, world: Any, **values: Any) -> Any:
    return await story.act("openMigrantCensus", **{"area_id": world.area.id, **Q2, **values})


async def test_a_round_closes_only_when_every_dwelling_is_answered(
    story: Any, world: Any, refused: Any
) -> None:
    homes = [await story.dwelling() for _ in range(3)]
    await story.active(dwelling_id=homes[0])
    await story.active(dwelling_id=homes[0], person_id=await world.person("演示李四"))
    made = await opened(story, world)
    answer = {"round_id": made, "dwelling_id": homes[0], "answer": "inhabited"}
    await story.act("answerMigrantCensus", **answer, people_found=1, people_moved=1, people_new=2)
    await story.act("answerMigrantCensus", round_id=made, dwelling_id=homes[1], answer="vacant")
    await story.act("answerMigrantCensus", round_id=made, dwelling_id=homes[2], answer="nobody_met")
    added = await story.dwelling()
    with pytest.raises(refused) as caught:
        await story.act("closeMigrantCensus", id=made)
    assert caught.value.code == "migrants.dwellings_open"
    await story.act("answerMigrantCensus", round_id=made, dwelling_id=added, answer="refused")
    await story.act("answerMigrantCensus", round_id=made, dwelling_id=homes[2], answer="vacant")
    await story.act("closeMigrantCensus", id=made)
    assert await world.value(REPORT, made) == "closed 4 1 2 0 1 1 1 2"


async def test_a_dwelling_out_of_use_is_left_out(story: Any, world: Any) -> None:
    first, second = await story.dwelling(), await story.dwelling()
    made = await opened(story, world)
    await story.act("answerMigrantCensus", round_id=made, dwelling_id=first, answer="vacant")
    await story.act("retireMigrantDwelling", id=second)
    await story.act("closeMigrantCensus", id=made)
    assert await world.value(REPORT, made) == "closed 1 0 1 0 0 0 0 0"


async def test_a_closed_round_is_reopened_by_reason(story: Any, world: Any, refused: Any) -> None:
    home = await story.dwelling()
    made = await opened(story, world)
    given = {"round_id": made, "dwelling_id": home, "answer": "vacant"}
    await story.act("answerMigrantCensus", **given)
    await story.act("closeMigrantCensus", id=made)
    with pytest.raises(refused) as caught:
        await story.act("answerMigrantCensus", **given)
    assert caught.value.code == "migrants.round_not_open"
    with pytest.raises(refused) as caught:
        await story.act("reopenMigrantCensus", id=made, reason=" ")
    assert caught.value.code == "required"
    await story.act("reopenMigrantCensus", id=made, reason="漏查一户")
    await story.act("answerMigrantCensus", **given)


async def test_rounds_of_a_quarter_never_overlap(story: Any, world: Any, refused: Any) -> None:
    below = await world.bench.area(world.tenant, "测试网格", parent=world.area)
    beside = await world.bench.area(world.tenant, "测试别处")
    made = await opened(story, world)
    for area in (world.area.id, below.id, None):
        with pytest.raises(refused) as caught:
            await opened(story, world, area_id=area)
        assert caught.value.code == "migrants.round_overlaps"
    await opened(story, world, area_id=beside.id)
    await opened(story, world, quarter=1)
    await story.act("cancelMigrantCensus", id=made, reason="区域有误")
    await opened(story, world, area_id=below.id)


async def test_a_round_with_answers_is_not_cancelled(story: Any, world: Any, refused: Any) -> None:
    made = await opened(story, world)
    given = {"round_id": made, "dwelling_id": await story.dwelling()}
    await story.act("answerMigrantCensus", **given, answer="vacant")
    with pytest.raises(refused) as caught:
        await story.act("cancelMigrantCensus", id=made, reason="误开")
    assert caught.value.code == "migrants.round_answered"


@pytest.mark.parametrize(
    "values", [{"quarter": 3}, {"quarter": 0}, {"quarter": 5}, {"year": 2027}, {"year": 1999}]
)
async def test_a_quarter_has_begun(story: Any, world: Any, refused: Any, values: dict[str, int]) -> None:
    with pytest.raises(refused) as caught:
        await opened(story, world, **values)
    assert (caught.value.code, caught.value.at) == ("migrants.quarter_out_of_range", "quarter")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"answer": "vacant", "people_new": 1}, "migrants.counts_only_when_inhabited"),
        ({"answer": "inhabited", "people_found": 1, "people_moved": 1}, "migrants.people_out_of_range"),
        ({"answer": "inhabited", "people_found": -1}, "migrants.people_out_of_range"),
        ({"answer": "inhabited", "people_new": 201}, "migrants.people_out_of_range"),
    ],
)
async def test_numbers_that_cannot_be_are_refused(
    story: Any, world: Any, refused: Any, values: dict[str, Any], code: str
) -> None:
    home = await story.dwelling()
    await story.active(dwelling_id=home)
    made = await opened(story, world)
    with pytest.raises(refused) as caught:
        await story.act("answerMigrantCensus", round_id=made, dwelling_id=home, **values)
    assert caught.value.code == code


async def test_a_dwelling_elsewhere_is_not_answered(story: Any, world: Any, refused: Any) -> None:
    elsewhere = await world.bench.area(world.tenant, "测试别处")
    made = await opened(story, world)
    with pytest.raises(refused) as caught:
        await story.act(
            "answerMigrantCensus",
            round_id=made,
            dwelling_id=await story.dwelling(area_id=elsewhere.id),
            answer="vacant",
        )
    assert caught.value.code == "migrants.dwelling_not_in_round"


async def test_the_clock_opens_the_rounds_that_are_missing_once(quick: Any, field: Any, world: Any) -> None:
    community = await world.bench.area(world.tenant, "测试丙社区", parent=world.area)
    grid = await world.bench.area(world.tenant, "测试网格", parent=community)
    await world.set_state("areas_area", community.id, level="community")
    await quick.dwelling(area_id=grid.id)
    await field.run("migrants.open_rounds")
    await field.run("migrants.open_rounds")
    path = (
        "select string_agg(area_path, ' ' order by area_path) from migrants_census_round where tenant_id = $1"
    )
    assert await world.value(path) == community.path


async def test_a_dwelling_above_the_level_is_not_left_out(quick: Any, field: Any, world: Any) -> None:
    community = await world.bench.area(world.tenant, "测试丙社区", parent=world.area)
    await world.set_state("areas_area", community.id, level="community")
    for area in (community, world.area):
        await quick.dwelling(area_id=area.id)
    await field.run("migrants.open_rounds")
    path = "select string_agg(area_path, ' ') from migrants_census_round where tenant_id = $1"
    assert await world.value(path) == world.area.path


async def test_how_far_a_round_is(quick: Any, world: Any, api: Any) -> None:
    api.runtime.clock = world.clock
    homes = [await quick.dwelling() for _ in range(2)]
    made = await opened(quick, world)
    await quick.act("answerMigrantCensus", round_id=made, dwelling_id=homes[0], answer="vacant")
    document = "query($r: ID!) { migrantCensusProgress(censusRound: $r) { dwellings open vacant } }"
    found = await api.execute(world.tenant, world.officer, document, {"r": f"MigrantCensusRound_{made}"})
    assert found["migrantCensusProgress"] == {"dwellings": 2, "open": 1, "vacant": 1}


STEPS = {
    "close": ("closeMigrantCensus", {}),
    "reopen": ("reopenMigrantCensus", {"reason": "测试"}),
    "cancel": ("cancelMigrantCensus", {"reason": "测试"}),
}


@pytest.mark.parametrize("state", ROUND.states)
@pytest.mark.parametrize("action", ROUND.actions)
async def test_every_transition_of_a_round_that_is_not_defined_is_refused(
    story: Any, world: Any, refused: Any, state: str, action: str
) -> None:
    made = await opened(story, world)
    numbers = ("dwellings", "inhabited", "vacant", "nobody_met", "refused")
    closed = state == "closed"
    await world.set_state(
        "migrants_census_round",
        made,
        state=state,
        reason="测试",
        closed_at=world.clock.now() if closed else None,
        **dict.fromkeys(numbers, 0 if closed else None),
    )
    name, values = STEPS[action]
    if any((row.source, row.action) == (state, action) for row in ROUND.transitions):
        await story.act(name, id=made, **values)
        return
    with pytest.raises(refused) as caught:
        await story.act(name, id=made, **values)
    assert caught.value.code == "workflow.undefined_transition"


async def test_a_stale_version_is_refused(story: Any, world: Any, refused: Any) -> None:
    made = await opened(story, world)
    with pytest.raises(refused) as caught:
        await story.act("cancelMigrantCensus", id=made, reason="误开", expected_version=7)
    assert caught.value.code == "stale_version"
    assert await world.value(OPEN) == 1
