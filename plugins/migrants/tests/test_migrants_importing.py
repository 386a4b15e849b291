"""Newcomers from a spreadsheet."""

from __future__ import annotations

from typing import Any

import pytest_asyncio

from linli.testing.imports import ImportBench

AREA = "621027101001"
ROW = {
    "full_name": "演示新市民甲",
    "resident_id": "11010519491231002X",
    "mobile": "19900000001",
    "area": AREA,
    "address": "示例路 1 号 101 室",
    "grid": "第一网格",
    "building": "1 号楼",
    "kind": "租住",
    "origin_code": "610121",
    "origin_address": "示例县示例镇",
    "reason": "务工",
    "from_on": "2026-03-01",
}


@pytest_asyncio.fixture
async def transfers(world: Any, bench: Any) -> ImportBench:
    await world.set_state("areas_area", world.area.id, code=AREA)
    return ImportBench(bench, clock=world.clock)


async def test_a_list_is_entered_once(transfers: ImportBench, world: Any) -> None:
    row = dict(ROW)
    other = {**row, "resident_id": "110105194912310038", "full_name": "演示新市民乙", "origin_code": "12"}
    done = await transfers.import_rows(world.tenant, "migrants.stays", [row, other])
    assert done.results == {1: "created", 2: "refused"}
    assert [code for _column, code in done.problems[2]] == ["migrants.not_an_origin_code"]
    again = await transfers.import_rows(world.tenant, "migrants.stays", [row])
    assert again.results == {1: "unchanged"}
    on_file = """select s.state || ' ' || d.grid || ' ' || d.building from migrants_stay s
        join migrants_dwelling d on d.tenant_id = s.tenant_id and d.id = s.dwelling_id where s.tenant_id = $1"""
    assert await world.value(on_file) == "reported 第一网格 1 号楼"


async def test_a_number_of_another_name_is_refused(transfers: ImportBench, world: Any) -> None:
    row = dict(ROW)
    await transfers.import_rows(world.tenant, "migrants.stays", [row])
    done = await transfers.import_rows(world.tenant, "migrants.stays", [{**row, "full_name": "演示别人"}])
    assert done.problems == {1: [("resident_id", "migrants.person_unclear")]}
