"""Profiles: the eight of the demo tenants are good, and every fault is named by file, line and reason."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from pathlib import Path

import pytest

from linli.registry import Composition
from linli.tenancy.faults import BrokenProfile, Fault
from linli.tenancy.profile import profile_directories, read_profile
from linli.tenancy.profile_rules import check_profile, matches
from linli.testing.fake_plugins import FakePlugins
from linli.toml_lines import find_lines

TENANTS = Path(__file__).parents[2] / "tenants"
SLUGS = (
    "guiyang",
    "guiyang-baiyun",
    "huizhou",
    "jingmen",
    "qingyang-zhenyuan",
    "wuwei-minqin",
    "wuxi-xishan",
    "xiamen",
)

TOML = """\
slug = "tiny"
name = "小区"
kind = "district"

[levels.district]
zh = "区"
en = "District"

[levels.street]
zh = "街道"
en = "Street"
parents = [
    "district",
]

[roles.admin]
zh = "管理员"
en = "Administrator"
permissions = [
    "identity.person.read",
    "jobs.*",
]

[settings]
"identity.lockout_attempts" = { value = 4, mode = "bounded", min = 3, max = 5 }
"""
AREAS = """\
code,name,level,parent_code
990101000000,示例区,district,
990101001000,甲街道,street,990101000000
990101002000,乙街道,street,990101000000
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A small good profile."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "tenant.toml").write_text(TOML, encoding="utf-8")
    (folder / "areas.csv").write_text(AREAS, encoding="utf-8")
    return folder


def change(folder: Path, old: str, new: str, file: str = "tenant.toml") -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")


def faults_of(folder: Path, composition: Composition) -> tuple[Fault, ...]:
    with pytest.raises(BrokenProfile) as caught:
        check_profile(read_profile(folder), composition)
    return caught.value.faults


def only_fault(folder: Path, composition: Composition) -> tuple[str, int, str]:
    (fault,) = faults_of(folder, composition)
    return Path(fault.file).name, fault.line, fault.code


def test_the_eight_places_are_there() -> None:
    assert tuple(path.name for path in profile_directories(TENANTS)) == SLUGS


@pytest.mark.parametrize("slug", SLUGS)
def test_the_profile_of_each_place_is_good(slug: str, composition: Composition) -> None:
    check_profile(read_profile(TENANTS / slug), composition)


def test_the_template_is_a_good_profile_once_it_is_copied(tmp_path: Path, composition: Composition) -> None:
    copied = tmp_path / "my-district"
    shutil.copytree(TENANTS / "_template", copied)
    check_profile(read_profile(copied), composition)


def test_the_places_differ_in_plugins_so_that_their_schemas_differ() -> None:
    sets = {tuple(sorted(read_profile(TENANTS / slug).plugins)) for slug in SLUGS}
    assert sets == {
        (),
        ("migrants",),
        ("migrants", "organisations"),
        ("organisations",),
        ("volunteers",),
        ("organisations", "social_workers", "volunteers"),
        ("organisations", "points", "social_workers", "venture", "volunteers"),
    }


def test_every_place_has_the_roles_of_the_demo_accounts() -> None:
    for slug in SLUGS:
        roles = read_profile(TENANTS / slug).roles
        assert {"admin", "auditor", "worker", "integrator", "resident"} <= set(roles)


def test_guiyang_has_no_streets_and_keeps_every_code() -> None:
    profile = read_profile(TENANTS / "guiyang")
    with profile.areas_file.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(profile.levels) == ["city", "district", "community", "committee"]
    assert Counter(row["level"] for row in rows) == {
        "city": 1,
        "district": 10,
        "community": 146,
        "committee": 1629,
    }
    assert all(row["code"].endswith("000") for row in rows if row["level"] == "community")
    assert len({row["code"] for row in rows}) == len(rows)


def test_baiyun_has_synthetic_grids_and_buildings_that_say_so() -> None:
    with (TENANTS / "guiyang-baiyun" / "areas.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    added = [row for row in rows if row["level"] in ("grid", "building")]
    assert Counter(row["level"] for row in added) == {"grid": 12, "building": 120}
    assert all(row["name"].endswith("（示例）") and "-G" in row["code"] for row in added)


def test_a_good_small_profile_has_no_fault(tiny: Path, composition: Composition) -> None:
    check_profile(read_profile(tiny), composition)


@pytest.mark.parametrize(
    ("old", "new", "line", "code"),
    [
        ('name = "小区"', 'name = "小区', 2, "tenancy.profile.bad_toml"),
        ('kind = "district"', 'kind = "village"', 3, "tenancy.profile.wrong_value"),
        ('kind = "district"', 'kind = "district"\ncolour = "red"', 4, "tenancy.profile.unknown_key"),
        ('en = "District"', 'en = "District"\nsize = 3', 8, "tenancy.profile.unknown_key"),
        ('zh = "区"', "zh = 7", 6, "tenancy.profile.wrong_value"),
        ('    "district",', '    "quarter",', 13, "tenancy.profile.unknown_level"),
        ('    "jobs.*",', '    "moon.*",', 21, "tenancy.profile.unknown_permission"),
        ('    "identity.person.read",', '    "person.rad",', 20, "tenancy.profile.unknown_permission"),
        ("[settings]", "[plugins.moon]\n\n[settings]", 24, "tenancy.profile.unknown_plugin"),
        ("identity.lockout_attempts", "identity.lock", 25, "tenancy.profile.unknown_setting"),
        ("value = 4", 'value = "many"', 25, "tenancy.bad_setting_value"),
        ("value = 4", "value = 9", 25, "tenancy.bad_setting_value"),
        ('slug = "tiny"', 'slug = "huge"', 1, "tenancy.profile.slug_is_not_folder"),
        ('name = "小区"', f'name = "{"长" * 300}"', 2, "tenancy.profile.bad_name"),
        ('kind = "district"', 'kind = "city"\nparent = "x"', 4, "tenancy.profile.city_with_parent"),
        ('kind = "district"', 'kind = "district"\nlocale = "fr"', 4, "tenancy.profile.unknown_locale"),
        (
            'kind = "district"',
            'kind = "district"\ntime_zone = "Mars"',
            4,
            "tenancy.profile.unknown_time_zone",
        ),
    ],
)
def test_a_fault_in_the_toml_is_named_by_line(
    tiny: Path, composition: Composition, old: str, new: str, line: int, code: str
) -> None:
    change(tiny, old, new)
    assert only_fault(tiny, composition) == ("tenant.toml", line, code)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("990101003000,丙街道,quarter,990101000000", "unknown_level"),
        ("990101001000,丙街道,street,990101000000", "duplicate_code"),
        ("990101003000,丙街道,street,990109000000", "missing_parent"),
        ("990101003000,丙街道,street,990101003000", "self_parent"),
        ("990101003000,丙街道,street", "wrong_field_count"),
        ("990101003000,,street,990101000000", "required"),
    ],
)
def test_a_bad_row_of_the_areas_is_named_by_line(
    tiny: Path, composition: Composition, row: str, reason: str
) -> None:
    (tiny / "areas.csv").write_text(AREAS + row + "\n", encoding="utf-8")
    assert only_fault(tiny, composition) == ("areas.csv", 5, f"areas.import.{reason}")


def test_a_cycle_in_the_areas_names_each_of_its_rows(tiny: Path, composition: Composition) -> None:
    change(
        tiny,
        'parents = [\n    "district",\n]',
        'parents = ["district"]\n\n[levels.group]\nzh = "组"\nen = "Group"',
    )
    change(tiny, 'en = "Group"', 'en = "Group"\nparents = ["street"]')
    change(
        tiny,
        "990101001000,甲街道,street,990101000000",
        "990101001000,甲街道,street,990101002000",
        "areas.csv",
    )
    change(
        tiny, "990101002000,乙街道,street,990101000000", "990101002000,乙街道,group,990101001000", "areas.csv"
    )
    found = {(fault.line, fault.code) for fault in faults_of(tiny, composition)}
    assert found == {(3, "areas.import.cycle"), (4, "areas.import.cycle")}


def test_a_profile_in_gbk_is_refused_by_line(tiny: Path, composition: Composition) -> None:
    (tiny / "tenant.toml").write_bytes(TOML.encode("gbk"))
    assert only_fault(tiny, composition) == ("tenant.toml", 2, "tenancy.profile.not_utf8")


def test_areas_in_gbk_and_with_a_byte_order_mark_are_read(tiny: Path, composition: Composition) -> None:
    (tiny / "areas.csv").write_bytes(AREAS.encode("gbk"))
    check_profile(read_profile(tiny), composition)
    (tiny / "areas.csv").write_bytes(AREAS.encode("utf-8-sig"))
    check_profile(read_profile(tiny), composition)


def test_a_missing_file_and_a_far_too_large_one_are_named(tiny: Path, composition: Composition) -> None:
    (tiny / "areas.csv").unlink()
    assert only_fault(tiny, composition) == ("areas.csv", 0, "tenancy.profile.no_file")
    (tiny / "tenant.toml").write_text("#" * 1_100_000, encoding="utf-8")
    assert only_fault(tiny, composition) == ("tenant.toml", 0, "tenancy.profile.too_large")
    (tiny / "tenant.toml").unlink()
    assert only_fault(tiny, composition) == ("tenant.toml", 0, "tenancy.profile.no_file")


def test_all_faults_are_told_at_once(tiny: Path, composition: Composition) -> None:
    change(tiny, '    "jobs.*",', '    "moon.*",')
    change(tiny, "identity.lockout_attempts", "identity.lock")
    assert [fault.line for fault in faults_of(tiny, composition)] == [21, 25]


def test_a_wording_of_an_unknown_text_is_named_by_line(tiny: Path, composition: Composition) -> None:
    (tiny / "texts").mkdir()
    file = tiny / "texts" / "zh-CN.toml"
    file.write_text('[problems]\nnot_found = "没有"\nmoon = "月亮"\n', encoding="utf-8")
    assert only_fault(tiny, composition) == ("zh-CN.toml", 3, "tenancy.profile.unknown_text")
    file.write_text("[problems]\nnot_found = 3\n", encoding="utf-8")
    assert only_fault(tiny, composition)[2] == "tenancy.profile.bad_text"


def test_a_quarantined_plugin_and_a_missing_requirement_are_named(tiny: Path, tmp_path: Path) -> None:
    with FakePlugins(tmp_path / "plugins") as plugins:
        plugins.add("apple")
        plugins.add("pear", requires={"apple": ">=0.1"})
        plugins.add("plum", kernel=">=99")
        composition = plugins.compose()
        change(tiny, "[settings]", "[plugins.pear]\n\n[plugins.plum]\n\n[settings]")
        found = {(fault.line, fault.code) for fault in faults_of(tiny, composition)}
        assert found == {
            (24, "tenancy.profile.plugin_requires"),
            (26, "tenancy.profile.plugin_quarantined"),
        }


@pytest.mark.parametrize(
    ("pattern", "permission", "expected"),
    [
        ("*", "areas.area.read", True),
        ("areas.*", "areas.area.read", True),
        ("areas.*", "areasx.area.read", False),
        ("areas.area.read", "areas.area.read", True),
        ("areas.area", "areas.area.read", False),
    ],
)
def test_a_pattern_means_whole_words(pattern: str, permission: str, expected: bool) -> None:
    assert matches(pattern, permission) is expected


def test_lines_are_found_through_arrays_strings_and_comments() -> None:
    lines = find_lines(
        'a = """\nb = 1\n"""\n# c = 2\n[x."y.z"]\nd = [ # "no"\n  "one",\n  ["two"],\n]\ne.f = { g = "h" }\n'
    )
    assert lines.of(["a"]) == 1
    assert lines.of(["b"]) == 1
    assert lines.of(["x", "y.z", "d"], "two") == 8
    assert lines.of(["x", "y.z", "e", "f"], "h") == 10
    assert lines.of(["x", "y.z", "unknown"]) == 5
