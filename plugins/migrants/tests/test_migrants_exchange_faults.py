"""The exchange with the issuing authority goes on, whatever the other end sends."""

from __future__ import annotations

import base64
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from linli.plugin import privacy, rows
from linli_migrants import permit_decisions, permit_jobs
from linli_migrants.exchange import inbox, outbox
from linli_migrants.exchange.errors import ExchangeUnavailable
from linli_migrants.exchange.files import FOLDER, KEYS, file_exchange
from linli_migrants.exchange.inbox import receive_batch
from linli_migrants.exchange.outbox import send_due
from linli_migrants.exchange.reconciling import reconcile
from linli_migrants.exchange.sealing import Key, write_batch
from linli_migrants.exchange_tables import Message

KEY = Key(bytes(range(32)))
ISSUED = {"reference": "公字 1", "permit_number": "JZ00000001", "issued_on": "2026-05-06"}
NUMBER = "select number from migrants_application where tenant_id = $1 order by id limit 1"
STATES = "select string_agg(state, ' ' order by id) from {} where tenant_id = $1"


@pytest.fixture
def folder(world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / f"{world.tenant.slug}.key").write_bytes(base64.b64encode(KEY.secret))
    monkeypatch.setenv(FOLDER, str(tmp_path / "shared"))
    monkeypatch.setenv(KEYS, str(tmp_path / "keys"))
    monkeypatch.setattr(outbox, "is_on", lambda _ctx: True)
    monkeypatch.setattr(permit_decisions.exchange, "is_on", lambda _ctx: True)
    monkeypatch.setattr(permit_jobs, "is_on", lambda _ctx: True)
    place = tmp_path / "shared" / world.tenant.slug
    for name in ("out", "in", "lists"):
        (place / name).mkdir(parents=True)
    return place


def as_system(world: Any) -> Any:
    return world.bench.context(world.tenant, clock=world.clock)


def answer(key: str, number: str, kind: str = "issued", **details: str) -> dict[str, Any]:
    return {"id": key, "number": number, "kind": kind, "details": details or ISSUED}


async def states(world: Any, table: str) -> str:
    return str(await world.value(STATES.format(table)))


async def receive(world: Any, times: int = 5) -> None:
    for _ in range(times):
        async with as_system(world) as ctx:
            port = file_exchange(ctx)
            for batch in await port.receive(1):
                await receive_batch(ctx, port, batch)


async def send(world: Any) -> int:
    async with as_system(world) as ctx:
        return await send_due(ctx, file_exchange(ctx))


async def forwarded(quick: Any, world: Any, name: str = "演示新市民") -> Any:
    person = await world.person(name)
    await quick.active(person_id=person, from_on=world.clock.now().date() - timedelta(days=300))
    return await quick.accepted(person_id=person)


@pytest.mark.parametrize(
    "broken",
    [
        {"id": ""},
        {"id": "a\0b"},
        {"number": "2026\0"},
        {"details": {**ISSUED, "reference": "公字\0 1"}},
        {"number": "2026", "kind": "refused", "details": {"reference": "公字 1", "reason": "不\0符"}},
        {"details": {**ISSUED, "more": "长" * 9_000}},
        {"kind": "postponed"},
    ],
)
async def test_an_answer_that_cannot_be_kept_does_not_hold_up_the_others(
    quick: Any, world: Any, folder: Path, broken: dict[str, Any]
) -> None:
    await forwarded(quick, world)
    number = await world.value(NUMBER)
    write_batch(folder / "in", "answers-1", KEY, [{**answer("i-0", number), **broken}])
    write_batch(folder / "in", "answers-2", KEY, [answer("i-1", number)])
    await receive(world)
    assert await states(world, "migrants_application") == "issued"
    assert list((folder / "in").iterdir()) == []


async def test_a_large_batch_is_taken_in_parts(
    quick: Any, world: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "TAKEN_MAX", 2, raising=False)
    lines = [answer(f"x-{i}", "2026-AAAAA-AAAAA-A") for i in range(5)]
    write_batch(folder / "in", "answers-1", KEY, lines)
    counts = []
    for _ in range(4):
        async with as_system(world) as ctx:
            port = file_exchange(ctx)
            for batch in await port.receive(1):
                counts.append(await receive_batch(ctx, port, batch))
    assert counts == [2, 2, 1, 0]
    assert await world.value("select count(*) from migrants_answer where tenant_id = $1") == 5
    assert list((folder / "in").iterdir()) == []


async def test_the_list_of_a_large_place_is_read(quick: Any, world: Any, folder: Path) -> None:
    await forwarded(quick, world)
    number = await world.value(NUMBER)
    lines = [{"number": f"2026-{i:05d}", "standing": "issued"} for i in range(25_000)]
    write_batch(folder / "lists", "list-1", KEY, [])
    write_batch(folder / "lists", "list-2", KEY, [*lines, {"number": number, "standing": "received"}])
    async with as_system(world) as ctx:
        report = await reconcile(ctx, file_exchange(ctx))
    assert report is not None
    assert (report.compared, report.agreed) == (1, 1)


async def test_a_late_answer_to_the_first_forwarding_does_not_lose_the_second(
    quick: Any, world: Any, folder: Path
) -> None:
    application = await forwarded(quick, world)
    number = await world.value(NUMBER)
    await send(world)
    refusal = {"reference": "公字 1", "reason": "材料核查不符"}
    write_batch(folder / "in", "answers-1", KEY, [answer("r-1", number, "refused", **refusal)])
    await receive(world)
    await quick.act("objectToMigrantRefusal", id=application, objection="不实")
    third = world.bench.actor([one for grant in world.officer.grants for one in grant.permissions])
    await quick.act("reopenMigrantApplication", third, id=application, answer="重新办理")
    await quick.act("acceptMigrantApplication", world.checker, id=application)
    write_batch(folder / "in", "answers-2", KEY, [answer("r-2", number, "refused", **refusal)])
    await receive(world)
    assert await states(world, "migrants_application") == "forwarded"
    assert await states(world, "migrants_message") == "answered queued"
    assert await states(world, "migrants_answer") == "applied stale"
    assert await send(world) == 1


async def test_an_answer_that_is_set_aside_leaves_the_message_open(
    quick: Any, world: Any, folder: Path
) -> None:
    await forwarded(quick, world)
    await send(world)
    number = await world.value(NUMBER)
    write_batch(folder / "in", "answers-1", KEY, [answer("r-1", number, "refused", reference="公字 1")])
    await receive(world)
    assert await states(world, "migrants_answer") == "set_aside"
    assert await states(world, "migrants_message") == "sent"


async def test_a_refusal_after_an_approval_is_set_aside_for_people(
    quick: Any, world: Any, folder: Path
) -> None:
    await forwarded(quick, world)
    number = await world.value(NUMBER)
    lines = [
        answer("a-1", number, "approved", reference="公字 1"),
        answer("r-1", number, "refused", reference="公字 2", reason="不符"),
    ]
    write_batch(folder / "in", "answers-1", KEY, lines)
    await receive(world)
    assert await states(world, "migrants_application") == "approved"
    assert await states(world, "migrants_answer") == "applied set_aside"


async def test_the_authority_is_told_since_when_somebody_lives_here_not_since_the_last_move(
    quick: Any, world: Any, folder: Path
) -> None:
    person = await world.person()
    stay = await quick.active(person_id=person, from_on=date(2025, 9, 1))
    moved = await quick.act(
        "moveMigrantStay", id=stay, dwelling_id=await quick.dwelling(), on=date(2026, 4, 1)
    )
    await quick.act("verifyMigrantStay", world.checker, id=moved)
    await quick.accepted(person_id=person)
    async with as_system(world) as ctx:
        message_id = await ctx.db.fetchval(
            "select id from migrants_message where tenant_id = $1", ctx.tenant_id
        )
        body = await privacy.decrypt(ctx, await rows.get(ctx, Message, message_id), "body")
    assert json.loads(body or "{}")["resident_since"] == "2025-09-01"


async def test_a_folder_that_is_not_mounted_is_not_written_to(
    quick: Any, world: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path / "elsewhere"))
    async with as_system(world) as ctx:
        with pytest.raises(ExchangeUnavailable):
            file_exchange(ctx)
    assert not (tmp_path / "elsewhere").exists()


async def test_one_message_that_cannot_be_read_does_not_hold_up_the_others(
    quick: Any, world: Any, folder: Path
) -> None:
    await forwarded(quick, world, "演示甲")
    await forwarded(quick, world, "演示乙")
    first = await world.value("select id from migrants_message where tenant_id = $1 order by id limit 1")
    await world.set_state("migrants_message", first, body=None)
    assert await send(world) == 1
    assert await states(world, "migrants_message") == "failed sent"


ANSWERS = "{ migrantAnswers(first: 5) { nodes { id number state errorCode application { id } } } }"
REVEAL = """mutation($input: RevealMigrantAnswerInput!) { revealMigrantAnswer(input: $input) {
    value problems { code } } }"""
SETTLE = """mutation($input: SettleMigrantAnswerInput!) { settleMigrantAnswer(input: $input) {
    migrantAnswer { state note } problems { code } } }"""


async def test_people_see_what_was_set_aside_and_settle_it(
    quick: Any, world: Any, folder: Path, api: Any
) -> None:
    await forwarded(quick, world)
    number = await world.value(NUMBER)
    lines = [answer("r-1", number, "refused", reference="公字 1"), answer("x-1", "2026-AAAAA-AAAAA-A")]
    write_batch(folder / "in", "answers-1", KEY, lines)
    await receive(world)
    found = (await api.execute(world.tenant, world.officer, ANSWERS))["migrantAnswers"]["nodes"]
    by_number = {one["number"]: one for one in found}
    about = {"id": by_number[number]["id"]}
    shown = await api.execute(
        world.tenant, world.officer, REVEAL, {"input": {**about, "reason": "核对公安机关的答复"}}
    )
    assert json.loads(shown["revealMigrantAnswer"]["value"]) == {"reference": "公字 1"}
    for one in found:
        settled = await api.execute(
            world.tenant, world.officer, SETTLE, {"input": {"id": one["id"], "note": "已电话核实"}}
        )
        assert settled["settleMigrantAnswer"]["migrantAnswer"] == {"state": "SETTLED", "note": "已电话核实"}
    again = await api.execute(world.tenant, world.officer, SETTLE, {"input": {**about, "note": "再次"}})
    assert [one["code"] for one in again["settleMigrantAnswer"]["problems"]] == [
        "migrants.answer_not_set_aside"
    ]
