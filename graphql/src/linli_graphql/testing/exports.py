"""Exports in tests, the whole way: asked for over HTTP, written by a worker, fetched, and read as a spreadsheet."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
from python_calamine import CalamineWorkbook

from linli.app import create_app
from linli.db import rows
from linli.identity import sessions
from linli.identity.tables import Account
from linli.runtime import Runtime, open_runtime
from linli.settings import Settings
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli.testing.imports import ImportBench
from linli.testing.pytest_plugin import MASTER_KEYS_LINE, SECRET_KEY
from linli.worker import dispatchers

EXPORTING: Final = ("transfer.export.run", "transfer.export.read")
_ROUNDS_MAX: Final = 200
_START: Final = """mutation ($input: StartExportInput!) {
    startExport(input: $input) { dataExport { id } problems { code } } }"""
_TOLD: Final = "query ($id: ID!) { dataExport(id: $id) { state errorCode rowsDone } }"


@dataclass(frozen=True, slots=True)
class Exported:
    """What became of an export: its id, the rows of its file below their headers, and all of it as one text."""

    id: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Any]]

    @property
    def text(self) -> str:
        """Every cell, the headers included."""
        return "\n".join("\t".join(str(cell) for cell in row) for row in (self.headers, *self.rows))


@dataclass(frozen=True, slots=True)
class Clerk:
    """An account with a token, at the desk."""

    desk: ExportDesk
    token: str

    async def export(self, connection: str, *columns: str, **wish: Any) -> Exported:
        """Ask for a list as a spreadsheet, let the worker write it, fetch it. Fails the test when it is refused."""
        export_id = await self.start(connection, *columns, **wish)
        await self.desk.work()
        told = (await self.ask(_TOLD, id=export_id))["dataExport"]
        assert (told["state"], told["errorCode"]) == ("DONE", ""), told
        answer = await self.fetch(export_id)
        assert answer.status_code == 200, answer.text
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        assert told["rowsDone"] == len(sheet) - 1
        return Exported(export_id, [str(cell) for cell in sheet[0]], sheet[1:])

    async def start(self, connection: str, *columns: str, **wish: Any) -> str:
        """Ask for a list as a spreadsheet; gives the id of the export. Raises: AssertionError with a refusal's code."""
        given = {"connection": connection, "format": "XLSX", "columns": list(columns), **wish}
        payload = (await self.ask(_START, input=given))["startExport"]
        assert not payload["problems"], payload["problems"][0]["code"]
        return str(payload["dataExport"]["id"])

    async def fetch(self, export_id: str) -> httpx.Response:
        """The answer with the file of an export."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.desk.client.get(f"/transfer/exports/{export_id}/file", headers=headers)

    async def ask(self, document: str, **variables: Any) -> Any:
        """What a document is answered over HTTP."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "zh-CN"}
        body: Mapping[str, Any] = {"query": document, "variables": variables}
        answer = (await self.desk.client.post("/graphql", json=body, headers=headers)).json()
        assert "errors" not in answer, answer["errors"][0]["extensions"]["code"]
        return answer["data"]


@dataclass(frozen=True, slots=True)
class ExportDesk:
    """An application and a worker on the database of a bench."""

    bench: Bench
    runtime: Runtime
    client: httpx.AsyncClient

    async def clerk(
        self, tenant: Tenant, permissions: Iterable[str], *, area: BenchArea | None = None
    ) -> Clerk:
        """A new account that was granted these permissions, and has signed in."""
        actor = await ImportBench(self.bench).account(tenant, permissions, area=area)
        async with self.bench.context(tenant) as ctx:
            account = await rows.get(ctx, Account, UUID(str(actor.id)))
            token, _session = await sessions.open_session(ctx, account, second_factor=False)
        return Clerk(self, token)

    async def work(self) -> None:
        """What a worker does with the jobs that are due."""
        _deliveries, jobs = dispatchers(self.runtime)
        for _ in range(_ROUNDS_MAX):
            if not await jobs.run_once():
                return


@asynccontextmanager
async def export_desk(bench: Bench, folder: Path) -> AsyncIterator[ExportDesk]:
    """An application on the database of a bench; `folder` is for its data."""
    settings = Settings(
        data_dir=folder,
        database_url=bench.database.owner_url,
        secret_key=SECRET_KEY,
        master_keys=MASTER_KEYS_LINE,
        pool_size_max=4,
    )
    app = create_app(lambda: open_runtime(settings, composition=bench.composition))
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with (
        app.opened() as runtime,
        httpx.AsyncClient(transport=transport, base_url="http://linli.test") as client,
    ):
        yield ExportDesk(bench, runtime, client)
