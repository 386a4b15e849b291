"""Demo accounts and demo people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from linli.clock import FixedClock
from linli.db import rows
from linli.errors import NotFound
from linli.identity import accounts, demo, people, roles
from linli.identity.authenticate import authenticate
from linli.identity.tables import Account
from linli.testing.factories import Bench

NOW = datetime(2026, 7, 24, 4, 0, tzinfo=UTC)
READ = "identity.person.read"


async def test_a_demo_account_is_made_once_and_gets_a_token_each_time(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    area = await bench.area(tenant)
    clock = FixedClock(NOW)
    async with bench.context(tenant, clock=clock) as ctx:
        with pytest.raises(NotFound):
            await demo.ensure_demo_account(ctx, "worker")
        await roles.define(
            ctx,
            key="worker",
            name_zh="社区工作者",
            name_en="Worker",
            permissions=[READ],
            require_second_factor=True,
        )
        tokens = [await demo.ensure_demo_account(ctx, "worker", area_id=area.id) for _ in range(2)]
    clock.advance(timedelta(days=29))
    actors = [
        (await authenticate(bench.database, bench.catalogue, token, clock=clock)).actor for token in tokens
    ]

    assert tokens[0] != tokens[1]
    assert actors[0].id == actors[1].id
    assert (actors[0].name, actors[0].permissions) == ("demo-worker", frozenset({READ}))
    assert [grant.area_path for grant in actors[0].grants] == [area.path]


@pytest.mark.parametrize("has_areas", [True, False])
async def test_the_demo_resident_is_one_made_up_person_also_for_an_account_that_was_there(
    bench: Bench, has_areas: bool
) -> None:
    tenant = await bench.tenant(plugins=())
    home = await bench.area(tenant) if has_areas else None
    async with bench.context(tenant) as ctx:
        for key in ("resident", "worker"):
            await roles.define(ctx, key=key, name_zh=key, name_en=key, permissions=[])
        there = await accounts.create(ctx, login_name="demo-resident")
        tokens = [await demo.ensure_demo_account(ctx, key) for key in ("resident", "resident", "worker")]
        found = await ctx.db.fetch("select * from identity_person where tenant_id = $1", ctx.tenant_id)
    actors = [(await authenticate(bench.database, bench.catalogue, token)).actor for token in tokens]

    (person,) = found
    assert (person["full_name"], person["synthetic"]) == ("演示居民", True)
    assert person["area_id"] == (home.id if home else None)
    assert [actor.person_id for actor in actors] == [person["id"], person["id"], None]
    assert actors[0].id == actors[1].id == there.id


async def test_a_demo_resident_who_turned_out_to_be_somebody_else_stays_so(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    async with bench.context(tenant) as ctx:
        await roles.define(ctx, key="resident", name_zh="居民", name_en="Resident", permissions=[])
        await demo.ensure_demo_account(ctx, "resident")
        account = await rows.find_by(ctx, Account, login_name="demo-resident")
        assert account is not None
        kept = await people.register(ctx, area_id=None, full_name="演示张三", synthetic=True)
        await people.merge(ctx, kept_id=kept.id, duplicate_id=account.person_id, reason="同一人")
        await demo.ensure_demo_account(ctx, "resident")
        assert (await rows.get(ctx, Account, account.id)).person_id == kept.id


async def test_demo_people_are_synthetic_say_so_and_are_made_once(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    areas = [(await bench.area(tenant, f"社区{number}")).id for number in range(3)]
    async with bench.context(tenant) as ctx:
        first = await demo.ensure_demo_people(ctx, areas, count=20)
        again = await demo.ensure_demo_people(ctx, areas, count=20)
        more = await demo.ensure_demo_people(ctx, areas, count=22)
        people = await ctx.db.fetch(
            "select full_name, phone, synthetic, area_id from identity_person where tenant_id = $1",
            ctx.tenant_id,
        )
        not_synthetic = await ctx.db.fetchval(
            "select (select count(*) from identity_household where tenant_id = $1 and not synthetic)"
            " + (select count(*) from identity_organisation where tenant_id = $1 and not synthetic)",
            ctx.tenant_id,
        )
        members = await ctx.db.fetchval(
            "select count(*) from identity_household_member where tenant_id = $1", ctx.tenant_id
        )

    assert first == demo.DemoPeople(20, 7, 1)
    assert again == demo.DemoPeople(0, 0, 0)
    assert (more.people, more.households, more.organisations) == (2, 1, 1)
    assert not_synthetic == 0
    assert all(row["synthetic"] and row["full_name"].startswith("演示") for row in people)
    assert all(row["phone"].startswith("1990000") for row in people)
    assert {row["area_id"] for row in people} == set(areas)
    assert members == 22


async def test_a_profiles_demo_people_live_in_areas_without_areas_below(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    leaf = await bench.area(tenant, "社区")
    async with bench.context(tenant) as ctx:
        made = await demo.provision_demo(ctx, people=3)
        paths = await ctx.db.fetch(
            "select distinct area_path from identity_person where tenant_id = $1", ctx.tenant_id
        )

    assert made == demo.DemoPeople(3, 1, 1)
    assert [row["area_path"] for row in paths] == [leaf.path]
