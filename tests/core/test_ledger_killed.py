"""Clients, a worker and the database are killed in any order: what was acknowledged is in the ledger, once."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from linli import ledger
from linli.context import Context
from linli.db.database import Database
from linli.db.migrations import KERNEL_MIGRATIONS, migrate
from linli.errors import LinliError
from linli.registry import Composition
from linli.tenancy.catalogue import Tenant
from linli.testing.books import open_account, open_books
from linli.testing.factories import Bench
from linli.testing.killing import DATABASE, House, run_linli
from linli.testing.pytest_plugin import SECRET_KEY

CLIENTS = Path(__file__).with_name("ledger_clients.py")
PROCESSES = {"first": ("a", "b", "c", "d"), "second": ("e", "f", "g", "h")}
VICTIMS = (DATABASE, "first", "second") * 2 + ("worker",)
OPERATIONS_BETWEEN = 60
PATIENCE_S = 90
STORED = """
select e.key, e.id::text as entry, e.hold_id::text as hold, array_agg(p.amount order by p.amount) as amounts
from ledger_entry e join ledger_posting p on p.tenant_id = $1 and p.entry_id = e.id
where e.tenant_id = $1 group by e.key, e.id, e.hold_id"""


class LedgerHouse(House):
    """A house whose processes are a worker and clients of the ledger."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "books", secret_key=SECRET_KEY)
        self.acknowledged = asyncio.Semaphore(0)
        self._counting: set[asyncio.Task[None]] = set()

    async def begin(self, name: str) -> None:
        """Start the process of this name, or the database."""
        if name == DATABASE:
            await self.start_database()
        elif name == "worker":
            await self.start_linli(name, "worker")
        else:
            words = (str(CLIENTS), str(self.folder), ",".join(PROCESSES[name]))
            process = await self.start(name, *words, output=asyncio.subprocess.PIPE)
            self._counting.add(asyncio.create_task(self._count(process)))

    async def _count(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for _line in process.stdout:
            self.acknowledged.release()

    async def end(self) -> None:
        """Let the clients finish what they try."""
        (self.folder / "stop").touch()
        assert [await self.processes[name].wait() for name in PROCESSES] == [0, 0]
        await asyncio.gather(*self._counting)

    def lines(self) -> list[dict[str, Any]]:
        """What all clients have noted."""
        found = [file.read_text().splitlines() for file in sorted(self.folder.glob("*.jsonl"))]
        return [json.loads(line) for lines in found for line in lines]


@pytest.fixture
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LedgerHouse]:
    made = LedgerHouse(tmp_path_factory.mktemp("killed"))
    try:
        await made.start_database()
        yield made
    finally:
        await made.close()


async def opened(house: LedgerHouse, composition: Composition) -> tuple[Tenant, UUID]:
    """The tenant, a pool in stripes on which all clients draw, and an account of each client."""
    sets = [*KERNEL_MIGRATIONS, *composition.migration_sets]
    await migrate(house.url, sets, secret_key=SECRET_KEY)
    async with Database(house.url, secret_key=SECRET_KEY) as database:
        bench = Bench(database, composition)
        tenant = await bench.tenant(plugins=())
        async with bench.context(tenant) as ctx:
            pool = await open_account(ctx, "pool", negative=True)
            await ledger.set_stripes(ctx, pool, 4)
            names = [name for names in PROCESSES.values() for name in names]
            accounts = {name: str(await open_account(ctx, "holder")) for name in names}
    facts = {"slug": tenant.slug, "pool": str(pool), "accounts": accounts}
    (house.folder / "facts.json").write_text(json.dumps(facts))
    return tenant, pool


async def test_what_was_acknowledged_is_in_the_ledger_once_whatever_was_killed(
    house: LedgerHouse, composition: Composition
) -> None:
    tenant, pool = await opened(house, composition)
    order = list(VICTIMS)
    random.Random(11).shuffle(order)  # noqa: S311
    async with asyncio.timeout(PATIENCE_S):
        for name in (*PROCESSES, "worker"):
            await house.begin(name)
        for victim in order:
            for _ in range(OPERATIONS_BETWEEN):
                await house.acknowledged.acquire()
            await house.kill(victim)
            await house.begin(victim)
            if house.processes["worker"].returncode is not None:  # it may end without its database
                await house.begin("worker")
        await house.end()
    await assert_once(house, composition, tenant, pool)
    assert await house.linli("ledger", "verify", "--tenant", tenant.slug) == 0


async def assert_once(house: LedgerHouse, composition: Composition, tenant: Tenant, pool: UUID) -> None:
    """Each operation that a client tried was acknowledged in the end, and stands in the ledger once."""
    tried, done = Counter[str](), {}
    for line in house.lines():
        if "result" in line:
            assert line["key"] not in done
            done[line["key"]] = line
        else:
            tried[line["key"]] += 1
    assert set(tried) == set(done)
    async with (
        Database(house.url, secret_key=SECRET_KEY) as database,
        Bench(database, composition).context(tenant) as ctx,
    ):
        stored = {row["key"]: row for row in await ctx.db.fetch(STORED, tenant.id)}
        balance = await ledger.balance(ctx, pool)
    assert set(stored) == set(done)
    for key, line in done.items():
        amount, row = line["amount"], stored[key]
        assert row["amounts"] == [-amount, amount]
        assert line["result"] == row["hold" if line["kind"] == "hold" else "entry"]
    amounts = Counter[str]()
    for line in done.values():
        amounts[line["kind"]] += line["amount"]
    assert balance == ledger.Balance(amounts["commit"] - amounts["post"], 0)


async def test_fifty_clients_at_once_leave_books_that_agree(bench: Bench, tmp_path: Path) -> None:
    books = await open_books(bench)
    async with bench.context(books.tenant) as ctx:
        await books.give(ctx, 3_000)
        accounts = [books.first, books.second, *[await open_account(ctx, "holder") for _ in range(3)]]
        await ledger.set_stripes(ctx, books.first, 4)

    async def client(number: int) -> None:
        chance = random.Random(number)  # noqa: S311
        for turn in range(4):
            with suppress(LinliError):
                async with bench.context(books.tenant) as ctx:
                    await turned(ctx, chance, accounts, f"{number}:{turn}")

    await asyncio.gather(*(client(number) for number in range(50)))
    words = ("ledger", "verify", "--tenant", books.tenant.slug)
    assert await run_linli(bench.database.owner_url, tmp_path, *words, secret_key=SECRET_KEY) == 0
    report = await books.report()
    assert report.problems == []
    assert report.entries > 150


async def turned(ctx: Context, chance: random.Random, accounts: Sequence[UUID], key: str) -> None:
    """A payment, or a hold that is spent and released, or a payment that is taken back, in one transaction."""
    one, other = sorted(chance.sample(accounts, 2))  # two entries of one transaction keep an order
    amount = chance.randint(1, 60)
    kind = chance.choice(["pay", "hold", "reverse"])
    if kind == "hold":
        held = await ledger.hold(ctx, one, amount, ledger.Purpose("test.held", f"{key}:hold"))
        spent = chance.randint(1, amount)
        await ledger.commit(ctx, held.id, other, ledger.Purpose("test.spent", f"{key}:spent"), amount=spent)
        if spent < amount:
            await ledger.release(ctx, held.id, ledger.Purpose("test.released", f"{key}:released"))
        return
    lines = [ledger.Line(one, -amount), ledger.Line(other, amount)]
    posted = await ledger.post(ctx, ledger.Purpose("test.paid", key), lines)
    if kind == "reverse":
        await ledger.reverse(ctx, posted.entry_id, ledger.Purpose("test.reversed", f"{key}:r", reason="误记"))
