"""Importing a tree: every bad row by line and reason, the good rows loaded, or nothing when strict."""

import gzip
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from linli.areas import tree
from linli.areas.errors import RowsRefused, UnreadableFile
from linli.areas.importing import ImportReport, import_areas
from linli.areas.levels import STANDARD, define_levels
from linli.context import PermissionDenied
from linli.errors import FutureDate
from linli.i18n import read_texts
from linli.testing.factories import Bench

TENANTS = Path(__file__).parents[2] / "tenants"
SMALL = """code,name,level,parent_code
42,荆门市,city,
4201,东宝区,district,42
4202,掇刀区,district,42
420101,龙泉街道,street,4201
42010101,南门社区,community,420101
"""


async def load(
    bench: Bench, content: bytes | str | Path, *, tenant: object = None, **options: object
) -> ImportReport:
    tenant = tenant or await bench.tenant()
    async with bench.context(tenant) as ctx:  # type: ignore[arg-type]
        await define_levels(ctx, STANDARD)
        source = bytes(content, "utf-8") if isinstance(content, str) else content
        return await import_areas(ctx, source, **options)  # type: ignore[arg-type]


def reasons(report: ImportReport) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in report.bad]


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8"),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("gbk"),
        lambda text: text.encode("gb18030"),
        lambda text: gzip.compress(text.encode()),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("荆门市", '"荆门市"').encode(),
        lambda text: "\n".join(
            ",".join([c[3], "x", c[1], c[0], c[2]])
            for c in (line.split(",") for line in text.split("\n") if line)
        ).encode(),
    ],
    ids=["utf-8", "bom", "gbk", "gb18030", "gzip", "crlf", "quotes", "other columns"],
)
async def test_a_tree_is_loaded_from_any_usual_encoding_and_order_of_columns(
    bench: Bench, encode: Callable[[str], bytes]
) -> None:
    tenant = await bench.tenant()
    report = await load(bench, encode(SMALL), tenant=tenant)
    assert (report.created, report.bad_count) == (5, 0)
    async with bench.context(tenant) as ctx:
        node = await tree.get_by_code(ctx, "42010101")
        assert node.name == "南门社区"
        assert [above.name for above in await tree.ancestors(ctx, node.id)] == [
            "荆门市",
            "东宝区",
            "龙泉街道",
        ]
        assert await tree.subtree_count(ctx, (await tree.get_by_code(ctx, "42")).id) == 5


async def test_every_bad_row_is_named_by_line_and_reason_and_the_good_rows_are_loaded(bench: Bench) -> None:
    bad = [
        ("4203,,district,42", "required"),
        ("42 03,空格区,district,42", "invalid_code"),
        (f"4203,{'长' * 101},district,42", "too_long"),
        ("4203,控\x07制区,district,42", "control_characters"),
        ("4203,表情😀区,district,42", "control_characters"),
        ("4203,反\u202e向区,district,42", "control_characters"),
        ("4203,无此层级,planet,42", "unknown_level"),
        ("4203,自身区,district,4203", "self_parent"),
        ("4201,重复区,district,42", "duplicate_code"),
        ("4203,缺列区,district", "wrong_field_count"),
        ("4203,无上级区,district,99", "missing_parent"),
        ("4204,错层社区,community,42", "wrong_parent_level"),
        ("420401,其下网格,grid,4204", "parent_refused"),
        ("4205,循环甲,grid,4206", "cycle"),
        ("4206,循环乙,grid,4205", "cycle"),
        ("4207,循环下,grid,4206", "parent_refused"),
        ('4208,"未闭合,district,42', "broken_quotes"),
        (f"4209,{'啊' * 3_000_000},district,42", "line_too_long"),
    ]
    report = await load(bench, SMALL + "\n".join(line for line, _reason in bad) + "\n")
    assert reasons(report) == [(number, reason) for number, (_line, reason) in enumerate(bad, start=7)]
    assert (report.created, report.bad_count) == (5, len(bad))


async def test_a_line_in_another_encoding_is_named_and_the_rest_is_loaded(bench: Bench) -> None:
    report = await load(bench, SMALL.encode() + "4203,沙洋县,district,42\n".encode("gbk"))
    assert reasons(report) == [(7, "undecodable")]
    assert report.created == 5


async def test_children_may_stand_before_their_parents_and_keep_the_order_of_the_file(bench: Bench) -> None:
    tenant = await bench.tenant()
    head, *lines = SMALL.strip().split("\n")
    report = await load(bench, "\n".join([head, *reversed(lines)]), tenant=tenant)
    assert (report.created, report.bad_count) == (5, 0)
    async with bench.context(tenant) as ctx:
        top = await tree.get_by_code(ctx, "42")
        assert [n.code for n in (await tree.children(ctx, top.id)).nodes] == ["4202", "4201"]


async def test_strict_writes_nothing_when_one_row_is_bad(bench: Bench) -> None:
    tenant = await bench.tenant()
    with pytest.raises(RowsRefused) as refusal:
        await load(bench, SMALL + "4203,自身区,district,4203\n", tenant=tenant, strict=True)
    assert reasons(refusal.value.report) == [(7, "self_parent")]
    async with bench.context(tenant) as ctx:
        assert (await tree.children(ctx, None)).nodes == ()


async def test_importing_again_changes_nothing_and_a_new_name_is_a_dated_rename(bench: Bench) -> None:
    tenant = await bench.tenant()
    day = date(2023, 6, 30)
    await load(bench, SMALL, tenant=tenant, valid_from=day)
    again = await load(bench, SMALL, tenant=tenant)
    assert (again.created, again.renamed, again.unchanged, again.bad_count) == (0, 0, 5, 0)
    renamed = (
        SMALL.replace("东宝区", "东宝新区") + "420102,新街道,street,4201\n42010102,新社区,community,420101\n"
    )
    third = await load(bench, renamed, tenant=tenant)
    assert (third.created, third.renamed, third.unchanged) == (2, 1, 4)
    async with bench.context(tenant) as ctx:
        assert (await tree.get_by_code(ctx, "4201")).name == "东宝新区"
        assert (await tree.get_by_code(ctx, "4201", as_of=day)).name == "东宝区"
        top = await tree.get_by_code(ctx, "42")
        assert await tree.subtree_count(ctx, top.id) == 7
        assert len((await tree.subtree(ctx, top.id)).nodes) == 7


async def test_an_area_at_another_place_is_a_bad_row_because_a_move_is_a_change_set(bench: Bench) -> None:
    tenant = await bench.tenant()
    await load(bench, SMALL, tenant=tenant)
    report = await load(bench, SMALL.replace("street,4201", "street,4202"), tenant=tenant)
    assert reasons(report) == [(5, "elsewhere")]
    assert report.unchanged == 4


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"code,name\n1,2\n", "columns"),
        ("\ufeff" + SMALL, "encoding"),
        (gzip.compress(SMALL.encode())[:-20], "damaged"),
    ],
)
async def test_a_file_that_is_no_table_of_areas_is_refused(
    bench: Bench, content: bytes | str, reason: str
) -> None:
    data = content.encode("utf-16") if isinstance(content, str) else content
    with pytest.raises(UnreadableFile) as refusal:
        await load(bench, data)
    assert refusal.value.details["reason"] == reason


async def test_a_date_in_the_future_and_a_missing_permission_are_refused(bench: Bench) -> None:
    tenant = await bench.tenant()
    with pytest.raises(FutureDate):
        await load(bench, SMALL, tenant=tenant, valid_from=date.today() + timedelta(days=2))  # noqa: DTZ011
    async with bench.context(tenant, permissions=["areas.area.read"]) as ctx:
        with pytest.raises(PermissionDenied):
            await import_areas(ctx, SMALL.encode())


async def test_an_import_tells_its_progress_and_leaves_one_audit_entry(bench: Bench) -> None:
    tenant = await bench.tenant()
    told: list[tuple[str, int, int]] = []
    await load(bench, SMALL, tenant=tenant, progress=lambda *step: told.append(step))
    assert {"read", "check", "write"} <= {stage for stage, _done, _total in told}
    assert told[-1] == ("write", 5, 5)
    async with bench.context(tenant) as ctx:
        entries = await ctx.db.fetch(
            "select after from audit_entry where tenant_id = $1 and action = 'areas.import'", tenant.id
        )
    assert len(entries) == 1


async def test_the_five_broken_rows_of_the_country_are_of_this_kind(bench: Bench) -> None:
    """The country has a code that is its own parent, after a good row with the same code."""
    rows = (
        "code,name,level,parent_code\n44,广东省,province,\n441900000000,东莞市,city,44\n"
        "441900000000,东莞市,district,441900000000\n441900003000,东城街道,street,441900000000\n"
    )
    report = await load(bench, rows)
    assert reasons(report) == [(4, "self_parent")]
    assert report.created == 3


@pytest.mark.parametrize(("slug", "count"), [("jingmen", 1_715), ("xiamen", 616)])
async def test_the_places_of_the_reports_have_as_many_areas_as_published(
    bench: Bench, slug: str, count: int
) -> None:
    tenant = await bench.tenant()
    report = await load(bench, TENANTS / slug / "areas.csv", tenant=tenant, strict=True)
    assert report.created == count
    async with bench.context(tenant) as ctx:
        tops = (await tree.children(ctx, None)).nodes
        assert [await tree.subtree_count(ctx, top.id) for top in tops] == [count]


def test_every_reason_has_a_text_in_both_languages() -> None:
    import re

    import linli.areas

    folder = Path(linli.areas.__path__[0])
    source = (
        "".join(path.read_text() for path in folder.glob("import*.py")) + (folder / "names.py").read_text()
    )
    used = set(
        re.findall(r'(?:refuse_row\(number, |return |yield line, |else |reason = )"([a-z_]{5,})"', source)
    )
    texts = read_texts("areas", folder / "texts").texts
    assert len(used) > 8
    for locale, entries in texts.items():
        missing = {name for name in used if f"problems.areas.import.{name}" not in entries} - {
            "province",
            "utf-8",
        }
        assert not missing, (locale, missing)
