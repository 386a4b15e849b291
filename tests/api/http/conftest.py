"""A running application on a real database and a real Valkey, spoken to over ASGI."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from linli.app import Application, create_app
from linli.db.database import Database
from linli.embedded import EmbeddedValkey
from linli.registry import Composition
from linli.runtime import Runtime, open_runtime
from linli.settings import Settings
from linli.testing.pytest_plugin import SECRET_KEY


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

    async def start(self, redis_url: str | None = None, **limits: Any) -> Web:
        settings = Settings(
            data_dir=self.settings.data_dir,
            database_url=self.settings.database_url,
            secret_key=self.settings.secret_key,
            redis_url=redis_url,
            pool_size_max=4,
        )
        app = create_app(lambda: open_runtime(settings, composition=self.composition), **limits)
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
    settings = Settings(data_dir=tmp_path, database_url=database.owner_url, secret_key=SECRET_KEY)
    async with AsyncExitStack() as stack:
        yield Webs(stack, settings, composition)


@pytest_asyncio.fixture
async def web(webs: Webs) -> Web:
    """An application without Redis."""
    return await webs.start()
