"""A person's data are handed over with consent: chosen fields and nothing else, within one database and across two."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.db.database import Database
from linli.handover import accepting, ending, offering, reading
from linli.identity import people
from linli.registry import Composition
from linli.testing.places import Places
from linli.testing.pytest_plugin import scratch_database

NOW = datetime(2026, 7, 24, 4, 0, tzinfo=UTC)


@pytest_asyncio.fixture(scope="module")
async def elsewhere(postgres_url: str, composition: Composition) -> AsyncIterator[Database]:
    async with scratch_database(postgres_url, composition) as opened:
        yield opened


@pytest_asyncio.fixture(params=["one database", "two databases"])
async def places(
    request: pytest.FixtureRequest, database: Database, elsewhere: Database, composition: Composition
) -> Places:
    there = database if request.param == "one database" else elsewhere
    return await Places(database, there, composition, clock=FixedClock(NOW)).open()


async def test_a_person_is_handed_over_updated_and_the_hand_over_ended(places: Places) -> None:
    person_id = await places.person(places.a)
    offered = await places.offer(person_id)
    await places.work()
    (incoming,) = await places.rows(places.b, "handover_received")
    async with places.context(places.b) as ctx:
        resident = await people.register(ctx, area_id=None, full_name="测试乙", synthetic=True)
        received = await accepting.accept(ctx, incoming["id"], resident.id)
    await places.work()
    (sent,) = await places.rows(places.a, "handover_offered")
    assert (sent["state"], sent["id"]) == ("accepted", offered.id)
    async with places.context(places.a) as ctx:
        await people.update(ctx, person_id, phone="19900000002")
        await offering.send_update(ctx, offered.id)
    await places.work()
    async with places.context(places.b) as ctx:
        shown = await reading.handed_over(ctx, received, reason="核对")
        assert [(one.name, one.value) for one in shown] == [
            ("identity.person.full_name", "测试甲"),
            ("identity.person.phone", "19900000002"),
        ]
    async with places.context(places.b) as ctx:
        await ending.revoke_received(ctx, received.id, reason="离开")
    await places.work()
    (sent,) = await places.rows(places.a, "handover_offered")
    assert (sent["state"], sent["ended_by"]) == ("revoked", "there")
