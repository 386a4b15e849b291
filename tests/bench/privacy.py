"""Measures encrypted columns: search among many people, and a rotation of their keys under load.

Usage: python tests/bench/privacy.py [--people 1000000] [--clients 4]; the database is thrown away afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from stdnum.cn import ric

from linli.context import Context
from linli.db import rows
from linli.db.database import Database
from linli.db.encryption import LocalMasterKeys, Vault, decrypt
from linli.db.encryption.algorithms import Algorithm
from linli.db.encryption.columns import encrypted_column
from linli.db.encryption.fields import index_of, sealed_text
from linli.db.migrations import KERNEL_MIGRATIONS, migrate
from linli.embedded.postgres import EmbeddedPostgres
from linli.identity.searching import search
from linli.identity.tables import Person
from linli.ids import new_id
from linli.privacy import rotate, rotation
from linli.registry import installed_composition
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench

SECRET = "bench"
CHUNK = 20_000
SEARCHES = 500
FIRST_DAY = date(1940, 1, 1)
PURPOSE = "identity.id_number"
INSERT = """
insert into identity_person (tenant_id, id, full_name, name_pinyin, phone, id_number, id_number_index, synthetic)
select $1, id, '演示', 'yan shi', phone, sealed, digest, true
from unnest($2::uuid[], $3::text[], $4::bytea[], $5::bytea[]) as v(id, phone, sealed, digest)"""


def number_of(count: int) -> str:
    """A made-up identity number of a region that does not exist; each count gives another."""
    day = FIRST_DAY + timedelta(days=count % 25_000)
    body = f"999999{day:%Y%m%d}{count // 25_000:03d}"
    return body + str(ric.calc_check_digit(body + "0"))


def phone_of(count: int) -> str:
    """A made-up telephone."""
    return f"199{count:08d}"


async def fill(bench: Bench, tenant: Tenant, people: int) -> None:
    """Write people with encrypted numbers; the keys are made as a first registration would make them."""
    column = encrypted_column(Person, "id_number")
    for start in range(0, people, CHUNK):
        async with bench.context(tenant) as ctx:
            assert ctx.db.vault is not None
            vault = ctx.db.vault
            key = await vault.writing_key(ctx.db, tenant.id, PURPOSE, "cipher", Algorithm.AES_256_GCM)
            index = await vault.writing_key(ctx.db, tenant.id, PURPOSE, "index", Algorithm.HMAC_SHA256)
            ids = [new_id() for _ in range(min(CHUNK, people - start))]
            numbers = [number_of(start + i) for i in range(len(ids))]
            await ctx.db.execute(
                INSERT,
                tenant.id,
                ids,
                [phone_of(start + i) for i in range(len(ids))],
                [sealed_text(key, column, one, number) for one, number in zip(ids, numbers, strict=True)],
                [index_of(index, column, number) for number in numbers],
            )


async def time_searches(bench: Bench, tenant: Tenant, people: int, *, by: str) -> list[float]:
    """Milliseconds of each search, with its audit entry, in a transaction of its own."""
    chance = random.Random(7)  # noqa: S311 (chooses whom to look for)
    took = []
    for _ in range(SEARCHES):
        count = chance.randrange(people)
        wanted = {"id_number": number_of(count)} if by == "id_number" else {"phone": phone_of(count)}
        async with bench.context(tenant) as ctx:
            began = time.perf_counter()
            found = await search(ctx, reason="基准测试", **wanted)
            took.append((time.perf_counter() - began) * 1_000)
        assert len(found) == 1
    return took


class Load:
    """Clients that search, read and write numbers while the keys are replaced."""

    def __init__(self, bench: Bench, tenant: Tenant, people: int) -> None:
        self.bench, self.tenant, self.people = bench, tenant, people
        self.took: list[float] = []
        self.failed: list[str] = []

    async def run(self, stop: asyncio.Event, seed: int) -> None:
        """Work until told to stop; what fails is noted."""
        chance = random.Random(seed)  # noqa: S311
        while not stop.is_set():
            began = time.perf_counter()
            try:
                async with self.bench.context(self.tenant) as ctx:
                    await self._one(ctx, chance.randrange(self.people), chance.random())
            except Exception as error:  # noqa: BLE001 (counted)
                self.failed.append(f"{type(error).__name__}: {error}")
            self.took.append((time.perf_counter() - began) * 1_000)
            await asyncio.sleep(0.005)

    async def _one(self, ctx: Context, count: int, lot: float) -> None:
        (person,) = await search(ctx, id_number=number_of(count), reason="基准测试")
        if await decrypt(ctx, person, "id_number") != number_of(count):
            raise AssertionError("another's number")
        if lot < 0.3:
            person = await rows.get(ctx, Person, person.id, lock=True)
            await rows.update(ctx, person, id_number=number_of(count))


async def rotate_all(bench: Bench, tenant: Tenant, *, with_index: bool) -> tuple[float, int, str]:
    """Seconds, batches and outcome of a whole rotation, one transaction for each batch as the worker does it."""
    async with bench.context(tenant) as ctx:
        await rotate(ctx, PURPOSE, with_index=with_index)
    began, batches = time.perf_counter(), 0
    for _ in range(1_000_000):
        async with bench.context(tenant) as ctx:
            await rotation.continue_rotation(ctx, {"purpose": PURPOSE})
            (state,) = await rotation.state(ctx)
            await ctx.db.execute("delete from jobs_job where tenant_id = $1", tenant.id)
        batches += 1
        if state.state != "running":
            return time.perf_counter() - began, batches, f"{state.state}, {state.rows_left} left"
    return time.perf_counter() - began, batches, "not finished"


def said(label: str, took: Sequence[float]) -> str:
    """A line with the median, the 99th percentile and the longest."""
    ordered = sorted(took)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return (
        f"{label}: median {statistics.median(ordered):.2f} ms, p99 {p99:.2f} ms, longest {ordered[-1]:.1f} ms"
    )


async def measure(url: str, people: int, clients: int) -> None:
    """Fill, search, rotate under load, search again."""
    composition = installed_composition()
    await migrate(url, [*KERNEL_MIGRATIONS, *composition.migration_sets], secret_key=SECRET)
    keys = LocalMasterKeys({"bench": secrets.token_bytes(32)}, current_id="bench")
    async with Database(url, secret_key=SECRET, pool_size_max=clients + 4, vault=Vault(keys)) as database:
        bench = Bench(database, composition)
        tenant = await bench.tenant(plugins=())
        began = time.perf_counter()
        await fill(bench, tenant, people)
        tell(f"{people:,} people with encrypted numbers written in {time.perf_counter() - began:.0f} s")
        async with database.owner() as db:
            await db.execute("analyze identity_person")
        for by in ("id_number", "phone"):
            tell(said(f"search by {by}", await time_searches(bench, tenant, people, by=by)))
        for with_index in (False, True):
            load, stop = Load(bench, tenant, people), asyncio.Event()
            tasks = [asyncio.create_task(load.run(stop, seed)) for seed in range(clients)]
            seconds, batches, outcome = await rotate_all(bench, tenant, with_index=with_index)
            stop.set()
            await asyncio.gather(*tasks)
            what = "cipher and index keys" if with_index else "cipher key"
            tell(f"rotation of the {what}: {seconds:.0f} s, {batches} batches, {outcome}")
            tell(said(f"  {len(load.took):,} requests of {clients} clients meanwhile", load.took))
            tell(f"  failed: {len(load.failed)} {load.failed[:3] if load.failed else ''}")
        tell(said("search by id_number", await time_searches(bench, tenant, people, by="id_number")))


def tell(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{datetime.now(UTC):%H:%M:%S} {line}\n")
    sys.stdout.flush()


async def run(server_url: str, people: int, clients: int) -> None:
    """Measure in a database of our own on a server."""
    name = f"linli_bench_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(server_url)
    await admin.execute(f'create database "{name}"')
    try:
        await measure(urlunsplit(urlsplit(server_url)._replace(path=f"/{name}")), people, clients)
    finally:
        await admin.execute(f'drop database "{name}" with (force)')
        await admin.close()


def main() -> None:
    """Start a server of our own, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--clients", type=int, default=4)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg", durable=False)
        server.start()
        try:
            asyncio.run(run(server.url("postgres"), given.people, given.clients))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
