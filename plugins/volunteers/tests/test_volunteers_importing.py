"""Numbers of residents come from a list: recorded once, corrected by a further record, refused by row."""

from __future__ import annotations

from linli.testing.factories import Bench
from linli.testing.imports import ImportBench

KIND = "volunteers.population"


async def test_numbers_are_recorded_corrected_and_left_alone(bench: Bench) -> None:
    tenant = await bench.tenant()
    street = await bench.area(tenant, "中山街道")
    await bench.area(tenant, "和平社区", parent=street)
    transfers = ImportBench(bench)
    listed = [
        {"area": "中山街道", "residents": 20_000, "as_of": "2025-12-31", "source": "年报"},
        {"区域": "中山街道/和平社区", "residents": 7_300, "as_of": "2025-12-31", "source": "年报"},
    ]
    listed[1]["area"] = listed[1].pop("区域")
    assert (await transfers.import_rows(tenant, KIND, listed)).counts == (2, 0, 0, 0)
    listed[0]["residents"] = 20_001
    done = await transfers.import_rows(tenant, KIND, listed)
    assert done.results == {1: "updated", 2: "unchanged"}
    async with bench.context(tenant) as ctx:
        sql = "select residents from volunteers_population where tenant_id = $1 order by id"
        assert [row["residents"] for row in await ctx.db.fetch(sql, ctx.tenant_id)] == [20_000, 7_300, 20_001]


async def test_bad_rows_are_named_and_rights_are_asked_for_at_each_area(bench: Bench) -> None:
    tenant = await bench.tenant()
    street = await bench.area(tenant, "中山街道")
    await bench.area(tenant, "解放街道")
    transfers = ImportBench(bench)
    clerk = await transfers.account(tenant, ["volunteers.figures.write"], area=street)
    good = {"area": "中山街道", "residents": 1, "as_of": "2025-12-31", "source": "年报"}
    listed = [
        good,
        {**good, "area": "解放街道"},
        {**good, "area": "没有"},
        {**good, "residents": -1, "as_of": "2025-12-30"},
        {**good, "as_of": "2999-12-31"},
        {**good, "as_of": "2025-12-29", "residents": "many"},
    ]
    done = await transfers.import_rows(tenant, KIND, listed, actor=clerk)
    assert done.counts == (1, 0, 0, 5)
    assert {number: problems[0] for number, problems in done.problems.items()} == {
        2: ("", "permission_denied"),
        3: ("area", "transfer.unknown_area"),
        4: ("residents", "volunteers.residents_out_of_range"),
        5: ("as_of", "future_date"),
        6: ("residents", "transfer.invalid_integer"),
    }
