"""A plugin named `probe` whose handlers and jobs a test gives, and the running process around it."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self
from uuid import UUID

from linli.clock import Clock, SystemClock
from linli.db.database import Database
from linli.db.ddl import Migration
from linli.db.roles import RuntimeRoles, quoted
from linli.events import Event, Subscription
from linli.jobs import Job
from linli.queues.dispatcher import Dispatcher
from linli.registry import Composition
from linli.runtime import Runtime
from linli.settings import Settings
from linli.tenancy.catalogue import Catalogue
from linli.testing.fake_plugins import FakePlugins
from linli.worker import dispatchers

MANIFEST = """
[events.publishes]
"probe.happened" = { version = 1, zh = "测试事件。", en = "A test event." }
"""

_PLUGIN = """
from linli_probe.wiring import JOBS, SUBSCRIPTIONS

@hookimpl
def jobs():
    return JOBS

@hookimpl
def subscriptions():
    return SUBSCRIPTIONS
"""


class Happened(Event, frozen=True, kw_only=True):
    """The event that `probe` publishes."""

    name: ClassVar[str] = "probe.happened"
    version: ClassVar[int] = 1
    thing_id: UUID


class Probe:
    """The plugin, as a context manager. `runtime` and `dispatchers` are those of a worker that has it."""

    def __init__(self, folder: Path, database: Database, *, secret_key: str) -> None:
        self._fakes = FakePlugins(folder)
        self._folder = folder
        self._database = database
        self._secret_key = secret_key

    def __enter__(self) -> Self:
        self._fakes.__enter__()
        self._fakes.add(
            "probe", _PLUGIN, manifest=MANIFEST, files={"wiring.py": "JOBS = []\nSUBSCRIPTIONS = []\n"}
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._fakes.__exit__(kind, error, trace)

    def composition(
        self, *, jobs: list[Job] | None = None, subscriptions: list[Subscription] | None = None
    ) -> Composition:
        """A composition in which the plugin has these jobs and subscriptions."""
        wiring = importlib.import_module("linli_probe.wiring")
        wiring.JOBS[:] = jobs or []
        wiring.SUBSCRIPTIONS[:] = subscriptions or []
        composed = self._fakes.compose()
        if "probe" in composed.quarantined:
            raise composed.quarantined["probe"].error
        return composed

    def runtime(self, composition: Composition, *, clock: Clock | None = None) -> Runtime:
        """What a worker process with this composition holds."""
        settings = Settings(
            data_dir=self._folder, database_url=self._database.owner_url, secret_key=self._secret_key
        )
        return Runtime(
            settings=settings,
            database=self._database,
            catalogue=Catalogue(self._database),
            composition=composition,
            clock=clock or SystemClock(),
        )

    @staticmethod
    def dispatchers(runtime: Runtime) -> tuple[Dispatcher, Dispatcher]:
        """The dispatchers of deliveries and of jobs."""
        return dispatchers(runtime)


async def create_scratch_table(database: Database, name: str, columns: str) -> None:
    """Make a tenant table, as a plugin's migration would, unless it is there."""
    async with database.owner() as db:
        roles = RuntimeRoles.of(await db.fetchval("select current_database()"), secret_key="")  # names only
        if await db.fetchval("select to_regclass($1)", name) is not None:
            return
        migration = Migration(api=quoted(roles.api), kernel=quoted(roles.kernel), prefix="scratch_")
        migration.tenant_table(name, columns)
        for statement in migration.statements:
            await db.execute(statement)


async def drop_scratch_table(database: Database, name: str) -> None:
    """Remove what `create_scratch_table` made."""
    async with database.owner() as db:
        await db.execute(f"drop table if exists {name}")
