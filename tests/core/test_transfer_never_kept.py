"""Columns that are never kept: whatever shape the file has and however the check ends, nothing of them stays."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.context import Actor
from linli.db.database import Database
from linli.privacy.forbidden import forbidden_header, forbidden_word
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.testing.imports import ImportBench
from linli.transfer import files, imports
from linli.transfer.blocks import all_blocks
from linli.transfer.errors import FileGone

KIND = "identity.people"
WRITE = ("identity.person.write", "identity.person.read")
SECRET, NUMBER, MOBILE = "孕检秘密", "11010519491231002X", "19912348899"


class Office:
    """A clerk of a tenant who sends lists in."""

    def __init__(self, transfers: ImportBench, tenant: Tenant, clerk: Actor) -> None:
        self.transfers, self.tenant, self.clerk = transfers, tenant, clerk

    async def preview(self, *lines: str) -> Any:
        content = "\n".join(lines).encode("utf-8-sig")
        return await self.transfers.preview(self.tenant, KIND, content, actor=self.clerk)

    async def again(self, import_id: Any) -> Any:
        async with self.transfers.context(self.tenant, self.clerk) as ctx:
            await imports.preview(ctx, import_id)
        await self.transfers.work()
        return await self.transfers.look(self.tenant, import_id)

    async def held(self, found: Any) -> str:
        """All that is held of an import, decrypted: the file that was sent in, staged rows, the result file."""
        kept: list[str] = []
        async with self.transfers.context(self.tenant, self.clerk) as ctx:
            for file_id in filter(None, (found.row.file_id, found.row.result_file_id)):
                try:
                    kept += [(piece).decode("utf-8-sig") async for piece in files.pieces(ctx, file_id)]
                except FileGone:
                    continue
            kept += [str(one.rows) async for one in all_blocks(ctx, found.row.id, found.row.blocks_total)]
        return "\n".join(kept)


@pytest_asyncio.fixture
async def office(bench: Bench, database: Database) -> AsyncIterator[Office]:
    transfers = ImportBench(bench, clock=FixedClock(datetime(2026, 5, 6, 4, 0, tzinfo=UTC)))
    tenant = await bench.tenant()
    street = await bench.area(tenant, "中山街道")
    yield Office(transfers, tenant, await transfers.account(tenant, WRITE, area=street))
    async with database.kernel() as db:
        await db.execute("update jobs_job set status = 'dead' where status = 'pending'")


async def test_a_file_whose_check_fails_keeps_nothing_of_them(office: Office) -> None:
    found = await office.preview("名字,所在区域,孕检情况", f"示例甲,中山街道,{SECRET}")
    assert (found.state, found.row.error_code) == ("failed", "transfer.missing_columns")
    assert SECRET not in await office.held(found)


async def test_a_header_over_several_columns_drops_them_all(office: Office) -> None:
    found = await office.preview(
        "姓名,所在区域,孕检情况,,联系电话", f"示例甲,没有的社区,2025-01-01,{SECRET},{MOBILE}"
    )
    assert found.counts == (0, 0, 0, 1)
    assert SECRET not in await office.held(found)
    assert MOBILE in await office.held(found)


async def test_a_header_in_the_row_above_drops_the_columns_below_it(office: Office) -> None:
    found = await office.preview(
        "基本情况,,孕检情况,,联系方式",
        "姓名,所在区域,日期,结果,联系电话",
        f"示例甲,没有的社区,2025-01-01,{SECRET},{MOBILE}",
    )
    assert found.counts == (0, 0, 0, 1)
    assert found.row.dropped_columns == ["孕检情况 / 日期", "孕检情况 / 结果"]
    assert SECRET not in await office.held(found)
    assert MOBILE in await office.held(found)


async def test_a_title_above_the_list_drops_no_column_by_itself(office: Office) -> None:
    found = await office.preview(
        "流动人口计划生育登记表,,,", "姓名,所在区域,单位,联系电话", f"示例甲,中山街道,示例厂,{MOBILE}"
    )
    assert (found.row.dropped_columns, found.row.ignored_columns) == ([], ["单位"])


async def test_a_list_can_be_checked_again(office: Office) -> None:
    found = await office.preview("姓名,所在区域,联系电话,孕检情况", f"示例甲,中山街道,{MOBILE},{SECRET}")
    assert found.counts == (1, 0, 0, 0)
    again = await office.again(found.row.id)
    assert (again.state, again.counts) == ("checked", (1, 0, 0, 0))
    assert again.row.dropped_columns == ["孕检情况"]


async def test_a_number_in_the_wrong_column_stands_nowhere_in_clear(
    office: Office, database: Database
) -> None:
    await office.preview(
        "姓名,所在区域,联系电话,性别", f"示例甲,{NUMBER},19900000001,男", f"示例乙,中山街道,,{MOBILE}"
    )
    async with office.transfers.context(office.tenant) as ctx:
        rows = await ctx.db.fetch(
            "select value, details from transfer_problem where tenant_id = $1", ctx.tenant_id
        )
        blocks = await ctx.db.fetch("select outcomes from transfer_block where tenant_id = $1", ctx.tenant_id)
    clear = str([tuple(row) for row in rows])
    for row in blocks:
        try:
            clear += zlib.decompress(row["outcomes"]).decode()
        except zlib.error:
            continue
    assert len(rows) == 2
    assert NUMBER not in clear
    assert MOBILE not in clear


async def test_control_characters_of_a_header_are_not_told(office: Office) -> None:
    found = await office.preview("姓名,所在区域,\x1b[2J备注,孕\x07检", f"示例甲,中山街道,x,{SECRET}")
    assert found.state == "checked"
    assert (found.row.ignored_columns, found.row.dropped_columns) == (["[2J备注"], ["孕检"])


async def test_a_header_with_a_nul_is_read(office: Office) -> None:
    line = json.dumps({"full_name": "示例甲", "area": "中山街道", "mobile": MOBILE, "a\0b": "x"})
    found = await office.transfers.preview(
        office.tenant, KIND, line.encode(), actor=office.clerk, name="list.jsonl"
    )
    assert (found.state, found.row.ignored_columns) == ("checked", ["ab"])


@pytest.mark.parametrize(
    "header",
    [
        "妇检情况", "社会抚养费", "准生证号", "孩次", "流产", "人流史", "放环日期", "取环日期", "查环", "案底",
        "违法记录", "危险等级", "风险级别", "Risk level", "Risk rating", "Faith", "Birth control", "Abortion",
        "風險等級", "重點人員", "刑滿釋放", "信訪記錄", "上訪", "節育措施", "環檢", "結紮",
        " " * 200 + "孕检",
    ],
)  # fmt: skip
def test_what_nobody_may_collect_is_known_in_other_words(header: str) -> None:
    assert forbidden_header(header) is not None


@pytest.mark.parametrize(
    "header",
    [
        "统计生成时间",
        "当前科室",
        "目前科目",
        "以上环节",
        "Competition",
        "循环检查",
        "出生日期",
        "风险提示是否已读",
        "子女姓名",
    ],
)
def test_what_only_sounds_like_it_is_kept(header: str) -> None:
    assert forbidden_header(header) is None


def test_a_tag_for_competitions_is_ordinary() -> None:
    assert forbidden_word("Competition winner") is None
