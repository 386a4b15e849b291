"""The demonstration: 52 pilot communities, made by the real rules; twice changes nothing."""

from __future__ import annotations

from typing import Any

from linli.ledger.verify import verify
from linli.plugin import ProvisionRequest
from linli.testing.factories import Bench
from linli_points import provisioning

PROFILE = {"demo": {"pilot_communities": 52, "residents": 7_300}}


async def counted(bench: Bench, tenant: Any) -> dict[str, int]:
    async with bench.context(tenant) as ctx:
        return {
            table: await ctx.db.fetchval(f"select count(*) from {table} where tenant_id = $1", tenant.id)
            for table in (
                "points_claim",
                "points_pool",
                "points_rule_set",
                "points_redemption",
                "ledger_entry",
            )
        }


async def test_the_demonstration_has_52_pilots_with_569_400_yuan(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=["points"])
    street = await bench.area(tenant, "演示街道")
    for number in range(60):
        await bench.area(tenant, f"演示社区{number}", parent=street)
    request = ProvisionRequest(demo=True, profile=PROFILE)
    async with bench.context(tenant) as ctx:
        for one in provisioning.PROVISIONERS:
            await one.run(ctx, request)
        budget = await ctx.db.fetchval(
            "select sum(budget_fen)::bigint from points_pool where tenant_id = $1", tenant.id
        )
        one_of_them = await ctx.db.fetchval(
            "select distinct budget_fen from points_pool where tenant_id = $1", tenant.id
        )
        states = await ctx.db.fetch("select state from points_redemption where tenant_id = $1", tenant.id)
    assert (one_of_them, budget) == (1_095_000, 56_940_000)  # 10,950 and 569,400 yuan
    assert [row["state"] for row in states] == ["fulfilled"]
    first = await counted(bench, tenant)
    assert first["points_pool"] == 52
    async with bench.context(tenant) as ctx:
        for one in provisioning.PROVISIONERS:
            await one.run(ctx, request)
    assert await counted(bench, tenant) == first
    assert (await verify(bench.database, tenant)).problems == []


async def test_without_demo_there_is_only_the_standard(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=["points"])
    async with bench.context(tenant) as ctx:
        for one in provisioning.PROVISIONERS:
            await one.run(ctx, ProvisionRequest(demo=False, profile=PROFILE))
    found = await counted(bench, tenant)
    assert (found["points_rule_set"], found["points_pool"]) == (1, 0)
