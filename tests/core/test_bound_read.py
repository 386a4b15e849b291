"""Binding a tenant within one statement: which forms leak, and that the form of `Database.read` does not.

Runs on each PostgreSQL that the machine has: the one of the other tests (18, from the wheel, by default), and those
of Debian's packages from version 15 on, which run all our migrations for it.
"""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from linli.db.database import BOUND_READ, Database
from linli.registry import Composition
from linli.testing.factories import Bench
from linli.testing.pytest_plugin import SECRET_KEY, scratch_database

AREAS = 400  # of each tenant; enough for the planner to prefer an index
SUPPORTED_FROM = 15
INSTALLED = sorted(
    folder
    for folder in Path("/usr/lib/postgresql").glob("*/bin")
    if folder.parent.name.isdecimal() and int(folder.parent.name) >= SUPPORTED_FROM
)

COUNTS = (
    "select json_build_object('pid', pg_backend_pid(), 'rows', count(*),"
    " 'tenants', array_agg(distinct t.tenant_id))::text from areas_area t"
)
BY_KEY = "select t.name from areas_area t where t.tenant_id = $1 and t.id = $2"


@dataclass(frozen=True, slots=True)
class Stage:
    """A database with two tenants that hold equally many areas."""

    database: Database
    a: UUID
    b: UUID
    an_area: dict[UUID, UUID]

    @asynccontextmanager
    async def single(self) -> AsyncIterator[Database]:
        """The same database through one connection: whoever comes next gets the same one."""
        async with Database(self.database.owner_url, secret_key=SECRET_KEY, pool_size_max=1) as opened:
            yield opened

    @asynccontextmanager
    async def bare(self, *, stale: UUID | None = None) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
        """A connection of the API role, with what a careless session left behind."""
        connection = await asyncpg.connect(self.database.api_url)
        try:
            if stale is not None:
                await connection.execute("select set_config('app.tenant_id', $1, false)", str(stale))
            yield connection
        finally:
            await connection.close()


@contextmanager
def debian_server(binaries: Path) -> Iterator[str]:
    """A server of Debian's package, on a Unix socket that only its user and root can reach."""
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    runs_as: dict[str, Any] = (
        {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    )
    folder = Path(tempfile.mkdtemp(prefix="linli-pg-"))
    os.chown(folder, account.pw_uid, account.pw_gid)
    common: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, **runs_as}
    data = folder / "data"
    try:
        subprocess.run(
            [
                binaries / "initdb",
                "-D",
                data,
                "-U",
                "linli",
                "--auth=trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "-N",
            ],
            check=True,
            timeout=120,
            **common,
        )
        control: list[str | Path] = [binaries / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-t", "60"]
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        subprocess.run([*control, "-o", options, "start"], check=True, timeout=90, **common)
        try:
            yield f"postgresql://linli@/postgres?host={folder}"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, timeout=90, **common)
    finally:
        shutil.rmtree(folder)


@pytest.fixture(
    scope="module", params=["default", *INSTALLED], ids=lambda p: getattr(p, "parent", Path(p)).name
)
def server_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each PostgreSQL in turn."""
    if request.param == "default":
        yield request.getfixturevalue("postgres_url")
        return
    with debian_server(request.param) as url:
        yield url


@pytest_asyncio.fixture(scope="module")
async def stage(server_url: str, composition: Composition) -> AsyncIterator[Stage]:
    """Two tenants in a database with every migration."""
    async with scratch_database(server_url, composition) as database:
        bench = Bench(database, composition)
        tenants = [(await bench.tenant(plugins=[])).id for _ in range(2)]
        areas = {tenant: await _fill(database, tenant) for tenant in tenants}
        async with database.owner() as db:
            await db.execute("analyze areas_area")
        yield Stage(database, tenants[0], tenants[1], areas)


async def _fill(database: Database, tenant: UUID) -> UUID:
    async with database.unit_of_work(tenant) as db:
        await db.execute(
            "insert into areas_area (tenant_id, id, code, name, name_pinyin, name_initials, level, path, depth,"
            " state, valid_from) select $1, gen_random_uuid(), n::text, '社区', 'shequ', 'sq', 'area',"
            " lpad(n::text, 3, '0') || '.', 1, 'active', '2020-01-01' from generate_series(1, $2::int) n",
            tenant,
            AREAS,
        )
        found: UUID = await db.fetchval(
            "select id from areas_area where tenant_id = $1 and code = '7'", tenant
        )
        return found


async def counts(database: Database, tenant: UUID, inner: str = COUNTS) -> dict[str, Any]:
    """What a bound read of the whole table gives."""
    found = await database.read(tenant, f"{BOUND_READ}{inner} where t.tenant_id = $1) end", [tenant])
    made: dict[str, Any] = json.loads(found)
    return made


async def left_bound(database: Database) -> object:
    """What the connection that comes next has bound, and how many rows that shows."""
    assert database._reads is not None
    async with database._reads.acquire() as connection:
        bound = await connection.fetchval("select app.tenant()")
        return bound, await connection.fetchval("select count(*) from areas_area")


UNSAFE = {
    "a CTE that nobody reads": "with s as (select set_config('app.tenant_id', $1, true))"
    " select tenant_id from areas_area",
    "a CTE that is joined": "with s as materialized (select set_config('app.tenant_id', $1, true) as bound)"
    " select tenant_id from areas_area left join s on s.bound is not null",
    "the WHERE clause": "select tenant_id from areas_area where set_config('app.tenant_id', $1, true) = $1",
    "the select list": "select set_config('app.tenant_id', $1, true), tenant_id from areas_area",
}
# The same with the bare function in the safe place, and without the explicit tenant: the form alone carries it.
CASE_ALONE = (
    "select case when set_config('app.tenant_id', $1, true) is not null then"
    " (select array_agg(t.tenant_id) from areas_area t) end"
)


@pytest.mark.parametrize("form", UNSAFE)
async def test_an_unsafe_form_gives_the_rows_of_the_tenant_that_was_bound_before(
    stage: Stage, form: str
) -> None:
    async with stage.bare(stale=stage.b) as connection:
        found = [row["tenant_id"] for row in await connection.fetch(UNSAFE[form], str(stage.a))]
    assert stage.b in found


@pytest.mark.parametrize("form", UNSAFE)
async def test_an_unsafe_form_misses_own_rows_when_nothing_was_bound_before(stage: Stage, form: str) -> None:
    async with stage.bare() as connection:
        found = await connection.fetch(UNSAFE[form], str(stage.a))
    assert len(found) < AREAS


@pytest.mark.parametrize("left", ["nothing", "another tenant"])
@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
async def test_the_case_form_reads_nothing_before_the_tenant_is_bound(
    stage: Stage, left: str, plan: str
) -> None:
    async with stage.bare(stale=stage.b if left == "another tenant" else None) as connection:
        await connection.execute(f"set plan_cache_mode = {plan}")
        for _ in range(7):
            assert await connection.fetchval(CASE_ALONE, str(stage.a)) == [stage.a] * AREAS


async def test_a_session_that_is_bound_to_another_tenant_is_refused(stage: Stage) -> None:
    async with stage.bare(stale=stage.b) as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="another tenant is bound"):
            await connection.fetchval(f"{BOUND_READ}{COUNTS} where t.tenant_id = $1) end", stage.a)


@pytest.mark.parametrize("plan", ["auto", "force_custom_plan", "force_generic_plan"])
async def test_one_prepared_statement_serves_alternating_tenants(stage: Stage, plan: str) -> None:
    async with stage.single() as database:
        assert database._reads is not None
        async with database._reads.acquire() as connection:
            await connection.execute(f"set plan_cache_mode = {plan}")  # stays: the pool resets nothing
        backends = set()
        for _ in range(20):
            for tenant in (stage.a, stage.b):
                found = await counts(database, tenant)
                assert (found["rows"], found["tenants"]) == (AREAS, [str(tenant)])
                backends.add(found["pid"])
        assert len(backends) == 1
        async with database._reads.acquire() as connection:
            generic, custom = await connection.fetchrow(
                "select generic_plans, custom_plans from pg_prepared_statements where statement like $1",
                BOUND_READ.replace("_", "\\_") + "%",
            )
        assert generic + custom == 40
        assert {"auto": True, "force_custom_plan": generic == 0, "force_generic_plan": custom == 0}[plan]


@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
async def test_without_the_explicit_tenant_the_policy_alone_gives_only_own_rows(
    stage: Stage, plan: str
) -> None:
    async with stage.single() as database:
        assert database._reads is not None
        async with database._reads.acquire() as connection:
            await connection.execute(f"set plan_cache_mode = {plan}")
        for tenant in (stage.a, stage.b) * 5:
            found = json.loads(await database.read(tenant, f"{BOUND_READ}{COUNTS}) end", [tenant]))
            assert (found["rows"], found["tenants"]) == (AREAS, [str(tenant)])


async def test_the_key_of_another_tenants_row_reads_nothing(stage: Stage) -> None:
    sql = f"{BOUND_READ}{BY_KEY}) end"
    for _ in range(8):
        assert await stage.database.read(stage.a, sql, [stage.a, stage.an_area[stage.a]]) == "社区".encode()
        assert await stage.database.read(stage.a, sql, [stage.a, stage.an_area[stage.b]]) is None


async def test_nothing_stays_bound_after_a_read(stage: Stage) -> None:
    async with stage.single() as database:
        await counts(database, stage.a)
        assert await left_bound(database) == (None, 0)


async def test_nothing_stays_bound_after_an_error(stage: Stage) -> None:
    failing = (
        f"{BOUND_READ}select (1 / (count(*) - {AREAS}))::text from areas_area t where t.tenant_id = $1) end"
    )
    async with stage.single() as database:
        pid = (await counts(database, stage.a))["pid"]
        for _ in range(6):
            with pytest.raises(asyncpg.DivisionByZeroError):
                await database.read(stage.a, failing, [stage.a])
            assert await left_bound(database) == (None, 0)
            found = await counts(database, stage.b)
            assert (found["tenants"], found["pid"]) == ([str(stage.b)], pid)


async def test_nothing_stays_bound_after_a_cancelled_read(stage: Stage) -> None:
    slow = f"{BOUND_READ}select pg_sleep(60)::text from areas_area t where t.tenant_id = $1 limit 1) end"
    async with stage.single() as database, stage.database.owner() as watcher:
        pid = (await counts(database, stage.a))["pid"]
        for _ in range(2):
            task = asyncio.create_task(database.read(stage.a, slow, [stage.a]))
            async with asyncio.timeout(10):
                while not await watcher.fetchval(  # bound by the time-out
                    "select true from pg_stat_activity where pid = $1 and wait_event = 'PgSleep'", pid
                ):
                    await watcher.execute("select pg_stat_clear_snapshot()")
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await left_bound(database) == (None, 0)
            found = await counts(database, stage.b)
            assert (found["rows"], found["tenants"]) == (AREAS, [str(stage.b)])


async def test_concurrent_reads_of_two_tenants_see_only_their_own(stage: Stage) -> None:
    tenants = [stage.a, stage.b] * 100
    found = await asyncio.gather(*(counts(stage.database, tenant) for tenant in tenants))
    assert [one["tenants"] for one in found] == [[str(tenant)] for tenant in tenants]
    assert {one["rows"] for one in found} == {AREAS}
    assert len({one["pid"] for one in found}) > 1


@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("left", ["nothing", "the tenant itself"])
async def test_a_read_by_primary_key_is_an_index_scan_behind_a_one_time_filter(
    stage: Stage, plan: str, left: str
) -> None:
    """The policy is evaluated once, not for each row; what a session left behind does not change the plan."""
    async with stage.bare(stale=stage.a if left == "the tenant itself" else None) as connection:
        await connection.execute(f"set plan_cache_mode = {plan}")
        await connection.execute(f"prepare by_key (uuid, uuid) as {BOUND_READ}{BY_KEY}) end")
        explained = await connection.fetchval(
            f"explain (analyze, format json) execute by_key ('{stage.a}', '{stage.an_area[stage.a]}')"
        )
    nodes = list(_nodes(json.loads(explained)[0]["Plan"]))
    kinds = [node["Node Type"] for node in nodes]
    assert "Seq Scan" not in kinds
    [scan] = [node for node in nodes if node["Node Type"] in ("Index Scan", "Index Only Scan")]
    assert "tenant_id =" in scan["Index Cond"]
    assert scan["Actual Rows"] == 1
    [gate] = [node for node in nodes if "One-Time Filter" in node]
    assert "app.tenant_id" in gate["One-Time Filter"]
    assert gate["Parent Relationship"] == "InitPlan"


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from _nodes(child)
