"""The page about imports: its files are a plugin, and the plugin does what the page says."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from linli.testing.factories import Bench
from linli.testing.fake_plugins import FakePlugins
from linli.testing.imports import ImportBench
from linli.testing.pytest_plugin import scratch_database

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "declare-an-import.md"
FILE = re.compile(r"^`([\w/.-]+)`[^\n]*:\n\n```\w+\n(.*?)^```$", re.M | re.S)
LINES_MAX = 120  # two screens
MANIFEST = """
[permissions]
"rooms.room.write" = { zh = "登记活动室。", en = "Enter rooms." }
"""
TABLES = """
from piccolo.columns import Integer, Text
from linli.plugin import AreaTable

class Room(AreaTable, tablename="rooms_room"):
    number = Text()
    seats = Integer()
    kind = Text()
    phone = Text()
"""
MIGRATION = """
from linli.plugin import Migration

def upgrade(m: Migration) -> None:
    m.tenant_table(
        "rooms_room",
        "number text not null, seats integer not null, kind text not null, phone text not null",
        unique=[("number",)], area=True,
    )
"""


def files() -> dict[str, str]:
    """The files that the page shows."""
    return dict(FILE.findall(PAGE.read_text(encoding="utf-8")))


@pytest_asyncio.fixture
async def transfers(tmp_path: Path, postgres_url: str) -> AsyncIterator[ImportBench]:
    shown = files()
    code = {name: text for name, text in shown.items() if not name.startswith("tests/")}
    hooks = code.pop("plugin.py").replace("from linli.plugin import hookimpl\n", "")
    with FakePlugins(tmp_path) as vendor:
        vendor.add(
            "rooms",
            hooks,
            manifest=MANIFEST,
            files={
                **code,
                "texts/en.toml": code["texts/zh-CN.toml"],
                "tables.py": TABLES,
                "migrations/__init__.py": "",
                "migrations/m0001_rooms.py": MIGRATION,
            },
        )
        composition = vendor.compose()
        assert composition.quarantined == {}
        async with scratch_database(postgres_url, composition) as database:
            yield ImportBench(Bench(database, composition))


def test_the_page_fits_on_two_screens() -> None:
    assert len(PAGE.read_text(encoding="utf-8").splitlines()) <= LINES_MAX


async def test_the_test_on_the_page_passes(transfers: ImportBench) -> None:
    tenant = await transfers.bench.tenant()
    street = await transfers.bench.area(tenant, "大山洞街道")
    await transfers.bench.area(tenant, "云城社区", parent=street)
    names: dict[str, Any] = {}
    exec(files()["tests/test_rooms.py"], names)  # noqa: S102 - the page is ours
    [test] = [value for name, value in names.items() if name.startswith("test_")]
    await test(transfers, tenant)


async def test_a_row_is_refused_where_the_right_is_missing_and_shows_its_number_masked(
    transfers: ImportBench,
) -> None:
    tenant = await transfers.bench.tenant()
    street = await transfers.bench.area(tenant, "大山洞街道")
    await transfers.bench.area(tenant, "云城社区")
    clerk = await transfers.account(tenant, ["rooms.room.write"], area=street)
    room = {"number": "R-01", "area": "云城社区", "seats": 1, "phone": "1990000000" * 2_000}
    listed = [{**room, "phone": "19900000001"}, {**room, "number": "R-02"}]
    done = await transfers.import_rows(tenant, "rooms.rooms", listed, actor=clerk)
    assert done.problems == {1: [("", "permission_denied")], 2: [("phone", "too_long")]}
    async with transfers.context(tenant) as ctx:
        shown = await ctx.db.fetchval(
            "select value from transfer_problem where tenant_id = $1 and row_number = 2", ctx.tenant_id
        )
    assert shown == "****"


@pytest.mark.parametrize("name", ["import-a-list.md", "export-a-list.md", "declare-an-import.md"])
def test_the_index_leads_to_the_pages(name: str) -> None:
    assert f"how-to/{name}" in (PAGE.parents[1] / "index.md").read_text(encoding="utf-8")
