"""The figures of the register, and the demonstrations that reproduce the reports."""

from __future__ import annotations

import time
import tomllib
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from linli.plugin import FutureDate, PermissionDenied, ProvisionRequest, check_uscc
from linli.testing.factories import Bench
from linli_organisations import provisioning, registrations
from linli_organisations.errors import BadProfile
from linli_organisations.figures import social_organisation_figures
from linli_organisations.terms import Kind, Track

TENANTS = Path(__file__).parents[3] / "tenants"


def profile_of(slug: str) -> tuple[ProvisionRequest, dict[str, object]]:
    """What a tenant's profile says to the plugin, and the settings that it makes."""
    content = tomllib.loads((TENANTS / slug / "tenant.toml").read_text(encoding="utf-8"))
    request = ProvisionRequest(demo=True, profile=content["plugins"]["organisations"])
    return request, {name: entry["value"] for name, entry in content.get("settings", {}).items()}


async def test_huizhou_has_the_figures_of_its_report(bench: Bench) -> None:
    request, settings = profile_of("huizhou")
    tenant = replace(await bench.tenant(plugins=["organisations"]), settings=settings)
    for name in ("甲社区", "乙社区"):
        await bench.area(tenant, name)
    async with bench.context(tenant) as ctx:
        await provisioning.load_categories(ctx, request)
        started = time.monotonic()
        await provisioning.load_demo(ctx, request)
        assert time.monotonic() - started < 5
        found = await social_organisation_figures(ctx)
    by_kind = {one.kind: one.number for one in found.counts if one.track is Track.REGISTRATION}
    assert by_kind == {Kind.ASSOCIATION: 547, Kind.PRIVATE_NON_ENTERPRISE: 681, Kind.FOUNDATION: 0}
    assert (found.registered, found.filed) == (1228, 0)
    ratio = found.per_10000_residents
    assert (ratio.numerator, ratio.denominator, ratio.value) == (1228, 3_960_000, Decimal("3.10"))
    assert ratio.source
    assert ratio.as_of == found.as_of


async def test_xishan_has_the_figures_of_its_report(bench: Bench) -> None:
    request, _settings = profile_of("wuxi-xishan")
    tenant = await bench.tenant(plugins=["organisations"])
    async with bench.context(tenant) as ctx:
        await provisioning.load_categories(ctx, request)
        await provisioning.load_demo(ctx, request)
        found = await social_organisation_figures(ctx)
    assert (found.registered, found.filed) == (26, 125)


async def test_a_demonstration_is_synthetic_and_made_once(bench: Bench) -> None:
    request, _settings = profile_of("wuxi-xishan")
    tenant = await bench.tenant(plugins=["organisations"])
    area = await bench.area(tenant)
    counts = []
    for _ in range(2):
        async with bench.context(tenant) as ctx:
            await provisioning.load_categories(ctx, request)
            await provisioning.load_demo(ctx, request)
            counts.append(
                await ctx.db.fetchval("select count(*) from audit_entry where tenant_id = $1", ctx.tenant_id)
            )
            found = await ctx.db.fetch("select * from identity_organisation where tenant_id = $1", tenant.id)
    assert counts == [len(provisioning.CATEGORIES) + 2] * 2
    assert len(found) == 151
    for row in found:
        assert row["synthetic"]
        assert row["name"].startswith("演示")
        assert check_uscc(row["uscc"])[2:8] == "000000"
        assert (row["area_id"], row["area_path"]) == (area.id, area.path)


async def test_without_demonstration_there_are_categories_only(bench: Bench) -> None:
    request = replace(profile_of("wuxi-xishan")[0], demo=False)
    tenant = await bench.tenant(plugins=["organisations"])
    async with bench.context(tenant) as ctx:
        await provisioning.load_categories(ctx, request)
        await provisioning.load_demo(ctx, request)
        assert (await social_organisation_figures(ctx)).registered == 0


async def test_a_profile_may_add_categories(bench: Bench) -> None:
    profile = {"categories": {"elderly_care": {"zh": "养老服务", "en": "Care of the elderly"}}}
    tenant = await bench.tenant(plugins=["organisations"])
    async with bench.context(tenant) as ctx:
        await provisioning.load_categories(ctx, ProvisionRequest(profile=profile))
        found = await ctx.db.fetchval(
            "select name_zh from organisations_category where tenant_id = $1 and key = 'elderly_care'",
            tenant.id,
        )
    assert found == "养老服务"


@pytest.mark.parametrize(
    "profile",
    [
        {"demo": 3},
        {"demo": {"licensed": {}}},
        {"demo": {"filing": {"company": 1}}},
        {"demo": {"filing": {"association": -1}}},
        {"demo": {"filing": {"association": True}}},
        {"demo": {"filing": {"association": 10_001}}},
        {"categories": {"care": "养老"}},
        {"categories": {"care": {"zh": "养老"}}},
    ],
)
async def test_a_profile_that_cannot_be_used_is_refused(bench: Bench, profile: dict[str, Any]) -> None:
    tenant = await bench.tenant(plugins=["organisations"])
    async with bench.context(tenant) as ctx:
        load = provisioning.load_demo if "demo" in profile else provisioning.load_categories
        with pytest.raises(BadProfile):
            await load(ctx, ProvisionRequest(demo=True, profile=profile))


async def test_figures_of_a_past_day_stay_as_they_were(town: Any) -> None:
    filing = await town.entry("备1", date(2023, 1, 1), track="filing")
    entry = await town.entry("登1", date(2024, 1, 1), organisation_id=town.society_id, kind="foundation")
    async with town.as_(town.clerk) as ctx:
        upgrade = await registrations.upgrade_filing(ctx, filing.id)
    async with town.as_(town.chief) as ctx:
        await registrations.suspend(ctx, entry.id, reason="未按期年检")  # stays in the register
        await registrations.accept(ctx, upgrade.id)
        await registrations.approve(ctx, upgrade.id, number="登2", entered_on=date(2026, 1, 1))
        await registrations.cancel(ctx, entry.id, reason="自行解散", ended_on=date(2026, 6, 1))
    days = (
        (date(2022, 12, 31), 0, 0),
        (date(2023, 1, 1), 0, 1),
        (date(2025, 12, 31), 1, 1),
        (date(2026, 1, 1), 2, 0),
        (date(2026, 6, 1), 1, 0),
        (None, 1, 0),
    )
    async with town.bench.context(town.tenant, clock=town.clock) as ctx:
        for day, registered, filed in days:
            found = await social_organisation_figures(ctx, as_of=day)
            assert (found.as_of, found.registered, found.filed) == (day or town.today, registered, filed)


async def test_the_ratio_is_not_defined_without_residents_or_for_a_part(town: Any) -> None:
    await town.entry("登1")
    async with town.bench.context(town.tenant, clock=town.clock) as ctx:
        whole = await social_organisation_figures(ctx)
        ctx.tenant = replace(ctx.tenant, settings={"organisations.permanent_residents": 20_000})
        part = await social_organisation_figures(ctx, area_id=town.street.id)
        known = await social_organisation_figures(ctx)
    assert (whole.per_10000_residents.denominator, whole.per_10000_residents.value) == (None, None)
    assert (part.registered, part.per_10000_residents.value) == (1, None)
    assert known.per_10000_residents.value == Decimal("0.50")


async def test_figures_take_the_permission_at_the_area_and_no_future(town: Any) -> None:
    await town.entry("登1")
    reader = town.bench.actor([registrations.READ, "areas.area.read"], area_path=town.street.path)
    async with town.as_(reader) as ctx:
        assert (await social_organisation_figures(ctx, area_id=town.street.id)).registered == 1
        with pytest.raises(PermissionDenied):
            await social_organisation_figures(ctx)
        with pytest.raises(Exception, match="not_found"):
            await social_organisation_figures(ctx, area_id=town.elsewhere.id)
        with pytest.raises(FutureDate):
            await social_organisation_figures(
                ctx, area_id=town.street.id, as_of=town.today + timedelta(days=1)
            )


async def test_figures_take_one_statement(town: Any) -> None:
    async with town.bench.context(town.tenant, clock=town.clock) as ctx:
        before = ctx.db.statements
        await social_organisation_figures(ctx)
        assert ctx.db.statements - before == 1
