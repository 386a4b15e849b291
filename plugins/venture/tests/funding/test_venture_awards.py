"""Awards: reserved on the money of the pool's sources, restricted money first, or not at all."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from linli.errors import LinliError
from linli_venture.money.errors import PoolClosed, PoolExhausted
from linli_venture.money.terms import SourceKind
from linli_venture.proposals.errors import FundedTwice


async def shares(world: Any, grant: UUID) -> list[tuple[UUID, int]]:
    sql = """select source_id, amount_fen from venture_allocation
        where tenant_id = $1 and grant_id = $2 order by place"""
    return [(row["source_id"], row["amount_fen"]) for row in await world.rows(sql, grant)]


async def test_an_award_takes_restricted_money_first_and_no_other_purposes(quick: Any) -> None:
    world, pool = quick.world, await quick.pool()
    fiscal = await quick.source(pool, 1_000)
    elders = await quick.source(
        pool, 300, kind=SourceKind.SPECIAL_FUND, name="助老专项基金", category="elderly"
    )
    children = await quick.source(
        pool, 5_000, kind=SourceKind.SPECIAL_FUND, name="助学专项基金", category="children"
    )
    grant = await quick.award(await quick.project(pool), 800)
    assert await shares(world, grant) == [(elders, 300), (fiscal, 500)]
    assert await world.fund(elders) == (0, 300)
    assert await world.fund(fiscal) == (500, 500)
    assert await world.fund(children) == (5_000, 0)
    await world.books_agree()


async def test_awards_above_the_pool_are_refused_and_leave_nothing(quick: Any) -> None:
    world, pool = quick.world, await quick.pool()
    source = await quick.source(pool, 1_000)
    await quick.source(pool, 9_000, kind=SourceKind.SPECIAL_FUND, name="助学专项基金", category="children")
    with pytest.raises(PoolExhausted) as caught:
        await quick.award(await quick.project(pool), 1_001)
    assert caught.value.details["left_fen"] == 1_000
    assert await world.value("select count(*) from venture_grant where tenant_id = $1") == 0
    assert await world.fund(source) == (1_000, 0)
    await quick.award(await quick.project(pool), 1_000)


async def test_of_many_awards_at_once_no_more_than_the_pool_has_succeed(quick: Any) -> None:
    world, pool = quick.world, await quick.pool()
    source = await quick.source(pool, 1_000)
    projects = [await quick.project(pool, title=f"演示项目{number}") for number in range(6)]
    results = await asyncio.gather(*(quick.award(one, 300) for one in projects), return_exceptions=True)
    assert sum(isinstance(one, UUID) for one in results) == 3
    assert {type(one) for one in results if isinstance(one, LinliError)} == {PoolExhausted}
    assert await world.fund(source) == (100, 900)
    await world.books_agree()


@pytest.mark.parametrize("title", ["演示:社区老人助餐", "演示：社区老人 助餐", "演示·社区老人助餐！"])
async def test_one_project_is_not_funded_twice_however_it_is_written(quick: Any, title: str) -> None:
    pool = await quick.pool()
    await quick.source(pool, 1_000)
    project = await quick.project(pool)
    await quick.award(project, 100)
    second = await quick.pool(title="第二个资金池")
    await quick.source(second, 1_000)
    with pytest.raises(FundedTwice):
        await quick.award(
            await quick.project(second, organisation_id=project.organisation_id, title=title), 100
        )
    await quick.award(await quick.project(second, title=title), 100)  # another organisation


async def test_a_closed_pool_awards_nothing(quick: Any) -> None:
    pool = await quick.pool()
    await quick.source(pool, 1_000)
    await quick.act("closeVenturePool", id=pool)
    with pytest.raises(PoolClosed):
        await quick.award(await quick.project(pool), 100)


async def test_every_posting_of_an_award_names_its_grant_and_who_decided(quick: Any) -> None:
    world, pool = quick.world, await quick.pool()
    await quick.source(pool, 1_000)
    grant = await quick.award(await quick.project(pool), 800, world.second)
    entries = await world.rows(
        "select actor_id, source_table from ledger_entry where tenant_id = $1 and source_id = $2", grant
    )
    assert [(row["actor_id"], row["source_table"]) for row in entries] == [(world.second.id, "venture_grant")]
