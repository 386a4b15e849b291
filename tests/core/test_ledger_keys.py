"""A key stands for one thing: what differs is refused, what is the same is not done twice; amounts have bounds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

import pytest

from linli import ledger
from linli.context import Context
from linli.ledger.errors import (
    AmountOutOfRange,
    BalanceOutOfRange,
    HoldExhausted,
    KeyReused,
    ReasonMissing,
    Unbalanced,
)
from linli.testing.books import Books, open_books
from linli.testing.factories import Bench


@pytest.fixture
async def books(bench: Bench) -> Books:
    return await open_books(bench)


@pytest.fixture
async def ctx(books: Books) -> AsyncIterator[Context]:
    async with books.bench.context(books.tenant) as opened:
        await books.give(opened, 100)
        yield opened


class Undone(Exception):
    """Ends a savepoint."""


def undo(key: str, reason: str = "误记") -> ledger.Purpose:
    return ledger.Purpose("test.reversed", key, reason=reason)


async def hold(ctx: Context, books: Books, key: str, amount: int = 30) -> UUID:
    return (await ledger.hold(ctx, books.first, amount, ledger.Purpose("test.held", key))).id


async def test_a_key_that_drew_on_one_hold_draws_on_no_other(ctx: Context, books: Books) -> None:
    one, other = await hold(ctx, books, "h1"), await hold(ctx, books, "h2")
    spent = ledger.Purpose("test.spent", "s")
    await ledger.commit(ctx, one, books.second, spent, amount=10)
    with pytest.raises(KeyReused):
        async with ctx.db.savepoint():
            await ledger.commit(ctx, other, books.second, spent, amount=10)
    remaining = await ctx.db.fetchval("select remaining from ledger_hold where tenant_id = $1 and id = $2",
                                      ctx.tenant_id, other)  # fmt: skip
    assert remaining == 30


async def test_a_key_that_committed_neither_releases_nor_commits_otherwise(
    ctx: Context, books: Books
) -> None:
    held = await hold(ctx, books, "h1")
    spent = ledger.Purpose("test.spent", "s")
    done = await ledger.commit(ctx, held, books.second, spent, amount=10)
    again = await ledger.commit(ctx, held, books.second, spent, amount=10)
    whatever = await ledger.commit(ctx, held, books.second, spent)
    assert (done.entry_id, True) == (again.entry_id, again.replayed) == (whatever.entry_id, whatever.replayed)
    for other in (
        ledger.release(ctx, held, spent, amount=10),
        ledger.commit(ctx, held, books.second, spent, amount=11),
        ledger.commit(ctx, held, books.issuance, spent, amount=10),
    ):
        with pytest.raises(KeyReused):
            async with ctx.db.savepoint():
                await other


async def test_a_draw_on_a_spent_hold_is_told_apart_from_its_replay(ctx: Context, books: Books) -> None:
    held = await hold(ctx, books, "h1")
    spent = ledger.Purpose("test.spent", "s")
    await ledger.commit(ctx, held, books.second, spent)
    assert (await ledger.commit(ctx, held, books.second, spent)).replayed
    with pytest.raises(HoldExhausted):
        await ledger.commit(ctx, held, books.second, ledger.Purpose("test.spent", "s2"))


async def test_a_key_that_reversed_one_entry_reverses_no_other(ctx: Context, books: Books) -> None:
    one, other = await books.give(ctx, 5), await books.give(ctx, 5)
    await ledger.reverse(ctx, one.entry_id, undo("u"))
    with pytest.raises(KeyReused):
        async with ctx.db.savepoint():
            await ledger.reverse(ctx, other.entry_id, undo("u"))
    assert (await ledger.balance(ctx, books.first)).available == 105


async def test_a_reversal_says_why(ctx: Context, books: Books) -> None:
    posted = await books.give(ctx, 5)
    with pytest.raises(ReasonMissing):
        await ledger.reverse(ctx, posted.entry_id, undo("u", reason=" "))


async def test_a_posting_that_is_undone_leaves_its_key_free(ctx: Context, books: Books) -> None:
    with suppress(Undone):
        async with ctx.db.savepoint():
            await books.give(ctx, 5, key="k")
            raise Undone
    assert not (await books.give(ctx, 6, key="k")).replayed
    assert (await ledger.balance(ctx, books.first)).available == 106


async def test_only_a_hold_reserves(ctx: Context, books: Books) -> None:
    lines = [ledger.Line(books.first, -5), ledger.Line(books.first, 5, ledger.Part.RESERVED)]
    with pytest.raises(Unbalanced):
        await ledger.post(ctx, ledger.Purpose("test.reserved", "r"), lines)


@pytest.mark.parametrize("amount", [0, ledger.AMOUNT_MAX + 1, 2**63, 2**200])
async def test_an_amount_that_is_no_amount_is_refused(ctx: Context, books: Books, amount: int) -> None:
    with pytest.raises(AmountOutOfRange):
        await books.give(ctx, amount)


@pytest.mark.parametrize("stripes", [0, 1, 7, 64])
async def test_a_balance_stays_below_two_to_the_53rd(ctx: Context, books: Books, stripes: int) -> None:
    await ledger.set_stripes(ctx, books.second, stripes)
    limit = ledger.AMOUNT_MAX if stripes == 0 else (ledger.AMOUNT_MAX // 64) * stripes
    await ledger.reverse(ctx, (await books.give(ctx, limit - 100, to=books.second)).entry_id, undo("u"))
    await books.give(ctx, limit - 100, to=books.second)
    assert (await ledger.balance(ctx, books.second)).available == limit - 100
    with pytest.raises(BalanceOutOfRange):
        async with ctx.db.savepoint():
            await books.give(ctx, 101, to=books.second)
    await ledger.set_stripes(ctx, books.second, 0)
    assert (await ledger.balance(ctx, books.second)).available == limit - 100


@pytest.mark.parametrize("owed", [1, 5, 6, 7, 8, 100])
async def test_what_is_owed_is_spread_to_the_last_point(ctx: Context, books: Books, owed: int) -> None:
    for count in (7, 3, 64, 1, 0):
        await ledger.set_stripes(ctx, books.issuance, count)
        await books.give(ctx, owed)
    assert (await ledger.balance(ctx, books.issuance)).available == -100 - 5 * owed
