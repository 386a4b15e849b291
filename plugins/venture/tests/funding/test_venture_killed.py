"""Officers and the database are killed at any moment: at each, and after each restart, the money adds up.

By default some kills; LINLI_VENTURE_KILLS=500 is a long run.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from linli.audit.verify import verify as verify_trail
from linli.db.database import Database
from linli.db.encryption import Vault
from linli.db.migrations import KERNEL_MIGRATIONS, migrate
from linli.registry import Composition
from linli.testing.factories import Bench
from linli.testing.killing import DATABASE, House
from linli.testing.pytest_plugin import MASTER_KEYS, MASTER_KEYS_LINE, SECRET_KEY
from linli_graphql.ids import to_global_id
from linli_venture.money.terms import SourceKind

LIVES = Path(__file__).with_name("grant_lives.py")
KILLS = int(os.environ.get("LINLI_VENTURE_KILLS", "12"))
DATABASE_EVERY = 8
ACKNOWLEDGED_BETWEEN = 3
PATIENCE_S = 60 + 3 * KILLS
OFFICERS = ("一", "二", "三")
# The tables in which a command adds a row, and that command.
ADDED = {
    "venture_receipt": "receiveVentureMoney",
    "venture_payment": "payVentureTranche",
    "venture_refund": "takeBackVentureMoney",
    "venture_expenditure": "enterVentureExpenditure",
    "venture_change": "proposeVentureChange",
    "venture_appraisal": "appraiseVentureGrant",
    "venture_audit": "auditVentureGrant",
    "venture_grant": "award",
}


class Lives(House):
    """A house in which officers lead grants through their lives."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "venture", secret_key=SECRET_KEY, LINLI_MASTER_KEYS=MASTER_KEYS_LINE)
        self.child: int | None = None
        self.born = asyncio.Event()
        self.acknowledged = asyncio.Semaphore(0)
        self._reading: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        process = await self.start("lives", str(LIVES), str(self.folder), output=asyncio.subprocess.PIPE)
        self._reading = asyncio.create_task(self._read(process))

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            if line.strip() == b"+":
                self.acknowledged.release()
            else:
                self.child = int(line)
                self.born.set()
        for _ in range(ACKNOWLEDGED_BETWEEN):  # whoever waits for a process that is gone finds that out
            self.acknowledged.release()
        self.born.set()

    async def kill_officers(self) -> None:
        """Kill the child that works, and wait for the next."""
        assert self.processes["lives"].returncode is None
        self.born.clear()
        assert self.child is not None
        os.kill(self.child, signal.SIGKILL)
        await self.born.wait()

    async def end(self) -> None:
        """Let the officers bring to an end what they began."""
        (self.folder / "stop").touch()
        assert await self.processes["lives"].wait() == 0

    def done(self) -> list[dict[str, Any]]:
        """The commands that were acknowledged, as the officers' lists have them."""
        found = [file.read_text().splitlines() for file in sorted(self.folder.glob("*.jsonl"))]
        lines = [json.loads(line) for lines in found for line in lines]
        assert {one["key"] for one in lines} == {one["key"] for one in lines if "done" in one}
        return [one for one in lines if "done" in one]


@pytest.fixture
async def lives(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lives]:
    made = Lives(tmp_path_factory.mktemp("lives"))
    try:
        await made.start_database()
        yield made
    finally:
        await made.close()


async def test_the_money_adds_up_whatever_was_killed(
    lives: Lives, composition: Composition, make_world: Any, story_of: Any
) -> None:
    chance = random.Random(KILLS)  # noqa: S311
    async with asyncio.timeout(PATIENCE_S):
        await lives.begin()  # it loads, and waits for the facts
        await migrate(lives.url, [*KERNEL_MIGRATIONS, *composition.migration_sets], secret_key=SECRET_KEY)
        vault = Vault(MASTER_KEYS)
        async with Database(lives.url, secret_key=SECRET_KEY, pool_size_max=3, vault=vault) as database:
            world = await make_world(Bench(database, composition), lives.folder / "files")
            before = await settled(world, story_of(world), lives.folder)
            for turn in range(1, KILLS + 1):
                for _ in range(ACKNOWLEDGED_BETWEEN):
                    await lives.acknowledged.acquire()
                await asyncio.sleep(chance.random() / 20)
                if turn % DATABASE_EVERY == 0:
                    await lives.kill(DATABASE)
                    await lives.start_database()
                else:
                    await lives.kill_officers()
                await world.nothing_breaks_a_rule()
            await lives.end()
            await world.nothing_breaks_a_rule()
            await world.books_agree()
            assert (await verify_trail(database, world.tenant)).intact
            await assert_once(world, lives.done(), before)


async def settled(world: Any, story: Any, folder: Path) -> set[str]:
    """A pool with three sources and projects for each officer; gives the ids of what came in by then."""
    pool = await story.pool()
    fund = {"kind": SourceKind.SPECIAL_FUND, "name": "助老专项基金", "category": "elderly"}
    sources = [await story.source(pool, 90_000, **fund), await story.source(pool, 300_000 + 5_000 * KILLS)]
    projects = [
        await story.project(pool, title=f"演示项目{number}", category=("elderly", "children")[number % 2])
        for number in range(2 * len(OFFICERS) + KILLS // 12)
    ]
    actors = (world.officer, world.second, world.third, world.fourth)
    facts = {
        "slug": world.tenant.slug,
        "permissions": sorted(world.officer.permissions),
        "actors": [str(one.id) for one in actors],
        "sources": [to_global_id("VentureSource", one) for one in sources],
        "decision": str(projects[0].decision.id),
        "projects": {
            name: [str(one.proposal.id) for one in projects[place :: len(OFFICERS)]]
            for place, name in enumerate(OFFICERS)
        },
    }
    (folder / "facts.new").write_text(json.dumps(facts))
    (folder / "facts.new").rename(folder / "facts.json")
    return {str(row["id"]) for row in await world.rows("select id from venture_receipt where tenant_id = $1")}


async def assert_once(world: Any, done: list[dict[str, Any]], before: set[str]) -> None:
    """Each command that was acknowledged added its row, once, and nothing else added any."""
    made: dict[str, list[str]] = defaultdict(list)
    for one in done:
        made[one["name"]].append(one["done"])
    for table, name in ADDED.items():
        ids = [one for one in made[name] if _is_id(one)]
        stored = {str(row["id"]) for row in await world.rows(f"select id from {table} where tenant_id = $1")}
        assert len(set(ids)) == len(ids), name
        assert set(ids) == stored - before, name


def _is_id(text: str) -> bool:
    """Whether a command was answered with a row, not with the code of a refusal."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
