"""The ledger: entries, balances, holds, reversals, statements."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from linli import ledger
from linli.errors import NotFound
from linli.identity.places import Place
from linli.ids import new_id
from linli.ledger.errors import (
    AccountClosed,
    AccountNotEmpty,
    AlreadyReversed,
    AmountOutOfRange,
    HoldExhausted,
    InsufficientBalance,
    KeyReused,
    NotReversible,
    PeriodReversed,
    Unbalanced,
)
from linli.testing.books import Books, open_account, open_books
from linli.testing.factories import Bench


@pytest.fixture
async def books(bench: Bench) -> Books:
    return await open_books(bench)


async def test_an_entry_moves_what_it_says_and_leaves_an_audit_entry(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        posted = await books.give(ctx, 30)
        assert await ledger.balance(ctx, books.first) == ledger.Balance(30, 0)
        assert await ledger.balance(ctx, books.issuance) == ledger.Balance(-30, 0)
        audited = await ctx.db.fetchval(
            "select count(*) from audit_entry where tenant_id = $1 and subject_id = $2",
            ctx.tenant_id,
            posted.entry_id,
        )
    assert audited == 1
    report = await books.report()
    assert (report.entries, report.postings, report.problems) == (1, 2, [])


async def test_a_key_posts_once(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        first = await books.give(ctx, 30, key="claim:1")
        again = await books.give(ctx, 30, key="claim:1")
        assert (again.entry_id, again.replayed) == (first.entry_id, True)
        assert (await ledger.balance(ctx, books.first)).available == 30
        with pytest.raises(KeyReused):
            await books.give(ctx, 31, key="claim:1")


async def test_more_than_there_is_cannot_be_taken(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        await books.give(ctx, 5)
        with pytest.raises(InsufficientBalance):
            await books.move(ctx, 6)
    assert (await books.report()).intact


async def test_lines_that_do_not_add_up_are_a_mistake_of_the_caller(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        money = await open_account(ctx, "pool", negative=True, unit=ledger.Unit.CNY)
        for lines in (
            [ledger.Line(books.issuance, -3), ledger.Line(books.first, 2)],
            [ledger.Line(money, -3), ledger.Line(books.first, 3)],
            [ledger.Line(books.issuance, -3), ledger.Line(new_id(), 3)],
        ):
            with pytest.raises(Unbalanced):
                async with ctx.db.savepoint():
                    await ledger.post(ctx, ledger.Purpose("test.wrong", str(new_id())), lines)
    assert (await books.report()).entries == 0


async def test_a_hold_is_committed_and_released_in_parts(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        await books.give(ctx, 100)
        held = await ledger.hold(ctx, books.first, 70, ledger.Purpose("test.held", "h"))
        assert await ledger.balance(ctx, books.first) == ledger.Balance(30, 70)
        again = await ledger.hold(ctx, books.first, 70, ledger.Purpose("test.held", "h"))
        assert again.id == held.id
        spent = ledger.Purpose("test.spent", "s")
        await ledger.commit(ctx, held.id, books.second, spent, amount=50)
        assert (await ledger.commit(ctx, held.id, books.second, spent, amount=50)).replayed
        with pytest.raises(HoldExhausted):
            await ledger.release(ctx, held.id, ledger.Purpose("test.released", "r"), amount=21)
        await ledger.release(ctx, held.id, ledger.Purpose("test.released", "r"))
        assert await ledger.balance(ctx, books.first) == ledger.Balance(50, 0)
        assert await ledger.balance(ctx, books.second) == ledger.Balance(50, 0)
        with pytest.raises(HoldExhausted):
            await ledger.release(ctx, held.id, ledger.Purpose("test.released", "r2"))
        with pytest.raises(AmountOutOfRange):
            await ledger.hold(ctx, books.first, 0, ledger.Purpose("test.held", "h0"))
    assert (await books.report()).problems == []


async def test_a_reversal_is_the_opposite_once(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        posted = await books.give(ctx, 30)
        undo = ledger.Purpose("test.reversed", "undo", reason="误记")
        reversal = await ledger.reverse(ctx, posted.entry_id, undo)
        assert (await ledger.balance(ctx, books.first)).available == 0
        assert (await ledger.reverse(ctx, posted.entry_id, undo)).replayed
        with pytest.raises(AlreadyReversed):
            await ledger.reverse(
                ctx, posted.entry_id, ledger.Purpose("test.reversed", "again", reason="误记")
            )
        with pytest.raises(NotReversible):
            await ledger.reverse(
                ctx, reversal.entry_id, ledger.Purpose("test.reversed", "third", reason="误记")
            )
    assert (await books.report()).problems == []


async def test_what_was_spent_cannot_be_reversed(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        posted = await books.give(ctx, 30)
        await books.move(ctx, 20)
        with pytest.raises(InsufficientBalance):
            async with ctx.db.savepoint():
                await ledger.reverse(
                    ctx, posted.entry_id, ledger.Purpose("test.reversed", "undo", reason="误记")
                )


async def test_a_closed_account_takes_nothing(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        await books.give(ctx, 1)
        with pytest.raises(AccountNotEmpty):
            await ledger.close(ctx, books.first)
        await ledger.close(ctx, books.second)
        with pytest.raises(AccountClosed):
            async with ctx.db.savepoint():
                await books.give(ctx, 1, to=books.second)


async def test_a_reopened_account_takes_postings_again(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        closed = await ledger.close(ctx, books.second)
        assert (await ledger.reopen(ctx, books.second)).version == closed.version + 1
        assert (await ledger.reopen(ctx, books.second)).version == closed.version + 1
        await books.give(ctx, 1, to=books.second)
        assert await ledger.balance(ctx, books.second) == ledger.Balance(1, 0)
    assert (await books.report()).problems == []


async def test_a_statement_opens_where_the_one_before_closed(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        await books.give(ctx, 30)
        today = ctx.today()
        yesterday, tomorrow = today - timedelta(days=1), today + timedelta(days=1)
        earlier = await ledger.statement(ctx, books.first, from_day=yesterday, to_day=yesterday)
        present = await ledger.statement(ctx, books.first, from_day=today, to_day=today)
        later = await ledger.statement(ctx, books.first, from_day=tomorrow, to_day=tomorrow)
        assert (earlier.opening, earlier.closing) == (0, 0)
        assert (present.opening, present.closing, present.turnovers[0].received) == (0, 30, 30)
        assert (later.opening, later.closing) == (30, 30)
        with pytest.raises(PeriodReversed):
            await ledger.statement(ctx, books.first, from_day=today, to_day=yesterday)
    async with books.bench.context(books.tenant, permissions=[]) as ctx:
        with pytest.raises(NotFound):
            await ledger.statement(ctx, books.first, from_day=today, to_day=today)


async def test_the_trial_balance_adds_up_to_zero(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        await books.give(ctx, 30)
        await ledger.set_stripes(ctx, books.issuance, 4)
        found = await ledger.trial_balance(ctx, ledger.Unit.POINTS)
    assert found.total == 0
    assert [(one.role, one.accounts, one.available) for one in found.roles] == [
        ("holder", 2, 30),
        ("issuance", 1, -30),
    ]


async def test_what_a_role_holds_is_added_up_by_area_and_counts_whoever_holds_something(books: Books) -> None:
    area = await books.bench.area(books.tenant)
    async with books.bench.context(books.tenant) as ctx:
        there = await open_account(ctx, "holder", place=Place(area.id, area.path))
        await books.give(ctx, 30)
        await books.give(ctx, 12, to=there)
        await ledger.hold(ctx, there, 5, ledger.Purpose("test.held", "h"))
        await ledger.set_stripes(ctx, there, 4)
        whole = await ledger.holdings(ctx, unit=ledger.Unit.POINTS, role="holder")
        part = await ledger.holdings(ctx, unit=ledger.Unit.POINTS, role="holder", area_path=area.path)
        none = await ledger.holdings(ctx, unit=ledger.Unit.POINTS, role="holder", period="2026")
    assert (whole.accounts, whole.total, whole.reserved) == (2, 42, 5)
    assert (part.accounts, part.total, part.reserved) == (1, 12, 5)
    assert none == ledger.Holdings(0, 0, 0)


@pytest.mark.parametrize("count", [1, 4, 7])
async def test_stripes_keep_every_point(books: Books, count: int) -> None:
    async with books.bench.context(books.tenant) as ctx:
        await books.give(ctx, 100)
        held = await ledger.hold(ctx, books.first, 10, ledger.Purpose("test.held", "h"))
        await ledger.set_stripes(ctx, books.first, count)
        assert await ledger.balance(ctx, books.first) == ledger.Balance(90, 10)
        await books.move(ctx, 85)  # more than any stripe has
        await ledger.commit(ctx, held.id, books.second, ledger.Purpose("test.spent", "s"))
        with pytest.raises(InsufficientBalance):
            await books.move(ctx, 6)
        assert await ledger.balance(ctx, books.first) == ledger.Balance(5, 0)
        await ledger.set_stripes(ctx, books.first, 0)
        assert await ledger.balance(ctx, books.first) == ledger.Balance(5, 0)
    assert (await books.report()).problems == []


@pytest.mark.parametrize("stripes", [0, 4])
async def test_clients_who_draw_on_one_account_at_once_lose_and_overdraw_nothing(
    books: Books, stripes: int
) -> None:
    async with books.bench.context(books.tenant) as ctx:
        await books.give(ctx, 60)
        await ledger.set_stripes(ctx, books.first, stripes)

    async def draw(number: int) -> bool:
        try:
            async with books.bench.context(books.tenant) as ctx:
                lines = [ledger.Line(books.first, -3), ledger.Line(books.second, 3)]
                await ledger.post(ctx, ledger.Purpose("test.drawn", f"draw:{number}"), lines)
        except InsufficientBalance:
            return False
        return True

    drawn = await asyncio.gather(*(draw(number) for number in range(50)))
    assert drawn.count(True) == 20
    async with books.bench.context(books.tenant) as ctx:
        assert (await ledger.balance(ctx, books.first)).available == 0
        assert (await ledger.balance(ctx, books.second)).available == 60
    assert (await books.report()).problems == []


async def test_two_who_pay_each_other_do_not_wait_for_each_other(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        await books.give(ctx, 1_000)
        await books.give(ctx, 1_000, to=books.second)

    async def pay(number: int) -> None:
        one, other = (books.first, books.second) if number % 2 else (books.second, books.first)
        async with books.bench.context(books.tenant) as ctx:
            lines = [ledger.Line(one, -1), ledger.Line(other, 1)]
            await ledger.post(ctx, ledger.Purpose("test.paid", f"pay:{number}"), lines)

    await asyncio.gather(*(pay(number) for number in range(60)))
    assert (await books.report()).problems == []
