"""Contracts: lines that add up, shares of 100 per cent, signed by another, printed; or declined."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

import pytest

from linli_graphql.ids import to_global_id
from linli_graphql.testing import refusal

READ = """mutation($id: ID!) { readVentureContract(input: { id: $id }) {
    file ventureGrant { contractNumber } problems { code } } }"""


async def test_tranches_are_shares_and_the_last_takes_the_rest(story: Any) -> None:
    world, grant = story.world, await story.awarded(100_001)
    await story.prepared(grant)
    sql = "select amount_fen from venture_milestone where tenant_id = $1 and grant_id = $2 order by number"
    assert [row["amount_fen"] for row in await world.rows(sql, grant)] == [50_000, 40_000, 10_001]


@pytest.mark.parametrize(
    ("fen", "shares", "amounts"),
    [
        (3, (50, 40, 10), [1, 1, 1]),
        (99_999, (33, 33, 34), [32_999, 32_999, 34_001]),
        (50_000_000, (100,), [50_000_000]),
    ],
)
async def test_tranches_add_up_to_the_grant_to_the_fen(
    quick: Any, fen: int, shares: tuple[int, ...], amounts: list[int]
) -> None:
    grant = await quick.prepared(
        await quick.awarded(fen, shares=shares), milestones=quick.milestones(*shares), lines=quick.lines(fen)
    )
    sql = "select amount_fen from venture_milestone where tenant_id = $1 and grant_id = $2 order by number"
    assert [row["amount_fen"] for row in await quick.world.rows(sql, grant)] == amounts
    assert sum(amounts) == fen


@pytest.mark.parametrize("shares", [(98, 1, 1), (100,), (40, 50, 10)])
async def test_the_tranches_are_those_of_the_call(story: Any, shares: tuple[int, ...]) -> None:
    grant = await story.awarded()
    made = story.prepared(grant, milestones=story.milestones(*shares))
    assert await refusal(made) == ("venture.shares_not_of_call", "milestones")


async def test_what_was_prepared_before_is_replaced(story: Any) -> None:
    world, grant = story.world, await story.prepared(await story.awarded())
    await story.prepared(grant, lines=story.lines(100_000))
    sql = """select (select count(*) from venture_grant_line where tenant_id = $1 and grant_id = $2)
        + (select count(*) from venture_milestone where tenant_id = $1 and grant_id = $2)"""
    assert await world.value(sql, grant) == 4


@pytest.mark.parametrize("shares", [(50, 40), (50, 40, 11), (99,)])
async def test_shares_that_are_not_100_per_cent_are_refused(story: Any, shares: tuple[int, ...]) -> None:
    grant = await story.awarded()
    made = story.prepared(grant, milestones=story.milestones(*shares))
    assert await refusal(made) == ("venture.milestone_shares_not_whole", "milestones")


async def test_a_contract_that_does_not_add_up_is_refused(story: Any) -> None:
    grant = await story.awarded()
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"lines": story.lines(99_999)}, "venture.lines_not_grant", "lines"),
        ({"lines": story.lines(50_000, 50_001)}, "venture.lines_not_grant", "lines"),
        ({"lines": []}, "venture.lines_missing", "lines"),
        ({"lines": [*story.lines(50_000), *story.lines(50_000)]}, "venture.line_twice", "lines"),
        ({"lines": story.lines(100_001, -1)}, "venture.amount_out_of_range", "lines"),
        ({"milestones": []}, "venture.milestones_missing", "milestones"),
        ({"milestones": story.milestones(100, 0)}, "venture.milestones_missing", "milestones"),
        ({"milestones": story.milestones()[::-1]}, "venture.dates_out_of_order", "milestones"),
        ({"starts_on": date(2026, 6, 2)}, "venture.dates_out_of_order", "milestones"),
        ({"ends_on": date(2026, 5, 5)}, "venture.dates_out_of_order", "ends_on"),
    ]
    for values, code, at in cases:
        assert await refusal(story.prepared(grant, **values)) == (code, at), values
    assert (await story.world.row("venture_grant", grant))["starts_on"] is None


async def test_a_contract_is_not_signed_by_who_prepared_it(story: Any) -> None:
    grant = await story.prepared(await story.awarded())
    assert await refusal(story.act("signVentureContract", id=grant)) == ("workflow.own_work", "")


async def test_a_contract_that_is_not_prepared_is_not_signed(story: Any) -> None:
    grant = await story.awarded()
    assert await refusal(story.act("signVentureContract", id=grant)) == ("venture.not_prepared", "")


async def test_a_signed_contract_is_a_pdf_that_can_be_checked(quick: Any, api: Any) -> None:
    world, grant = quick.world, await quick.signed()
    api.runtime.clock = world.clock
    outcome = await api.execute(
        world.tenant, world.officer, READ, {"id": to_global_id("VentureGrant", grant)}
    )
    payload = outcome["readVentureContract"]
    assert payload["problems"] == []
    assert base64.b64decode(payload["file"]).startswith(b"%PDF")
    row = await world.row("venture_grant", grant)
    assert payload["ventureGrant"]["contractNumber"] == row["contract_number"] != ""
    document = await world.row("documents_document", row["document_id"])
    assert (document["kind"], document["state"]) == ("venture.contract", "valid")


async def test_what_is_declined_goes_back_whole(story: Any) -> None:
    world, grant = story.world, await story.awarded()
    await story.act("declineVentureGrant", id=grant, reason="组织自愿放弃")
    row = await world.row("venture_grant", grant)
    assert (row["state"], row["released_fen"]) == ("declined", row["amount_fen"])
    sql = "select sum(reserved)::bigint from ledger_account where tenant_id = $1 and role = 'venture_fund'"
    assert await world.value(sql) == 0
    assert (await world.row("ledger_account", row["account_id"]))["state"] == "closed"
    await world.books_agree()
