"""Reading files: three formats, encodings, headers in two languages, and files that mean harm."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from linli.errors import LinliError, Required, TooLong, UnknownValue
from linli.i18n import Catalogue, TextSource
from linli.transfer.conversion import Converter
from linli.transfer.errors import (
    ColumnTwice,
    Damaged,
    DigitsLost,
    InvalidDate,
    InvalidInteger,
    MissingColumns,
    NotAnObject,
    NothingToIdentify,
    NotOfFormat,
    OldExcel,
    RepeatedRow,
    TooDemanding,
    TooManyColumns,
    TooManyRows,
    UnknownEncoding,
    UnknownFormat,
    UnusableFile,
)
from linli.transfer.formats import Format, format_of, plain_name
from linli.transfer.headers import find_header
from linli.transfer.kinds import ColumnType, ImportColumn, ImportedRow, ImportKind
from linli.transfer.sheet_reading import RawRow, read_blocks
from linli.transfer.wording import Words


async def nothing(*_arguments: Any) -> list[Any]:
    return []


KIND = ImportKind(
    "clubs.members",
    "clubs.member.write",
    (
        ImportColumn("name", required=True, personal=True),
        ImportColumn("joined_on", type=ColumnType.DATE),
        ImportColumn("age", type=ColumnType.INTEGER),
        ImportColumn("code"),
        ImportColumn("rank", type=ColumnType.CHOICE, choices=("guest", "member")),
    ),
    keys=(("name", "code"), ("name", "joined_on")),
    apply=nothing,
)
TEXTS = {
    "zh-CN": {
        "title": "成员",
        "name": "姓名",
        "joined_on": "入会日期",
        "age": "年龄",
        "code": "编号",
        "rank": "级别",
    },
    "en": {
        "title": "Members",
        "name": "Name",
        "joined_on": "Joined on",
        "age": "Age",
        "code": "Code",
        "rank": "Rank",
    },
}
CHOICES = {"zh-CN": {"guest": "来宾", "member": "会员"}, "en": {"guest": "Guest", "member": "Member"}}
START = "imports.clubs.members"
WORDS = Words(
    KIND,
    Catalogue(
        [
            TextSource(
                "clubs",
                {
                    locale: {
                        **{f"{START}.columns.{key}": text for key, text in texts.items() if key != "title"},
                        **{f"{START}.choices.rank.{key}": text for key, text in CHOICES[locale].items()},
                    }
                    for locale, texts in TEXTS.items()
                },
            )
        ]
    ),
)


def sheet(rows: Sequence[Sequence[object]], **formats: Any) -> bytes:
    """A spreadsheet of these rows."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_numbers": False})
    page = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy/m/d"})
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            if isinstance(cell, date):
                page.write_datetime(number, place, cell, day)
            elif cell is not None:
                page.write(number, place, cell)
    book.add_worksheet("second").write(0, 0, "never read")
    book.close()
    return target.getvalue()


async def read(folder: Path, content: bytes, file_format: Format, rows_max: int = 10_000) -> list[RawRow]:
    path = folder / "content"
    path.write_bytes(content)
    found: list[RawRow] = []
    async with aclosing(read_blocks(path, file_format, rows_max=rows_max)) as blocks:
        async for block in blocks:
            found += block
    return found


async def values(
    folder: Path, content: bytes, file_format: Format
) -> list[dict[str, object] | list[LinliError]]:
    rows = await read(folder, content, file_format)
    header, used = find_header(WORDS, rows)
    converter = Converter(WORDS, header.places)
    made = [converter.read(row) for row in rows[used:]]
    return [dict(one.values) if isinstance(one, ImportedRow) else one for one in made]


EXPECTED = [
    {"name": "示例甲", "joined_on": date(2020, 1, 2), "age": 41, "code": "001", "rank": "member"},
    {"name": "示例乙", "joined_on": None, "age": None, "code": "5.20113E+11", "rank": None},
]


async def test_a_spreadsheet_is_read_with_real_dates_and_codes(tmp_path: Path) -> None:
    content = sheet(
        [
            ["本表由社区填写", None, None],
            [],
            ["编号", "姓名*", "Joined on", "年龄", "级别", "备注"],
            ["001", "示例甲", date(2020, 1, 2), 41, "会员", "x"],
            [],
            ["5.20113E+11", "示例乙"],
            [13800001234, "示例丙", date(2020, 1, 2), 1.0, "guest"],
            [1.5, "示例丁", "2020年1月2日", "7"],
        ]
    )
    found = await values(tmp_path, content, Format.XLSX)
    assert found[:2] == EXPECTED
    assert found[2]["code"] == "13800001234"  # type: ignore[call-overload]
    assert found[2]["age"] == 1  # type: ignore[call-overload]
    assert found[3]["code"] == "1.5"  # type: ignore[call-overload]
    assert [number for number, _cells in await read(tmp_path, content, Format.XLSX)] == [1, 3, 4, 6, 7, 8]


@pytest.mark.parametrize(
    ("encoding", "delimiter"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("gb18030", ","), ("gbk", "\t"), ("utf-16", "\t")],
)
async def test_a_text_file_is_read_in_the_usual_encodings_and_delimiters(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    lines = [
        "编号,姓名,入会日期,年龄,级别",
        "001,示例甲,2020/1/2,41,Member",
        "",
        ",,,,",
        "5.20113E+11,示例乙,,,",
    ]
    content = "\r\n".join(lines).replace(",", delimiter).encode(encoding)
    assert await values(tmp_path, content, Format.CSV) == EXPECTED


async def test_quotes_line_breaks_and_rows_of_uneven_width_are_read(tmp_path: Path) -> None:
    content = '姓名,编号\n"示例""甲\n二",1\n示例乙\n示例丙,3,多余\n'.encode()
    rows = await read(tmp_path, content, Format.CSV)
    assert rows == [
        (1, ["姓名", "编号"]),
        (2, ['示例"甲\n二', "1"]),
        (4, ["示例乙"]),
        (5, ["示例丙", "3", "多余"]),
    ]


async def test_json_lines_are_read_by_keys_or_headers(tmp_path: Path) -> None:
    lines = [
        {
            "name": "示例甲",
            "code": "001",
            "joined_on": "2020-01-02",
            "age": 41,
            "rank": "member",
            "more": {"x": [1]},
        },
        {"code": "5.20113E+11", "name": "示例乙", "age": None},
    ]
    content = "\n".join(json.dumps(line) for line in lines).encode() + b"\n\n"
    assert await values(tmp_path, content, Format.JSONL) == EXPECTED
    by_header = json.dumps({"姓名": "示例", "编号": 10**17}).encode()
    assert (await values(tmp_path, by_header, Format.JSONL))[0]["code"] == str(10**17)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("row", "error", "column"),
    [
        (",2020-01-01,,1,", Required, "name"),
        ("示例,2020-02-30,,1,", InvalidDate, "joined_on"),
        ("示例,43831,,1,", InvalidDate, "joined_on"),
        ("示例,,4.5,1,", InvalidInteger, "age"),
        ("示例,,很多,1,", InvalidInteger, "age"),
        ("示例,,,1,贵宾", UnknownValue, "rank"),
        (f"示例,,,{'9' * 10_001},", TooLong, "code"),
        ("示例,,,,", NothingToIdentify, "name"),
    ],
)
async def test_a_bad_cell_is_named_by_its_column(
    tmp_path: Path, row: str, error: type[LinliError], column: str
) -> None:
    content = f"姓名,入会日期,年龄,编号,级别\n{row}\n".encode()
    [[fault]] = await values(tmp_path, content, Format.CSV)
    assert (type(fault), fault.path) == (error, (column,))  # type: ignore[attr-defined]


async def test_digits_that_a_spreadsheet_lost_are_not_taken_for_a_number(tmp_path: Path) -> None:
    content = sheet([["姓名", "编号"], ["示例甲", 110105194912310021]])
    [[fault]] = await values(tmp_path, content, Format.XLSX)
    assert type(fault) is DigitsLost


async def test_a_row_about_the_same_is_refused_and_names_the_first(tmp_path: Path) -> None:
    content = (
        "姓名,编号,入会日期\n甲,1,\n乙,,2020-01-01\n甲,1,2020-01-01\n乙,,2020/1/1\n甲,,2020-01-01\n".encode()
    )
    found = await values(tmp_path, content, Format.CSV)
    [third], [fourth] = found[2], found[3]
    assert isinstance(third, RepeatedRow)
    assert third.details["first_row"] == 2
    assert isinstance(fourth, RepeatedRow)
    assert isinstance(found[4], dict)


async def test_headers_that_are_missing_or_twice_are_named(tmp_path: Path) -> None:
    for content, error, named in (
        ("编号,年龄\n1,2\n", MissingColumns, ["姓名 / Name"]),
        ("姓名,编号,NAME\n甲,1,甲\n", ColumnTwice, "姓名 / Name"),
    ):
        rows = await read(tmp_path, content.encode(), Format.CSV)
        with pytest.raises(error) as refusal:
            find_header(WORDS, rows)
        assert named in refusal.value.details.values()


def bomb() -> bytes:
    """A spreadsheet whose sheet unpacks to 700 MB, and says so."""
    return archive(
        lambda file: [file.writestr(zipfile.ZipInfo("xl/worksheets/sheet1.xml"), b" " * 700_000_000)]
    )


def far_corner() -> bytes:
    """A spreadsheet with cells in two opposite corners: 17,000 million cells between them."""
    good = sheet([["姓名"]])
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(good)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            body = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                corner = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                body = body.replace(b"</sheetData>", corner)
            new.writestr(entry, body)
    return target.getvalue()


def liar() -> bytes:
    """A spreadsheet whose directory says that a part is small, and it is not."""
    made = bytearray(archive(lambda file: [file.writestr("xl/worksheets/sheet1.xml", b"<x>" * 200_000_000)]))
    place = made.rindex(b"PK\x01\x02", 0, made.rindex(b"xl/worksheets/sheet1.xml"))
    made[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    return bytes(made)


def archive(more: Callable[[zipfile.ZipFile], object]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.writestr("xl/workbook.xml", "<workbook/>")
        more(file)
    return target.getvalue()


def empty_rows() -> bytes:
    """Ten million rows, all empty."""
    return "姓名\n".encode() + b",\n" * 10_000_000


@pytest.mark.parametrize(
    ("content", "file_format", "error"),
    [
        (lambda: b"", Format.XLSX, NotOfFormat),
        (lambda: b"name\n1\n", Format.XLSX, NotOfFormat),
        (lambda: b"PK\x03\x04 and no more", Format.XLSX, Damaged),
        (lambda: sheet([["姓名"]])[:-200], Format.XLSX, Damaged),
        (lambda: archive(lambda _file: None), Format.XLSX, Damaged),
        (lambda: archive(lambda file: None).replace(b"workbook", b"wormbook"), Format.XLSX, NotOfFormat),
        (lambda: sheet([["姓名"]]), Format.CSV, NotOfFormat),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Format.XLSX, OldExcel),
        (bomb, Format.XLSX, TooDemanding),
        (far_corner, Format.XLSX, TooDemanding),
        (liar, Format.XLSX, UnusableFile),
        (lambda: sheet([["姓名"], *[["甲"]] * 101]), Format.XLSX, TooManyRows),
        (lambda: b"a\n" * 102, Format.CSV, TooManyRows),
        (lambda: b",".join([b"a"] * 101), Format.CSV, TooManyColumns),
        (lambda: b'a\n"' + b"x" * 3_000_000, Format.CSV, Damaged),
        (lambda: "姓名\n".encode() + b"\xff\xff\n", Format.CSV, UnknownEncoding),
        (lambda: b"[1]", Format.JSONL, NotAnObject),
        (lambda: b'{"a": ' + b"[" * 100_000, Format.JSONL, NotAnObject),
        (lambda: json.dumps({f"c{i}": 1 for i in range(101)}).encode(), Format.JSONL, TooManyColumns),
    ],
)
async def test_a_file_that_cannot_be_a_list_is_refused_with_a_reason(
    tmp_path: Path, content: Callable[[], bytes], file_format: Format, error: type[UnusableFile]
) -> None:
    with pytest.raises(error):
        await read(tmp_path, content(), file_format, rows_max=100)


async def test_ten_million_empty_rows_are_nothing_and_a_giant_cell_is_cut(tmp_path: Path) -> None:
    assert len(await read(tmp_path, empty_rows(), Format.CSV)) == 1
    rows = await read(tmp_path, b'{"name": "' + b"x" * 15_000_000 + b'"}', Format.JSONL)
    assert len(str(rows[1][1][0])) == 10_001


async def test_a_formula_counts_by_its_last_value_and_runs_nothing(tmp_path: Path) -> None:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    page = book.add_worksheet()
    page.write_row(0, 0, ["姓名", "编号"])
    page.write_formula(1, 0, '=HYPERLINK("http://x.test","示例")', None, "示例甲")
    page.write_formula(1, 1, "=1/0", None, "#DIV/0!")
    page.write_formula(2, 0, "=1+1", None, 2)
    book.close()
    rows = await read(tmp_path, target.getvalue(), Format.XLSX)
    assert rows[1:] == [(2, ["示例甲"]), (3, [2.0])]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("人口.xlsx", "人口.xlsx"),
        ("C:\\temp\\人口.CSV", "人口.CSV"),
        ("../../etc/passwd.csv", "passwd.csv"),
        ("a\x00\r\nb.jsonl", "ab.jsonl"),
        ("长" * 300 + ".csv", "长" * 146 + ".csv"),
    ],
)
def test_a_files_name_is_cut_down_to_a_name(name: str, plain: str) -> None:
    assert plain_name(name) == plain
    assert format_of(plain) in set(Format)


@pytest.mark.parametrize("name", ["", "xlsx", "a.xls", "a.exe", "a."])
def test_a_name_of_no_known_format_is_refused(name: str) -> None:
    with pytest.raises(UnknownFormat):
        format_of(name)


@pytest.mark.parametrize(
    "declare",
    [
        lambda: ImportColumn("Name"),
        lambda: ImportColumn("rank", choices=("a",)),
        lambda: ImportColumn("rank", type=ColumnType.CHOICE),
        lambda: ImportKind("members", "p", KIND.columns, (("name",),), nothing),
        lambda: ImportKind("clubs.m", "p", (), (("name",),), nothing),
        lambda: ImportKind("clubs.m", "p", (*KIND.columns, KIND.columns[0]), (("name",),), nothing),
        lambda: ImportKind("clubs.m", "p", KIND.columns, (), nothing),
        lambda: ImportKind("clubs.m", "p", KIND.columns, (("other",),), nothing),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(declare: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"column|import"):
        declare()
