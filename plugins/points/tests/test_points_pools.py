"""Pools: residents by rate, funded through the ledger, never below what is held or spent; and the liability."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from linli.ids import new_id
from linli_graphql.ids import to_global_id

LIABILITY = """query($area: ID, $year: Int) { pointsLiability(area: $area, year: $year) {
    status year asOf outstandingPoints valueFen numeratorFen leftFen heldFen ratio source } }"""


async def test_an_average_community_of_7300_residents_has_10950_yuan(story: Any) -> None:
    world = story.world
    pool = await story.pool(area_id=world.area.id, residents=7_300)
    row = await world.row("points_pool", pool)
    assert (row["rate_fen"], row["budget_fen"]) == (150, 1_095_000)
    assert await world.money(pool) == (1_095_000, 0)
    assert await world.role("points_funding") == -1_095_000
    await world.books_agree()


async def test_52_communities_of_7300_residents_have_569400_yuan(quick: Any) -> None:
    world = quick.world
    town = await world.bench.area(world.tenant, "五十二个社区的镇")
    for number in range(52):
        area = await world.bench.area(world.tenant, f"演示社区{number}", parent=town)
        await quick.pool(area_id=area.id, residents=7_300)
    assert await world.role("points_funding") == -56_940_000
    sql = "select sum(budget_fen)::bigint from points_pool where tenant_id = $1"
    assert await world.value(sql) == 56_940_000
    async with world.context() as ctx:
        from linli_points.liability import liability

        found = await liability(ctx, area_id=town.id)
    assert found.left_fen == 56_940_000
    await world.books_agree()


async def test_the_rate_is_the_tenants(quick: Any) -> None:
    quick.world.settings["points.pool_fen_per_resident"] = 200
    assert (await quick.world.row("points_pool", await quick.pool()))["budget_fen"] == 20_000


async def test_a_pool_without_residents_has_no_money_and_posts_nothing(quick: Any) -> None:
    pool = await quick.pool(residents=0)
    assert await quick.world.money(pool) == (0, 0)


async def test_a_pool_is_kept_in_stripes(quick: Any) -> None:
    world = quick.world
    row = await world.row("points_pool", await quick.pool())
    account = await world.row("ledger_account", row["account_id"])
    assert (account["stripes"], account["unit"], account["period"]) == (16, "CNY", "2026")


async def test_money_is_added_and_taken_back_with_a_reason(story: Any) -> None:
    world, pool = story.world, await story.pool()
    await story.act("adjustPointsPool", id=pool, amount_fen=5_000, reason="追加")
    await story.act("adjustPointsPool", id=pool, amount_fen=-20_000, reason="调出")
    row = await world.row("points_pool", pool)
    assert (row["budget_fen"], await world.money(pool)) == (0, (0, 0))
    sql = "select count(*) from ledger_entry where tenant_id = $1 and source_id = $2 and reason = '追加'"
    assert await world.value(sql, pool) == 1
    await world.books_agree()


async def test_what_is_held_or_spent_is_not_taken_back(story: Any, refused: Any) -> None:
    world, pool = story.world, await story.pool()
    someone, reward = await world.person(points=100), await story.reward(value_fen=1_000)
    await story.fulfilled(await story.issued(someone, reward))
    await story.reserved(someone, reward)
    with pytest.raises(refused) as caught:
        await story.act("adjustPointsPool", id=pool, amount_fen=-13_001, reason="调出")
    assert caught.value.code == "ledger.insufficient_balance"
    await story.act("adjustPointsPool", id=pool, amount_fen=-13_000, reason="调出")
    assert await world.money(pool) == (0, 1_000)
    assert (await world.row("points_pool", pool))["budget_fen"] == 2_000
    await world.books_agree()


async def test_a_second_pool_of_an_area_and_year_is_refused(story: Any, refused: Any) -> None:
    world = story.world
    for area_id in (world.town.id, None):
        await story.pool(area_id=area_id)
        with pytest.raises(refused) as caught:
            await story.pool(area_id=area_id)
        assert (caught.value.code, caught.value.at) == ("points.pool_exists", "year")
        await story.pool(area_id=area_id, year=2027)


async def test_of_many_who_open_a_pool_at_once_one_does(quick: Any, refused: Any) -> None:
    world = quick.world
    for area_id in (world.town.id, None):
        results = await asyncio.gather(
            *(quick.pool(area_id=area_id) for _ in range(6)), return_exceptions=True
        )
        assert sum(isinstance(one, UUID) for one in results) == 1
        assert {one.code for one in results if isinstance(one, refused)} == {"points.pool_exists"}
    assert await world.role("points_funding") == -30_000
    await world.books_agree()


@pytest.mark.parametrize(
    ("values", "code", "at"),
    [
        ({"year": 2025}, "points.number_out_of_range", "year"),
        ({"year": 2028}, "points.number_out_of_range", "year"),
        ({"residents": -1}, "points.number_out_of_range", "residents"),
        ({"residents_as_of": date(2026, 5, 7)}, "future_date", "residents_as_of"),
        ({"source": " "}, "required", "source"),
        ({"source": "长" * 201}, "too_long", "source"),
        ({"area_id": new_id()}, "not_found", "area_id"),
    ],
)
async def test_a_pool_that_cannot_be_is_refused(
    story: Any, refused: Any, values: dict[str, Any], code: str, at: str
) -> None:
    with pytest.raises(refused) as caught:
        await story.pool(**values)
    assert (caught.value.code, caught.value.at) == (code, at)


async def test_an_adjustment_that_cannot_be_is_refused(story: Any, refused: Any) -> None:
    world, pool = story.world, await story.pool()
    for values, code in (
        ({"amount_fen": 0, "reason": "试"}, "points.number_out_of_range"),
        ({"amount_fen": 1, "reason": ""}, "required"),
        ({"amount_fen": -15_001, "reason": "试"}, "points.number_out_of_range"),
        ({"amount_fen": 1, "reason": "试", "expected_version": 9}, "stale_version"),
    ):
        with pytest.raises(refused) as caught:
            await story.act("adjustPointsPool", id=pool, **values)
        assert caught.value.code == code
    reader = world.bench.actor(["points.pool.read"])
    for actor, code in ((reader, "permission_denied"), (world.bench.actor(["points.pool.write"],
                        area_path=world.elsewhere.path), "not_found")):  # fmt: skip
        with pytest.raises(refused) as caught:
            await story.act("adjustPointsPool", actor, id=pool, amount_fen=1, reason="试")
        assert caught.value.code == code
    with pytest.raises(refused) as caught:
        await story.act("openPointsPool", reader, area_id=world.town.id, year=2026, residents=1,
                        residents_as_of=date(2026, 1, 1), source="试")  # fmt: skip
    assert caught.value.code == "permission_denied"


async def test_the_liability_is_outstanding_points_by_value_against_what_is_left(
    quick: Any, api: Any
) -> None:
    world = quick.world
    api.runtime.clock = world.clock
    await quick.pool()
    crowd = [await world.person(f"演示{number}", points=50) for number in range(6)]
    reward = await quick.reward(value_fen=1_000)
    await quick.fulfilled(await quick.issued(crowd[0], reward))
    await quick.reserved(crowd[1], reward)
    given = {"area": to_global_id("Area", world.town.id), "year": 2026}
    found = (await api.execute(world.tenant, world.officer, LIABILITY, given))["pointsLiability"]
    assert found == {
        "status": "DEFINED",
        "year": 2026,
        "asOf": "2026-05-06",
        "outstandingPoints": 290,
        "valueFen": 10,
        "numeratorFen": 2_900,
        "leftFen": 14_000,
        "heldFen": 1_000,
        "ratio": 2_900 / 14_000,
        "source": "ledger_account / points_pool",
    }


async def test_without_money_left_the_liability_is_not_defined(quick: Any, api: Any) -> None:
    world = quick.world
    api.runtime.clock = world.clock
    for number in range(5):
        await world.person(f"演示{number}", points=10)
    found = (await api.execute(world.tenant, world.officer, LIABILITY))["pointsLiability"]
    assert (found["status"], found["ratio"], found["leftFen"]) == ("NOT_DEFINED", None, 0)
    assert (found["outstandingPoints"], found["numeratorFen"]) == (50, 500)
    await quick.pool()
    found = (await api.execute(world.tenant, world.officer, LIABILITY, {"year": 2025}))["pointsLiability"]
    assert found["status"] == "NOT_DEFINED"


async def test_of_fewer_than_five_who_have_points_none_are_told(quick: Any, api: Any) -> None:
    world = quick.world
    api.runtime.clock = world.clock
    await quick.pool()
    for number in range(4):
        await world.person(f"演示{number}", points=10)
    await world.person("演示没有积分")
    found = (await api.execute(world.tenant, world.officer, LIABILITY))["pointsLiability"]
    assert (found["status"], found["outstandingPoints"], found["numeratorFen"]) == ("SUPPRESSED", None, None)
    assert found["ratio"] is None
    given = {"area": to_global_id("Area", world.elsewhere.id)}
    found = (await api.execute(world.tenant, world.officer, LIABILITY, given))["pointsLiability"]
    assert (found["status"], found["outstandingPoints"]) == ("NOT_DEFINED", 0)


async def test_the_liability_of_an_area_needs_the_permission_there(quick: Any, api: Any) -> None:
    world = quick.world
    actor = world.bench.actor(["points.figures.read"], area_path=world.town.path)
    for area, codes in (
        (None, ["permission_denied"]),
        (world.town, []),
        (world.elsewhere, ["permission_denied"]),
    ):
        given = {"area": to_global_id("Area", area.id) if area else None}
        assert (await api.execute(world.tenant, actor, LIABILITY, given)).codes == codes


async def test_what_vouchers_of_the_last_year_hold_stays_in_that_years_pool(quick: Any) -> None:
    world = quick.world
    world.settings["points.redemption_days"] = 300
    old, new = await quick.pool(), await quick.pool(year=2027)
    made = await quick.issued(await world.person(points=10), await quick.reward(value_fen=1_000))
    world.clock.advance(timedelta(days=250))
    await quick.fulfilled(made)
    assert await world.money(old) == (14_000, 0)
    assert await world.money(new) == (15_000, 0)
