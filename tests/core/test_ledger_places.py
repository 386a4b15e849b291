"""Where accounts and postings lie: they follow the tree of areas; accounts follow their owner."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from linli import ledger
from linli.areas.change_sets import apply, area_tables, draft_change_set, preview
from linli.areas.importing import import_areas
from linli.areas.levels import STANDARD, define_levels
from linli.context import Context
from linli.identity.places import Place, place_for
from linli.ids import new_id
from linli.registry import Composition
from linli.testing.books import Books, open_account, open_books
from linli.testing.factories import Bench

TREE = """code,name,level,parent_code
C,城市,city,
S1,一街,street,C
S2,二街,street,C
K1,甲社区,community,S1
K2,乙社区,community,S1
"""


@pytest.fixture
async def books(bench: Bench) -> Books:
    made = await open_books(bench)
    async with bench.context(made.tenant) as ctx:
        await define_levels(ctx, STANDARD)
        await import_areas(ctx, TREE.encode(), valid_from=date(2020, 1, 1))
    return made


async def area(ctx: Context, code: str) -> Place:
    area_id = await ctx.db.fetchval(
        "select id from areas_area where tenant_id = $1 and code = $2", ctx.tenant_id, code
    )
    return await place_for(ctx, area_id, "ledger.account.read")


async def where(ctx: Context, account_id: UUID) -> tuple[Place, list[Place]]:
    """The place of an account, and those of its postings in their order."""
    found = []
    for table, column in (("ledger_account", "id"), ("ledger_posting", "account_id")):
        sql = f"select area_id, area_path from {table} where tenant_id = $1 and {column} = $2 order by id"
        rows = await ctx.db.fetch(sql, ctx.tenant_id, account_id)
        found.append([Place(row["area_id"], row["area_path"]) for row in rows])
    return found[0][0], found[1]


async def carry_out(ctx: Context, composition: Composition, *changes: dict[str, Any]) -> None:
    drafted = await draft_change_set(ctx, changes=changes, effective_on=ctx.today())
    tables = area_tables(composition.tables)
    assert (await preview(ctx, drafted.id, tables=tables)).problems == ()
    await apply(ctx, drafted.id, tables=tables)


@pytest.mark.parametrize(
    "change",
    [
        {"op": "move", "area": "K1", "parent": "S2"},
        {"op": "merge", "areas": ["K1"], "into": "K2"},
        {"op": "merge", "areas": ["S1"], "into": "S2"},
    ],
)
async def test_accounts_and_postings_follow_their_area(
    books: Books, composition: Composition, change: dict[str, Any]
) -> None:
    async with books.bench.context(books.tenant) as ctx:
        account_id = await open_account(ctx, "holder", place=await area(ctx, "K1"))
        await books.give(ctx, 30, to=account_id)
        await ledger.hold(ctx, account_id, 10, ledger.Purpose("test.held", "h"))
        await ledger.set_stripes(ctx, account_id, 3)
    async with books.bench.context(books.tenant) as ctx:
        await carry_out(ctx, composition, change)
    async with books.bench.context(books.tenant) as ctx:
        code = "K2" if change.get("into") == "K2" else "K1"
        expected = await area(ctx, code)
        assert await where(ctx, account_id) == (expected, [expected] * 3)
        assert await ledger.balance(ctx, account_id) == ledger.Balance(20, 10)
    assert (await books.report()).problems == []


async def test_an_owner_takes_the_accounts_along_and_leaves_the_postings(books: Books) -> None:
    owner_id = new_id()
    async with books.bench.context(books.tenant) as ctx:
        before, after = await area(ctx, "K1"), await area(ctx, "K2")
        account_id = await open_account(ctx, "holder", place=before, owner_id=owner_id)
        await books.give(ctx, 30, to=account_id)
        await ledger.relocate(ctx, owner_id, after)
        await books.give(ctx, 5, to=account_id)
        assert await where(ctx, account_id) == (after, [before, after])
        await ledger.relocate(ctx, owner_id, Place(None, ""))
        assert await where(ctx, account_id) == (Place(None, ""), [before, after])
    assert (await books.report()).problems == []
