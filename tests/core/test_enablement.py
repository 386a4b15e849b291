"""Switching plugins and settings of one running tenant, and telling the other processes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from redis.asyncio import Redis

from linli.context import PermissionDenied
from linli.db.rows import find_by, insert
from linli.embedded import EmbeddedValkey
from linli.freshness import Freshness
from linli.identity.tables import Role
from linli.ids import new_id
from linli.registry import Composition
from linli.tenancy.catalogue import Catalogue, Tenant, TenantKind
from linli.tenancy.enablement import (
    PluginQuarantined,
    PluginRequirementOff,
    PluginStillNeeded,
    UnknownPlugin,
    disable_plugin,
    enable_plugin,
)
from linli.tenancy.inheritance import InheritanceMode, SettingFixedByParent
from linli.tenancy.invalidation import announcer, listen
from linli.tenancy.settings import BadSettingValue, UnknownSetting, set_setting
from linli.testing.factories import Bench
from linli.testing.fake_plugins import FakePlugins

PROVISIONER = """
from linli.tenancy.provisioner import Provisioner
from linli.audit.record import Change, record

async def run(ctx, request):
    assert "pear" in ctx.plugins.names
    await record(ctx, Change("provisioned"))

@hookimpl
def provisioners():
    return [Provisioner("sample", run)]
"""
MANIFEST = """
[permissions]
"pear.fruit.pick" = { zh = "采摘。", en = "Pick." }

[roles]
worker = ["pear.fruit.pick"]

[settings]
"pear.weight" = { type = "decimal", default = 1, mode = "bounded", zh = "重量。", en = "The weight." }
"pear.colour" = { type = "text", default = "green", mode = "fixed", zh = "颜色。", en = "The colour." }
"""


@pytest.fixture
def orchard(tmp_path: Path) -> Iterator[Composition]:
    """A pear that requires an apple, and a plum that fits no kernel."""
    with FakePlugins(tmp_path) as plugins:
        plugins.add("apple")
        plugins.add("pear", PROVISIONER, manifest=MANIFEST, requires={"apple": ">=0.1"})
        plugins.add("plum", kernel=">=99")
        yield plugins.compose()


@pytest.fixture
def grove(bench: Bench, orchard: Composition) -> Bench:
    """A bench whose contexts have the orchard's plugins."""
    return Bench(bench.database, orchard)


async def reread(grove: Bench, tenant: Tenant) -> Tenant:
    grove.catalogue.forget(tenant.id)
    return await grove.catalogue.by_id(tenant.id)


async def enable(grove: Bench, tenant: Tenant, name: str, permission: str = "tenancy.plugin.manage") -> bool:
    async with grove.context(tenant, permissions=[permission]) as ctx:
        return await enable_plugin(ctx, name=name, composition=grove.composition)


async def disable(grove: Bench, tenant: Tenant, name: str) -> bool:
    async with grove.context(tenant, permissions=["tenancy.plugin.manage"]) as ctx:
        return await disable_plugin(ctx, name=name, composition=grove.composition)


async def actions(grove: Bench, tenant: Tenant) -> list[tuple[str, str]]:
    async with grove.database.unit_of_work(tenant.id, read_only=True) as db:
        rows = await db.fetch(
            "select action, actor_kind from audit_entry where tenant_id = $1 order by id", tenant.id
        )
    return [(row["action"], row["actor_kind"]) for row in rows]


async def test_a_plugin_is_switched_on_for_one_tenant_only_and_audited(grove: Bench) -> None:
    tenant, other = await grove.tenant(plugins=["apple"]), await grove.tenant(plugins=[])
    async with grove.context(tenant) as ctx:
        await insert(ctx, Role, key="worker", name_zh="甲", name_en="W", permissions=[], source="profile")
    assert await enable(grove, tenant, "pear")
    assert (await reread(grove, tenant)).plugins == {"apple", "pear"}
    assert (await reread(grove, other)).plugins == frozenset()
    assert (await actions(grove, tenant))[1:] == [
        ("enable", "account"),
        ("update", "system"),
        ("provisioned", "system"),
    ]
    async with grove.context(tenant, read_only=True) as ctx:
        role = await find_by(ctx, Role, key="worker")
    assert role is not None
    assert role.permissions == ["pear.fruit.pick"]


async def test_switching_on_twice_changes_nothing(grove: Bench) -> None:
    tenant = await grove.tenant(plugins=["apple"])
    assert await enable(grove, tenant, "pear")
    before = await actions(grove, tenant)
    assert not await enable(grove, tenant, "pear")
    assert await actions(grove, tenant) == before


async def test_switching_off_keeps_the_row_and_can_be_undone(grove: Bench) -> None:
    tenant = await grove.tenant(plugins=["apple"])
    await enable(grove, tenant, "pear")
    assert await disable(grove, tenant, "pear")
    assert (await reread(grove, tenant)).plugins == {"apple"}
    assert not await disable(grove, tenant, "pear")
    assert await enable(grove, tenant, "pear")
    assert (await reread(grove, tenant)).plugins == {"apple", "pear"}


async def test_a_plugin_whose_requirement_is_off_is_refused(grove: Bench) -> None:
    tenant = await grove.tenant(plugins=[])
    with pytest.raises(PluginRequirementOff) as caught:
        await enable(grove, tenant, "pear")
    assert dict(caught.value.details) == {"plugin": "pear", "required": "apple"}
    assert (await reread(grove, tenant)).plugins == frozenset()
    assert await actions(grove, tenant) == []


async def test_a_plugin_that_another_needs_stays_on(grove: Bench) -> None:
    tenant = await grove.tenant(plugins=["apple"])
    await enable(grove, tenant, "pear")
    with pytest.raises(PluginStillNeeded) as caught:
        await disable(grove, tenant, "apple")
    assert caught.value.details["dependent"] == "pear"


async def test_a_quarantined_plugin_says_why(grove: Bench) -> None:
    tenant = await grove.tenant(plugins=[])
    with pytest.raises(PluginQuarantined) as caught:
        await enable(grove, tenant, "plum")
    assert ">=99" in str(caught.value.details["reason"])


async def test_an_unknown_plugin_is_refused_both_ways(grove: Bench) -> None:
    tenant = await grove.tenant(plugins=[])
    with pytest.raises(UnknownPlugin):
        await enable(grove, tenant, "moon")
    with pytest.raises(UnknownPlugin):
        await disable(grove, tenant, "moon")


async def test_a_plugin_that_is_gone_can_still_be_switched_off(grove: Bench) -> None:
    tenant = await grove.tenant(plugins=["vanished"])
    assert await disable(grove, tenant, "vanished")
    assert (await reread(grove, tenant)).plugins == frozenset()


async def test_switching_needs_the_permission(grove: Bench) -> None:
    tenant = await grove.tenant(plugins=["apple"])
    with pytest.raises(PermissionDenied):
        await enable(grove, tenant, "pear", permission="tenancy.setting.manage")
    async with grove.context(tenant, permissions=["tenancy.plugin.manage"], area_path="00.") as ctx:
        with pytest.raises(PermissionDenied):
            await enable_plugin(ctx, name="pear", composition=grove.composition)


async def change_setting(grove: Bench, tenant: Tenant, name: str, value: object, **bounds: object) -> None:
    tenant = await reread(grove, tenant)
    async with grove.context(tenant, permissions=["tenancy.setting.manage"]) as ctx:
        await set_setting(ctx, name=name, value=value, **bounds)  # type: ignore[arg-type]


async def test_a_setting_holds_from_the_next_request_on_and_is_audited(grove: Bench) -> None:
    tenant = await grove.tenant(plugins=["apple", "pear"])
    await change_setting(grove, tenant, "pear.weight", Decimal("1.25"))
    assert (await reread(grove, tenant)).settings["pear.weight"] == Decimal("1.25")
    assert await actions(grove, tenant) == [("set_setting", "account")]
    await change_setting(grove, tenant, "pear.weight", Decimal("1.25"))
    assert len(await actions(grove, tenant)) == 1


@pytest.mark.parametrize("value", ["much", True, None, [1], Decimal("NaN")])
async def test_a_setting_of_a_wrong_type_is_refused(grove: Bench, value: object) -> None:
    tenant = await grove.tenant(plugins=["apple", "pear"])
    with pytest.raises(BadSettingValue):
        await change_setting(grove, tenant, "pear.weight", value)


async def test_an_undeclared_setting_and_one_of_a_plugin_that_is_off_are_refused(grove: Bench) -> None:
    tenant = await grove.tenant(plugins=["apple"])
    for name in ("moon.phase", "pear.weight"):
        with pytest.raises(UnknownSetting):
            await change_setting(grove, tenant, name, 1)


async def test_a_city_hands_its_setting_down_within_bounds(grove: Bench) -> None:
    city = await grove.tenant(plugins=["apple", "pear"])
    await change_setting(
        grove, city, "pear.weight", 3, mode=InheritanceMode.BOUNDED, minimum=2, maximum=Decimal("4.5")
    )
    district = await grove.tenant(plugins=["apple", "pear"], kind=TenantKind.DISTRICT, parent=city)
    assert district.settings["pear.weight"] == 3
    await change_setting(grove, district, "pear.weight", Decimal("4.5"))
    assert (await reread(grove, district)).settings["pear.weight"] == Decimal("4.5")
    with pytest.raises(SettingFixedByParent):
        await change_setting(grove, district, "pear.weight", 5)
    await change_setting(grove, city, "pear.weight", 3, mode=InheritanceMode.FIXED)
    assert (await reread(grove, district)).settings["pear.weight"] == 3


async def test_what_is_fixed_by_declaration_a_district_cannot_change(grove: Bench) -> None:
    city = await grove.tenant(plugins=["apple", "pear"])
    district = await grove.tenant(plugins=["apple", "pear"], kind=TenantKind.DISTRICT, parent=city)
    with pytest.raises(SettingFixedByParent):
        await change_setting(grove, district, "pear.colour", "red")
    await change_setting(grove, city, "pear.colour", "red")
    assert (await reread(grove, district)).settings["pear.colour"] == "red"


async def test_bounds_that_exclude_the_value_are_refused(grove: Bench) -> None:
    tenant = await grove.tenant(plugins=["apple", "pear"])
    with pytest.raises(BadSettingValue):
        await change_setting(grove, tenant, "pear.weight", 9, mode=InheritanceMode.BOUNDED, maximum=4)


async def test_a_change_reaches_another_process_and_a_missing_redis_hurts_nobody(
    grove: Bench, tmp_path: Path
) -> None:
    server = EmbeddedValkey(tmp_path / "valkey")
    server.start()
    here, there = Redis.from_url(server.url()), Redis.from_url(server.url())
    elsewhere, forgotten = _Noting(grove), asyncio.Queue[UUID | None]()
    elsewhere.told = forgotten
    listening = asyncio.create_task(listen([elsewhere], there, Freshness()))
    try:
        announce = announcer(grove.catalogue, here)
        assert await asyncio.wait_for(forgotten.get(), 10) is None
        tenant_id = new_id()
        await announce(tenant_id)
        assert await asyncio.wait_for(forgotten.get(), 10) == tenant_id
        server.stop()
        await announce(tenant_id)
    finally:
        listening.cancel()
        await here.aclose()
        await there.aclose()
        server.stop()


class _Noting(Catalogue):
    """A catalogue that tells what it was asked to forget."""

    told: asyncio.Queue[UUID | None]

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench.database)

    def forget(self, tenant_id: UUID | None = None) -> None:
        super().forget(tenant_id)
        self.told.put_nowait(tenant_id)
