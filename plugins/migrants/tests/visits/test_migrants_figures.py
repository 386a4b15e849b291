"""Figures with stored denominators: the reports' numbers come out right, sums are never averages, small cells go."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from linli.plugin import ProvisionRequest
from linli_migrants import visit_provisioning
from linli_migrants.figures import Measure, ratio

STORED = """
query($m: MigrantMeasure!, $area: ID, $on: Date) {
  migrantStoredFigure(measure: $m, area: $area, asOf: $on) {
    status numerator denominator denominatorEstimated percent value asOf source
  }
}"""
COUNTED = """
{ migrantServiceFigures(since: "2026-05-01", until: "2026-05-06") {
    visitsDone { status numerator denominator percent }
    servicesPerPerson { status numerator denominator value }
} }"""
TABLE = "query($by: MigrantStaysBy!) { migrantStayFigures(by: $by) { total cells { key count } } }"
DAY = date(2016, 12, 31)


@pytest.fixture
def ask(world: Any, api: Any) -> Any:
    api.runtime.clock = world.clock

    async def asked(document: str, **variables: Any) -> Any:
        return await api.execute(world.tenant, world.officer, document, variables)

    return asked


async def record(story: Any, measure: str, numerator: int, **values: Any) -> Any:
    given = {"area_id": None, "as_of": DAY, "source": "镇原县屯字镇报告", **values}
    return await story.act("recordMigrantFigure", measure=measure, numerator=numerator, **given)


async def test_the_three_counts_of_zhenyuan_are_never_mixed(story: Any, ask: Any) -> None:
    counts = {"PEOPLE_ON_FILE": 45, "COORDINATORS": 6, "PEOPLE_CHECKED": 40, "CONTRACTS_ON_FILE": 38}
    for measure, count in counts.items():
        await record(story, measure.lower(), count)
    for measure, count in counts.items():
        found = (await ask(STORED, m=measure))["migrantStoredFigure"]
        assert (found["numerator"], found["denominator"]) == (count, None)
        assert (found["status"], found["percent"]) == ("NOT_DEFINED", None)
        assert (found["asOf"], found["source"]) == ("2016-12-31", "镇原县屯字镇报告")


async def test_the_permits_of_guiyang_are_79_55_percent_of_the_eligible(story: Any, ask: Any) -> None:
    await record(
        story,
        "permits_issued",
        468_800,
        denominator=589_300,
        denominator_estimated=True,
        source="贵阳市报告",
    )
    found = (await ask(STORED, m="PERMITS_ISSUED"))["migrantStoredFigure"]
    assert (found["numerator"], found["denominator"], found["percent"]) == (468_800, 589_300, "79.55")
    assert found["denominatorEstimated"] is True
    assert found["status"] == "DEFINED"


async def test_a_ratio_of_areas_is_made_from_sums(story: Any, world: Any, ask: Any) -> None:
    below = [await world.bench.area(world.tenant, name, parent=world.area) for name in ("甲", "乙")]
    deeper = await world.bench.area(world.tenant, "丙", parent=below[1])
    await record(story, "people_checked", 10, denominator=10, area_id=below[0].id)
    await record(story, "people_checked", 10, denominator=90, area_id=below[1].id)
    await record(story, "people_checked", 5, denominator=5, area_id=deeper.id)
    await record(story, "people_checked", 9, denominator=9, area_id=below[0].id, as_of=DAY - timedelta(1))
    found = (await ask(STORED, m="PEOPLE_CHECKED", area=f"Area_{world.area.id}"))["migrantStoredFigure"]
    assert (found["numerator"], found["denominator"], found["percent"]) == (20, 100, "20.00")
    await record(story, "people_checked", 30, denominator=60, area_id=world.area.id)
    found = (await ask(STORED, m="PEOPLE_CHECKED", area=f"Area_{world.area.id}"))["migrantStoredFigure"]
    assert found["percent"] == "50.00"
    before = (await ask(STORED, m="PEOPLE_CHECKED", on="2016-12-30"))["migrantStoredFigure"]
    assert (before["numerator"], before["denominator"]) == (9, 9)


async def test_an_unknown_denominator_below_leaves_the_sum_undefined(
    story: Any, world: Any, ask: Any
) -> None:
    below = [await world.bench.area(world.tenant, name, parent=world.area) for name in ("甲", "乙")]
    await record(story, "people_checked", 10, denominator=10, area_id=below[0].id)
    await record(story, "people_checked", 10, area_id=below[1].id)
    found = (await ask(STORED, m="PEOPLE_CHECKED"))["migrantStoredFigure"]
    assert (found["numerator"], found["denominator"], found["status"]) == (20, None, "NOT_DEFINED")


@pytest.mark.parametrize(
    ("numerator", "denominator", "status", "percent"),
    [
        (0, 0, "not_defined", None),
        (0, None, "not_defined", None),
        (0, 10, "defined", "0.00"),
        (3, 10, "suppressed", None),
        (3, 4, "suppressed", None),
        (10, 10, "defined", "100.00"),
        (1_005, 20_000, "defined", "5.03"),
    ],
)
def test_a_ratio_is_defined_suppressed_or_not_defined(
    numerator: int, denominator: int | None, status: str, percent: str | None
) -> None:
    found = ratio(Measure.VISITS_DONE, numerator, denominator, as_of=DAY, source="x")
    assert (found.status.value, found.percent) == (status, percent)
    assert found.numerator is None or found.numerator == numerator


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"numerator": 11, "denominator": 10}, "migrants.numerator_above_denominator"),
        ({"numerator": -1}, "migrants.figure_out_of_range"),
        ({"numerator": 1, "denominator": 2_000_000_001}, "migrants.figure_out_of_range"),
        ({"numerator": 1, "as_of": date(2026, 5, 7)}, "future_date"),
        ({"numerator": 1, "source": " "}, "required"),
    ],
)
async def test_figures_that_cannot_be_are_refused(
    story: Any, refused: Any, values: dict[str, Any], code: str
) -> None:
    with pytest.raises(refused) as caught:
        await record(story, "people_checked", **values)
    assert caught.value.code == code


async def test_visits_done_of_those_due_and_services_by_people(
    quick: Any, field: Any, world: Any, ask: Any
) -> None:
    await field.setting("migrants.visit_due_day", 6)
    coordinator = await field.coordinator(quick)
    culture = (await field.services())["culture"]
    for number in range(8):
        person = await world.person(f"演示新市民{number}")
        visit = await field.visit(person_id=person)
        if number < 5:
            done = {"done_on": date(2026, 5, 6), "outcome": "informed"}
            await quick.act("doMigrantVisit", coordinator, id=visit, **done)
            booked = await quick.act("bookMigrantService", service_id=culture, person_id=person)
            await quick.act("deliverMigrantService", id=booked)
        if number == 7:
            await quick.act("declineMigrantVisit", id=visit)
    found = (await ask(COUNTED))["migrantServiceFigures"]
    assert found["visitsDone"] == {
        "status": "DEFINED",
        "numerator": 5,
        "denominator": 7,
        "percent": "71.43",
    }
    assert found["servicesPerPerson"] == {
        "status": "DEFINED",
        "numerator": 5,
        "denominator": 8,
        "value": 0.625,
    }


async def test_last_months_visits_are_kept_once_as_sums(quick: Any, field: Any, world: Any, ask: Any) -> None:
    for number in range(5):
        await field.visit(person_id=await world.person(f"演示新市民{number}"))
    world.clock.advance(timedelta(days=30))
    await field.run("migrants.store_figures")
    await field.run("migrants.store_figures")
    assert await world.value("select count(*) from migrants_figure where tenant_id = $1") == 1
    found = (await ask(STORED, m="VISITS_DONE"))["migrantStoredFigure"]
    assert (found["numerator"], found["denominator"], found["asOf"]) == (0, 5, "2026-05-31")


async def test_small_cells_of_stays_are_not_shown(quick: Any, world: Any, ask: Any) -> None:
    for number in range(12):
        reason = "work" if number < 6 else "study" if number < 11 else "family"
        await quick.active(person_id=await world.person(f"演示新市民{number}"), reason=reason)
    found = (await ask(TABLE, by="REASON"))["migrantStayFigures"]
    cells = {cell["key"]: cell["count"] for cell in found["cells"]}
    assert (found["total"], cells) == (12, {"family": None, "study": None, "work": 6})
    assert (await ask(TABLE, by="ORIGIN"))["migrantStayFigures"]["cells"] == [{"key": "61", "count": 12}]
    assert (await ask(TABLE, by="STATE"))["migrantStayFigures"]["cells"] == [{"key": "active", "count": 12}]


@pytest.mark.parametrize(("since", "until"), [("2026-05-06", "2026-05-05"), ("2025-01-01", "2026-05-06")])
async def test_a_period_is_at_most_a_year(ask: Any, since: str, until: str) -> None:
    document = COUNTED.replace("2026-05-01", since, 1).replace('until: "2026-05-06"', f'until: "{until}"')
    assert "migrants.period_out_of_range" in str((await ask(document)).errors)


async def test_a_stored_count_of_few_people_is_not_shown_in_the_list(story: Any, ask: Any) -> None:
    await record(story, "people_checked", 3, denominator=40)
    await record(story, "coordinators", 3)
    document = "{ migrantFigures { edges { node { measure numerator denominator } } } }"
    found = [edge["node"] for edge in (await ask(document))["migrantFigures"]["edges"]]
    assert {one["measure"]: (one["numerator"], one["denominator"]) for one in found} == {
        "PEOPLE_CHECKED": (None, 40),
        "COORDINATORS": (3, None),
    }


async def test_a_profile_gives_figures_once(world: Any, ask: Any) -> None:
    given = {"measure": "people_on_file", "numerator": 45, "as_of": DAY, "source": "报告"}
    request = ProvisionRequest(profile={"figures": [given]})
    for _ in range(2):
        async with world.bench.context(world.tenant, clock=world.clock) as ctx:
            await visit_provisioning.profile_figures(ctx, request)
    assert await world.value("select count(*) from migrants_figure where tenant_id = $1") == 1
    assert (await ask(STORED, m="PEOPLE_ON_FILE"))["migrantStoredFigure"]["numerator"] == 45
