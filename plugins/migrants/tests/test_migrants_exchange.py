"""The exchange with the issuing authority: nothing lost, nothing twice, whatever happens on the way."""

from __future__ import annotations

import base64
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from linli.plugin import Unavailable
from linli_migrants import exchange, permit_decisions, permit_jobs
from linli_migrants.exchange.files import FOLDER, KEYS, file_exchange
from linli_migrants.exchange.inbox import receive_batch
from linli_migrants.exchange.outbox import ATTEMPTS_MAX, retry, send_due
from linli_migrants.exchange.reconciling import reconcile
from linli_migrants.exchange.sealing import Key, write_batch
from linli_migrants.exchange.simulator import Simulator

APPLICATIONS = int(os.environ.get("LINLI_EXCHANGE_APPLICATIONS", "150"))
ROUNDS_MAX = 60
SECRET = bytes(range(32))
STATES = """select coalesce(string_agg(state || ' ' || n, ', ' order by state), '') from (
    select state, count(*) as n from {table} where tenant_id = $1 group by state) counted"""


@pytest.fixture
def folder(world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / f"{world.tenant.slug}.key").write_bytes(base64.b64encode(SECRET))
    monkeypatch.setenv(FOLDER, str(tmp_path / "shared"))
    monkeypatch.setenv(KEYS, str(tmp_path / "keys"))
    monkeypatch.setattr(exchange.outbox, "is_on", lambda _ctx: True)
    monkeypatch.setattr(permit_decisions.exchange, "is_on", lambda _ctx: True)
    monkeypatch.setattr(permit_jobs, "is_on", lambda _ctx: True)
    place = tmp_path / "shared" / world.tenant.slug
    for name in ("out", "in", "lists"):
        (place / name).mkdir(parents=True)
    return place


@pytest.fixture
def authority(world: Any, folder: Path) -> Simulator:
    return Simulator(folder, Key(SECRET), world.clock.now().date())


def alter(folder: Path) -> None:
    """Change one byte of the one batch that lies there."""
    (path,) = folder.glob("*.jsonl")
    content = bytearray(path.read_bytes())
    content[30] ^= 1
    path.write_bytes(bytes(content))


def names(folder: Path, pattern: str = "*") -> list[str]:
    return [path.name for path in folder.glob(pattern)]


def contents(folder: Path) -> bytes:
    """All that lies in a folder."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def as_system(world: Any) -> Any:
    return world.bench.context(world.tenant, clock=world.clock)


async def states(world: Any, table: str) -> str:
    return str(await world.value(STATES.format(table=table)))


async def exchange_once(world: Any, authority: Simulator, *, lists: bool = False) -> int:
    """Send, let the authority work, receive; gives how many answers were new."""
    new = 0
    async with as_system(world) as ctx:
        await send_due(ctx, file_exchange(ctx))
    authority.step(lists=lists)
    for _ in range(ROUNDS_MAX):
        async with as_system(world) as ctx:
            port = file_exchange(ctx)
            batches = await port.receive(1)
            if not batches:
                break
            new += await receive_batch(ctx, port, batches[0])
    return new


async def test_an_application_goes_there_and_comes_back_as_a_permit(
    quick: Any, world: Any, authority: Simulator, folder: Path
) -> None:
    authority.refusing = 0
    await quick.accepted(person_id=await newcomer(quick, world, 1))
    assert await states(world, "migrants_application") == "forwarded 1"
    assert await exchange_once(world, authority) == 2
    assert await states(world, "migrants_application") == "issued 1"
    assert await states(world, "migrants_permit") == "active 1"
    assert await states(world, "migrants_message") == "answered 1"
    assert names(folder / "in") == []


async def test_nobody_else_can_read_what_lies_in_the_folder(
    quick: Any, world: Any, authority: Simulator, folder: Path
) -> None:
    person = await world.person("演示机密姓名", id_number="11010519491231002X")
    await quick.active(person_id=person, from_on=world.clock.now().date() - timedelta(days=300))
    await quick.accepted(person_id=person)
    await exchange_once(world, authority)
    content = contents(folder)
    assert content
    for clear in ("演示机密姓名", "11010519491231002X"):
        assert clear.encode() not in content


async def test_an_altered_file_is_put_aside_and_asked_for_again(
    quick: Any, world: Any, authority: Simulator, folder: Path
) -> None:
    authority.refusing = 0
    await quick.accepted(person_id=await newcomer(quick, world, 1))
    async with as_system(world) as ctx:
        await send_due(ctx, file_exchange(ctx))
    authority.step(lists=True)
    alter(folder / "in")
    assert await exchange_once(world, authority) == 0
    assert len(names(folder / "damaged", "*.jsonl")) == 1
    async with as_system(world) as ctx:
        report = await reconcile(ctx, file_exchange(ctx))
    assert report is not None
    assert (report.compared, report.asked_again) == (1, 1)
    await exchange_once(world, authority)
    assert await states(world, "migrants_application") == "issued 1"


async def test_answers_in_another_order_and_twice_are_applied_once(
    quick: Any, world: Any, folder: Path
) -> None:
    application = await quick.accepted(person_id=await newcomer(quick, world, 1))
    number = await world.value("select number from migrants_application where tenant_id = $1")
    issued = {"reference": "公字 1", "permit_number": "JZ00000001", "issued_on": "2026-05-06"}
    lines = [
        {"id": "i-1", "number": number, "kind": "issued", "details": issued},
        {"id": "a-1", "number": number, "kind": "approved", "details": {"reference": "公字 1"}},
        {"id": "i-1", "number": number, "kind": "issued", "details": issued},
        {"id": "i-2", "number": number, "kind": "issued", "details": issued},
        {
            "id": "i-3",
            "number": number,
            "kind": "issued",
            "details": {**issued, "permit_number": "JZ0000002"},
        },
        {
            "id": "r-1",
            "number": number,
            "kind": "refused",
            "details": {"reference": "公字 2", "reason": "不符"},
        },
        {"id": "x-1", "number": "2026-AAAAA-AAAAA-A", "kind": "approved", "details": {}},
    ]
    write_batch(folder / "in", "answers-1", Key(SECRET), lines)
    for _ in range(3):
        async with as_system(world) as ctx:
            port = file_exchange(ctx)
            for batch in await port.receive(5):
                await receive_batch(ctx, port, batch)
    told = "select string_agg(answer_key || ' ' || state || ' ' || error_code, ', ' order by id) from migrants_answer"
    assert await world.value(f"{told} where tenant_id = $1") == (
        "i-1 applied , a-1 stale , i-2 stale , i-3 set_aside another_number,"
        " r-1 set_aside workflow.undefined_transition, x-1 set_aside not_found"
    )
    assert await states(world, "migrants_permit") == "active 1"
    assert application


async def test_what_was_not_committed_is_received_again(
    quick: Any, world: Any, authority: Simulator, folder: Path
) -> None:
    authority.refusing = 0
    await quick.accepted(person_id=await newcomer(quick, world, 1))
    async with as_system(world) as ctx:
        await send_due(ctx, file_exchange(ctx))
    authority.step()
    with pytest.raises(RuntimeError, match="killed"):
        await receive_and_die(world)
    assert await states(world, "migrants_application") == "forwarded 1"
    assert names(folder / "in", "*.json")
    assert await exchange_once(world, authority) == 2
    assert await states(world, "migrants_permit") == "active 1"


async def receive_and_die(world: Any) -> None:
    async with as_system(world) as ctx:
        port = file_exchange(ctx)
        for batch in await port.receive(1):
            await receive_batch(ctx, port, batch)
        raise RuntimeError("killed")


async def test_what_was_sent_and_not_committed_is_the_same_message_again(
    quick: Any, world: Any, authority: Simulator
) -> None:
    authority.refusing = 0
    await quick.accepted(person_id=await newcomer(quick, world, 1))

    async def send_and_die() -> None:
        async with as_system(world) as ctx:
            await send_due(ctx, file_exchange(ctx))
            raise RuntimeError("killed")

    with pytest.raises(RuntimeError, match="killed"):
        await send_and_die()
    await exchange_once(world, authority)
    assert len(authority.received) == 1
    assert await states(world, "migrants_permit") == "active 1"


async def test_a_folder_that_cannot_be_reached_costs_nothing_and_is_given_up_late(
    quick: Any, world: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Unreachable:
        async def send(self, _envelopes: Any) -> None:
            raise Unavailable()

    await quick.accepted(person_id=await newcomer(quick, world, 1))
    for _ in range(ATTEMPTS_MAX):
        async with as_system(world) as ctx:
            await send_due(ctx, Unreachable())  # type: ignore[arg-type]
        world.clock.advance(timedelta(hours=2))
    assert await states(world, "migrants_message") == "failed 1"
    message = await world.value("select id from migrants_message where tenant_id = $1")
    async with world.context() as ctx:
        assert (await retry(ctx, message)).state == "queued"


async def newcomer(quick: Any, world: Any, _number: int) -> Any:
    person = await world.person(f"演示新市民{_number}")
    await quick.active(person_id=person, from_on=world.clock.now().date() - timedelta(days=300))
    return person


async def many(world: Any, quick: Any, count: int) -> None:
    """Applications that were accepted and forwarded, each of somebody else."""
    for number in range(count):
        await quick.accepted(person_id=await newcomer(quick, world, number))


async def test_many_applications_with_faults_end_reconciled_none_lost_none_twice(
    quick: Any, world: Any, authority: Simulator, folder: Path
) -> None:
    authority.faults = 0.2
    await many(world, quick, APPLICATIONS)
    report = None
    for _ in range(ROUNDS_MAX):
        while await world.value(
            "select count(*) from migrants_message where tenant_id = $1 and state = 'queued' and due_at <= $2",
            world.clock.now(),
        ):
            await exchange_once(world, authority)
        await exchange_once(world, authority, lists=True)
        world.clock.advance(timedelta(days=1))
        async with as_system(world) as ctx:
            report = await reconcile(ctx, file_exchange(ctx))
        if report is not None and report.compared == 0:
            break
    assert report is not None
    assert (report.compared, report.failed, report.set_aside) == (0, 0, 0)
    issued = sum(one.value == "issued" for one in authority.standing.values())
    assert len(authority.standing) == APPLICATIONS
    assert await world.value("select count(*) from migrants_permit where tenant_id = $1") == issued
    twice = """select count(*) from (select application_id from migrants_answer
        where tenant_id = $1 and state = 'applied' and error_code = '' group by application_id, kind
        having count(*) > 1) repeated"""
    assert await world.value(twice) == 0
    ended = (
        "select count(*) from migrants_application where tenant_id = $1 and state in ('issued', 'refused')"
    )
    assert await world.value(ended) == APPLICATIONS
