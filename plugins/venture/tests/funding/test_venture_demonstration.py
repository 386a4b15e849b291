"""The demonstration: a year of funding by the real commands, twice the same, with books that agree."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from linli.clock import FixedClock
from linli.files.disk import DiskStore
from linli.ledger.verify import verify
from linli.plugin import ProvisionRequest
from linli_organisations.provisioning import load_categories, load_demo
from linli_venture.demonstration import demo

AUTUMN = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
DEMO = {"yuan": 1_500_000, "incubated": 145}
PROFILE = {"registration": {"private_non_enterprise": 20}}


async def test_a_year_of_funding_is_there_and_the_second_time_changes_nothing(
    bench: Any, tmp_path: Path
) -> None:
    bench.database.store = DiskStore(tmp_path)
    tenant = await bench.tenant(plugins=["organisations", "venture"])
    await bench.area(tenant, "演示社区")
    entries = []
    for _ in range(2):
        async with bench.context(tenant, clock=FixedClock(AUTUMN)) as ctx:
            await load_categories(ctx, ProvisionRequest(demo=True))
            await load_demo(ctx, ProvisionRequest(demo=True, profile={"demo": PROFILE}))
            await demo(ctx, ProvisionRequest(demo=True, profile={"demo": DEMO}))
            entries.append(
                await ctx.db.fetchval("select count(*) from ledger_entry where tenant_id = $1", tenant.id)
            )
    assert entries[0] == entries[1] > 40
    async with bench.context(tenant) as ctx:
        states = await ctx.db.fetch(
            "select state, count(*) as count from venture_grant where tenant_id = $1 group by state order by state",
            tenant.id,
        )
        received = await ctx.db.fetchval(
            "select sum(amount_fen)::bigint from venture_receipt where tenant_id = $1", tenant.id
        )
        incubated = await ctx.db.fetch(
            "select state, count(*) as count from venture_incubation where tenant_id = $1 group by state",
            tenant.id,
        )
    assert sum(row["count"] for row in incubated) == 145
    assert {row["state"] for row in incubated} == {"incubating", "graduated", "left"}
    assert {row["state"]: row["count"] for row in states} == {
        "active": 3, "awarded": 2, "closed": 3, "signed": 2, "suspended": 1, "terminated": 1,
    }  # fmt: skip
    assert received == 150_000_000
    assert (await verify(bench.database, tenant)).problems == []


async def test_without_a_demo_there_is_none(bench: Any) -> None:
    tenant = await bench.tenant(plugins=["organisations", "venture"])
    for request in (
        ProvisionRequest(demo=False, profile={"demo": {"yuan": 1_500_000}}),
        ProvisionRequest(demo=True),
        ProvisionRequest(demo=True, profile={"demo": {"yuan": "viel"}}),
    ):
        async with bench.context(tenant) as ctx:
            await demo(ctx, request)
            assert (
                await ctx.db.fetchval("select count(*) from venture_pool where tenant_id = $1", tenant.id)
                == 0
            )
