"""Two indicators that are never mixed, each with all that it was made from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from linli.plugin import PermissionDenied
from linli_volunteers.figures import FigureStatus, figures, indicator

DAY = date(2026, 5, 6)


def ratio(numerator: int, denominator: int | None, target_percent: int = 10) -> Any:
    return indicator(
        numerator,
        denominator,
        target_percent=target_percent,
        as_of=DAY,
        denominator_as_of=DAY,
        source="试",
    )


@pytest.mark.parametrize("denominator", [0, None])
def test_without_a_denominator_there_is_no_ratio_and_it_is_not_nought(denominator: int | None) -> None:
    found = ratio(7, denominator)
    assert (found.status, found.ratio, found.target_met) == (FigureStatus.NOT_DEFINED, None, None)
    assert (found.numerator, found.denominator) == (7, denominator)


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [(4, 100, (None, 100)), (0, 100, (None, 100)), (1, 4, (None, None)), (6, 4, (6, None))],
)
def test_fewer_than_five_people_are_not_shown(numerator: int, denominator: int, shown: Any) -> None:
    found = ratio(numerator, denominator)
    assert (found.status, found.ratio, found.target_met) == (FigureStatus.SUPPRESSED, None, None)
    assert (found.numerator, found.denominator) == shown


def test_a_target_is_met_from_its_exact_share_on() -> None:
    assert ratio(730, 7300).target_met is True
    assert ratio(729, 7300).target_met is False
    assert ratio(730, 7300).ratio == pytest.approx(0.1)


async def test_volunteers_and_participation_are_counted_apart(quick: Any) -> None:
    world = quick.world
    activity = await quick.recruiting(places=20)
    crowd = [await quick.volunteer(f"演示{number}") for number in range(12)]
    for volunteer in crowd[:6]:
        await quick.act("enrolVolunteer", activity_id=activity, volunteer_id=volunteer)
    await quick.finish(activity)
    for volunteer in crowd[:6]:
        entry = await quick.claim(activity, volunteer)
        await quick.act("verifyVolunteerHours", world.checker, id=entry)
        if volunteer != crowd[5]:
            await quick.act("postVolunteerHours", id=entry)
    await population(quick, None, 80, date(2025, 12, 31))
    async with world.context() as ctx:
        found = await figures(ctx)
        tomorrow_a_year_on = await counted(world, timedelta(days=365))
        before = await figures(ctx, as_of=DAY - timedelta(days=1))
    share, participation = found.volunteers_among_residents, found.participation_among_volunteers
    assert (share.numerator, share.denominator, share.ratio, share.target_met) == (12, 80, 0.15, True)
    assert (share.denominator_as_of, share.source) == (date(2025, 12, 31), "volunteers_volunteer / 统计公报")
    assert (participation.numerator, participation.denominator) == (5, 12)
    assert (participation.target_percent, participation.target_met) == (20, True)
    assert participation.source == "volunteers_hours / volunteers_volunteer"
    assert tomorrow_a_year_on.participation_among_volunteers.status is FigureStatus.SUPPRESSED
    assert before.participation_among_volunteers.status is FigureStatus.NOT_DEFINED


async def counted(world: Any, later: timedelta) -> Any:
    """The figures as they will be when some time has passed."""
    world.clock.advance(later)
    async with world.context() as ctx:
        found = await figures(ctx)
    world.clock.advance(-later)
    return found


async def test_an_area_has_its_own_residents_and_volunteers(quick: Any) -> None:
    world = quick.world
    other = await world.bench.area(world.tenant, "别的社区")
    for number in range(5):
        await quick.volunteer(f"演示{number}")
    person = await world.person("演示外人", area=other)
    await quick.act("registerVolunteer", person_id=person)
    await population(quick, None, 100)
    await population(quick, world.area.id, 50, date(2026, 1, 1))
    await population(quick, world.area.id, 40, date(2026, 2, 1))
    await population(quick, world.area.id, 20, date(2026, 2, 1))
    async with world.context() as ctx:
        here = (await figures(ctx, area_id=world.area.id)).volunteers_among_residents
        there = (await figures(ctx, area_id=other.id)).volunteers_among_residents
        whole = (await figures(ctx)).volunteers_among_residents
    assert (here.numerator, here.denominator, here.ratio) == (5, 20, 0.25)
    assert (there.status, there.numerator, there.denominator) == (FigureStatus.NOT_DEFINED, None, None)
    assert (whole.numerator, whole.denominator) == (6, 100)


async def test_who_withdrew_counts_up_to_the_day_before(quick: Any) -> None:
    world = quick.world
    crowd = [await quick.volunteer(f"演示{number}") for number in range(6)]
    world.clock.advance(timedelta(days=2))
    await quick.act("withdrawVolunteer", id=crowd[0])
    await population(quick, None, 100)
    async with world.context() as ctx:
        now = (await figures(ctx)).volunteers_among_residents.numerator
        then = (await figures(ctx, as_of=DAY + timedelta(days=1))).volunteers_among_residents.numerator
    assert (then, now) == (6, 5)


async def test_figures_of_another_area_take_the_permission_there(quick: Any) -> None:
    world = quick.world
    other = await world.bench.area(world.tenant, "别的社区")
    actor = world.bench.actor(["volunteers.figures.read"], area_path=world.area.path)
    async with world.context(actor) as ctx:
        await figures(ctx, area_id=world.area.id)
        for area_id in (other.id, None):
            with pytest.raises(PermissionDenied):
                await figures(ctx, area_id=area_id)


@pytest.mark.parametrize(
    ("as_of", "code"), [("2026-05-07", "future_date"), ("0001-01-01", "volunteers.impossible_time")]
)
async def test_figures_of_impossible_days_are_refused(quick: Any, api: Any, as_of: str, code: str) -> None:
    world = quick.world
    api.runtime.clock = world.clock
    found = await api.execute(world.tenant, world.officer, QUERY, {"asOf": as_of})
    assert found.codes == [code]


QUERY = """
query($area: ID, $asOf: Date) { volunteerFigures(area: $area, asOf: $asOf) {
  volunteersAmongResidents { status numerator denominator ratio targetPercent targetMet asOf denominatorAsOf source }
  participationAmongVolunteers { status numerator denominator ratio targetMet asOf source }
} }"""


async def test_the_figures_are_in_the_api(quick: Any, api: Any) -> None:
    world = quick.world
    api.runtime.clock = world.clock
    for number in range(5):
        await quick.volunteer(f"演示{number}")
    await population(quick, None, 100)
    found = (await api.execute(world.tenant, world.officer, QUERY))["volunteerFigures"]
    assert found["volunteersAmongResidents"] == {
        "status": "DEFINED",
        "numerator": 5,
        "denominator": 100,
        "ratio": 0.05,
        "targetPercent": 10,
        "targetMet": False,
        "asOf": "2026-05-06",
        "denominatorAsOf": "2026-01-01",
        "source": "volunteers_volunteer / 统计公报",
    }
    assert found["participationAmongVolunteers"]["status"] == "SUPPRESSED"
    assert found["participationAmongVolunteers"]["numerator"] is None


async def population(story: Any, area: UUID | None, residents: int, on: date = date(2026, 1, 1)) -> None:
    given = {"area_id": area, "residents": residents, "as_of": on, "source": "统计公报"}
    await story.act("recordVolunteerPopulation", **given)
