"""Postings of the ledger: units of work of the real `Database` against the same transaction in pgbench.

Many accounts, of which two are drawn at random; and one pool on which everybody draws, bounded, with and without
stripes. Linli runs as tasks of one process. At the end its books are verified. The server is durable: fsync is on.
"""

# ruff: noqa: S311

from __future__ import annotations

import asyncio
import random
import shutil
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import asyncpg
import claims
import uvloop
from load import Measured, cpu_s, pgbench
from queries import POSTING
from report import Results, median
from setting import DATABASE, Scale, Servers, maintenance_url

from linli import ledger
from linli.context import Context
from linli.db.database import Database
from linli.db.migrations import KERNEL_MIGRATIONS, migrate
from linli.ids import new_id
from linli.ledger.verify import verify
from linli.registry import installed_composition
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench

CLIENTS: Final = 16
ACCOUNTS: Final = 10_000
AREAS: Final = 50
STRIPES: Final = 32
SECONDS_MAX: Final = 20
WARM_S: Final = 3
FUNDS: Final = 10**12
NAME: Final = f"{DATABASE}_ledger"
POOL: Final = 0
_MANY: Final = "two of many accounts"
_HOT: Final = "one pool, no stripes"
_STRIPED: Final = f"one pool, {STRIPES} stripes"

_OPEN: Final = """
with opened as (
    insert into ledger_account (tenant_id, id, area_id, area_path, unit, role, owner_kind, owner_id, may_be_negative)
    select $1, o.id, a.id, a.path, 'points', 'holder', 'other', o.id, o.number > 1
    from unnest($2::uuid[]) with ordinality o(id, number)
    join (select id, path, row_number() over () - 1 as number from areas_area where tenant_id = $1) a
        on a.number = o.number % $3
    returning *)
insert into audit_entry (tenant_id, id, occurred_at, actor_kind, action, subject_table, subject_id, after)
select $1, gen_random_uuid(), now(), 'system', 'open', 'ledger_account', id, to_jsonb(opened) from opened"""


@dataclass(frozen=True, slots=True)
class Books:
    """A tenant whose accounts have ids that pgbench can make from a number. Account 0 is a pool with funds."""

    bench: Bench
    tenant: Tenant
    prefix: str

    def account(self, number: int) -> UUID:
        """The id of an account."""
        return UUID(f"{self.prefix}{number:012x}")

    async def post(self, ctx: Context, source: int, target: int, amount: int) -> None:
        """Post one entry of two lines."""
        lines = [
            ledger.Line(self.account(source), -amount),
            ledger.Line(self.account(target), amount, category="drawn"),
        ]
        await ledger.post(
            ctx, ledger.Purpose("bench.drawn", f"bench:{new_id()}", source_table="bench"), lines
        )


def compare(servers: Servers, scale: Scale, results: Results, tell: Callable[..., None]) -> None:
    """Run all loads in turn, `scale.rounds` times, and add what was measured to the results."""
    uvloop.run(_compare(servers, scale, results, tell))


async def _compare(servers: Servers, scale: Scale, results: Results, tell: Callable[..., None]) -> None:
    seconds = min(scale.seconds, SECONDS_MAX)
    runs: dict[str, list[Measured]] = {}
    async with _prepared(servers) as (ours, theirs):
        for number in range(scale.rounds):
            for load in (_MANY, _HOT, _STRIPED):
                hot = load is not _MANY
                await _stripe((ours, theirs), STRIPES if load is _STRIPED else 0)
                runs.setdefault(f"Linli, {load}", []).append(await _load(servers, ours, seconds, hot=hot))
                if shutil.which("pgbench"):
                    measured = await asyncio.to_thread(_pgbench, servers, theirs, seconds, hot=hot)
                    runs.setdefault(f"pgbench, {load}", []).append(measured)
            for name, found in runs.items():
                tell("postings", name, number, found[-1])
        for name, found in runs.items():
            for measured in found:
                results.add("postings", name, _system(name), measured)
        results.notes += [*_ratios(runs), await _verified(ours), await claims.measure(ours.bench)]


def _system(name: str) -> str:
    plain = {f"Linli, {_MANY}": "linli", f"pgbench, {_MANY}": "pgbench"}
    return plain.get(name, name)


def _ratios(runs: dict[str, list[Measured]]) -> Sequence[str]:
    per_s = {name: median(found).per_s for name, found in runs.items()}
    return [
        f"Postings by {system}: on one pool {per_s[f'{system}, {_HOT}'] / many:.0%} of the rate on many accounts,"
        f" with {STRIPES} stripes {per_s[f'{system}, {_STRIPED}'] / many:.0%}."
        for system in ("Linli", "pgbench")
        if (many := per_s.get(f"{system}, {_MANY}"))
    ]


@asynccontextmanager
async def _prepared(servers: Servers) -> AsyncIterator[tuple[Books, Books]]:
    """A new database with two tenants of equal books: one for Linli, which is verified, and one for pgbench."""
    admin = await asyncpg.connect(maintenance_url(servers))
    try:
        await admin.execute(f'drop database if exists "{NAME}" with (force)')
        await admin.execute(f'create database "{NAME}"')
    finally:
        await admin.close()
    composition = installed_composition()
    url = _url(servers)
    await migrate(url, [*KERNEL_MIGRATIONS, *composition.migration_sets], secret_key=servers.secret_key)
    async with Database(url, secret_key=servers.secret_key, pool_size_max=CLIENTS) as database:
        bench = Bench(database, composition)
        books = (await _books(bench), await _books(bench))
        # A plan that was made for empty tables, and kept, would read them whole at every posting.
        await _load(servers, books[0], WARM_S, hot=False)
        owner = await asyncpg.connect(url)
        await owner.execute("vacuum (analyze)")
        await owner.close()
        yield books


async def _books(bench: Bench) -> Books:
    tenant = await bench.tenant(plugins=())
    made = Books(bench, tenant, f"{new_id()}"[:24])
    for number in range(AREAS):
        await bench.area(tenant, f"测试社区{number}")
    async with bench.context(tenant) as ctx:
        ids = [made.account(number) for number in range(ACCOUNTS)]
        await ctx.db.execute(_OPEN, tenant.id, ids, AREAS)
        await made.post(ctx, 1, POOL, FUNDS)
    return made


async def _stripe(both: Sequence[Books], count: int) -> None:
    for books in both:
        async with books.bench.context(books.tenant) as ctx:
            await ledger.set_stripes(ctx, books.account(POOL), count)


async def _load(servers: Servers, books: Books, seconds: float, *, hot: bool) -> Measured:
    """Post from 16 tasks for some seconds; each posting is a unit of work."""
    chance = random.Random(7)
    taken: list[float] = []
    begun, ours, postgres = time.perf_counter(), time.process_time(), cpu_s(servers.postgres_pid)
    end = begun + seconds

    async def client() -> None:
        while (start := time.perf_counter()) < end:
            source, target = (
                (POOL, chance.randrange(1, ACCOUNTS)) if hot else chance.sample(range(1, ACCOUNTS), 2)
            )
            async with books.bench.context(books.tenant) as ctx:
                await books.post(ctx, source, target, chance.randrange(1, 40))
            taken.append(time.perf_counter() - start)

    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(client())
    spent, count = time.perf_counter() - begun, len(taken)
    taken.sort()
    return Measured(
        per_s=count / spent,
        p50_ms=taken[count // 2] * 1000,
        p99_ms=taken[count * 99 // 100] * 1000,
        server_ms=(time.process_time() - ours) / count * 1000,
        postgres_ms=(cpu_s(servers.postgres_pid) - postgres) / count * 1000,
        requests=count,
    )


def _pgbench(servers: Servers, books: Books, seconds: int, *, hot: bool) -> Measured:
    script = POSTING["hot" if hot else "many"].format(
        tenant=books.tenant.id, prefix=books.prefix, last=ACCOUNTS - 1, pool=POOL
    )
    url = Database(_url(servers), secret_key=servers.secret_key).api_url
    return pgbench(url, [script], seconds, servers.postgres_pid, clients=CLIENTS)


def _url(servers: Servers) -> str:
    return servers.owner_url.replace(f"/{DATABASE}?", f"/{NAME}?", 1)


async def _verified(books: Books) -> str:
    begun = time.perf_counter()
    report = await verify(books.bench.database, books.tenant)
    found = "they agree" if report.intact else f"THEY DO NOT AGREE: {report.problems[:3]}"
    return (
        f"The books after that, {report.accounts:,} accounts and {report.postings:,} postings: {found};"
        f" verified in {time.perf_counter() - begun:.1f} s."
    )
