"""Fixtures: a migrated database on a real server, and tenants in it.

The server is the embedded one, or the one that `LINLI_TEST_DATABASE_URL` names (a user that may create databases and
roles). Each test session makes a database of its own; each test makes tenants of its own, so tests share it.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio
import structlog

from linli import logs
from linli.db.database import Database
from linli.db.encryption import Vault
from linli.db.encryption.master_keys import parse_master_keys
from linli.db.migrations import KERNEL_MIGRATIONS, migrate
from linli.registry import Composition, installed_composition
from linli.testing.factories import Bench
from linli.testing.isolation import Pair, make_pair

SECRET_KEY = "test-secret-key"  # noqa: S105 (of throw-away databases)
MASTER_KEYS_LINE = "test:YSBrZXkgZm9yIHRocm93LWF3YXkgZGF0YWJhc2VzLi4="
MASTER_KEYS = parse_master_keys(MASTER_KEYS_LINE, "tests")

SEED_VALUES: dict[str, dict[str, object]] = {
    "handover_key": {"state": "retired"},  # there is one current key
    "handover_received": {"expires_at": datetime(2999, 1, 1, tzinfo=UTC)},  # others cannot be answered
    "notifications_address": {"address": None, "bounced": None, "bounced_at": None},
    "notifications_message": {"content": "{}"},
    "privacy_tag": {"expires_at": datetime(2999, 1, 1, tzinfo=UTC)},  # expired ones cannot be read
}


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server's maintenance database, as a user that may create databases and roles."""
    given = os.environ.get("LINLI_TEST_DATABASE_URL")
    if given:
        yield given
        return
    from linli.embedded.postgres import EmbeddedPostgres
    from linli.testing.servers import discard

    server = EmbeddedPostgres(_short_directory(tmp_path_factory), durable=False)
    server.start()
    try:
        yield server.url("postgres")
    finally:
        discard(server)


@pytest.fixture(scope="session", autouse=True)
def _master_keys() -> Iterator[None]:
    """Commands and processes that a test starts on the shared database find its master key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LINLI_MASTER_KEYS", MASTER_KEYS_LINE)
        yield


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    """A command that a test runs in this process sets up the logs for a process of its own."""
    before, lines = structlog.get_config(), logs._own
    yield
    structlog.configure(**before)
    logs._own = lines


@pytest.fixture(scope="session")
def composition() -> Composition:
    """All plugins that are installed."""
    return installed_composition()


@asynccontextmanager
async def scratch_database(postgres_url: str, composition: Composition) -> AsyncIterator[Database]:
    """A fresh database with the migrations of the kernel and of every plugin; it is dropped at the end."""
    name = f"linli_test_{secrets.token_hex(4)}"
    url = urlunsplit(urlsplit(postgres_url)._replace(path=f"/{name}"))
    admin = await asyncpg.connect(postgres_url)
    try:
        await admin.execute(f'create database "{name}"')
        await migrate(url, [*KERNEL_MIGRATIONS, *composition.migration_sets], secret_key=SECRET_KEY)
        vault = Vault(MASTER_KEYS)
        async with Database(url, secret_key=SECRET_KEY, pool_size_max=8, vault=vault) as opened:
            yield opened
        await admin.execute(f'drop database "{name}" with (force)')
        for role in (f"{name}_api", f"{name}_kernel"):
            await admin.execute(f'drop role if exists "{role}"')
    finally:
        await admin.close()


@pytest_asyncio.fixture(scope="session")
async def database(postgres_url: str, composition: Composition) -> AsyncIterator[Database]:
    """The database that the tests of a session share."""
    async with scratch_database(postgres_url, composition) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session")
async def pair(postgres_url: str, composition: Composition) -> AsyncIterator[Pair]:
    """Two tenants with equal-looking rows in every table, in a database of their own."""
    async with scratch_database(postgres_url, composition) as opened:
        yield await make_pair(Bench(opened, composition), values=SEED_VALUES)


@pytest.fixture
def bench(database: Database, composition: Composition) -> Bench:
    """Makes tenants, areas and contexts for one test."""
    return Bench(database, composition)


def _short_directory(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("pg")
