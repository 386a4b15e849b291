"""The demonstration data: made once, synthetic, and only when they are asked for."""

from __future__ import annotations

from typing import Any

from linli.plugin import ProvisionRequest
from linli_volunteers.provisioning import demo

COUNTS = """
select (select count(*) from volunteers_activity where tenant_id = $1),
    (select count(*) from volunteers_volunteer where tenant_id = $1),
    (select count(*) from volunteers_hours where tenant_id = $1 and state = 'posted'),
    (select count(*) from volunteers_certificate where tenant_id = $1),
    (select count(*) from audit_entry where tenant_id = $1)"""


async def provision(world: Any, *, wanted: bool) -> tuple[int, ...]:
    async with world.bench.context(world.tenant, clock=world.clock) as ctx:
        await demo(ctx, ProvisionRequest(demo=wanted))
        return tuple((await ctx.db.fetch(COUNTS, ctx.tenant_id))[0])


async def test_nothing_is_made_unless_it_is_asked_for(world: Any) -> None:
    assert (await provision(world, wanted=False))[:4] == (0, 0, 0, 0)


async def test_a_second_run_changes_nothing(world: Any) -> None:
    made = await provision(world, wanted=True)
    assert made[:4] == (3, 6, 6, 1)
    assert await provision(world, wanted=True) == made


async def test_all_that_is_made_says_that_it_is_made_up(world: Any) -> None:
    await provision(world, wanted=True)
    async with world.context() as ctx:
        titles = await ctx.db.fetch(
            "select title from volunteers_activity where tenant_id = $1", ctx.tenant_id
        )
        people = await ctx.db.fetch(
            "select full_name, synthetic from identity_person where tenant_id = $1", ctx.tenant_id
        )
    assert all(row["title"].startswith("演示") for row in titles)
    assert all(row["full_name"].startswith("演示") and row["synthetic"] for row in people)


async def test_a_tenant_without_areas_is_served_too(world: Any) -> None:
    world.tenant = await world.bench.tenant(plugins=["volunteers"])
    assert (await provision(world, wanted=True))[:4] == (3, 6, 6, 1)
