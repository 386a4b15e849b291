"""A process with clients of the ledger, for test_ledger_killed.py, which kills it at any moment and starts it again.

Each client keeps a list of its own: a line before it tries an operation, and a line once that is acknowledged. What it
does next follows from the list alone, so a process that is started again goes on where the one before was killed, and
tries an operation that was not acknowledged once more, under the same key. It ends when there is a file `stop` and
nothing is left to be acknowledged.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from linli import ledger
from linli.context import Context
from linli.db.database import Database
from linli.errors import LinliError
from linli.registry import compose
from linli.tenancy.catalogue import Catalogue, Tenant
from linli.testing.factories import Bench

PAUSE_S = 0.05
AWAY = (OSError, TimeoutError, LinliError, asyncpg.PostgresError, asyncpg.InterfaceError)


@dataclass(slots=True)
class Client:
    """One client: what its list says, and what follows from that."""

    name: str
    own: UUID
    pool: UUID
    file: Path
    done: int = 0
    trying: bool = False
    spendable: int = 0
    holds: Counter[str] = field(default_factory=Counter)

    def open(self) -> None:
        """Read the list that a process before this one has left."""
        if self.file.exists():
            for line in self.file.read_text().splitlines():
                told = json.loads(line)
                self.trying = "result" not in told
                if not self.trying:
                    self.take_in(told)

    def next(self) -> dict[str, Any]:
        """The operation after those that are done."""
        chance = random.Random(f"{self.name}:{self.done}")  # noqa: S311
        kinds = ["post", "hold"] if self.spendable else ["post"]
        kind = chance.choice([*kinds, *(["commit", "release"] if self.holds else [])])
        made: dict[str, Any] = {"key": f"{self.name}:{self.done}", "kind": kind}
        limit = self.spendable if kind == "hold" else 50
        if kind in ("commit", "release"):
            made["hold"] = chance.choice(sorted(self.holds))
            limit = self.holds[made["hold"]]
        return {**made, "amount": chance.randint(1, limit)}

    def take_in(self, told: dict[str, Any]) -> None:
        """Count an operation that is acknowledged."""
        self.done += 1
        kind, amount = told["kind"], told["amount"]
        if kind == "hold":
            self.holds[told["result"]] = amount
        elif kind != "post":
            self.holds[told["hold"]] -= amount
            self.holds = +self.holds
        self.spendable += {"post": amount, "release": amount, "hold": -amount, "commit": 0}[kind]

    def told_to_stop(self) -> bool:
        """Whether no further operation is to be begun."""
        return self.file.with_name("stop").exists()

    def note(self, line: dict[str, Any]) -> None:
        """Add a line that outlives this process."""
        with self.file.open("a") as file:
            file.write(json.dumps(line) + "\n")

    async def carry_out(self, ctx: Context, told: dict[str, Any]) -> str:
        """Do an operation; gives the id that the client remembers."""
        purpose, amount = ledger.Purpose(f"test.{told['kind']}", told["key"]), told["amount"]
        if told["kind"] == "post":
            lines = [ledger.Line(self.pool, -amount), ledger.Line(self.own, amount)]
            return str((await ledger.post(ctx, purpose, lines)).entry_id)
        if told["kind"] == "hold":
            return str((await ledger.hold(ctx, self.own, amount, purpose)).id)
        hold_id = UUID(told["hold"])
        if told["kind"] == "commit":
            return str((await ledger.commit(ctx, hold_id, self.pool, purpose, amount=amount)).entry_id)
        return str((await ledger.release(ctx, hold_id, purpose, amount=amount)).entry_id)


async def work(bench: Bench, tenant: Tenant, client: Client) -> None:
    """Do one operation after the other, each until it is acknowledged."""
    client.open()
    while client.trying or not client.told_to_stop():
        told = client.next()
        client.note(told)
        while "result" not in told:
            try:
                async with bench.context(tenant) as ctx:
                    result = await client.carry_out(ctx, told)
                told = {**told, "result": result}
            except AWAY:
                await asyncio.sleep(PAUSE_S)  # the database is away
        client.note(told)
        client.take_in(told)
        client.trying = False
        print(told["key"], flush=True)  # noqa: T201 (whoever started us counts the lines)


async def main(folder: Path, names: list[str]) -> None:
    """Wait for the database, then let the clients of this process work."""
    facts = json.loads((folder / "facts.json").read_text())
    while True:
        try:
            database = await Database(
                os.environ["DATABASE_URL"], secret_key=os.environ["LINLI_SECRET_KEY"]
            ).__aenter__()
            tenant = await Catalogue(database).by_slug(facts["slug"])
            break
        except AWAY:
            await asyncio.sleep(PAUSE_S)
    bench = Bench(database, compose([], interfaces=(), kernel_version="0.1.0"))
    async with asyncio.TaskGroup() as group:
        for name in names:
            own, pool = UUID(facts["accounts"][name]), UUID(facts["pool"])
            group.create_task(work(bench, tenant, Client(name, own, pool, folder / f"{name}.jsonl")))
    await database.__aexit__(None, None, None)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2].split(",")))
