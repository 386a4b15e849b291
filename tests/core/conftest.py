"""Two places that hand people over to one another, in one database and in two."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.db.database import Database
from linli.registry import Composition
from linli.testing.places import Places
from linli.testing.pytest_plugin import scratch_database

NOW = datetime(2026, 7, 24, 4, 0, tzinfo=UTC)


@pytest_asyncio.fixture(scope="session")
async def second_database(postgres_url: str, composition: Composition) -> AsyncIterator[Database]:
    """Another database of the platform; the catalogue is in the first."""
    async with scratch_database(postgres_url, composition) as opened:
        yield opened


@pytest_asyncio.fixture(params=["one database", "two databases"])
async def places(
    request: pytest.FixtureRequest, database: Database, second_database: Database, composition: Composition
) -> Places:
    """Two places without plugins that accept hand-overs; the other tests' messages are out of the way."""
    for one in (database, second_database):
        async with one.kernel() as db:
            await db.execute("update handover_delivery set status = 'dead' where status = 'pending'")
    there = database if request.param == "one database" else second_database
    return await Places(database, there, composition, clock=FixedClock(NOW)).open(plugins=())


@pytest.fixture
def clock(places: Places) -> FixedClock:
    """The clock of the two places."""
    assert isinstance(places.clock, FixedClock)
    return places.clock
