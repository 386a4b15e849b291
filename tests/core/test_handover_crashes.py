"""A crash at any commit, and killed workers, lose no message and apply none twice."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from linli.clock import FixedClock, SystemClock
from linli.db import unit_of_work
from linli.db.connection import TenantConnection, commit, roll_back
from linli.db.database import Database
from linli.errors import LinliError
from linli.handover import accepting, ending, offering
from linli.handover.verify import verify
from linli.identity import people
from linli.registry import Composition
from linli.testing.fake_plugins import FakePlugins
from linli.testing.places import Places
from linli.testing.probe import create_scratch_table, drop_scratch_table
from linli.testing.pytest_plugin import SECRET_KEY

PEOPLE, KILLS, PATIENCE_S = 24, 3, 120
COMMITS_MAX = 60
PROVIDER = """
from linli.handover.fields import HandoverField, HandoverFields
from linli.ids import new_id

async def read(ctx, person_id, keys):
    found = await ctx.db.fetchval(
        "select max(value) from scratch_given where tenant_id = $1 and person_id = $2", ctx.tenant_id, person_id)
    return {"count": found}

async def receive(ctx, person_id, values):
    await ctx.db.execute(
        "insert into scratch_taken (tenant_id, id, person_id, value) values ($1, $2, $3, $4)",
        ctx.tenant_id, new_id(), person_id, values["count"])

@hookimpl
def handover_fields():
    return [HandoverFields("clubs.member", "社员", "Member", (HandoverField("count", "次数", "Count"),), read, receive)]
"""


class Crash(Exception):
    """The process ends here."""


class Crashing:
    """Lets the n-th commit of a tenant's transaction fail: before it, or right after it."""

    def __init__(self) -> None:
        self.at, self.before, self.seen = 0, False, 0

    async def commit(self, connection: TenantConnection) -> None:
        bound = await connection.fetchval("select app.tenant()")
        self.seen += bound is not None
        if bound is None or self.seen != self.at:
            await commit(connection)
            return
        await (roll_back(connection) if self.before else commit(connection))
        raise Crash


@pytest.fixture
def crashing(monkeypatch: pytest.MonkeyPatch) -> Crashing:
    made = Crashing()
    monkeypatch.setattr(unit_of_work, "commit", made.commit)
    return made


@pytest.fixture
def composition_of_clubs(tmp_path: Path) -> Iterator[Composition]:
    with FakePlugins(tmp_path) as fakes:
        fakes.add("clubs", PROVIDER)
        yield fakes.compose()


@asynccontextmanager
async def scratch(*databases: Database) -> AsyncIterator[None]:
    for database in databases:
        for table in ("scratch_given", "scratch_taken"):
            await create_scratch_table(database, table, "person_id uuid not null, value integer not null")
    yield
    for database in databases:
        for table in ("scratch_given", "scratch_taken"):
            await drop_scratch_table(database, table)


class History:
    """One hand-over from the offer to its end; each step is tried again after a crash, as people and workers do."""

    def __init__(self, places: Places, clock: FixedClock) -> None:
        self.places = places
        self.clock = clock

    async def run(self) -> None:
        await self._again(self._begin)
        await self._again(self._offer)
        await self._work()
        await self._again(self._accept)
        await self._work()
        for value in (2, 3):
            await self._again(lambda value=value: self._update(value))  # type: ignore[misc]
        await self._work()
        await self._again(self._end)
        await self._work()

    async def _again(self, step: Callable[[], Awaitable[None]]) -> None:
        for _ in range(3):
            try:
                await step()
            except Crash:
                continue
            except LinliError as error:
                if error.code not in DONE_BEFORE:
                    raise
            return
        raise AssertionError("it crashes once only")

    async def _work(self) -> None:
        for _ in range(4):
            with suppress(Crash):
                await self.places.work()
            self.clock.advance(timedelta(hours=2))

    async def _begin(self) -> None:
        if not await self.places.rows(self.places.a, "identity_person"):
            async with self.places.context(self.places.a) as ctx:
                await people.register(ctx, area_id=None, full_name="测试甲", synthetic=True)
        (person,) = await self.places.rows(self.places.a, "identity_person")
        if not await self.places.rows(self.places.a, "privacy_consent"):
            await self.places.consent(self.places.a, person["id"])
        self.person_id: UUID = person["id"]

    async def _give(self, ctx: Any, value: int) -> None:
        sql = "insert into scratch_given (tenant_id, id, person_id, value) values ($1, gen_random_uuid(), $2, $3)"
        await ctx.db.execute(sql, ctx.tenant_id, self.person_id, value)

    async def _offer(self) -> None:
        async with self.places.context(self.places.a) as ctx:
            await self._give(ctx, 1)
            await offering.offer(
                ctx,
                self.person_id,
                counterpart=self.places.b.slug,
                fields=["clubs.member.count"],
                purpose="迁居",
            )

    async def _accept(self) -> None:
        (row,) = await self.places.rows(self.places.b, "handover_received")
        async with self.places.context(self.places.b) as ctx:
            person = await people.register(ctx, area_id=None, full_name="测试乙", synthetic=True)
            await accepting.accept(ctx, row["id"], person.id)

    async def _update(self, value: int) -> None:
        (row,) = await self.places.rows(self.places.a, "handover_offered")
        if value in [one["value"] for one in await self.places.rows(self.places.a, "scratch_given")]:
            return
        async with self.places.context(self.places.a) as ctx:
            await self._give(ctx, value)
            await offering.send_update(ctx, row["id"])

    async def _end(self) -> None:
        (row,) = await self.places.rows(self.places.a, "handover_offered")
        async with self.places.context(self.places.a) as ctx:
            await ending.revoke_offered(ctx, row["id"], reason="迁回")


DONE_BEFORE = {"handover.offered_already", "workflow.undefined_transition"}


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
async def test_a_crash_before_or_after_any_commit_loses_nothing_and_does_nothing_twice(
    places: Places, composition_of_clubs: Composition, clock: FixedClock, crashing: Crashing, before: bool
) -> None:
    databases = [one.database for one in places.runtimes]
    async with scratch(*databases):
        for at in range(1, COMMITS_MAX):
            crashing.at, crashing.before = 0, before
            made = await Places(databases[0], databases[-1], composition_of_clubs, clock=clock).open()
            crashing.at, crashing.seen = at, 0
            await History(made, clock).run()
            crashed = crashing.seen >= at
            crashing.at = 0
            await assert_whole(made)
            if not crashed:
                break  # every commit of the history has been crashed at
        assert 25 < at < COMMITS_MAX - 1


async def assert_whole(places: Places) -> None:
    """Every message is there once on both sides, applied once, with its receipt; both sides have ended."""
    sent, taken = [await places.rows(one, "handover_message") for one in (places.a, places.b)]
    assert [(one["direction"], one["sequence"], one["kind"]) for one in ordered(sent)] == [
        ("in", 1, "accept"),
        ("out", 1, "offer"),
        ("out", 2, "update"),
        ("out", 3, "update"),
        ("out", 4, "revoke"),
    ]
    assert {one["message_id"]: one["receipt_signature"] for one in sent} == {
        one["message_id"]: one["receipt_signature"] for one in taken
    }
    assert {one["state"] for one in sent if one["direction"] == "out"} == {"acknowledged"}
    assert {one["state"] for one in taken if one["direction"] == "in"} == {"applied"}
    values = [one["value"] for one in await places.rows(places.b, "scratch_taken")]
    assert (len(values), values[0], values[-1]) == (3, 1, 3)
    (offered,) = await places.rows(places.a, "handover_offered")
    (received,) = await places.rows(places.b, "handover_received")
    assert (offered["state"], received["state"]) == ("revoked", "revoked")
    for tenant in (places.a, places.b):
        assert {one["status"] for one in await places.rows(tenant, "handover_delivery")} == {"done"}


def ordered(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(found, key=lambda one: (one["direction"], one["sequence"]))


async def test_workers_that_are_killed_at_any_moment_lose_nothing_and_do_nothing_twice(
    database: Database, composition: Composition, tmp_path: Path
) -> None:
    places = await Places(database, database, composition, clock=SystemClock()).open(plugins=())
    for number in range(PEOPLE):
        await places.offer(await places.person(places.a, f"测试{number}"))
    async with asyncio.timeout(PATIENCE_S):
        await _kill_while(places, tmp_path, up_to=PEOPLE)
        for row in await places.rows(places.b, "handover_received"):
            async with places.context(places.b) as ctx:
                person = await people.register(ctx, area_id=None, full_name="测试乙", synthetic=True)
                await accepting.accept(ctx, row["id"], person.id)
        await _kill_while(places, tmp_path, up_to=2 * PEOPLE)
    for tenant, table in ((places.a, "handover_offered"), (places.b, "handover_received")):
        found = await places.rows(tenant, table)
        assert [row["state"] for row in found] == ["accepted"] * PEOPLE
        messages = await places.rows(tenant, "handover_message")
        assert len({row["message_id"] for row in messages}) == len(messages) == 2 * PEOPLE
        assert {row["state"] for row in messages} == {"acknowledged", "applied"}
        async with places.context(tenant) as ctx:
            verdict = await verify(ctx, {})
        assert (verdict.checked, verdict.faults) == (2 * PEOPLE, [])


async def _kill_while(places: Places, folder: Path, *, up_to: int) -> None:
    """Let workers deliver until so many messages are delivered; all but the last are killed in the middle."""
    chance = random.Random(up_to)  # noqa: S311 (places to kill at)
    low = await _delivered(places)
    for threshold in [*sorted(chance.sample(range(low + 1, up_to - 1), KILLS)), up_to]:
        process = await _worker(places, folder)
        while await _delivered(places) < threshold:
            assert process.returncode is None
            await asyncio.sleep(0.01)
        process.kill()
        await process.wait()


async def _delivered(places: Places) -> int:
    found = [row for one in (places.a, places.b) for row in await places.rows(one, "handover_delivery")]
    assert "dead" not in {row["status"] for row in found}
    return sum(row["status"] == "done" for row in found)


async def _worker(places: Places, folder: Path) -> asyncio.subprocess.Process:
    environment = {
        **os.environ,
        "DATABASE_URL": places.bench.database.owner_url,
        "LINLI_SECRET_KEY": SECRET_KEY,
        "LINLI_DATA_DIR": str(folder),
    }
    environment.pop("REDIS_URL", None)
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "from linli.cli import main; main()",
        "worker",
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
