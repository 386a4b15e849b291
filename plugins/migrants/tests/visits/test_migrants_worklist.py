"""The work list: one query, one statement a section, by area grant, grid and building."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from linli_migrants.worklist import SECTIONS

DOCUMENT = """
query($area: ID, $sections: [MigrantWorkSection!], $first: Int! = 50, $after: String) {
  migrantWorkList(area: $area, sections: $sections, first: $first, after: $after) {
    section after
    groups { grid building items { subjectId dwellingId personId person address dueOn appointedFor tier } }
  }
}"""
LOOK = ["migrants.visit.read", "migrants.census.read"]


@pytest.fixture
def ask(world: Any, api: Any) -> Any:
    api.runtime.clock = world.clock

    async def asked(actor: Any = None, **variables: Any) -> Any:
        return await api.execute(world.tenant, actor or world.officer, DOCUMENT, variables)

    return asked


def shown(found: Any) -> dict[str, int]:
    """How many items each section has."""
    return {
        page["section"]: sum(len(group["items"]) for group in page["groups"])
        for page in found["migrantWorkList"]
    }


async def test_an_empty_work_list_has_all_sections_and_no_items(ask: Any) -> None:
    found = await ask()
    assert shown(found) == {section.name.name: 0 for section in SECTIONS}
    assert all(page["after"] is None for page in found["migrantWorkList"])


async def test_the_work_list_is_one_query_and_one_statement_a_section(
    quick: Any, field: Any, world: Any, ask: Any
) -> None:
    today, overdue = await field.visit(), await field.visit(person_id=await world.person("演示李四"))
    await field.visit(person_id=await world.person("演示王五"))
    when = datetime(2026, 5, 6, 10, 0, tzinfo=UTC)
    await quick.act("appointMigrantVisit", id=today, appointed_for=when)
    await world.set_state("migrants_visit", overdue, due_on=date(2026, 5, 5))
    await quick.act("openMigrantCensus", area_id=world.area.id, year=2026, quarter=2)
    found = await ask()
    assert shown(found) == {
        "VISITS_TODAY": 1,
        "VISITS_OVERDUE": 1,
        "VISITS_TO_APPOINT": 1,
        "CENSUS_OPEN": 3,
        "ENDORSEMENTS_DUE": 0,
        "APPLICATIONS_OPEN": 0,
    }
    assert found.statements == len(SECTIONS)
    item = found["migrantWorkList"][0]["groups"][0]["items"][0]
    assert item["subjectId"] == f"MigrantVisit_{today}"
    assert (item["person"], item["dueOn"]) == ("演***", "2026-05-28")


async def test_the_day_is_the_one_of_the_tenants_time_zone(
    quick: Any, field: Any, world: Any, ask: Any
) -> None:
    visit = await field.visit()
    midnight = datetime(2026, 5, 6, 16, 0, tzinfo=UTC)
    for when, count in ((midnight - timedelta(minutes=1), 1), (midnight, 0)):
        await quick.act("appointMigrantVisit", id=visit, appointed_for=when)
        assert shown(await ask(sections=["VISITS_TODAY"])) == {"VISITS_TODAY": count}


async def test_work_is_grouped_by_grid_and_building(quick: Any, field: Any, world: Any, ask: Any) -> None:
    for number, (grid, building) in enumerate(
        [("二网格", "1 号楼"), ("一网格", "2 号楼"), ("一网格", "2 号楼")]
    ):
        home = await quick.dwelling(grid=grid, building=building)
        await quick.active(dwelling_id=home, person_id=await world.person(f"演示新市民{number}"))
    await field.run("migrants.plan_visits")
    (page,) = (await ask(sections=["VISITS_TO_APPOINT"]))["migrantWorkList"]
    assert [(one["grid"], one["building"], len(one["items"])) for one in page["groups"]] == [
        ("一网格", "2 号楼", 2),
        ("二网格", "1 号楼", 1),
    ]


async def test_pages_follow_each_other_without_gap_or_repetition(
    quick: Any, field: Any, world: Any, ask: Any
) -> None:
    for number in range(5):
        home = await quick.dwelling(grid=f"第{number % 2}网格")
        await quick.active(dwelling_id=home, person_id=await world.person(f"演示新市民{number}"))
    await field.run("migrants.plan_visits")
    seen: list[str] = []
    after = None
    for _ in range(5):
        (page,) = (await ask(sections=["VISITS_TO_APPOINT"], first=2, after=after))["migrantWorkList"]
        seen += [item["subjectId"] for group in page["groups"] for item in group["items"]]
        after = page["after"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 5


async def test_work_is_shown_where_the_grants_reach(quick: Any, field: Any, world: Any, ask: Any) -> None:
    beside = await world.bench.area(world.tenant, "测试别处")
    await field.visit()
    await quick.active(
        dwelling_id=await quick.dwelling(area_id=beside.id), person_id=await world.person("演示李四")
    )
    await field.run("migrants.plan_visits")
    planned = {"sections": ["VISITS_TO_APPOINT"]}
    here = world.bench.actor(LOOK, area_path=world.area.path)
    assert shown(await ask(**planned)) == {"VISITS_TO_APPOINT": 2}
    assert shown(await ask(here, **planned)) == {"VISITS_TO_APPOINT": 1}
    assert shown(await ask(area=f"Area_{beside.id}", **planned)) == {"VISITS_TO_APPOINT": 1}
    assert (await ask(here, area=f"Area_{beside.id}", **planned)).codes == ["permission_denied"]
    census = world.bench.actor(["migrants.census.read"])
    assert shown(await ask(census)) == {"CENSUS_OPEN": 0}


async def test_a_place_goes_on_in_one_section_and_must_be_one_that_was_given(ask: Any, world: Any) -> None:
    assert "migrants.one_section_only" in str((await ask(after="x")).errors)
    for bad in ("x", "W10=", "e30=", "a" * 2_000):
        assert "migrants.bad_work_cursor" in str((await ask(sections=["VISITS_TODAY"], after=bad)).errors)
    missing = await ask(area=f"Area_{world.tenant.id}")
    assert "not_found" in str(missing.errors)
