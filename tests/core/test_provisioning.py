"""Applying profiles: once makes everything, twice changes nothing, and a failure leaves nothing behind."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from linli.context import Context
from linli.db.database import Database
from linli.errors import NotFound
from linli.registry import Composition
from linli.tenancy.catalogue import Catalogue, TenantState
from linli.tenancy.faults import BrokenProfile
from linli.tenancy.lifecycle import TENANT_LIFE, TenantLife
from linli.tenancy.probe import row_counts, tenant_tables
from linli.tenancy.profile import standard_profile
from linli.tenancy.profile_rules import standard_levels
from linli.tenancy.provisioning import (
    AppliedElsewhere,
    Outcome,
    TenantClosing,
    apply_profile,
    create_tenant,
)
from linli.tenancy.sequence import in_order
from linli.tenancy.wording import read_wording, tenant_catalogue
from linli.testing.factories import Bench
from linli.testing.fake_plugins import FakePlugins

TENANTS = Path(__file__).parents[2] / "tenants"

TOML = """\
slug = "{slug}"
name = "小区"
kind = "{kind}"
{parent}
[levels.district]
zh = "区"
en = "District"

[levels.street]
zh = "街道"
en = "Street"
parents = ["district"]

[roles.admin]
zh = "管理员"
en = "Administrator"
permissions = ["jobs.*"]

[roles.worker]
zh = "社区工作者"
en = "Worker"

[settings]
"identity.lockout_attempts" = {{ value = {attempts}, mode = "bounded", min = 3, max = 5 }}

[demo]
people = 4
"""
AREAS = """\
code,name,level,parent_code
990101000000,示例区,district,
990101001000,甲街道,street,990101000000
990101002000,乙街道,street,990101000000
"""


class Profiles:
    """Writes small profiles with slugs of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, *, kind: str = "district", parent: str = "", attempts: int = 4) -> Path:
        slug = f"p-{secrets.token_hex(5)}"
        folder = self._folder / slug
        (folder / "texts").mkdir(parents=True)
        line = f'parent = "{parent}"' if parent else ""
        text = TOML.format(slug=slug, kind=kind, parent=line, attempts=attempts)
        (folder / "tenant.toml").write_text(text, encoding="utf-8")
        (folder / "areas.csv").write_text(AREAS, encoding="utf-8")
        (folder / "texts" / "zh-CN.toml").write_text('[problems]\nnot_found = "本区没有"\n', encoding="utf-8")
        return folder


@pytest.fixture
def profiles(tmp_path: Path) -> Profiles:
    return Profiles(tmp_path)


@pytest.fixture
def catalogue(database: Database) -> Catalogue:
    return Catalogue(database)


def change(folder: Path, old: str, new: str, file: str = "tenant.toml") -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


async def dump(database: Database, composition: Composition, tenant_id: UUID) -> dict[str, list[str]]:
    """Every row of a tenant in every table, and its row in the catalogue."""
    rows: dict[str, list[str]] = {}
    async with database.unit_of_work(tenant_id, read_only=True) as db:
        for table in [*tenant_tables(composition), "tenancy_tenant"]:
            found = await db.fetch(f"select t::text as row from {table} t where tenant_id = $1", tenant_id)
            rows[table] = sorted(row["row"] for row in found)
    return rows


async def catalogue_rows(database: Database) -> Mapping[str, Any]:
    async with database.kernel(read_only=True) as db:
        rows = await db.fetch("select slug, t::text as row from tenancy_tenant t")
    return {row["slug"]: row["row"] for row in rows}


async def all_rows(database: Database, composition: Composition) -> int:
    """How many rows there are in all tables of all tenants, also of tenants that the catalogue has not."""
    total = 0
    async with database.owner() as db:
        for table in tenant_tables(composition):
            await db.execute(f"alter table {table} no force row level security")
            total += await db.fetchval(f"select count(*) from {table}")
            await db.execute(f"alter table {table} force row level security")
    return total


async def test_a_profile_makes_levels_areas_roles_settings_texts_and_people(
    database: Database, catalogue: Catalogue, composition: Composition, profiles: Profiles, bench: Bench
) -> None:
    folder = profiles.write()
    lines: list[str] = []
    report = await apply_profile(database, catalogue, composition, folder, progress=lines.append)
    assert (report.outcome, report.state, report.areas) == (Outcome.CREATED, TenantState.ACTIVE, 3)
    assert report.roles == ("admin", "worker")
    assert report.rows is not None
    assert report.rows["areas_area"] == 3
    assert report.rows["identity_person"] == 4
    assert report.tables_probed > len(report.rows)
    assert lines
    tenant = await catalogue.by_slug(folder.name)
    assert tenant.name == "小区"
    assert tenant.settings["identity.lockout_attempts"] == 4
    async with bench.context(tenant, read_only=True) as ctx:
        people = await ctx.db.fetch(
            "select full_name, synthetic from identity_person where tenant_id = $1", tenant.id
        )
        assert all(row["synthetic"] and "演示" in row["full_name"] for row in people)
        roles = await ctx.db.fetch(
            "select key, permissions from identity_role where tenant_id = $1", tenant.id
        )
        permissions = {row["key"]: set(row["permissions"]) for row in roles}
        assert {"jobs.job.read", "tenancy.plugin.manage"} <= permissions["admin"]
        assert not any(name.startswith("audit.") for name in permissions["admin"])
        assert (await read_wording(ctx)).texts == {"zh-CN": {"problems.not_found": "本区没有"}}
        assert (await tenant_catalogue(ctx)).translate("problems.not_found", "zh-CN") == "本区没有"


async def test_applying_a_profile_twice_changes_no_row(
    database: Database, catalogue: Catalogue, composition: Composition, profiles: Profiles
) -> None:
    folder = profiles.write()
    first = await apply_profile(database, catalogue, composition, folder)
    before = await dump(database, composition, first.tenant_id)
    again = await apply_profile(database, catalogue, composition, folder)
    assert again.outcome is Outcome.UNCHANGED
    assert await dump(database, composition, first.tenant_id) == before


async def test_going_through_all_steps_again_changes_no_row_either(
    database: Database, catalogue: Catalogue, composition: Composition, profiles: Profiles
) -> None:
    folder = profiles.write()
    first = await apply_profile(database, catalogue, composition, folder)
    before = await dump(database, composition, first.tenant_id)
    again = await apply_profile(database, catalogue, composition, folder, force=True)
    assert (again.outcome, again.tenant_id) == (Outcome.UPDATED, first.tenant_id)
    assert await dump(database, composition, first.tenant_id) == before


async def test_a_changed_profile_changes_what_it_says_and_keeps_the_rest(
    database: Database, catalogue: Catalogue, composition: Composition, profiles: Profiles
) -> None:
    folder = profiles.write()
    first = await apply_profile(database, catalogue, composition, folder)
    before = await dump(database, composition, first.tenant_id)
    change(folder, 'zh = "社区工作者"', 'zh = "网格员"')
    change(folder, 'name = "小区"', 'name = "大区"')
    change(folder, "乙街道", "丙街道", "areas.csv")
    report = await apply_profile(database, catalogue, composition, folder)
    after = await dump(database, composition, first.tenant_id)
    assert report.outcome is Outcome.UPDATED
    changed = {table for table in after if after[table] != before[table]}
    assert changed <= {
        "identity_role",
        "areas_area",
        "areas_version",
        "areas_change_set",
        "audit_entry",
        "audit_seal",
        "tenancy_tenant",
    }
    assert {"identity_role", "areas_area", "tenancy_tenant"} <= changed
    assert any("丙街道" in row for row in after["areas_area"])


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("tenant.toml", 'name = "小区"', 'name = "小区'),
        ("tenant.toml", 'kind = "district"', 'kind = "district"\nunknown = 1'),
        ("tenant.toml", 'parents = ["district"]', 'parents = ["quarter"]'),
        ("tenant.toml", '"jobs.*"', '"moon.*"'),
        ("tenant.toml", "[settings]", "[plugins.moon]\n\n[settings]"),
        ("areas.csv", "990101002000", "990101001000"),
        ("areas.csv", "乙街道,street,990101000000", "乙街道,street,990101002000"),
        ("areas.csv", "乙街道,street", "乙街道,quarter"),
    ],
)
async def test_a_broken_profile_changes_nothing(
    database: Database,
    catalogue: Catalogue,
    composition: Composition,
    profiles: Profiles,
    file: str,
    old: str,
    new: str,
) -> None:
    folder = profiles.write()
    good = await apply_profile(database, catalogue, composition, folder)
    before = (await catalogue_rows(database), await dump(database, composition, good.tenant_id))
    change(folder, old, new, file)
    with pytest.raises(BrokenProfile) as caught:
        await apply_profile(database, catalogue, composition, folder)
    fault = caught.value.faults[0]
    assert fault.file == str(folder / file)
    assert fault.line > 0
    assert fault.code
    assert (await catalogue_rows(database), await dump(database, composition, good.tenant_id)) == before


PLUGIN = """
from linli.tenancy.provisioner import Provisioner
from linli.db.rows import find_by, insert

async def run(ctx, request):
    from linli.identity.tables import Organisation
    if await find_by(ctx, Organisation, name="样例") is None:
        await insert(ctx, Organisation, name="样例", name_pinyin="yangli", kind="other", synthetic=True)
    if request.profile.get("fail"):
        raise RuntimeError("the provisioner broke")

@hookimpl
def provisioners():
    return [Provisioner("sample", run)]
"""
MANIFEST = """
[permissions]
"apple.fruit.pick" = { zh = "采摘。", en = "Pick." }
[roles]
worker = ["apple.fruit.pick"]
"""


async def test_a_failure_in_the_middle_leaves_nothing_of_a_new_tenant(
    database: Database, catalogue: Catalogue, profiles: Profiles, tmp_path: Path
) -> None:
    folder = profiles.write()
    change(folder, "[settings]", "[plugins.apple]\nfail = true\n\n[settings]")
    with FakePlugins(tmp_path / "plugins") as plugins:
        plugins.add("apple", PLUGIN, manifest=MANIFEST)
        composition = plugins.compose()
        before = (await catalogue_rows(database), await all_rows(database, composition))
        with pytest.raises(RuntimeError, match="the provisioner broke"):
            await apply_profile(database, catalogue, composition, folder)
        assert (await catalogue_rows(database), await all_rows(database, composition)) == before
        with pytest.raises(NotFound):
            await catalogue.by_slug(folder.name)
        change(folder, "fail = true", "fail = false")
        report = await apply_profile(database, catalogue, composition, folder)
        assert report.plugins == ("apple",)


async def test_a_failure_in_the_middle_leaves_an_existing_tenant_as_it_was(
    database: Database, catalogue: Catalogue, profiles: Profiles, tmp_path: Path
) -> None:
    folder = profiles.write()
    with FakePlugins(tmp_path / "plugins") as plugins:
        plugins.add("apple", PLUGIN, manifest=MANIFEST)
        composition = plugins.compose()
        good = await apply_profile(database, catalogue, composition, folder)
        before = await dump(database, composition, good.tenant_id)
        change(folder, "[settings]", "[plugins.apple]\nfail = true\n\n[settings]")
        change(folder, 'name = "小区"', 'name = "大区"')
        with pytest.raises(RuntimeError, match="the provisioner broke"):
            await apply_profile(database, catalogue, composition, folder)
        assert await dump(database, composition, good.tenant_id) == before


async def test_plugins_are_provisioned_and_their_suggestions_reach_the_roles(
    database: Database, catalogue: Catalogue, profiles: Profiles, tmp_path: Path, bench: Bench
) -> None:
    folder = profiles.write()
    change(folder, "[settings]", "[plugins.apple]\n\n[settings]")
    with FakePlugins(tmp_path / "plugins") as plugins:
        plugins.add("apple", PLUGIN, manifest=MANIFEST)
        composition = plugins.compose()
        report = await apply_profile(database, catalogue, composition, folder)
        before = await dump(database, composition, report.tenant_id)
        await apply_profile(database, catalogue, composition, folder, force=True)
        assert await dump(database, composition, report.tenant_id) == before
        assert (await catalogue.by_slug(folder.name)).plugins == {"apple"}
        tenant = await catalogue.by_slug(folder.name)
        async with bench.context(tenant, read_only=True) as ctx:
            permissions = await ctx.db.fetchval(
                "select permissions from identity_role where tenant_id = $1 and key = 'worker'", tenant.id
            )
    assert "apple.fruit.pick" in permissions
    assert report.rows is not None
    assert report.rows["identity_organisation"] >= 1


async def test_what_a_crash_left_in_provisioning_is_taken_up_again(
    database: Database, catalogue: Catalogue, composition: Composition, profiles: Profiles
) -> None:
    folder = profiles.write()
    first = await apply_profile(database, catalogue, composition, folder)
    async with database.kernel() as db:
        await db.execute(
            "update tenancy_tenant set state = 'provisioning', profile_hash = '' where tenant_id = $1",
            first.tenant_id,
        )
    again = await apply_profile(database, catalogue, composition, folder)
    assert (again.outcome, again.state, again.tenant_id) == (
        Outcome.UPDATED,
        TenantState.ACTIVE,
        first.tenant_id,
    )
    assert (again.areas, again.rows) == (first.areas, first.rows)


async def test_a_district_keeps_within_what_its_city_allows(
    database: Database, catalogue: Catalogue, composition: Composition, profiles: Profiles
) -> None:
    city = profiles.write(kind="city", attempts=4)
    await apply_profile(database, catalogue, composition, city)
    good = profiles.write(parent=city.name, attempts=5)
    await apply_profile(database, catalogue, composition, good)
    tenant = await catalogue.by_slug(good.name)
    assert tenant.parent_slug == city.name
    bad = profiles.write(parent=city.name)
    change(bad, "value = 4", "value = 2")
    change(bad, "min = 3", "min = 1")
    with pytest.raises(BrokenProfile) as caught:
        await apply_profile(database, catalogue, composition, bad)
    assert (caught.value.faults[0].line, caught.value.faults[0].code) == (
        24,
        "tenancy.setting_fixed_by_parent",
    )


async def test_a_parent_must_be_there_and_must_not_be_a_child(
    database: Database, catalogue: Catalogue, composition: Composition, profiles: Profiles
) -> None:
    orphan = profiles.write(parent="nowhere")
    with pytest.raises(BrokenProfile) as caught:
        await apply_profile(database, catalogue, composition, orphan)
    assert caught.value.faults[0].code == "tenancy.profile.unknown_parent"
    city, child = profiles.write(kind="city"), None
    await apply_profile(database, catalogue, composition, city)
    child = profiles.write(parent=city.name)
    await apply_profile(database, catalogue, composition, child)
    with pytest.raises(BrokenProfile) as caught:
        await apply_profile(database, catalogue, composition, profiles.write(parent=child.name))
    assert caught.value.faults[0].code == "tenancy.profile.parent_is_child"


async def test_a_standard_tenant_and_what_is_done_in_it_are_made_together_or_not_at_all(
    database: Database, catalogue: Catalogue, composition: Composition
) -> None:
    slug = f"s-{secrets.token_hex(5)}"
    profile = standard_profile(slug, "标准", standard_levels())

    async def fail(_ctx: Context) -> None:
        raise RuntimeError("no")

    async def nothing(_ctx: Context) -> None:
        pass

    before = await catalogue_rows(database)
    with pytest.raises(RuntimeError):
        await create_tenant(database, catalogue, composition, profile, then=fail)
    assert await catalogue_rows(database) == before
    report = await create_tenant(database, catalogue, composition, profile, then=nothing)
    assert (report.state, report.areas) == (TenantState.ACTIVE, 0)
    assert {"admin", "worker", "integrator", "resident"} <= set(report.roles)
    with pytest.raises(AppliedElsewhere):
        await create_tenant(database, catalogue, composition, profile, then=nothing)


async def test_the_eight_places_are_made_and_going_through_them_again_changes_nothing(
    database: Database, catalogue: Catalogue, composition: Composition
) -> None:
    folders = in_order([TENANTS])
    made = {folder.name: await apply_profile(database, catalogue, composition, folder) for folder in folders}
    assert {slug: report.areas for slug, report in made.items()} == {
        "guiyang": 1786,
        "guiyang-baiyun": 240,
        "huizhou": 1454,
        "jingmen": 1715,
        "qingyang-zhenyuan": 242,
        "wuwei-minqin": 310,
        "wuxi-xishan": 140,
        "xiamen": 616,
    }
    for folder in folders:
        tenant_id = made[folder.name].tenant_id
        before = await dump(database, composition, tenant_id)
        unchanged = await apply_profile(database, catalogue, composition, folder)
        assert unchanged.outcome is Outcome.UNCHANGED
        await apply_profile(database, catalogue, composition, folder, force=True)
        assert await dump(database, composition, tenant_id) == before


async def test_another_tenant_counts_no_row_of_it(
    database: Database, catalogue: Catalogue, composition: Composition, profiles: Profiles
) -> None:
    one = await apply_profile(database, catalogue, composition, profiles.write())
    two = await apply_profile(database, catalogue, composition, profiles.write())
    async with database.unit_of_work(two.tenant_id, read_only=True) as db:
        seen = await row_counts(db, one.tenant_id, tenant_tables(composition))
    assert set(seen.values()) == {0}


async def test_a_tenant_that_is_closing_takes_no_profile(
    database: Database, catalogue: Catalogue, composition: Composition, profiles: Profiles
) -> None:
    folder = profiles.write()
    await apply_profile(database, catalogue, composition, folder)
    told: list[UUID] = []

    async def announce(tenant_id: UUID) -> None:
        told.append(tenant_id)
        catalogue.forget(tenant_id)

    life = TenantLife(database, catalogue, composition, announce)
    assert (await life.apply(folder.name, "suspend")).state is TenantState.SUSPENDED
    assert (await life.apply(folder.name, "resume")).state is TenantState.ACTIVE
    assert (await life.apply(folder.name, "close")).state is TenantState.CLOSING
    assert len(told) == 3
    with pytest.raises(TenantClosing):
        await apply_profile(database, catalogue, composition, folder)


@pytest.mark.parametrize(("state", "action"), TENANT_LIFE.illegal())
async def test_no_other_step_in_a_tenants_life_is_possible(
    database: Database, bench: Bench, composition: Composition, state: str, action: str
) -> None:
    from linli.workflow import UndefinedTransition

    tenant = await bench.tenant()
    async with database.kernel() as db:
        await db.execute("update tenancy_tenant set state = $2 where tenant_id = $1", tenant.id, state)

    async def announce(_tenant_id: UUID) -> None:
        raise AssertionError("nothing changed")

    life = TenantLife(database, bench.catalogue, composition, announce)
    with pytest.raises(UndefinedTransition):
        await life.apply(tenant.slug, action)
    async with bench.database.unit_of_work(tenant.id, read_only=True) as unit:
        assert await unit.fetchval("select count(*) from audit_entry where tenant_id = $1", tenant.id) == 0
