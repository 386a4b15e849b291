"""Two and more at once on the same books: nothing is lost, nothing waits for ever, no key posts twice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import pytest

from linli import ledger
from linli.context import Context
from linli.db.failures import DatabaseBusy
from linli.errors import LinliError
from linli.identity.places import Place
from linli.ids import new_id
from linli.ledger.errors import AccountClosed, AccountNotEmpty, AlreadyReversed, HoldExhausted, KeyReused
from linli.testing.books import Books, open_account, open_books
from linli.testing.factories import Bench

Work = Callable[[Context], Awaitable[Any]]
CLIENTS = 8


@pytest.fixture
async def books(bench: Bench) -> Books:
    return await open_books(bench)


async def at_once(books: Books, *works: Work) -> Sequence[Any]:
    """What each gives, or the error that it ends with; each in a transaction of its own."""

    async def alone(work: Work) -> Any:
        try:
            async with books.bench.context(books.tenant) as ctx:
                return await work(ctx)
        except LinliError as error:
            return error

    return await asyncio.gather(*(alone(work) for work in works))


def pay(source: UUID, target: UUID, amount: int = 1, key: str = "") -> Work:
    purpose = ledger.Purpose("test.paid", key or str(new_id()))
    lines = [ledger.Line(source, -amount), ledger.Line(target, amount)]
    return lambda ctx: ledger.post(ctx, purpose, lines)


async def test_one_key_from_many_connections_posts_once(books: Books) -> None:
    posted = await at_once(books, *(pay(books.issuance, books.first, 7, "once") for _ in range(CLIENTS)))
    assert [one.replayed for one in posted].count(False) == 1
    assert len({one.entry_id for one in posted}) == 1
    other = await at_once(
        books, *(pay(books.issuance, books.first, 1 + n, "differs") for n in range(CLIENTS))
    )
    assert [isinstance(one, KeyReused) for one in other].count(False) == 1
    assert (await books.report()).entries == 2


async def test_a_key_of_another_tenant_is_free(books: Books, bench: Bench) -> None:
    others = await open_books(bench)
    async with bench.context(books.tenant) as ctx:
        assert not (await books.give(ctx, 5, key="same")).replayed
    async with bench.context(others.tenant) as ctx:
        assert not (await others.give(ctx, 6, key="same")).replayed


async def test_an_entry_is_reversed_once_by_many(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        posted = await books.give(ctx, 30)

    def undo(number: int) -> Work:
        purpose = ledger.Purpose("test.reversed", f"undo:{number}", reason="误记")
        return lambda ctx: ledger.reverse(ctx, posted.entry_id, purpose)

    found = await at_once(books, *(undo(number) for number in range(CLIENTS)))
    assert [isinstance(one, AlreadyReversed) for one in found].count(False) == 1
    report = await books.report()
    assert (report.entries, report.problems) == (2, [])


async def test_a_hold_is_drawn_by_many_and_gives_what_it_has(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        await books.give(ctx, 100)
        held = await ledger.hold(ctx, books.first, 50, ledger.Purpose("test.held", "h"))

    def draw(number: int) -> Work:
        purpose = ledger.Purpose("test.drawn", f"draw:{number}")
        if number % 2:
            return lambda ctx: ledger.release(ctx, held.id, purpose, amount=10)
        return lambda ctx: ledger.commit(ctx, held.id, books.second, purpose, amount=10)

    found = await at_once(books, *(draw(number) for number in range(CLIENTS)))
    assert [isinstance(one, HoldExhausted) for one in found].count(False) == 5
    assert (await books.report()).problems == []


async def test_the_last_of_an_account_is_held_once(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        await books.give(ctx, 10)

    def hold(number: int) -> Work:
        return lambda ctx: ledger.hold(ctx, books.first, 10, ledger.Purpose("test.held", f"h:{number}"))

    found = await at_once(books, *(hold(number) for number in range(CLIENTS)))
    assert [isinstance(one, ledger.Hold) for one in found].count(True) == 1
    assert (await books.report()).problems == []


async def test_an_account_that_many_need_is_opened_once(books: Books) -> None:
    owner = ledger.Owner(ledger.OwnerKind.PERSON, new_id())

    async def opened(ctx: Context) -> UUID:
        made = await ledger.account(ctx, owner, unit=ledger.Unit.POINTS, role="holder", place=Place(None, ""))
        return made.id

    found = await at_once(books, *(opened for _ in range(CLIENTS)))
    assert len(set(found)) == 1
    assert (await books.report()).problems == []


async def test_an_account_that_is_closed_while_others_post_is_empty_or_open(books: Books) -> None:
    for _ in range(10):
        async with books.bench.context(books.tenant) as ctx:
            target = await open_account(ctx, "holder")
        closing, posting, back = await at_once(
            books, _close(target), pay(books.issuance, target), _both_ways(target)
        )
        assert not isinstance(closing, LinliError) or isinstance(closing, AccountNotEmpty)
        assert not isinstance(posting, LinliError) or isinstance(posting, AccountClosed | DatabaseBusy)
        assert not isinstance(back, LinliError) or isinstance(back, AccountClosed | DatabaseBusy)
    assert (await books.report()).problems == []


def _close(account_id: UUID) -> Work:
    return lambda ctx: ledger.close(ctx, account_id)


def _both_ways(account_id: UUID) -> Work:
    lines = [ledger.Line(account_id, 1), ledger.Line(account_id, -1, category="back")]
    return lambda ctx: ledger.post(ctx, ledger.Purpose("test.turned", str(new_id())), lines)


async def test_stripes_that_change_while_others_post_lose_nothing(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        await books.give(ctx, 1_000)
    done = 0
    for count in (3, 0, 8, 1, 5, 0, 2, 16):
        striping, *posted = await at_once(
            books,
            lambda ctx, count=count: ledger.set_stripes(ctx, books.first, count),
            *(pay(books.first, books.second) for _ in range(CLIENTS)),
            *(pay(books.issuance, books.first) for _ in range(CLIENTS)),
        )
        assert striping is None
        # Whoever met the change midway may try again; nothing else goes wrong.
        assert {type(one) for one in posted} <= {ledger.Posted, DatabaseBusy}
        done += sum(isinstance(one, ledger.Posted) for one in posted)
    report = await books.report()
    assert report.problems == []
    assert report.entries == 1 + done


async def test_many_more_clients_than_stripes_wait_for_each_other_and_fail_never(books: Books) -> None:
    async with books.bench.context(books.tenant) as ctx:
        await books.give(ctx, 90)
        await books.give(ctx, 90, to=books.second)
        for account_id in (books.issuance, books.first, books.second):
            await ledger.set_stripes(ctx, account_id, 2)
    pairs = [(books.first, books.second), (books.second, books.first), (books.issuance, books.first)]
    found = await at_once(books, *(pay(*pairs[n % 3], amount=n % 40 + 1) for n in range(60)))
    assert {type(one) for one in found} <= {ledger.Posted, ledger.InsufficientBalance}
    assert (await books.report()).problems == []


async def test_owners_who_move_while_others_post_do_not_wait_for_each_other(
    books: Books, bench: Bench
) -> None:
    owner_id = new_id()
    area = await bench.area(books.tenant)
    async with bench.context(books.tenant) as ctx:
        plain = await open_account(ctx, "holder", owner_id=owner_id, negative=True)
        hot = await open_account(ctx, "pool", owner_id=owner_id, negative=True)
        await ledger.set_stripes(ctx, hot, 2)
    places = [Place(area.id, area.path), Place(None, "")]
    found = await at_once(
        books,
        *(pay(hot, plain) for _ in range(20)),
        *(lambda ctx, n=n: ledger.relocate(ctx, owner_id, places[n % 2]) for n in range(6)),
    )
    assert {type(one) for one in found} <= {ledger.Posted, type(None)}
    assert (await books.report()).problems == []
