"""What is left of a closed pool: carried over as it is bound, by a decision, and taken back by somebody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from linli_graphql.testing import refusal
from linli_venture.grants.pages import money as money_page
from linli_venture.money.books import accounts
from linli_venture.money.errors import PoolExhausted
from linli_venture.money.terms import GiverKind, SourceKind

WHY = {"reason": "结余结转下一年度"}
FUND = {"kind": SourceKind.SPECIAL_FUND, "name": "助老专项基金", "category": "elderly", "terms": "只用于助餐"}


@pytest.fixture
def story(api_story: Any) -> Any:
    """All steps go through the API."""
    return api_story


async def closed(story: Any, fen: int = 1_000, **values: Any) -> tuple[UUID, UUID]:
    """A closed pool of last year and its source, with so much left."""
    pool = await story.pool(title="上年度资金", year=2025)
    source = await story.source(pool, fen, **values)
    await story.act("closeVenturePool", id=pool)
    return pool, source


def carry(story: Any, source: UUID, pool: UUID, actor: Any = None, **values: Any) -> Any:
    given = {"source_id": source, "pool_id": pool, "basis": "演示会议纪要 1 号", **WHY, **values}
    return story.act("carryOverVentureMoney", actor, **given)


async def named(world: Any, pool: UUID, name: str) -> Any:
    sql = "select * from venture_source where tenant_id = $1 and pool_id = $2 and name = $3"
    return (await world.rows(sql, pool, name))[0]


async def test_what_is_left_goes_into_a_source_that_is_bound_in_the_same_way(story: Any) -> None:
    world = story.world
    _old, source = await closed(story, **FUND)
    pool = await story.pool()
    made = await carry(story, source, pool, amount_fen=400)
    into = await named(world, pool, "助老专项基金")
    assert (into["kind"], into["category"], into["terms"]) == ("special_fund", "elderly", "只用于助餐")
    assert (await world.fund(source), await world.fund(into["id"])) == ((600, 0), (400, 0))
    assert await refusal(carry(story, source, pool)) == ("venture.basis_used", "basis")
    await carry(story, source, pool, basis="演示会议纪要 2 号")
    assert (await world.fund(source), await world.fund(into["id"])) == ((0, 0), (1_000, 0))
    row = await world.row("venture_carry_over", made)
    entry = await world.row("ledger_entry", row["entry_id"])
    assert (row["basis"], row["carried_by"]) == ("演示会议纪要 1 号", world.officer.id)
    assert (entry["actor_id"], entry["source_id"], entry["reason"]) == (world.officer.id, made, WHY["reason"])
    children = await story.project(pool, category="children")
    with pytest.raises(PoolExhausted):
        await story.award(children, 1)
    await story.award(await story.project(pool), 1_000)
    await world.books_agree()


async def test_pools_have_together_what_their_sources_were_given(quick: Any) -> None:
    world = quick.world
    _old, source = await closed(quick, 1_000)
    pool = await quick.pool()
    own = await quick.source(pool, 500)
    await carry(quick, source, pool, amount_fen=300)
    await quick.award(await quick.project(pool), 700)
    async with world.context(read_only=True) as ctx:
        found = {one.year: one for one in await accounts(ctx)}
        page = (await money_page(ctx, {})).body.decode()
    parts = ("received_fen", "carried_in_fen", "carried_out_fen", "reserved_fen", "paid_fen", "left_fen")
    assert [getattr(found[2025], one) for one in parts] == [1_000, 0, 300, 0, 0, 700]
    assert [getattr(found[2026], one) for one in parts] == [500, 300, 0, 700, 0, 100]
    assert await world.fund(own) == (100, 700)
    for text in ("结转转入", "结转转出", "3.00"):
        assert text in page, text


async def test_what_does_not_fit_is_not_carried_over(story: Any) -> None:
    world = story.world
    old, source = await closed(story, 1_000, kind=SourceKind.DONATION)
    pool = await story.pool()
    other = await story.source(pool, 100, name="另一来源")
    cases: list[tuple[Any, tuple[str, str]]] = [
        (carry(story, other, pool), ("venture.pool_not_closed", "source_id")),
        (carry(story, source, old), ("venture.pool_closed", "pool_id")),
        (carry(story, source, pool, amount_fen=1_001), ("venture.left_too_little", "amount_fen")),
        (carry(story, source, pool, amount_fen=0), ("venture.left_too_little", "amount_fen")),
        (carry(story, source, pool, basis=" "), ("required", "basis")),
        (carry(story, source, pool, reason=" "), ("required", "reason")),
    ]
    for step, expected in cases:
        assert await refusal(step) == expected
    await story.source(pool, 0)  # of that name, and of another kind
    assert await refusal(carry(story, source, pool)) == ("venture.restrictions_differ", "pool_id")
    assert await world.value("select count(*) from venture_carry_over where tenant_id = $1") == 0


async def test_who_carries_over_may_write_on_both_pools(story: Any, bench: Any) -> None:
    world = story.world
    old = await story.pool(title="上年度资金", area_id=world.area.id)
    source = await story.source(old, 10)
    await story.act("closeVenturePool", id=old)
    pool = await story.pool(area_id=world.elsewhere.id)
    for place in (world.area, world.elsewhere):
        stranger = bench.actor(["venture.pool.read", "venture.pool.write"], area_path=place.path)
        assert (await refusal(carry(story, source, pool, stranger)))[0] == "not_found"
    reader = bench.actor(["venture.pool.read"])
    assert (await refusal(carry(story, source, pool, reader)))[0] == "permission_denied"
    await carry(story, source, pool)


async def test_a_mistake_is_taken_back_by_somebody_else_as_long_as_it_is_there(story: Any) -> None:
    world = story.world
    _old, source = await closed(story)
    pool = await story.pool()
    made = await carry(story, source, pool)
    cancel = lambda actor=None: story.act("cancelVentureCarryOver", actor, id=made, **WHY)  # noqa: E731
    assert (await refusal(cancel()))[0] == "workflow.own_work"
    grant = await story.award(await story.project(pool), 1)
    assert (await refusal(cancel(world.second)))[0] == "venture.receipt_spent"
    await story.act("declineVentureGrant", id=grant, **WHY)
    put = "update venture_pool set state = '{}' where tenant_id = $1 and id = $2 returning 1"
    await world.value(put.format("closed"), pool)
    assert (await refusal(cancel(world.second)))[0] == "venture.pool_closed"
    await world.value(put.format("open"), pool)
    await cancel(world.second)
    assert await world.fund(source) == (1_000, 0)
    await carry(story, source, pool)
    await world.books_agree()


async def test_a_receipt_whose_money_was_carried_over_is_not_cancelled(quick: Any) -> None:
    world = quick.world
    old = await quick.pool(title="上年度资金")
    gifts = await quick.source(old, kind=SourceKind.DONATION, name="社会捐赠")
    receipt = await quick.receive(gifts, 500, giver_kind=GiverKind.ORGANISATION, giver="演示企业")
    await quick.act("closeVenturePool", id=old)
    await carry(quick, gifts, await quick.pool())
    cancel = quick.act("cancelVentureReceipt", world.second, id=receipt, **WHY)
    assert (await refusal(cancel))[0] == "venture.receipt_spent"
