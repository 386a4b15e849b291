"""A running application on a real database and a real Valkey, spoken to over ASGI."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import pytest_asyncio

from linli.app import Application, create_app
from linli.db.database import Database
from linli.embedded import EmbeddedValkey
from linli.identity import clients
from linli.registry import Composition
from linli.runtime import Runtime, open_runtime
from linli.settings import Settings
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.testing.pytest_plugin import MASTER_KEYS_LINE, SECRET_KEY

RESPONSE = "application/graphql-response+json"


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedValkey]:
    """A Valkey of this test session's own."""
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey") / "data") as server:
        yield server


@dataclass(slots=True)
class Web:
    """A running application and a client of it."""

    app: Application
    runtime: Runtime
    client: httpx.AsyncClient

    async def post(self, path: str, body: object = None, **options: Any) -> httpx.Response:
        """Post JSON."""
        return await self.client.post(path, json=body, **options)


class Webs:
    """Starts applications that end with the test."""

    def __init__(self, stack: AsyncExitStack, settings: Settings, composition: Composition) -> None:
        self._stack = stack
        self.settings = settings
        self.composition = composition

    async def start(
        self, redis_url: str | None = None, settings: dict[str, Any] | None = None, **limits: Any
    ) -> Web:
        made = replace(self.settings, redis_url=redis_url, pool_size_max=4, **(settings or {}))
        app = create_app(lambda: open_runtime(made, composition=self.composition), **limits)
        runtime = await self._stack.enter_async_context(_in_a_task(app.opened()))
        # An address of its own for each application, so that the throttles of tests do not add up.
        transport = httpx.ASGITransport(
            app, client=(f"192.0.2.{id(app) % 250}", 1), raise_app_exceptions=False
        )
        client = httpx.AsyncClient(transport=transport, base_url="http://linli.test")
        await self._stack.enter_async_context(client)
        return Web(app, runtime, client)


@asynccontextmanager
async def _in_a_task(opened: AbstractAsyncContextManager[Runtime]) -> AsyncIterator[Runtime]:
    """Open and close in one task, as a server does; pytest sets up and tears down in two."""
    ready: asyncio.Future[Runtime] = asyncio.get_running_loop().create_future()
    ended = asyncio.Event()

    async def hold() -> None:
        async with opened as runtime:
            ready.set_result(runtime)
            await ended.wait()

    task = asyncio.create_task(hold())
    await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    try:
        yield ready.result()
    finally:
        ended.set()
        await task


@pytest_asyncio.fixture
async def webs(database: Database, composition: Composition, tmp_path: Path) -> AsyncIterator[Webs]:
    settings = Settings(
        data_dir=tmp_path,
        database_url=database.owner_url,
        secret_key=SECRET_KEY,
        master_keys=MASTER_KEYS_LINE,
    )
    async with AsyncExitStack() as stack:
        yield Webs(stack, settings, composition)


@pytest_asyncio.fixture
async def web(webs: Webs) -> Web:
    """An application without Redis."""
    return await webs.start()


SCOPES = ("areas.area.read", "identity.person.read", "tenancy.schema.introspect")


class Caller:
    """Somebody with a token, who speaks GraphQL over HTTP."""

    def __init__(self, web: Web, token: str) -> None:
        self.web = web
        self.headers = {"Authorization": f"Bearer {token}"}

    async def post(self, query: str, accept: str = RESPONSE, **body: Any) -> httpx.Response:
        """Post a document."""
        return await self.send(json.dumps({"query": query, **body}).encode(), accept=accept)

    async def send(
        self,
        content: Any,
        *,
        accept: str = RESPONSE,
        content_type: str = "application/json",
        method: str = "POST",
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send any body."""
        sent = {**self.headers, "Content-Type": content_type, "Accept": accept, **(headers or {})}
        return await self.web.client.request(method, "/graphql", content=content, headers=sent)

    async def get(self, *, accept: str = RESPONSE, method: str = "GET", **parameters: str) -> httpx.Response:
        """Ask by the address."""
        headers = {**self.headers, "Accept": accept}
        return await self.web.client.request(method, f"/graphql?{urlencode(parameters)}", headers=headers)


@dataclass(slots=True)
class Place:
    """A tenant of thirty areas, and an application that serves it."""

    bench: Bench
    web: Web
    tenant: Tenant

    def of(self, token: str) -> Caller:
        """Whoever has this token."""
        return Caller(self.web, token)

    async def caller(self, scopes: Sequence[str] = SCOPES) -> Caller:
        """A new API client with a token for these scopes."""
        async with self.bench.context(self.tenant) as ctx:
            made = await clients.create(ctx, name="对接平台", scopes=scopes)
        secret = base64.b64encode(f"{made.client.client_id}:{made.client_secret}".encode()).decode()
        answer = await self.web.client.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            headers={"Authorization": f"Basic {secret}"},
        )
        return self.of(answer.json()["access_token"])


@pytest_asyncio.fixture
async def place(web: Web, bench: Bench) -> Place:
    tenant = await bench.tenant(plugins=())
    for number in range(30):
        await bench.area(tenant, name=f"第{number}社区")
    return Place(bench, web, tenant)


@pytest_asyncio.fixture
async def caller(place: Place) -> Caller:
    """A client who may also ask for the schema."""
    return await place.caller()
