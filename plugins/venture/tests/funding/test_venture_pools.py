"""Pools and sources: every fen is that of a named source, restricted money serves its purpose only."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from linli.ids import new_id
from linli_graphql.testing import refusal
from linli_venture.money.states import POOL, RECEIPT
from linli_venture.money.terms import GiverKind, SourceKind


async def test_what_comes_in_lies_in_its_source_and_the_books_agree(story: Any) -> None:
    world, pool = story.world, await story.pool()
    fiscal = await story.source(pool, 150_000_000)
    gifts = await story.source(pool, kind=SourceKind.DONATION, name="社会捐赠")
    await story.receive(gifts, 8_800, giver_kind=GiverKind.PERSON, giver=None)
    assert await world.fund(fiscal) == (150_000_000, 0)
    assert await world.fund(gifts) == (8_800, 0)
    await world.books_agree()


async def test_a_unit_of_the_register_gives_under_its_own_name(story: Any) -> None:
    world, source = story.world, await story.source(await story.pool())
    unit = await world.unit("演示慈善会")
    receipt = await story.receive(
        source, 100, giver_kind=GiverKind.ORGANISATION, giver=None, organisation_id=unit
    )
    assert (await world.row("venture_receipt", receipt))["giver"] == "演示慈善会"


async def test_somebody_else_cancels_a_mistake_while_the_money_is_there(story: Any) -> None:
    world, source = story.world, await story.source(await story.pool())
    receipt = await story.receive(source, 500)
    assert await refusal(story.act("cancelVentureReceipt", id=receipt, reason="重复登记")) == (
        "workflow.own_work",
        "",
    )
    await story.act("cancelVentureReceipt", world.second, id=receipt, reason="重复登记")
    assert await world.fund(source) == (0, 0)
    await world.books_agree()
    again = story.act("cancelVentureReceipt", world.third, id=receipt, reason="重复登记")
    assert (await refusal(again))[0] == "workflow.undefined_transition"


async def test_what_is_reserved_is_not_taken_back(story: Any) -> None:
    world, pool = story.world, await story.pool()
    source = await story.source(pool)
    receipt = await story.receive(source, 500)
    await story.award(await story.project(pool), 1)
    assert await refusal(story.act("cancelVentureReceipt", world.second, id=receipt, reason="退回")) == (
        "venture.receipt_spent",
        "",
    )
    assert await world.fund(source) == (499, 1)


async def test_a_voucher_counts_once_until_its_receipt_is_cancelled(story: Any) -> None:
    world, source = story.world, await story.source(await story.pool())
    receipt = await story.receive(source, 500, basis="荆财社〔2026〕1号")
    again = story.receive(source, 500, basis="荆财社〔2026〕1号")
    assert await refusal(again) == ("venture.basis_used", "basis")
    await story.act("cancelVentureReceipt", world.second, id=receipt, reason="金额有误")
    await story.receive(source, 400, basis="荆财社〔2026〕1号")
    assert await world.fund(source) == (400, 0)


async def test_a_special_fund_names_its_purpose(story: Any) -> None:
    pool = await story.pool()
    made = story.source(pool, kind=SourceKind.SPECIAL_FUND, name="助老专项基金")
    assert await refusal(made) == ("venture.purpose_missing", "category")
    made = story.source(pool, kind=SourceKind.SPECIAL_FUND, name="助老专项基金", category="长" * 41)
    assert await refusal(made) == ("too_long", "category")
    await story.source(pool, kind=SourceKind.SPECIAL_FUND, name="助老专项基金", category="elderly")
    assert await refusal(story.source(pool, name="助老专项基金")) == ("venture.source_exists", "name")


@pytest.mark.parametrize(
    ("values", "code", "at"),
    [
        ({"year": 2015}, "venture.year_out_of_range", "year"),
        ({"year": 2028}, "venture.year_out_of_range", "year"),
        ({"title": " "}, "required", "title"),
        ({"purpose": "长" * 1_001}, "too_long", "purpose"),
        ({"area_id": new_id()}, "not_found", "area_id"),
    ],
)
async def test_a_pool_is_refused(story: Any, values: dict[str, Any], code: str, at: str) -> None:
    assert await refusal(story.pool(**values)) == (code, at)


async def test_a_second_pool_of_a_year_and_title_is_refused(story: Any) -> None:
    for area_id in (None, story.world.area.id):
        await story.pool(area_id=area_id)
        assert await refusal(story.pool(area_id=area_id)) == ("venture.pool_exists", "title")


@pytest.mark.parametrize(
    ("values", "code", "at"),
    [
        ({"amount_fen": 0}, "venture.amount_out_of_range", "amount_fen"),
        ({"amount_fen": 100_000_000_000_001}, "venture.amount_out_of_range", "amount_fen"),
        ({"received_on": date(2026, 5, 7)}, "future_date", "received_on"),
        ({"basis": " "}, "required", "basis"),
        ({"giver": None}, "required", "giver"),
        ({"giver_kind": GiverKind.PERSON}, "venture.giver_mismatch", "giver"),
    ],
)
async def test_money_is_refused(story: Any, values: dict[str, Any], code: str, at: str) -> None:
    source = await story.source(await story.pool())
    given = {"fen": values.get("amount_fen", 100), **values}
    given.pop("amount_fen", None)
    assert await refusal(story.receive(source, **given)) == (code, at)
    assert await story.world.fund(source) == (0, 0)


async def test_a_closed_pool_takes_nothing_in_and_awards_nothing(story: Any) -> None:
    world, pool = story.world, await story.pool()
    source = await story.source(pool, 1_000)
    grant = await story.award(await story.project(pool), 100)
    assert await refusal(story.act("closeVenturePool", id=pool)) == ("venture.pool_in_use", "")
    async with world.context() as ctx:
        await ctx.db.execute(
            "update venture_grant set state = 'declined', ended_on = '2026-05-06', released_fen = 100"
            " where tenant_id = $1 and id = $2",
            world.tenant.id,
            grant,
        )
    await story.act("closeVenturePool", id=pool)
    assert await refusal(story.receive(source, 1)) == ("venture.pool_closed", "pool_id")
    assert await refusal(story.source(pool, name="另一来源")) == ("venture.pool_closed", "pool_id")
    assert await refusal(story.act("closeVenturePool", id=pool)) == ("workflow.undefined_transition", "")


async def test_a_pool_with_a_call_that_runs_is_not_closed(story: Any) -> None:
    world, pool = story.world, await story.pool()
    call = (await story.project(pool)).call
    put = "update venture_call set state = '{}' where tenant_id = $1 and id = $2 returning 1"
    await world.value(put.format("reviewing"), call.id)
    assert await refusal(story.act("closeVenturePool", id=pool)) == ("venture.pool_in_use", "")
    await world.value(put.format("decided"), call.id)
    await story.act("closeVenturePool", id=pool)


async def test_states_are_those_of_the_machines(story: Any) -> None:
    assert {*POOL.legal(), *RECEIPT.legal()} == {("open", "close"), ("posted", "cancel")}


async def test_a_pool_has_at_most_fifty_sources(quick: Any, api_story: Any) -> None:
    pool = await quick.pool()
    for number in range(50):
        await quick.source(pool, name=f"来源{number}")
    assert (await refusal(api_story.source(pool, name="再一个")))[0] == "venture.too_many_sources"


async def test_who_may_not_see_pools_finds_none(story: Any, world: Any, bench: Any) -> None:
    pool = await story.pool(area_id=world.area.id)
    stranger = bench.actor(["venture.pool.read", "venture.pool.write"], area_path=world.elsewhere.path)
    made = story.act("addVentureSource", stranger, pool_id=pool, kind=SourceKind.FISCAL, name="财政")
    assert (await refusal(made))[0] == "not_found"
    reader = bench.actor(["venture.pool.read"])
    made = story.act("addVentureSource", reader, pool_id=pool, kind=SourceKind.FISCAL, name="财政")
    assert (await refusal(made))[0] == "permission_denied"
