"""Ten thousand messages by a channel that fails, hangs and duplicates, and a worker that is killed among them."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import sys
from datetime import timedelta
from pathlib import Path

from linli import notifications
from linli.db.database import Database
from linli.identity import people
from linli.notifications import Letter, OutgoingMessage
from linli.notifications.sending import BATCH_MAX
from linli.tenancy.settings import set_setting
from linli.testing.bell import Bell, bell_plugin, make_bell
from linli.testing.messages import Mood
from linli.testing.pytest_plugin import MASTER_KEYS_LINE, SECRET_KEY

MESSAGES = 10_000
PEOPLE = 100
ROUNDS_MAX = 40
PATIENCE_S = 60
KILLED_MESSAGES = 2_000
BAD = (
    [Mood.FAILS] * 8
    + [Mood.REFUSES] * 4
    + [Mood.HANGS] * 3
    + [Mood.ANSWERS_LATE] * 3
    + [Mood.DUPLICATES] * 4
    + [Mood.DELIVERS] * 78
)
STATES = """
select channel, status, count(*) as many from notifications_delivery where tenant_id = $1 group by 1, 2 order by 1, 2"""

WORKER = """
import asyncio, sys
from pathlib import Path
from linli.settings import Settings
from linli.testing.bell import bell_plugin
from linli.worker import run_worker
from linli.notifications import Delivered

class FileGateway:
    async def send(self, message):
        await asyncio.sleep(0.002)
        with open(sys.argv[3], "a", encoding="utf-8") as file:
            file.write(message.key + "\\n")
        return Delivered()

async def main():
    folder, url = Path(sys.argv[1]), sys.argv[2]
    folder.mkdir()
    with bell_plugin(folder) as (fakes, relay):
        relay.gateway = FileGateway()
        stop = asyncio.Event()
        settings = Settings(data_dir=folder, database_url=url, secret_key=sys.argv[4], master_keys=sys.argv[5],
                            message_timeout_ms=50)
        await run_worker(settings, stop=stop, composition=fakes.compose())

asyncio.run(main())
"""


def mood(message: OutgoingMessage, before: int) -> Mood:
    """How the gateway behaves at a call: by chance, but the same in each run."""
    drawn = hashlib.sha256(f"{message.title}{message.body}/{before}".encode()).digest()
    return BAD[int.from_bytes(drawn[:4]) % len(BAD)]


async def put_up(bell: Bell, many: int) -> None:
    async with bell.bench.context(bell.tenant, clock=bell.clock) as ctx:
        ids = [
            (
                await people.register(
                    ctx, area_id=None, full_name="测试人员", phone=f"199{n:08}", synthetic=True
                )
            ).id
            for n in range(PEOPLE)
        ]
        for start in range(0, many, BATCH_MAX):
            letters = [
                Letter(ids[n % PEOPLE], f"ring-{n}", {"times": n, "place": "门口"})
                for n in range(start, min(many, start + BATCH_MAX))
            ]
            assert len(await notifications.send_many(ctx, "bell.rung", letters)) == len(letters)
            assert (
                await notifications.send_many(ctx, "bell.rung", letters) == []
            )  # whoever sends twice sends once


async def test_each_of_10_000_messages_is_delivered_and_shown_once(
    database: Database, tmp_path: Path
) -> None:
    async with asyncio.timeout(PATIENCE_S):
        with bell_plugin(tmp_path) as (fakes, relay):
            bell = await make_bell(fakes, relay, database, tmp_path)
            bell.gateway._mood = mood
            await put_up(bell, MESSAGES)
            for _ in range(ROUNDS_MAX):
                await asyncio.gather(bell.work(rounds=1_000), bell.work(rounds=1_000))  # two workers
                if (await states(bell)).get(("sms", "pending"), 0) == 0:
                    break
                bell.clock.advance(timedelta(minutes=1))
            assert await states(bell) == {("in_app", "done"): MESSAGES, ("sms", "done"): MESSAGES}
    received = [one.values["times"] for one in bell.gateway.received if one.values]
    assert len(received) > MESSAGES  # at least once: some came twice
    assert set(received) == {str(n) for n in range(MESSAGES)}
    assert len(bell.gateway.calls) == MESSAGES  # one key for each message, however often it was tried
    async with bell.bench.context(bell.tenant) as ctx:
        sql = "select count(*), count(distinct (person_id, dedupe_key)), count(read_at) from notifications_message"
        shown = await ctx.db.fetchrow(f"{sql} where tenant_id = $1", bell.tenant.id)
    assert tuple(shown or ()) == (MESSAGES, MESSAGES, 0)


async def test_a_worker_that_is_killed_loses_no_message(database: Database, tmp_path: Path) -> None:
    sent = tmp_path / "sent"
    folders = [tmp_path / "first", tmp_path / "second"]
    with bell_plugin(tmp_path / "here") as (fakes, relay):
        bell = await make_bell(fakes, relay, database, tmp_path)
        async with bell.bench.context(bell.tenant) as ctx:  # at whatever hour this runs
            await set_setting(ctx, name="notifications.quiet_from_hour", value=8)
        await put_up(bell, KILLED_MESSAGES)
        async with asyncio.timeout(PATIENCE_S):
            for number, threshold in enumerate((200, 900)):
                process = await _start(folders[number], database, sent)
                while (await states(bell)).get(("sms", "done"), 0) < threshold:
                    assert process.returncode is None
                process.send_signal(signal.SIGKILL)
                await process.wait()
        left = await states(bell)
        assert 0 < left["sms", "pending"] == KILLED_MESSAGES - left["sms", "done"]
        bell.clock.advance(timedelta(days=365 * 50))  # all leases have ended
        await bell.work(rounds=1_000)
        assert (await states(bell)) == {
            ("in_app", "done"): KILLED_MESSAGES,
            ("sms", "done"): KILLED_MESSAGES,
        }
    reached = set(sent.read_text().split()) | {one.key for one in bell.gateway.received}
    async with bell.bench.context(bell.tenant) as ctx:
        sql = "select id from notifications_delivery where tenant_id = $1 and channel = 'sms'"
        assert {str(row["id"]) for row in await ctx.db.fetch(sql, bell.tenant.id)} <= reached


async def states(bell: Bell) -> dict[tuple[str, str], int]:
    async with bell.bench.context(bell.tenant) as ctx:
        found = await ctx.db.fetch(STATES, bell.tenant.id)
    return {(row["channel"], row["status"]): row["many"] for row in found}


async def _start(folder: Path, database: Database, sent: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        WORKER,
        str(folder),
        database.owner_url,
        str(sent),
        SECRET_KEY,
        MASTER_KEYS_LINE,
    )
