"""Lists in and out over HTTP: upload, preview, confirmation, result; templates; exports with masks and scopes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
import xlsxwriter
from python_calamine import CalamineWorkbook

from linli.context import Actor
from linli.db import rows
from linli.db.database import Database
from linli.identity import grants, people, sessions
from linli.identity.tables import Account
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli.testing.imports import ImportBench
from linli.transfer.tables import DataExport, DataImport
from linli.worker import dispatchers
from linli_graphql.exporting import pages

KIND = "identity.people"
RIGHTS = (
    "identity.person.read",
    "identity.person.write",
    "areas.area.read",
    "transfer.export.run",
    "transfer.export.read",
)
LIST = """姓名,所在区域,联系电话,身份证号,出生日期,性别
示例甲,和平社区,19900000001,,1980-01-01,男
示例乙,解放街道,19900000002,,,
"""
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PREVIEW = (
    "mutation ($i: ID!) { previewImport(input: {id: $i}) { dataImport { id state } problems { code path } } }"
)
CONFIRM = """mutation ($i: ID!, $m: ImportMode!) {
  confirmImport(input: {id: $i, mode: $m}) { dataImport { state } problems { code } } }"""
LOOK = """query ($i: ID!) { dataImport(id: $i) {
  kind fileName state mode requestedBy rowsTotal rowsDone createdCount updatedCount unchangedCount refusedCount
  problemCount hasResult errorCode errorMessage
  rowProblems(first: 10) { totalCount nodes { rowNumber columnKey value code message } } } }"""
EXPORT = """mutation ($i: StartExportInput!, $k: String) {
  startExport(input: $i, idempotencyKey: $k) { dataExport { id state } problems { code path message } } }"""
EXPORTED = """query ($i: ID!) { dataExport(id: $i) {
  state rowsDone errorCode errorMessage requestedBy connection filter } }"""


@pytest_asyncio.fixture(autouse=True)
async def no_leftovers(database: Database) -> AsyncIterator[None]:
    yield
    async with database.kernel() as db:
        await db.execute("update jobs_job set status = 'dead' where status = 'pending'")


@dataclass
class Clerk:
    """Somebody with an account and a token."""

    town: Town
    actor: Actor
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": "zh-CN"}

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.town.client.get(path, headers={**self.headers, **headers})

    async def upload(
        self, content: Any, *, name: str = "人口 名单.csv", kind: str = KIND, more: str = ""
    ) -> httpx.Response:
        path = f"/transfer/uploads?kind={kind}&name={quote(name)}{more}"
        return await self.town.client.post(path, content=content, headers=self.headers)

    async def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        body = {"query": document, "variables": variables}
        answer = (await self.town.client.post("/graphql", json=body, headers=self.headers)).json()
        assert "errors" not in answer, answer
        found: dict[str, Any] = answer["data"]
        return found

    async def imported(
        self, content: Any, mode: str = "GOOD_ROWS", **options: Any
    ) -> tuple[str, dict[str, Any]]:
        """Upload, check, confirm; gives the id and what the API tells at the end."""
        import_id = (await self.upload(content, **options)).json()["id"]
        await self.ask(PREVIEW, i=import_id)
        await self.town.work()
        await self.ask(CONFIRM, i=import_id, m=mode)
        await self.town.work()
        return import_id, (await self.ask(LOOK, i=import_id))["dataImport"]

    async def exported(self, **wish: Any) -> tuple[str, dict[str, Any], httpx.Response]:
        """Start an export and work it off; gives its id, what the API tells, and the answer with its file."""
        started = (await self.ask(EXPORT, i=wish))["startExport"]
        assert started["problems"] == []
        export_id = started["dataExport"]["id"]
        await self.town.work()
        told = (await self.ask(EXPORTED, i=export_id))["dataExport"]
        return export_id, told, await self.get(f"/transfer/exports/{export_id}/file")


@dataclass
class Town:
    """A tenant with two streets, one with a community, and an application that serves it."""

    bench: Bench
    imports: ImportBench
    tenant: Tenant
    client: httpx.AsyncClient
    runtime: Any
    street: BenchArea
    community: BenchArea
    elsewhere: BenchArea

    async def clerk(self, *more: str, area: BenchArea | None = None, only: tuple[str, ...] = RIGHTS) -> Clerk:
        actor = await self.imports.account(self.tenant, (*only, *more), area=area)
        async with self.bench.context(self.tenant) as ctx:
            account = await rows.get(ctx, Account, UUID(str(actor.id)))
            token, _session = await sessions.open_session(ctx, account, second_factor=False)
        return Clerk(self, actor, token)

    async def work(self) -> None:
        """What a worker does with the jobs that are due."""
        _deliveries, jobs = dispatchers(self.runtime)
        for _ in range(200):
            if not await jobs.run_once():
                break

    async def register(self, count: int, area: BenchArea, name: str = "示例") -> None:
        async with self.bench.context(self.tenant) as ctx:
            for number in range(count):
                await people.register(
                    ctx,
                    area_id=area.id,
                    full_name=f"{name}{number:03d}",
                    phone=f"199{number:08d}",
                    gender="female",
                )


async def make_town(bench: Bench, web: Any) -> Town:
    tenant = await bench.tenant(plugins=())
    street = await bench.area(tenant, "中山街道")
    community = await bench.area(tenant, "和平社区", parent=street)
    elsewhere = await bench.area(tenant, "解放街道")
    return Town(bench, ImportBench(bench), tenant, web.client, web.runtime, street, community, elsewhere)


@pytest_asyncio.fixture
async def town(bench: Bench, web: Any) -> Town:
    return await make_town(bench, web)


async def test_a_list_goes_from_the_upload_to_the_result(town: Town) -> None:
    clerk = await town.clerk(area=town.street)
    answer = await clerk.upload(LIST.encode("gb18030"))
    assert answer.status_code == 201
    body = answer.json()
    assert (body["kind"], body["fileName"], body["sizeBytes"]) == (
        KIND,
        "人口 名单.csv",
        len(LIST.encode("gb18030")),
    )
    assert len(body["sha256"]) == 64
    [started] = (await clerk.ask(PREVIEW, i=body["id"])).values()
    assert started == {"dataImport": {"id": body["id"], "state": "CHECKING"}, "problems": []}
    await town.work()
    found = (await clerk.ask(LOOK, i=body["id"]))["dataImport"]
    assert (found["state"], found["createdCount"], found["refusedCount"], found["hasResult"]) == (
        "CHECKED",
        1,
        1,
        True,
    )
    assert found["rowProblems"] == {
        "totalCount": 1,
        "nodes": [
            {
                "rowNumber": 3,
                "columnKey": "area",
                "value": "解放街道",
                "code": "permission_denied",
                "message": "您没有进行这一操作的权限（identity.person.write）。",
            }
        ],
    }
    refused = (await clerk.ask(CONFIRM, i=body["id"], m="ALL_OR_NOTHING"))["confirmImport"]
    assert [one["code"] for one in refused["problems"]] == ["transfer.rows_refused"]
    await clerk.ask(CONFIRM, i=body["id"], m="GOOD_ROWS")
    await town.work()
    done = (await clerk.ask(LOOK, i=body["id"]))["dataImport"]
    assert (done["state"], done["rowsDone"], done["rowsTotal"], done["createdCount"]) == ("DONE", 2, 2, 1)
    result = await clerk.get(f"/transfer/imports/{body['id']}/result")
    assert result.status_code == 200
    assert result.headers["content-type"] == "text/csv; charset=utf-8"
    assert result.headers["x-content-type-options"] == "nosniff"
    assert result.headers["content-disposition"] == (
        f"attachment; filename=\"__ __-____.csv\"; filename*=UTF-8''{quote('人口 名单-导入结果.csv')}"
    )
    table = list(csv.reader(io.StringIO(result.content.decode("utf-8-sig"))))
    assert [row[6] for row in table] == ["导入结果", "新增", "未通过"]


async def test_problems_and_headers_come_in_the_callers_language(town: Town) -> None:
    clerk = await town.clerk()
    clerk_headers = {**clerk.headers, "Accept-Language": "en"}
    listed = "Full name,Area,Date of birth\n示例甲,nowhere,1980-01-01\n"
    import_id = (await clerk.upload(listed.encode())).json()["id"]
    body = {"query": PREVIEW, "variables": {"i": import_id}}
    await town.client.post("/graphql", json=body, headers=clerk_headers)
    await town.work()
    body = {"query": LOOK, "variables": {"i": import_id}}
    answer = (await town.client.post("/graphql", json=body, headers=clerk_headers)).json()["data"][
        "dataImport"
    ]
    assert answer["rowProblems"]["nodes"][0]["message"] == "There is no such area: give its code or its name."
    result = await clerk.get(f"/transfer/imports/{import_id}/result")
    assert "Area: There is no such area" in result.text


async def test_what_a_spreadsheet_would_calculate_stays_a_text(town: Town) -> None:
    clerk = await town.clerk()
    evil = "=HYPERLINK('http://x.test')"
    listed = f"姓名,所在区域,出生日期,备注\n示例甲,和平社区,1980-01-01,{evil}\n@x,和平社区,1980-01-01,-1\n"
    import_id, _told = await clerk.imported(listed.encode())
    result = await clerk.get(f"/transfer/imports/{import_id}/result")
    table = list(csv.reader(io.StringIO(result.content.decode("utf-8-sig"))))
    assert table[1][3] == f"'{evil}"
    assert table[2][0] == "'@x"
    _id, _told, file = await clerk.exported(
        connection="persons", format="CSV", columns=["fullName"], orderBy="NAME_PINYIN_ASC"
    )
    assert "'@x" in file.text
    _id, _told, file = await clerk.exported(connection="persons", format="XLSX", columns=["fullName"])
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_index(0).to_python()
    assert ["@x"] in book
    # Brought back in, the apostrophe of the CSV file is no part of the name.
    again = (await clerk.get(f"/transfer/imports/{import_id}/result")).content
    _again, told = await clerk.imported(again)
    assert (told["unchangedCount"], told["createdCount"]) == (2, 0)


async def test_a_spreadsheet_goes_in_and_its_result_comes_back_as_one(town: Town) -> None:
    clerk = await town.clerk()
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    page, day = book.add_worksheet(), book.add_format({"num_format": "yyyy/m/d"})
    page.write_row(0, 0, ["姓名", "所在区域", "联系电话", "出生日期", "备注"])
    page.write_row(1, 0, ["示例甲", "和平社区", 19900000001, None, "=1+1"])
    page.write_datetime(1, 3, date(1980, 1, 2), day)
    page.write_row(2, 0, ["示例乙", "没有", 19900000002, "1980年1月2日"])
    book.close()
    import_id, told = await clerk.imported(target.getvalue(), name="人口.xlsx")
    assert (told["state"], told["createdCount"], told["refusedCount"]) == ("DONE", 1, 1)
    async with town.bench.context(town.tenant) as ctx:
        [person] = await ctx.db.fetch(
            "select phone, birth_date from identity_person where tenant_id = $1", ctx.tenant_id
        )
    assert (person["phone"], person["birth_date"]) == ("19900000001", date(1980, 1, 2))
    answer = await clerk.get(f"/transfer/imports/{import_id}/result")
    assert answer.headers["content-type"] == SHEET
    table = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert table[1] == ["示例甲", "和平社区", 19900000001, date(1980, 1, 2), 0, "新增", ""]
    assert table[2][5:] == ["未通过", "所在区域: 没有这个区域,请填写区划代码或名称。"]
    _again, told = await clerk.imported(answer.content, name="人口-导入结果.xlsx")
    assert told["unchangedCount"] == 1


async def test_a_template_has_headers_drop_downs_and_can_be_filled_in_and_sent_back(town: Town) -> None:
    clerk = await town.clerk()
    answer = await clerk.get(f"/transfer/templates/{KIND}.xlsx")
    assert (answer.status_code, answer.headers["content-type"]) == (200, SHEET)
    assert quote("人口-导入模板.xlsx") in answer.headers["content-disposition"]
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert book.sheet_names == ["人口", "填写说明", "lists"]
    assert book.get_sheet_by_index(0).to_python() == [
        ["姓名*", "所在区域*", "联系电话", "身份证号", "出生日期", "性别"]
    ]
    notes = book.get_sheet_by_index(1).to_python()
    assert notes[1] == ["姓名", "是", "文字", "示例·王小明"]
    assert notes[6][2] == "女、男、其他、未知"
    assert drop_downs(answer.content) == ['"女,男,其他,未知"']
    english = await clerk.get(f"/transfer/templates/{KIND}.csv", **{"Accept-Language": "en"})
    assert english.content.decode("utf-8-sig") == (
        "Full name*,Area*,Telephone,Identity number,Date of birth,Gender\r\n"
    )
    filled = english.content + "示例甲,和平社区,,,1980-01-01,Female\r\n".encode()
    _id, told = await clerk.imported(filled)
    assert (told["state"], told["createdCount"]) == ("DONE", 1)


def drop_downs(content: bytes) -> list[str]:
    """The lists from which the first sheet lets choose."""
    import re
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    return [
        one.replace("&quot;", '"') for one in re.findall(r'type="list"[^>]*>\s*<formula1>([^<]*)<', sheet)
    ]


async def test_the_kinds_and_their_columns_are_listed_for_who_may_import_them(town: Town) -> None:
    asked = "{ importKinds { name title templateXlsx columns { key header type required choices example } } }"
    [kind] = (await (await town.clerk()).ask(asked))["importKinds"]
    assert (kind["name"], kind["title"], kind["templateXlsx"]) == (
        KIND,
        "人口",
        f"/transfer/templates/{KIND}.xlsx",
    )
    assert kind["columns"][5] == {
        "key": "gender",
        "header": "性别",
        "type": "CHOICE",
        "required": False,
        "choices": ["女", "男", "其他", "未知"],
        "example": "male",
    }
    reader = await town.clerk(only=("identity.person.read",))
    assert (await reader.ask(asked))["importKinds"] == []


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"kind": "identity.nothing"}, 400, "transfer.unknown_kind"),
        ({"name": "a.exe"}, 400, "transfer.unknown_format"),
        ({"name": ""}, 400, "http.malformed_body"),
        ({"more": "&other=1"}, 400, "http.malformed_body"),
        ({"more": "&area=Area_01920a3c-0000-7000-8000-000000000000"}, 404, "not_found"),
        ({"more": "&area=nonsense"}, 404, "not_found"),
    ],
)
async def test_a_bad_upload_is_refused_with_a_code(
    town: Town, options: dict[str, Any], status: int, code: str
) -> None:
    answer = await (await town.clerk()).upload(b"x", **options)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_an_upload_may_be_larger_than_other_bodies_and_has_its_own_bound(town: Town) -> None:
    clerk = await town.clerk()
    assert (await clerk.upload(b"x" * 2 * 1024 * 1024)).status_code == 201
    large = b"x" * (20 * 1024 * 1024 + 1)
    answer = await clerk.upload(large)
    assert (answer.status_code, answer.json()["code"]) == (400, "transfer.file_too_large")
    answer = await clerk.upload(large + b"x" * 2_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "http.body_too_large")

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 1024 * 1024

    answer = await clerk.upload(endless())
    assert (answer.status_code, answer.json()["code"]) == (413, "http.body_too_large")
    answer = await town.client.post("/graphql", content=b"x" * 2 * 1024 * 1024, headers=clerk.headers)
    assert answer.status_code == 413


async def test_without_a_token_or_the_right_there_is_nothing(town: Town) -> None:
    paths = (f"/transfer/templates/{KIND}.xlsx", "/transfer/imports/x/result", "/transfer/exports/x/file")
    for path in paths:
        assert (await town.client.get(path)).status_code == 401
    assert (
        await town.client.post(f"/transfer/uploads?kind={KIND}&name=a.csv", content=b"x")
    ).status_code == 401
    nobody = await town.clerk(only=("areas.area.read",))
    assert (await nobody.get(paths[0])).status_code == 403
    assert (await nobody.upload(b"x")).status_code == 403
    for path in ("/transfer/templates/..%2Fx.xlsx", "/transfer/templates/nothing.xls"):
        assert (await nobody.get(path)).status_code == 404
    assert (await (await town.clerk()).get("/transfer/templates/a.b.xlsx")).status_code == 400


async def test_results_are_for_who_sent_the_file_or_may_import_everywhere(
    town: Town, bench: Bench, web: Any
) -> None:
    clerk = await town.clerk(area=town.street)
    import_id, _told = await clerk.imported(LIST.encode())
    path = f"/transfer/imports/{import_id}/result"
    colleague, chief = await town.clerk(area=town.street), await town.clerk()
    stranger = await (await make_town(bench, web)).clerk()
    assert (await colleague.ask(LOOK, i=import_id))["dataImport"]["state"] == "DONE"
    assert (await stranger.ask(LOOK, i=import_id))["dataImport"] is None
    assert [(await one.get(path)).status_code for one in (clerk, chief, colleague, stranger)] == [
        200,
        200,
        404,
        404,
    ]
    plain = path.replace("DataImport_", "")
    assert (await clerk.get(plain)).status_code == 200
    async with bench.context(town.tenant) as ctx:
        entries = await ctx.db.fetch(
            "select actor_id from audit_entry where tenant_id = $1 and action = 'fetch' order by id",
            ctx.tenant_id,
        )
    assert [row["actor_id"] for row in entries] == [clerk.actor.id, chief.actor.id, clerk.actor.id]


async def test_an_api_client_imports_with_its_own_scopes(place: Any) -> None:
    caller = await place.caller(("transfer.import.run", "transfer.import.read", "identity.person.write"))
    listed = "name,姓名,所在区域,出生日期\nx,示例甲,第1社区,1980-01-01\n".encode()
    answer = await place.web.client.post(
        f"/transfer/uploads?kind={KIND}&name=a.csv", content=listed, headers=caller.headers
    )
    import_id = answer.json()["id"]
    town = Town(place.bench, None, place.tenant, None, place.web.runtime, None, None, None)  # type: ignore[arg-type]
    for document, variables in ((PREVIEW, {}), (CONFIRM, {"m": "ALL_OR_NOTHING"})):
        assert (await caller.post(document, variables={"i": import_id, **variables})).status_code == 200
        await town.work()
    found = (await caller.post(LOOK, variables={"i": import_id})).json()["data"]["dataImport"]
    assert (found["state"], found["createdCount"], found["requestedBy"]) == ("DONE", 1, "对接平台")


async def test_an_export_has_what_the_list_shows_with_masks_and_the_callers_areas(town: Town) -> None:
    await town.register(3, town.community)
    await town.register(2, town.elsewhere, name="别处")
    clerk = await town.clerk(area=town.street)
    export_id, told, file = await clerk.exported(
        connection="persons",
        format="CSV",
        filter={"state": {"eq": "ACTIVE"}},
        orderBy="NAME_PINYIN_DESC",
        columns=["fullName", "gender", "phone", "birthDate", "area.name", "createdAt"],
    )
    assert (told["state"], told["rowsDone"], told["connection"]) == ("DONE", 3, "persons")
    assert told["filter"] == {"state": {"eq": "ACTIVE"}}
    table = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert table[0] == ["姓名", "性别", "电话", "出生日期", "区域 名称", "录入时间"]
    assert [row[0] for row in table[1:]] == ["示例002", "示例001", "示例000"]
    assert table[1][:5] == ["示例002", "女", "199****0002", "", "和平社区"]
    assert file.headers["content-disposition"].endswith(".csv")
    async with town.bench.context(town.tenant) as ctx:
        [entry] = await ctx.db.fetch(
            "select actor_id, subject_table, after from audit_entry where tenant_id = $1 and action = 'export'",
            ctx.tenant_id,
        )
    after = json.loads(entry["after"])
    assert (entry["actor_id"], entry["subject_table"], after["rows"]) == (
        clerk.actor.id,
        "identity_person",
        3,
    )
    assert json.loads(after["filter"]) == {"state": {"eq": "ACTIVE"}}
    seen = "{ dataExports { nodes { id requestedBy connection rowsDone } } }"
    auditor = await town.clerk(only=("transfer.export.read",))
    [row] = (await auditor.ask(seen))["dataExports"]["nodes"]
    assert row == {"id": export_id, "requestedBy": clerk.actor.name, "connection": "persons", "rowsDone": 3}
    for other in (auditor, await town.clerk(area=town.street)):
        assert (await other.get(f"/transfer/exports/{export_id}/file")).status_code == 404


@pytest.mark.parametrize("right", ["identity.person.reveal", "identity.person.read"])
async def test_an_export_has_every_column_and_what_is_masked_for_all_is_masked_in_it(
    town: Town, right: str
) -> None:
    async with town.bench.context(town.tenant) as ctx:
        await people.register(
            ctx, area_id=None, full_name="示例甲", phone="19900000001", birth_date=date(1980, 1, 2)
        )
    clerk = await town.clerk(right)
    _id, _told, file = await clerk.exported(connection="persons", format="JSONL")
    [row] = [json.loads(line) for line in file.text.splitlines()]
    assert row["id"].startswith("Person_")
    # A value is shown one at a time, for a reason that the person can read: never by the list.
    assert (row["phone"], row["birthDate"], row["gender"]) == ("199****0001", "***", "UNKNOWN")
    assert row["area.name"] is None
    assert {"fullName", "namePinyin", "state", "synthetic", "createdAt", "updatedAt", "area.code"} <= set(row)
    _id, _told, file = await clerk.exported(
        connection="persons", format="XLSX", columns=["birthDate", "phone"]
    )
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.content)).get_sheet_by_index(0).to_python()
    assert [str(cell) for cell in book[1]] == ["***", "199****0001"]


@pytest.mark.parametrize("order", ["", "ENTERED_DESC", "NAME_PINYIN_ASC", "NAME_PINYIN_DESC"])
async def test_every_row_comes_once_over_many_pages(
    town: Town, order: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE_ROWS", 7)
    await town.register(21, town.community)
    await town.register(9, town.community)  # nine of the same name
    clerk = await town.clerk()
    _id, told, file = await clerk.exported(
        connection="persons", format="JSONL", orderBy=order, columns=["id", "namePinyin"]
    )
    found = [json.loads(line) for line in file.text.splitlines()]
    assert (told["rowsDone"], len({row["id"] for row in found})) == (30, 30)
    names = [row["namePinyin"] for row in found]
    if order.startswith("NAME"):
        assert names == sorted(names, reverse=order.endswith("DESC"))


async def test_a_list_ordered_by_a_moment_or_a_number_has_every_row_once(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE_ROWS", 2)
    clerk = await town.clerk("audit.entry.read", "areas.area.read")
    for connection, order in (("auditEntries", "OCCURRED_AT_DESC"), ("areas", "PATH_ASC")):
        _id, told, file = await clerk.exported(connection=connection, format="JSONL", orderBy=order)
        ids = [json.loads(line)["id"] for line in file.text.splitlines()]
        assert len(ids) == len(set(ids)) == told["rowsDone"] > 2


@pytest.mark.parametrize(
    ("wish", "code", "path"),
    [
        ({"connection": "nothing"}, "transfer.unknown_connection", ["input", "connection"]),
        ({"columns": ["fullName", "password"]}, "transfer.unknown_column", ["input", "columns"]),
        ({"filter": {"phone": {"eq": "1"}}}, "graphql.invalid_filter", ["input", "filter"]),
        ({"filter": {"state": {}}}, "graphql.invalid_filter", ["input", "filter", "state"]),
        ({"filter": 5}, "graphql.invalid_filter", ["input", "filter"]),
        ({"orderBy": "PHONE_ASC"}, "graphql.invalid_filter", ["input", "orderBy"]),
        ({"connection": "auditEntries"}, "permission_denied", []),
    ],
)
async def test_a_wish_that_cannot_be_met_is_refused_at_once(
    town: Town, wish: Mapping[str, Any], code: str, path: list[str]
) -> None:
    clerk = await town.clerk()
    [payload] = (await clerk.ask(EXPORT, i={"connection": "persons", "format": "CSV", **wish})).values()
    assert payload["dataExport"] is None
    assert [(one["code"], one["path"]) for one in payload["problems"]] == [(code, path)]


async def test_both_the_right_to_export_and_to_read_are_asked_for_when_it_runs(town: Town) -> None:
    for only in (("identity.person.read",), ("transfer.export.run", "transfer.export.read")):
        clerk = await town.clerk(only=only)
        [payload] = (await clerk.ask(EXPORT, i={"connection": "persons", "format": "CSV"})).values()
        assert [one["code"] for one in payload["problems"]] == ["permission_denied"]
    clerk = await town.clerk()
    started = (await clerk.ask(EXPORT, i={"connection": "persons", "format": "CSV"}))["startExport"]
    async with town.bench.context(town.tenant) as ctx:
        found = await rows.get(ctx, DataExport, UUID(started["dataExport"]["id"].removeprefix("DataExport_")))
        held = await ctx.db.fetchval(
            "select id from identity_grant where tenant_id = $1 and account_id = $2",
            ctx.tenant_id,
            clerk.actor.id,
        )
        await grants.revoke(ctx, held)
    await town.work()
    async with town.bench.context(town.tenant) as ctx:
        found = await rows.get(ctx, DataExport, found.id)
    assert (found.state, found.error_code) == ("failed", "permission_denied")


async def test_a_column_that_leads_to_what_nobody_showed_the_caller_is_refused_at_once(town: Town) -> None:
    await town.register(1, town.community)
    rights = ("identity.person.read", "transfer.export.run", "transfer.export.read")
    clerk = await town.clerk(only=rights)
    wish = {"connection": "persons", "format": "CSV", "columns": ["fullName", "area.name"]}
    [payload] = (await clerk.ask(EXPORT, i=wish)).values()
    assert [(one["code"], one["path"]) for one in payload["problems"]] == [
        ("permission_denied", ["input", "columns"])
    ]
    _id, told, file = await clerk.exported(connection="persons", format="CSV")
    assert (told["state"], told["rowsDone"]) == ("DONE", 1)
    assert "和平社区" not in file.content.decode("utf-8-sig")


async def test_an_export_beyond_the_limit_comes_to_nothing(town: Town) -> None:
    await town.register(3, town.community)
    async with town.bench.database.kernel() as db:
        await db.execute(
            "update tenancy_tenant set settings = $2 where tenant_id = $1",
            town.tenant.id,
            json.dumps({"transfer.export_rows_max": {"value": 2, "mode": "bounded"}}),
        )
    town.runtime.catalogue.forget(town.tenant.id)
    _id, told, file = await (await town.clerk()).exported(connection="persons", format="CSV")
    assert (told["state"], told["errorCode"]) == ("FAILED", "transfer.export_too_large")
    assert "2" in told["errorMessage"]
    assert file.status_code == 404


async def test_an_export_is_started_once_for_a_key(town: Town) -> None:
    clerk = await town.clerk()
    wish = {"connection": "persons", "format": "CSV"}
    ids = {(await clerk.ask(EXPORT, i=wish, k="k1"))["startExport"]["dataExport"]["id"] for _ in range(2)}
    assert len(ids) == 1


async def test_a_large_file_is_given_out_piece_by_piece(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linli.transfer.files.PIECE_BYTES", 100)
    await town.register(20, town.community)
    clerk = await town.clerk()
    _id, _told, file = await clerk.exported(connection="persons", format="CSV")
    assert len(file.content.splitlines()) == 21
    assert int(file.headers["content-length"]) == len(file.content)


async def test_a_file_whose_time_is_over_is_gone(town: Town) -> None:
    clerk = await town.clerk()
    import_id, _told = await clerk.imported(LIST.encode())
    async with town.bench.context(town.tenant) as ctx:
        found = await rows.get(ctx, DataImport, UUID(import_id.removeprefix("DataImport_")))
        await ctx.db.execute(
            "update transfer_file set expires_at = now() - interval '1 day' where tenant_id = $1",
            ctx.tenant_id,
        )
        from linli.jobs import enqueue

        await enqueue(ctx, "transfer.remove_expired")
    await town.work()
    answer = await clerk.get(f"/transfer/imports/{found.id}/result")
    assert (answer.status_code, answer.json()["code"]) == (409, "transfer.file_gone")
