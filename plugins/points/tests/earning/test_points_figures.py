"""The figures of the report, and of an area: counts, growth, participation rate, suppression."""

from __future__ import annotations

from datetime import date
from typing import Any

from linli.ids import new_id
from linli_graphql.ids import to_global_id

JOIN = """
insert into points_participant (tenant_id, id, area_id, area_path, kind, person_id, contact_id, account_id, joined_on)
select $1, gen_random_uuid(), p.area_id, p.area_path, 'person', p.id, p.id, a.id, $2
from identity_person p join ledger_account a on a.tenant_id = $1 and a.owner_id = p.id
where p.tenant_id = $1 and not exists (
    select 1 from points_participant x where x.tenant_id = $1 and x.person_id = p.id)"""
PEOPLE = """
insert into identity_person (tenant_id, id, area_id, area_path, full_name, name_pinyin, synthetic)
select $1, gen_random_uuid(), $2, $3, '演示居民', 'yan shi ju min', true from generate_series(1, $4)"""
ACCOUNTS = """
insert into ledger_account (tenant_id, id, area_id, area_path, unit, role, owner_kind, owner_id)
select $1, gen_random_uuid(), area_id, area_path, 'points', 'points_holder', 'person', id from identity_person
where tenant_id = $1 on conflict do nothing"""
FIGURES = """query($area: ID, $asOf: Date, $since: Date) { pointsFigures(area: $area, asOf: $asOf, since: $since) {
    participation { allKinds } before { allKinds } growth { status numerator denominator ratio }
    participationRate { status numerator denominator } } }"""


async def joined(desk: Any, count: int, on: str, area: Any = None) -> None:
    """So many residents who take part since a day."""
    place = area or desk.area
    async with desk.context() as ctx:
        await ctx.db.execute(PEOPLE, ctx.tenant_id, place.id, place.path, count)
        await ctx.db.execute(ACCOUNTS, ctx.tenant_id)
        await ctx.db.execute(JOIN, ctx.tenant_id, date.fromisoformat(on))


async def test_from_628_to_1125_participants_is_79_1_percent_more(desk: Any) -> None:
    await joined(desk, 628, "2016-01-15")
    await joined(desk, 1_125 - 628, "2016-12-01")
    found = (await desk.ask(FIGURES, asOf="2016-12-31", since="2016-06-30"))["pointsFigures"]
    assert (found["before"]["allKinds"], found["participation"]["allKinds"]) == (628, 1_125)
    assert (found["growth"]["numerator"], found["growth"]["denominator"]) == (497, 628)
    assert round(found["growth"]["ratio"] * 100, 1) == 79.1


async def test_a_ratio_without_a_denominator_is_not_defined(desk: Any) -> None:
    await joined(desk, 5, "2026-05-01")
    found = (await desk.ask(FIGURES, since="2026-01-01"))["pointsFigures"]
    assert found["growth"] == {"status": "NOT_DEFINED", "numerator": 5, "denominator": 0, "ratio": None}
    assert found["participationRate"]["status"] == "NOT_DEFINED"


async def test_fewer_than_five_people_are_not_shown(desk: Any) -> None:
    small = await desk.bench.area(desk.tenant, "小社区")
    await joined(desk, 3, "2026-05-01", small)
    await joined(desk, 6, "2026-05-01")
    found = (await desk.ask(FIGURES, area=to_global_id("Area", small.id), since="2026-01-01"))[
        "pointsFigures"
    ]
    assert found["participation"]["allKinds"] is None
    assert found["growth"]["status"] == "SUPPRESSED"
    whole = (await desk.ask(FIGURES))["pointsFigures"]
    assert whole["participation"]["allKinds"] == 9


async def test_a_kind_of_which_there_are_few_cannot_be_had_from_the_others_and_the_total(desk: Any) -> None:
    await joined(desk, 20, "2026-05-01")
    for _number in range(2):
        await desk.call("joinPoints", householdId=to_global_id("Household", await desk.household()))
    document = """{ pointsFigures { participation { allKinds persons households units }
        participationRate { status numerator } } }"""
    found = (await desk.ask(document))["pointsFigures"]
    assert found["participation"] == {"allKinds": 22, "persons": None, "households": None, "units": 0}
    assert found["participationRate"] == {"status": "SUPPRESSED", "numerator": None}


async def test_growth_does_not_give_away_how_few_are_left(desk: Any) -> None:
    await joined(desk, 10, "2026-01-01")
    leave = """update points_participant set state = 'left', left_on = '2026-05-01' where tenant_id = $1 and id in (
        select id from points_participant where tenant_id = $1 limit 7)"""
    async with desk.context() as ctx:
        await ctx.db.execute(leave, ctx.tenant_id)
    found = (await desk.ask(FIGURES, since="2026-02-01"))["pointsFigures"]
    assert (found["before"]["allKinds"], found["participation"]["allKinds"]) == (10, None)
    assert (found["growth"]["status"], found["growth"]["numerator"]) == ("SUPPRESSED", None)


async def test_the_figures_of_another_area_are_refused(desk: Any) -> None:
    elsewhere = await desk.bench.area(desk.tenant, "别的社区")
    clerk = desk.bench.actor(["points.figures.read"], area_path=elsewhere.path)
    outcome = await desk.api.execute(
        desk.tenant, clerk, FIGURES, {"area": to_global_id("Area", desk.area.id)}
    )
    assert outcome.codes == ["permission_denied"]
    missing = await desk.api.execute(desk.tenant, clerk, FIGURES, {"area": to_global_id("Area", new_id())})
    assert missing.codes == ["not_found"]
