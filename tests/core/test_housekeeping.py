"""The kernel's and the interface's own jobs: what nobody can use any more is cleared away, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from linli import housekeeping
from linli.clock import FixedClock
from linli.context import Context
from linli.db import rows
from linli.identity import accounts, sessions
from linli.identity.credentials import hash_of
from linli.identity.tables import Client, ClientToken
from linli.ids import new_id
from linli.jobs import enqueue
from linli.jobs.schedule import Scheduler
from linli.runtime import Runtime
from linli.settings import Settings
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.worker import dispatchers
from linli_graphql.idempotency import KEPT

NOW = datetime(2026, 7, 24, 4, 0, tzinfo=UTC)
CREDENTIALS = "identity.purge_credentials"
KEYS = "graphql.purge_idempotency_keys"
TABLES = ("identity_session", "identity_client_token", "graphql_idempotency")


class House:
    """A tenant with one account, and the worker that keeps it tidy."""

    def __init__(self, bench: Bench, tenant: Tenant) -> None:
        self.bench = bench
        self.tenant = tenant
        self.clock = FixedClock(NOW)
        settings = Settings(data_dir=Path(), secret_key="test")
        self.runtime = Runtime(settings, bench.database, bench.catalogue, bench.composition, clock=self.clock)

    async def fill(self, tenant: Tenant | None = None) -> None:
        """A session and a token that end in an hour, and an idempotency key that was used now."""
        async with self.bench.context(tenant or self.tenant, clock=self.clock) as ctx:
            name = f"u{new_id().hex[:20]}"
            account = await accounts.create(ctx, login_name=name)
            await sessions.open_session(ctx, account, second_factor=True, lasts_s=3600)
            client = await rows.insert(
                ctx,
                Client,
                name="客户端",
                client_id=name,
                secret_hash=hash_of(name),
                scopes=[],
                state="active",
            )
            await rows.insert(
                ctx,
                ClientToken,
                client_id=client.id,
                token_hash=hash_of(name),
                scopes=[],
                expires_at=ctx.now() + timedelta(hours=1),
            )
            await _use_key(ctx, name)

    async def run(self, *names: str) -> None:
        """Let the worker run these jobs; both of them by default."""
        async with self.bench.context(self.tenant, clock=self.clock) as ctx:
            for name in names or (CREDENTIALS, KEYS):
                await enqueue(ctx, name)
        _deliveries, jobs = dispatchers(self.runtime)
        for _ in range(10):
            if await jobs.run_once() == 0:
                break
        assert await self.count("jobs_job where tenant_id = $1 and status <> 'done'") == 0

    async def count(self, what: str, tenant: Tenant | None = None) -> int:
        async with self.bench.context(tenant or self.tenant) as ctx:
            where = "" if "where" in what else " where tenant_id = $1"
            found: int = await ctx.db.fetchval(f"select count(*) from {what}{where}", ctx.tenant_id)
            return found

    async def counts(self, tenant: Tenant | None = None) -> tuple[int, ...]:
        """How many sessions, tokens and keys there are."""
        return tuple([await self.count(table, tenant) for table in TABLES])


async def _use_key(ctx: Context, key: str) -> None:
    await ctx.db.execute(
        "insert into graphql_idempotency (tenant_id, id, principal, field, key, request_hash, created_at)"
        " values ($1, $2, 'account:1', 'createArea', $3, 'hash', $4)",
        ctx.tenant_id,
        new_id(),
        key,
        ctx.now(),
    )


@pytest.fixture
async def house(bench: Bench) -> House:
    return House(bench, await bench.tenant(plugins=()))


async def test_each_is_kept_for_its_time_and_then_cleared_away(house: House) -> None:
    await house.fill()
    hour = timedelta(hours=1)
    for passed, left in (
        (timedelta(), (1, 1, 1)),
        (timedelta(days=1), (1, 1, 1)),  # the token ended 23 hours ago
        (hour + timedelta(seconds=1), (1, 0, 1)),
        (KEPT - timedelta(days=1) - hour - timedelta(seconds=1), (1, 0, 1)),
        (timedelta(seconds=1), (1, 0, 0)),
        (timedelta(days=30) + hour - KEPT - timedelta(seconds=1), (1, 0, 0)),
        (timedelta(seconds=1), (0, 0, 0)),
    ):
        house.clock.advance(passed)
        await house.run()
        assert await house.counts() == left, house.clock.now() - NOW


async def test_what_is_in_use_and_what_is_another_tenants_stays(house: House) -> None:
    other = await house.bench.tenant(plugins=())
    await house.fill()
    await house.fill(other)
    house.clock.advance(timedelta(days=60))
    await house.fill()
    await house.run()
    assert await house.counts() == (1, 1, 1)
    assert await house.counts(other) == (1, 1, 1)


async def test_more_than_one_batch_goes_in_one_run(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "PURGE_MAX", 2)
    for _ in range(5):
        await house.fill()
    house.clock.advance(timedelta(days=60))
    await house.run(CREDENTIALS)
    assert await house.counts() == (0, 0, 5)


async def test_a_run_has_an_end_and_the_next_one_goes_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "PURGE_MAX", 1)
    monkeypatch.setattr(housekeeping, "_ROUNDS_MAX", 2)
    for _ in range(3):
        await house.fill()
    house.clock.advance(timedelta(days=60))
    await house.run(CREDENTIALS)
    assert await house.count("identity_session") == 1
    await house.run(CREDENTIALS)
    assert await house.count("identity_session") == 0


async def test_the_audit_trail_still_tells_of_what_was_cleared_away(house: House) -> None:
    await house.fill()
    before = await house.count("audit_entry")
    house.clock.advance(timedelta(days=60))
    await house.run()
    assert await house.count("audit_entry") >= before
    told = "audit_entry where tenant_id = $1 and subject_table = 'identity_session' and action = 'sign_in'"
    assert await house.count(told) == 1


async def test_both_jobs_are_on_the_schedule_of_every_tenant_without_any_plugin(house: House) -> None:
    await Scheduler(house.runtime).run_once()
    for name in (CREDENTIALS, KEYS):
        assert await house.count(f"jobs_job where tenant_id = $1 and name = '{name}'") == 1
