"""Sensitive values, put in through every door, are looked for everywhere but in the encrypted columns."""

from __future__ import annotations

import base64
import io
import json
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
import structlog
from redis.asyncio import Redis

from linli.context import Actor
from linli.db.database import Database
from linli.db.encryption.columns import encrypted_columns
from linli.embedded import EmbeddedValkey
from linli.identity import accounts, clients
from linli.logs import configure_logs
from linli.privacy import retention, rotate, rotation
from linli.registry import Composition
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.testing.imports import ImportBench
from linli.testing.pytest_plugin import scratch_database
from linli_graphql.ids import local_id, to_global_id
from linli_migrants import applications, dwellings, permit_decisions, permits, reports, stays
from linli_migrants.exchange import inbox, outbox
from linli_migrants.exchange.files import file_exchange
from linli_migrants.exchange.sealing import Key, write_batch

# Made up: there is no such region. The phone is stored in clear (it is searched and shown masked), and nowhere else.
NUMBER, WRONG_NUMBER, PHONE = "999999197502110016", "999999197502110014", "19912345678"
DETAIL = "请更正我的病历号 CANARY-77-诊断"
PASSWORD = "Canary-Horse-Battery-9"
ORIGIN, LODGER, LODGER_NUMBER = "金丝雀县 CANARY-88 号", "金丝雀租客", "999999197502110083"
LISTED_NUMBER, CHECKED = "999999197502110120", "CANARY-孕检-结果"
PERMIT, REASON = "JZCANARY99", "CANARY-REASON-不符"
SENSITIVE = (
    NUMBER,
    WRONG_NUMBER,
    DETAIL,
    "CANARY-77",
    PASSWORD,
    ORIGIN,
    "CANARY-88",
    LODGER,
    LODGER_NUMBER,
    PERMIT,
    REASON,
    LISTED_NUMBER,
    CHECKED,
)
PHONE_MAY_STAND_IN = {("identity_person", "phone")}

REGISTER = """
mutation ($i: RegisterPersonInput!, $k: String) {
  registerPerson(input: $i, idempotencyKey: $k) {
     person { id version idNumber phone } problems { code message } } }"""
UPDATE = """
mutation ($i: UpdatePersonInput!) {
  updatePerson(input: $i) {
     person { id } problems { code message path } } }"""
REVEAL = """
mutation ($i: RevealPersonFieldInput!) {
  revealPersonField(input: $i) {
     value problems { code } } }"""
ASK = """
mutation ($i: RequestPersonalDataInput!) {
  requestPersonalData(input: $i) {
     privacyRequest { id detail } problems { code } } }"""
VERIFY = """
mutation ($i: VerifyPrivacyRequestInput!) {
  verifyPrivacyRequest(input: $i) {
     problems { code } } }"""
EXPORT = """
mutation ($i: PrivacyRequestInput!) {
  exportPersonalData(input: $i) {
     exportId problems { code } } }"""
READ = """
mutation ($i: ReadPersonalDataInput!) {
  readPersonalData(input: $i) {
     content problems { code } } }"""
FIND = """
query ($n: String, $p: String) { findPersons(reason: "核实", idNumber: $n, phone: $p) { id idNumber phone } }"""


class Canary:
    """An administrator's client in a tenant, and all answers that may not show a value."""

    def __init__(self, bench: Bench, web: Any, tenant: Tenant, token: str) -> None:
        self.bench, self.web, self.tenant = bench, web, tenant
        self.headers = {"Authorization": f"Bearer {token}"}
        self.answers: list[str] = []
        self.shown: list[str] = []

    async def ask(self, document: str, *, shows: bool = False, **variables: Any) -> dict[str, Any]:
        body = {"query": document, "variables": variables}
        answer = await self.web.client.post("/graphql", json=body, headers=self.headers)
        (self.shown if shows else self.answers).append(answer.text)
        found: dict[str, Any] = answer.json()
        return found

    async def post(self, path: str, body: dict[str, str], **options: Any) -> None:
        self.answers.append((await self.web.post(path, body, **options)).text)


@pytest_asyncio.fixture(scope="module")
async def database(postgres_url: str, composition: Composition) -> AsyncIterator[Database]:
    """Of this test alone: all of it is looked through."""
    async with scratch_database(postgres_url, composition) as opened:
        yield opened


@pytest_asyncio.fixture
async def canary(webs: Any, valkey: EmbeddedValkey, bench: Bench, composition: Composition) -> Canary:
    tenant = await bench.tenant(plugins=["migrants", "organisations", "points", "volunteers"])
    web = await webs.start(redis_url=valkey.url())
    everything = sorted(composition.plugin_set(tenant.plugins).permissions)
    async with bench.context(tenant) as ctx:
        made = await clients.create(ctx, name="对接平台", scopes=everything)
    secret = base64.b64encode(f"{made.client.client_id}:{made.client_secret}".encode()).decode()
    answer = await web.client.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {secret}"},
    )
    return Canary(bench, web, tenant, answer.json()["access_token"])


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a process of our own would log, in a buffer; other tests find their loggers as they were."""
    root, buffer = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    configure_logs()
    settings = {"logger_factory": structlog.WriteLoggerFactory(buffer), "cache_logger_on_first_use": False}
    structlog.configure(**{**structlog.get_config(), **settings})
    root.handlers[:] = handlers
    yield buffer
    root.handlers[:] = handlers
    root.setLevel(level)


async def test_no_sensitive_value_is_found_in_clear_anywhere(
    canary: Canary,
    bench: Bench,
    composition: Composition,
    valkey: EmbeddedValkey,
    tmp_path: Path,
    written: io.StringIO,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    person_id = await _enter(canary)
    secret = await _second_factor(canary, person_id)
    await _work(canary, person_id)
    await _newcomer(canary, person_id, tmp_path, monkeypatch)
    await _list(canary)

    stored = await _database(bench, composition)
    kept = await _redis(valkey)
    out, err = capfd.readouterr()
    logs = written.getvalue() + out + err + caplog.text
    files = _files(tmp_path)
    places = {**stored, "redis": kept, "logs": logs, "files": files, "answers": "\n".join(canary.answers)}
    found = [
        (where, value) for value in (*SENSITIVE, secret) for where, text in places.items() if _in(value, text)
    ]
    assert found == []
    clear = [where for where, text in places.items() if _in(PHONE, text)]
    assert clear == [f"{table}.{column}" for table, column in sorted(PHONE_MAY_STAND_IN)]
    assert len(stored) > 200
    assert "the logs are captured" in written.getvalue()
    assert NUMBER in "".join(canary.shown)  # it was there to be found


async def _enter(canary: Canary) -> str:
    """Write the values in, rightly and wrongly, in variables and in documents."""
    person = {"areaId": None, "fullName": "测试人员", "phone": PHONE, "idNumber": NUMBER, "synthetic": True}
    made = await canary.ask(REGISTER, i=person, k="canary-1")
    await canary.ask(REGISTER, i=person, k="canary-1")
    await canary.ask(REGISTER, i={**person, "fullName": "别的"}, k="canary-1")  # the key was used: a problem
    person_id: str = made["data"]["registerPerson"]["person"]["id"]
    assert made["data"]["registerPerson"]["person"]["idNumber"] == "999***********0016"
    for number in (WRONG_NUMBER, WRONG_NUMBER * 4, f"{NUMBER}x", f"'; {NUMBER}"):
        refused = await canary.ask(UPDATE, i={"id": person_id, "idNumber": number})
        assert refused["data"]["updatePerson"]["problems"][0]["code"] == "numbers.resident_id"
    await canary.ask(UPDATE, i={"id": person_id, "idNumber": NUMBER, "expectedVersion": 99})
    await canary.ask(UPDATE, i={"id": person_id, "idNumber": {"not": NUMBER}})
    await canary.ask(UPDATE, i={"id": NUMBER, "phone": PHONE})
    for document in (
        f'{{ persons(after: "{NUMBER}") {{ totalCount }} }}',
        f'{{ person(id: "{NUMBER}") {{ id }} }}',
    ):
        await canary.ask(document)
    return person_id


PREVIEW = """
mutation ($i: DataImportInput!) {
  previewImport(input: $i) {
     problems { code } } }"""
IMPORTS = """
{ dataImports(first: 1) { nodes {
     state droppedColumns refusedCount rowProblems(first: 5) { nodes { value } } } } }"""
STAY = """
mutation ($i: ReportMigrantStayInput!) {
  reportMigrantStay(input: $i) {
     migrantStay { id originCode } problems { code message path } } }"""
REVEAL_ORIGIN = """
mutation ($i: RevealMigrantOriginInput!) {
  revealMigrantOrigin(input: $i) {
     value problems { code } } }"""
SUBMIT = """
mutation ($i: SubmitMigrantReportInput!) {
  submitMigrantReport(input: $i) {
     migrantReport { id maskedName } problems { code message path } } }"""


async def _newcomer(canary: Canary, person_id: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's stay with a registered address, a landlord's report, a permit through the exchange."""
    bench, tenant = canary.bench, canary.tenant
    area = await bench.area(tenant)
    me = local_id("Person", person_id, path=())
    stay = {
        "personId": person_id,
        "areaId": to_global_id("Area", area.id),
        "address": "金丝雀路 1 号",
        "originCode": "610121",
        "originAddress": ORIGIN,
        "reason": "WORK",
        "fromOn": "2024-01-01",
    }
    await canary.ask(STAY, i={**stay, "originCode": ORIGIN})
    made = await canary.ask(STAY, i=stay)
    stay_id = made["data"]["reportMigrantStay"]["migrantStay"]["id"]
    shown = await canary.ask(REVEAL_ORIGIN, shows=True, i={"id": stay_id, "reason": "核对户籍"})
    assert shown["data"]["revealMigrantOrigin"]["value"] == ORIGIN
    officer = bench.actor(sorted(bench.composition.plugin_set(tenant.plugins).permissions))
    async with bench.context(tenant, actor=officer) as ctx:
        await stays.verify(ctx, local_id("MigrantStay", stay_id, path=()))
        await stays.activate(ctx, local_id("MigrantStay", stay_id, path=()))
    await _landlord(canary, area.id, replace(officer, person_id=me))
    await _permit(canary, me, officer, folder, monkeypatch)


async def _list(canary: Canary) -> None:
    """A list of newcomers with numbers, and a column that is never kept: sent in, checked, its result written."""
    header = "姓名,身份证号,区域,现住地址,户籍地代码,流入原因,来本地日期,孕检情况"
    lines = [
        f"金丝雀,{number},没有这个区域,金丝雀路 3 号,610121,务工,2026-01-01,{CHECKED}"
        for number in (LISTED_NUMBER, WRONG_NUMBER)
    ]
    sent = await canary.web.client.post(
        "/transfer/uploads?kind=migrants.stays&name=newcomers.csv",
        content="\n".join([header, *lines]).encode("utf-8-sig"),
        headers={**canary.headers, "Content-Type": "text/csv"},
    )
    canary.answers.append(sent.text)
    assert sent.status_code == 201, sent.text
    await canary.ask(PREVIEW, i={"id": sent.json()["id"]})
    await ImportBench(canary.bench).work()
    told = (await canary.ask(IMPORTS))["data"]["dataImports"]["nodes"][0]
    assert (told["state"], told["droppedColumns"], told["refusedCount"]) == ("CHECKED", ["孕检情况"], 2)


async def _landlord(canary: Canary, area_id: UUID, landlord: Actor) -> None:
    """A landlord's report of a lodger, one that is taken over and one that waits; refusals repeat nothing."""
    given = {
        "full_name": LODGER,
        "id_number": LODGER_NUMBER,
        "phone": PHONE,
        "origin_code": "610121",
        "reason": "work",
        "from_on": date(2026, 1, 1),
    }
    async with canary.bench.context(canary.tenant, actor=landlord) as ctx:
        dwelling = await dwellings.create(
            ctx, area_id=area_id, address="金丝雀路 2 号", landlord_person_id=landlord.person_id
        )
        await reports.submit(ctx, dwelling_id=dwelling.id, **given)
    body = {**given, "dwelling_id": to_global_id("MigrantDwelling", dwelling.id), "reason": "WORK"}
    body |= {"from_on": "2026-01-01"}
    first, *_rest = body
    await canary.ask(SUBMIT, i={_camel(key): value for key, value in body.items()})
    await canary.ask(SUBMIT, i={**{_camel(key): value for key, value in body.items()}, first: LODGER_NUMBER})


async def _permit(
    canary: Canary, person_id: UUID, officer: Actor, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An application that goes to the authority and comes back as a permit with a number."""
    bench, tenant = canary.bench, canary.tenant
    (folder / "keys").mkdir()
    (folder / "shared" / tenant.slug).mkdir(parents=True)
    (folder / "keys" / f"{tenant.slug}.key").write_bytes(base64.b64encode(bytes(range(32))))
    monkeypatch.setenv("LINLI_EXCHANGE_FOLDER", str(folder / "shared"))
    monkeypatch.setenv("LINLI_EXCHANGE_KEYS", str(folder / "keys"))
    monkeypatch.setattr("linli_migrants.permit_decisions.exchange.is_on", lambda _ctx: True)
    checker = bench.actor(sorted(bench.composition.plugin_set(tenant.plugins).permissions))
    async with bench.context(tenant, actor=officer) as ctx:
        made = await applications.draft(ctx, ground="work", person_id=person_id)
        for kind in ("identity", "photo", "labour_contract"):
            await applications.show_paper(ctx, made.id, kind=kind, reference="示例材料")
        await applications.submit(ctx, made.id)
    async with bench.context(tenant, actor=checker) as ctx:
        await permit_decisions.accept(ctx, made.id)
    async with bench.context(tenant) as ctx:
        assert await outbox.send_due(ctx, file_exchange(ctx)) == 1
    details = {
        "reference": "公字 1",
        "permit_number": PERMIT,
        "issued_on": made.created_at.date().isoformat(),
    }
    answer = {"id": "answer-1", "number": made.number, "kind": "issued", "details": details}
    refusal = {"id": "answer-2", "number": made.number, "kind": "refused", "details": {"reason": REASON}}
    write_batch(folder / "shared" / tenant.slug / "in", "answers-1", Key(bytes(range(32))), [answer, refusal])
    for _ in range(2):
        async with bench.context(tenant) as ctx:
            port = file_exchange(ctx)
            for batch in await port.receive(5):
                await inbox.receive_batch(ctx, port, batch)
    async with bench.context(tenant) as ctx:
        state = "select state from migrants_application where tenant_id = $1 and id = $2"
        assert await ctx.db.fetchval(state, tenant.id, made.id) == "issued"
        permit_id = await ctx.db.fetchval("select id from migrants_permit where tenant_id = $1", tenant.id)
    async with bench.context(tenant, actor=officer) as ctx:
        assert (await permits.reveal_number(ctx, permit_id, reason="核验")).value == PERMIT


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


async def _second_factor(canary: Canary, person_id: str) -> str:
    async with canary.bench.context(canary.tenant) as ctx:
        await accounts.create(
            ctx,
            login_name="jin-si-que",
            password=PASSWORD,
            person_id=local_id("Person", person_id, path=()),
            must_change_password=False,
        )
    body = {"tenant": canary.tenant.slug, "login": "jin-si-que", "password": PASSWORD}
    signed = await canary.web.post("/auth/sign-in", body)
    await canary.post("/auth/sign-in", {**body, "password": f"{PASSWORD}!"})
    headers = {"Authorization": f"Bearer {signed.json()['token']}"}
    enrolment = (await canary.web.post("/auth/totp", headers=headers)).json()
    canary.shown.append(json.dumps(enrolment))
    await canary.post("/auth/totp/confirm", {"code": "000000"}, headers=headers)
    return str(enrolment["secret"])


async def _work(canary: Canary, person_id: str) -> None:
    """Search, reveal, ask for a copy, rotate the keys, and run the nightly job."""
    found = await canary.ask(FIND, n=NUMBER)
    assert [one["idNumber"] for one in found["data"]["findPersons"]] == ["999***********0016"]
    await canary.ask(FIND, p=PHONE)
    await canary.ask(FIND, n=WRONG_NUMBER)
    for field in ("ID_NUMBER", "PHONE"):
        given = {"personId": person_id, "field": field, "reason": "上门核实"}
        shown = await canary.ask(REVEAL, shows=True, i=given)
        assert shown["data"]["revealPersonField"]["value"] in (NUMBER, PHONE)
    asked = await canary.ask(ASK, shows=True, i={"personId": person_id, "kind": "EXPORT", "detail": DETAIL})
    request = asked["data"]["requestPersonalData"]["privacyRequest"]
    assert request["detail"] == DETAIL
    await canary.ask(VERIFY, i={"id": request["id"], "how": "身份证原件"})
    export = await canary.ask(EXPORT, i={"id": request["id"]})
    for form in ("JSON", "XLSX", "PDF"):
        given = {"exportId": export["data"]["exportPersonalData"]["exportId"], "format": form}
        read = await canary.ask(READ, shows=True, i=given)
        content = base64.b64decode(read["data"]["readPersonalData"]["content"])
        assert form != "JSON" or NUMBER in content.decode()
    tenant = canary.tenant
    async with canary.bench.context(tenant) as ctx:
        purposes = await rotate(ctx, with_index=True)
        assert {"identity.id_number", "identity.second_factor", "privacy.request", "privacy.export"} <= set(
            purposes
        )
    for purpose in purposes:
        async with canary.bench.context(tenant) as ctx:
            await rotation.continue_rotation(ctx, {"purpose": purpose})
    async with canary.bench.context(tenant) as ctx:
        await retention.apply(ctx, {})
    structlog.get_logger("canary").info("the logs are captured")


async def _database(bench: Bench, composition: Composition) -> dict[str, str]:
    """All tables as text, column by column; what is bytes, as text too. Encrypted columns are left out."""
    encrypted = {
        (one.table, one.name)
        for tables in composition.tables.values()
        for table in tables
        for one in encrypted_columns(table)
    }
    dump: dict[str, str] = {}
    async with bench.database.owner() as db:
        columns = await db.fetch(
            "select table_name, column_name, data_type from information_schema.columns where table_schema = 'public'"
        )
        tenants = await db.fetch("select tenant_id from tenancy_tenant")
    for tenant in tenants:
        async with bench.database.owner() as db:
            await db.execute("select app.bind($1)", tenant["tenant_id"])
            for row in columns:
                table, column = row["table_name"], row["column_name"]
                if (table, column) in encrypted:
                    continue
                text = f"encode({column}, 'escape')" if row["data_type"] == "bytea" else f"{column}::text"
                found = await db.fetchval(f"select string_agg({text}, E'\\n') from {table}")
                dump[f"{table}.{column}"] = dump.get(f"{table}.{column}", "") + (found or "")
    return dump


async def _redis(valkey: EmbeddedValkey) -> str:
    texts: list[str] = []
    async with Redis.from_url(valkey.url()) as redis:
        async for key in redis.scan_iter(count=1_000):
            texts.append(repr(key))
            texts.append(repr(await redis.dump(key)))
    return "\n".join(texts)


def _files(folder: Path) -> str:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_socket())
    return "".join(path.read_text(errors="replace") for path in found)


def _in(value: str, text: str) -> bool:
    encoded = base64.b64encode(value.encode()).decode().rstrip("=")[:-2]
    forms = (value, value.encode().hex(), json.dumps(value)[1:-1], encoded, repr(value.encode())[2:-1])
    return any(form in text for form in forms)
