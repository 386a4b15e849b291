"""Printed documents: Chinese text that can be found again, small, bounded, and the same bytes for the same input."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from linli.printing import (
    BadDocumentAddress,
    DocumentTemplate,
    Lines,
    Paragraph,
    Signature,
    Table,
    TooManyPages,
    render,
)
from linli.printing.characters import known, printable
from linli.printing.drawing import draw
from linli.printing.sheet import Grid, Pairs, Sheet, Text
from linli.testing.factories import Bench
from linli.testing.printed_words import printed_pages

MOMENT = datetime(2026, 7, 24, 4, 0, tzinfo=UTC)
ADDRESS = "https://example.org/p/tumen/documents/verify/2026-7K3QW-9XM4T-C"
SLIP = DocumentTemplate(
    kind="test.slip",
    version=1,
    texts="test.slip",
    parts=(
        Lines(("name", "office")),
        Table("steps", ("step", "day")),
        Paragraph("note"),
        Signature("signed"),
    ),
)
VALUES: Mapping[str, Any] = {
    "name": "测试甲",
    "office": None,
    "steps": [{"step": "受理", "day": "2026-07-24"}, {"step": "转送", "day": "2026-07-27"}],
    "signed": "和平社区",
}
SHEET = Sheet(
    title="社会工作者登记证书",
    number="2026-7K3QW-9XM4T-C",
    blocks=[Pairs([("姓名", "欧阳㛃"), ("等级", "助理社会工作师")]), Text("经审核，准予登记。")],
    made_at=MOMENT,
    footer="荆门市东宝区",
    page="第 {page} 页",
    address=ADDRESS,
    verify="扫描二维码核验真伪",
)


async def test_the_words_of_a_document_are_found_again() -> None:
    [page] = printed_pages(await draw(SHEET))
    for word in (
        "社会工作者登记证书",
        "2026-7K3QW-9XM4T-C",
        "姓名",
        "欧阳㛃",
        "助理社会工作师",
        "经审核，准予登记。",
        "荆门市东宝区",
        "第 1 页",
        "扫描二维码核验真伪",
    ):
        assert word in page, word


async def test_the_same_sheet_gives_the_same_bytes_and_another_gives_others() -> None:
    first = await draw(SHEET)
    assert await draw(SHEET) == first
    assert await draw(replace(SHEET, number="2026-7K3QW-9XM4T-D")) != first


async def test_a_page_is_small_as_only_used_characters_are_in_it() -> None:
    characters = [
        chr(code) for code in sorted(known()) if 0x4E00 <= code < 0x4E00 + 700
    ]  # more than a text has
    full = await draw(replace(SHEET, blocks=[Text("".join(characters))]))
    assert len(await draw(SHEET)) < 60_000
    assert len(printed_pages(full)) == 1
    assert len(full) < 200_000


async def test_a_long_table_runs_over_pages_each_with_its_footer() -> None:
    grid = Grid(["编号", "姓名"], [[str(number), f"测试{number}"] for number in range(100)])
    pages = printed_pages(await draw(replace(SHEET, blocks=[grid])))
    assert len(pages) > 2
    assert all("荆门市东宝区" in page and f"第 {place} 页" in page for place, page in enumerate(pages, 1))
    assert sum(page.count("测试") for page in pages) == 100


async def test_more_pages_than_allowed_are_refused() -> None:
    blocks = [Text("很长的说明。" * 300)] * 10
    with pytest.raises(TooManyPages) as refused:
        await draw(replace(SHEET, blocks=blocks, pages_max=3))
    assert refused.value.details == {"limit": 3}


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "example.org", f"https://example.org/{'a' * 400}"]
)
async def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(BadDocumentAddress):
        await draw(replace(SHEET, address=address))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("测试甲", "测试甲"),
        ("甲\r\n乙", "甲\n乙"),
        ("甲\x00\t乙\u202e", "甲  乙 "),
        ("\U00031350某", "[U+31350]某"),
        ("e\u0301", "é"),
        ("长" * 2_001, "长" * 1_999 + "…"),
    ],
)
def test_what_cannot_be_printed_is_shown_in_words(given: str, shown: str) -> None:
    assert printable(given) == shown


async def test_a_very_long_word_and_an_empty_text_are_no_trouble() -> None:
    blocks = [Text("A" * 4_000), Text(""), Pairs([("长" * 80, "B" * 2_000)]), Grid(["甲"], [["C" * 2_000]])]
    assert printed_pages(await draw(replace(SHEET, blocks=blocks)))


@pytest.mark.parametrize("text", ["字" * 2_000, "word " * 400, "\n" * 200, "\U00031350" * 2_000])
async def test_a_cell_that_no_page_holds_is_cut(text: str) -> None:
    rows = [[text, "甲", "乙", "丙", "丁"]] * 2
    content = await draw(replace(SHEET, blocks=[Grid(["一", "二", "三", "四", "五"], rows)]))
    assert "丁" in "".join(printed_pages(content))


async def test_no_text_is_taken_for_a_mark_of_the_library() -> None:
    content = await draw(replace(SHEET, blocks=[Text("{nb} **粗** __线__")]))
    assert "{nb} **粗** __线__" in "".join(printed_pages(content))


async def test_others_are_served_while_a_document_is_drawn() -> None:
    task = asyncio.create_task(draw(replace(SHEET, blocks=[Text("很长的说明。" * 300)] * 10)))
    turns = 0
    while not task.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert len(await task) > 0
    assert turns > 5, "drawing holds the loop"


async def test_a_template_is_filled_in_the_words_of_the_catalogue(bench: Bench) -> None:
    tenant = await bench.tenant()
    async with bench.context(tenant) as ctx:
        content = await render(ctx, SLIP, VALUES, number="号 1", address=ADDRESS, made_at=MOMENT)
        again = await render(ctx, SLIP, VALUES, number="号 1", address=ADDRESS, made_at=MOMENT)
        with pytest.raises(KeyError):
            await render(ctx, SLIP, {"name": "甲"})
    assert again == content
    [page] = printed_pages(content)
    for word in ("test.slip.title", "号 1", "测试甲", "—", "受理", "2026-07-27", "和平社区", "2026-07-24"):
        assert word in page, word
