"""What `linli run` does before it serves: profiles parents first, and a broken one stops no other."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

import pytest

from linli.db.database import Database
from linli.run.preparing import prepare_data
from linli.run.words import Voice
from linli.settings import Settings
from linli.tenancy.catalogue import Catalogue
from linli.testing.pytest_plugin import MASTER_KEYS_LINE, SECRET_KEY

TOML = """\
slug = "{slug}"
name = "小区"
kind = "{kind}"
{parent}
[levels.district]
zh = "区"
en = "District"

[roles.admin]
zh = "管理员"
en = "Administrator"
"""
AREAS = "code,name,level,parent_code\n990101000000,示例区,district,\n"


@dataclass
class Folder:
    """A folder of profiles, and what preparing it said."""

    path: Path
    settings: Settings
    run: str
    capture: pytest.CaptureFixture[str]

    def add(self, name: str, *, kind: str = "district", parent: str = "") -> Path:
        made = self.path / f"{name}-{self.run}"
        made.mkdir()
        line = f'parent = "{parent}-{self.run}"' if parent else ""
        toml = TOML.format(slug=made.name, kind=kind, parent=line)
        (made / "tenant.toml").write_text(toml, encoding="utf-8")
        (made / "areas.csv").write_text(AREAS, encoding="utf-8")
        return made

    async def prepare(self) -> tuple[list[str], str]:
        """Prepare; gives the slugs in the order in which they were done, and what was complained of."""
        self.capture.readouterr()
        await prepare_data(self.settings, Voice())
        out, err = self.capture.readouterr()
        done = [
            line.split("/", 1)[1].split()[1]
            for line in out.splitlines()
            if "] " in line and self.run in line and "/" in line
        ]
        return [slug.removesuffix(":").removesuffix(f"-{self.run}") for slug in done], err


@pytest.fixture
def folder(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    tenants = tmp_path / "tenants"
    tenants.mkdir()
    settings = Settings(
        data_dir=tmp_path,
        database_url=database.owner_url,
        secret_key=SECRET_KEY,
        tenants_dir=tenants,
        master_keys=MASTER_KEYS_LINE,
    )
    return Folder(tenants, settings, secrets.token_hex(4), capsys)


async def test_parents_come_first_and_what_cannot_be_read_stops_no_other(
    folder: Folder, database: Database
) -> None:
    folder.add("a-child", parent="city")
    folder.add("city", kind="city")
    folder.add("b-broken").joinpath("tenant.toml").write_text("slug = ", encoding="utf-8")
    folder.add("c-latin").joinpath("tenant.toml").write_bytes(b'slug = "\xe9"')
    texts = folder.add("d-odd") / "texts"
    (texts / "en.toml").mkdir(parents=True)
    folder.add("z-last")
    done, told = await folder.prepare()
    assert done == ["city", "z-last", "a-child"]
    for name in ("b-broken", "c-latin", "d-odd"):
        assert f"{name}-{folder.run} could not be prepared and is as it was" in told
    slugs = {tenant.slug for tenant in await Catalogue(database).all()}
    made = {slug.removesuffix(f"-{folder.run}") for slug in slugs if slug.endswith(folder.run)}
    assert made == {"city", "z-last", "a-child"}


async def test_a_child_of_a_broken_parent_is_told_and_the_others_are_made(folder: Folder) -> None:
    folder.add("child", parent="city")
    folder.add("city", kind="city").joinpath("tenant.toml").write_text("[", encoding="utf-8")
    folder.add("other")
    done, told = await folder.prepare()
    assert done == ["other"]
    assert f"child-{folder.run} could not be prepared" in told


async def test_a_folder_without_profiles_is_told_and_stops_nothing(folder: Folder) -> None:
    done, told = await folder.prepare()
    assert done == []
    assert "tenancy.profile.no_file" in told
