"""Messages between two places: signed, kept once, applied in order, whatever the way does to them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.cli import main
from linli.clock import FixedClock
from linli.db import rows
from linli.errors import LinliError
from linli.handover import accepting, ending, errors, inbox, outbox, verify
from linli.handover.carrier import Carrier, PlatformCarrier
from linli.handover.directory import Directory
from linli.handover.envelope import Envelope, Kind, Receipt, digest_of, message_bytes, written
from linli.handover.errors import BadMessage, BadSignature, MessageChanged, NotAccepted, TooManyWaiting
from linli.handover.tables import Offered, Received
from linli.identity import people
from linli.ids import new_id
from linli.privacy import shred
from linli.queues.dispatcher import Dispatcher
from linli.tenancy.catalogue import Tenant
from linli.testing.places import FIELDS, Places
from linli.testing.pytest_plugin import SECRET_KEY
from linli.workflow import UndefinedTransition

NAME_FIELD, PHONE_FIELD = FIELDS
ONE = pytest.mark.parametrize("places", ["one database"], indirect=True)
SENT = datetime(2026, 7, 24, 4, 0, tzinfo=UTC)


class Tampering:
    """A carrier that changes what it carries, or the receipt that it brings back."""

    def __init__(self, way: Carrier, *, envelope: dict[str, Any] | None = None, receipt: Any = None) -> None:
        self.way = way
        self.envelope = envelope or {}
        self.receipt = receipt or {}

    async def deliver(self, envelope: Envelope, sender: Tenant, public_key: bytes) -> Receipt:
        receipt = await self.way.deliver(replace(envelope, **self.envelope), sender, public_key)
        return replace(receipt, **self.receipt)

    async def key_of(self, slug: str, key_id: UUID) -> bytes:
        return await self.way.key_of(slug, key_id)


@pytest.mark.parametrize(
    "change",
    [
        {"content": written({"values": {}})},
        {"digest": b"\0" * 32},
        {"sequence": 2},
        {"kind": Kind.UPDATE},
        {"exchange_id": new_id()},
        {"message_id": new_id()},
        {"sender": "somebody-else"},
        {"sent_at": SENT - timedelta(days=1)},
        {"signature": b"\0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_message_that_was_changed_on_the_way_is_refused(places: Places, change: Any) -> None:
    await places.offer(await places.person(places.a))
    await places.carry(Tampering(PlatformCarrier(places.runtimes[0]), envelope=change))
    assert await places.rows(places.b, "handover_message") == []
    (delivery,) = await places.rows(places.a, "handover_delivery")
    assert (delivery["status"], delivery["error_code"]) == ("pending", "handover.bad_signature")


async def test_a_message_for_another_place_is_refused(places: Places) -> None:
    third = await places.bench.tenant(plugins=())
    await places.offer(await places.person(places.a))
    await places.carry(Tampering(PlatformCarrier(places.runtimes[0]), envelope={"recipient": third.slug}))
    (delivery,) = await places.rows(places.a, "handover_delivery")
    assert delivery["error_code"] == "handover.bad_signature"


@pytest.mark.parametrize(
    "change", [{"signature": b"\0" * 64}, {"received_at": SENT}, {"message_id": new_id()}]
)
async def test_a_receipt_that_was_changed_proves_nothing(
    places: Places, clock: FixedClock, change: Any
) -> None:
    clock.advance(timedelta(seconds=1))
    await places.offer(await places.person(places.a))
    await places.carry(Tampering(PlatformCarrier(places.runtimes[0]), receipt=change))
    (message,) = await places.rows(places.a, "handover_message")
    assert (message["state"], message["receipt_at"]) == ("pending", None)
    clock.advance(timedelta(hours=2))
    await places.carry()
    (message,) = await places.rows(places.a, "handover_message")
    assert message["state"] == "acknowledged"
    assert len(await places.rows(places.b, "handover_message")) == 1


@ONE
async def test_a_key_once_published_cannot_be_replaced(places: Places) -> None:
    directory = Directory(places.bench.database)
    key_id, first, second = new_id(), b"1" * 32, b"2" * 32
    await directory.publish(places.a.id, key_id, first)
    await directory.publish(places.a.id, key_id, first)
    with pytest.raises(BadSignature):
        await directory.publish(places.a.id, key_id, second)
    with pytest.raises(BadSignature):
        await directory.key(places.b.id, key_id)
    for statement in ("update handover_public_key set version = 2", "delete from handover_public_key"):
        with pytest.raises(Exception, match="permission denied"):
            async with places.context(places.a) as ctx:
                await ctx.db.execute(f"{statement} where tenant_id = $1", places.a.id)


async def test_a_message_that_cannot_be_delivered_is_dead_in_the_end_and_people_retry_it(
    places: Places, clock: FixedClock
) -> None:
    offered = await places.offer(await places.person(places.a))
    async with places.bench.database.kernel() as db:
        sql = "update tenancy_tenant set state = $2 where tenant_id = $1"
        await db.execute(sql, places.b.id, "suspended")
    places.bench.catalogue.forget()
    for _ in range(20):
        assert await places.carry() == 1
        clock.advance(timedelta(hours=2))
    assert await places.carry() == 0
    (delivery,) = await places.rows(places.a, "handover_delivery")
    assert (delivery["status"], delivery["error_code"]) == ("dead", "handover.not_accepting")
    told = [row["name"] for row in await places.rows(places.a, "events_event")]
    assert "handover.undeliverable" in told
    async with places.bench.database.kernel() as db:
        await db.execute(sql, places.b.id, "active")
    places.bench.catalogue.forget()
    async with places.context(places.a) as ctx:
        assert await outbox.retry(ctx, await ending.offered_for(ctx, offered.id)) == 1
    await places.work()
    assert len(await places.rows(places.b, "handover_received")) == 1


@ONE
async def test_a_place_that_no_longer_accepts_takes_no_offer_in(places: Places) -> None:
    await places.offer(await places.person(places.a))
    async with places.bench.database.kernel() as db:
        await db.execute("update tenancy_tenant set settings = '{}' where tenant_id = $1", places.b.id)
    places.bench.catalogue.forget()
    await places.carry()
    assert await places.rows(places.b, "handover_message") == []
    (delivery,) = await places.rows(places.a, "handover_delivery")
    assert delivery["error_code"] == "handover.not_accepting"


@ONE
async def test_a_place_in_a_database_that_the_worker_does_not_know_waits(places: Places) -> None:
    await places.offer(await places.person(places.a))
    async with places.bench.database.kernel() as db:
        sql = "update tenancy_tenant set placement = 'nowhere' where tenant_id = $1"
        await db.execute(sql, places.b.id)
    places.bench.catalogue.forget()
    await places.carry()
    (delivery,) = await places.rows(places.a, "handover_delivery")
    assert (delivery["status"], delivery["error_code"]) == ("pending", "tenancy.placement_unknown")


class Stranger:
    """Another place, played by the test: it signs messages of one hand-over."""

    def __init__(self, recipient: Tenant, slug: str = "stranger") -> None:
        self.recipient = recipient
        self.slug = slug
        self.key = Ed25519PrivateKey.generate()
        self.public_key = self.key.public_key().public_bytes_raw()
        self.exchange_id = new_id()

    def message(self, sequence: int, kind: Kind, said: dict[str, object]) -> Envelope:
        content = written(said)
        facts: dict[str, Any] = {
            "message_id": new_id(),
            "exchange_id": self.exchange_id,
            "sequence": sequence,
            "kind": kind,
            "sender": self.slug,
            "recipient": self.recipient.slug,
            "sent_at": SENT,
            "digest": digest_of(content),
        }
        signature = self.key.sign(message_bytes(**facts))
        return Envelope(**facts, key_id=new_id(), signature=signature, content=content)

    def offer(self) -> Envelope:
        said: dict[str, object] = {
            "name": "外地",
            "fields": [NAME_FIELD],
            "purpose": "迁居",
            "expires_at": (SENT + timedelta(days=30)).isoformat(),
            "values": {NAME_FIELD: "测试甲 0"},
        }
        return self.message(1, Kind.OFFER, said)

    def updates(self, count: int) -> list[Envelope]:
        return [
            self.message(number, Kind.UPDATE, {"values": {NAME_FIELD: f"测试甲 {number}"}})
            for number in range(2, 2 + count)
        ]


async def arrive(places: Places, stranger: Stranger, envelope: Envelope) -> bytes:
    async with places.context(places.b) as ctx:
        return (await inbox.receive(ctx, envelope, stranger.public_key)).receipt.signature


async def accept(places: Places, exchange_id: UUID) -> None:
    async with places.context(places.b) as ctx:
        found = await rows.find_by(ctx, Received, exchange_id=exchange_id)
        assert found is not None
        person = await people.register(ctx, area_id=None, full_name="测试乙", synthetic=True)
        await accepting.accept(ctx, found.id, person.id)


@ONE
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_late_doubled_and_reordered_messages_have_the_effect_of_the_orderly_ones(
    places: Places, data: st.DataObject
) -> None:
    """What a sender numbered is applied once each and in order, up to where a revocation came in."""
    stranger = Stranger(places.b)
    offer, updates = stranger.offer(), stranger.updates(4)
    await arrive(places, stranger, offer)
    await accept(places, stranger.exchange_id)
    end = stranger.message(6, Kind.REVOKE, {})
    sent = [offer, *updates, end]
    on_the_way = data.draw(st.lists(st.sampled_from(sent), max_size=14))
    receipts: dict[UUID, bytes] = {}
    arrived, applied, revoked = {1}, 1, False
    for envelope in on_the_way:
        receipt = await arrive(places, stranger, envelope)
        assert receipts.setdefault(envelope.message_id, receipt) == receipt
        if envelope is end:
            revoked = True
        elif not revoked:
            arrived.add(envelope.sequence)
            while applied + 1 in arrived:
                applied += 1
    async with places.context(places.b) as ctx:
        sql = "select * from handover_message where tenant_id = $1 and exchange_id = $2 and direction = 'in'"
        kept = {row["sequence"]: row for row in await ctx.db.fetch(sql, places.b.id, stranger.exchange_id)}
        record = await rows.find_by(ctx, Received, exchange_id=stranger.exchange_id)
        assert record is not None
        told = await ctx.db.fetchval(
            "select count(*) from events_event where tenant_id = $1 and name = 'handover.values_received'"
            " and payload->>'received_id' = $2",
            places.b.id,
            str(record.id),
        )
    assert record.state == ("revoked" if revoked else "accepted")
    assert {n for n, row in kept.items() if row["state"] == "applied" and n < 6} == set(range(1, applied + 1))
    assert told == applied
    assert len(kept) == len({1, *(one.sequence for one in on_the_way)})
    late = [row for n, row in kept.items() if applied < n < 6]
    assert all((row["state"], row["content"]) == ("ignored", None) for row in late if revoked)


@ONE
async def test_a_revocation_that_overtakes_the_offer_leaves_nothing_of_it(places: Places) -> None:
    stranger = Stranger(places.b)
    await arrive(places, stranger, stranger.message(2, Kind.REVOKE, {}))
    await arrive(places, stranger, stranger.offer())
    assert await places.rows(places.b, "handover_received") == []
    assert [row["content"] is None for row in await places.rows(places.b, "handover_message")] == [True, True]


@ONE
async def test_another_message_under_a_number_or_id_that_was_used_is_refused(places: Places) -> None:
    stranger = Stranger(places.b)
    offer = stranger.offer()
    await arrive(places, stranger, offer)
    with pytest.raises(MessageChanged):
        await arrive(places, stranger, stranger.offer())
    other = stranger.message(2, Kind.UPDATE, {"values": {}})
    same_id = replace(other, message_id=offer.message_id)
    with pytest.raises(BadSignature):
        await arrive(places, stranger, same_id)


@ONE
async def test_a_place_has_no_say_in_a_hand_over_of_others(places: Places) -> None:
    offered = await places.offer(await places.person(places.a))
    await places.work()
    stranger = Stranger(places.b)
    stranger.exchange_id = offered.exchange_id
    await arrive(places, stranger, stranger.message(1, Kind.REVOKE, {}))
    (received,) = await places.rows(places.b, "handover_received")
    assert received["state"] == "offered"
    accepting_for_others = Stranger(places.a)
    accepting_for_others.exchange_id = offered.exchange_id
    said: dict[str, object] = {"decided_at": SENT.isoformat()}
    async with places.context(places.a) as ctx:
        envelope = accepting_for_others.message(1, Kind.ACCEPT, said)
        await inbox.receive(ctx, envelope, accepting_for_others.public_key)
        found = await rows.get(ctx, Offered, offered.id)
    assert found.state == "offered"


@ONE
@pytest.mark.parametrize(
    "values",
    [{PHONE_FIELD: "19900000001"}, {NAME_FIELD: ["a"]}, {NAME_FIELD: "甲" * 301}, "text", None],
    ids=["not agreed", "list", "long", "text", "missing"],
)
async def test_values_that_were_not_agreed_or_not_plain_are_refused(places: Places, values: object) -> None:
    stranger = Stranger(places.b)
    await arrive(places, stranger, stranger.offer())
    await accept(places, stranger.exchange_id)
    with pytest.raises(BadMessage):
        await arrive(places, stranger, stranger.message(2, Kind.UPDATE, {"values": values}))
    assert len(await places.rows(places.b, "handover_received")) == 1


@ONE
async def test_only_so_many_messages_wait_for_an_earlier_one(places: Places) -> None:
    stranger = Stranger(places.b)
    for envelope in stranger.updates(inbox.WAITING_MAX):
        await arrive(places, stranger, envelope)
    with pytest.raises(TooManyWaiting):
        await arrive(places, stranger, stranger.message(500, Kind.UPDATE, {"values": {}}))


async def test_what_was_signed_can_be_verified_later_and_a_change_shows(places: Places) -> None:
    await places.offer(await places.person(places.a))
    await places.work()
    (received,) = await places.rows(places.b, "handover_received")
    async with places.context(places.b) as ctx:
        await accepting.decline(ctx, received["id"], reason="查无此人")
    await places.work()
    keys = {one: key for one, (_owner, key) in (await Directory(places.bench.database).all()).items()}
    for tenant, emptied in ((places.a, 0), (places.b, 1)):
        async with places.context(tenant) as ctx:
            verdict = await verify.verify(ctx, keys)
        assert (verdict.checked, verdict.emptied, verdict.faults) == (2, emptied, [])
    changes = (
        ("sequence = 7", "signature"),
        ("signature = '\\x00'", "signature"),
        ("receipt_at = receipt_at - interval '1 day'", "receipt"),
        ("digest = sha256('x')", "signature"),
        ("public_key = sha256('x')", "key"),
    )
    for change, what in changes:
        assert what in await faults_after(places, keys, change)


async def faults_after(places: Places, keys: dict[UUID, bytes], change: str) -> set[str]:
    """What verifying finds once a message was changed in the database; the change is undone."""
    found: set[str] = set()
    with suppress(Undo):
        async with places.context(places.a) as ctx:
            sql = f"update handover_message set {change} where tenant_id = $1 and kind = 'offer'"
            await ctx.db.execute(sql, places.a.id)
            found = {one.what for one in (await verify.verify(ctx, keys)).faults}
            raise Undo
    return found


class Undo(Exception):
    """Undoes what the test changed."""


@ONE
async def test_a_key_that_was_shredded_is_replaced_and_what_it_signed_still_holds(places: Places) -> None:
    await places.offer(await places.person(places.a))
    await places.work()
    async with places.context(places.a) as ctx:
        assert await shred(ctx, "handover.signing", reason="演练") == 1
    await places.offer(await places.person(places.a, "测试丙"))
    await places.work()
    assert [row["state"] for row in await places.rows(places.a, "handover_key")] == ["retired", "current"]
    assert len(await places.rows(places.b, "handover_received")) == 2
    async with places.context(places.b) as ctx:
        verdict = await verify.verify(ctx, {})
    assert (verdict.checked, verdict.faults) == (2, [])


async def test_many_hand_overs_in_both_directions_and_ends_at_once_block_one_another_nowhere(
    places: Places, clock: FixedClock
) -> None:
    back = Places(
        places.runtimes[0].database, places.runtimes[-1].database, places.bench.composition, clock=clock
    )
    back.a, back.b = places.b, places.a
    offers = [(way, await way.offer(await way.person(way.a))) for way in (places, back) for _ in range(4)]
    await places.work()
    for way, _offered in offers[::4]:
        for row in await way.rows(way.b, "handover_received"):
            await accept(way, row["exchange_id"])
    await places.work()
    await asyncio.gather(*(both_end(way, offered) for way, offered in offers), many(places), many(places))
    clock.advance(timedelta(hours=2))
    await places.work()
    for tenant in (places.a, places.b):
        for table in ("handover_offered", "handover_received"):
            assert [row["state"] for row in await places.rows(tenant, table)] == ["revoked"] * 4
        assert {row["status"] for row in await places.rows(tenant, "handover_delivery")} == {"done"}


async def both_end(way: Places, offered: Offered) -> None:
    """Both sides end a hand-over, at the same time; whoever comes second finds it ended."""
    received = next(
        row for row in await way.rows(way.b, "handover_received") if row["exchange_id"] == offered.exchange_id
    )

    async def at_origin() -> None:
        async with way.context(way.a) as ctx:
            await ending.revoke_offered(ctx, offered.id, reason="同时")

    async def at_destination() -> None:
        async with way.context(way.b) as ctx:
            await ending.revoke_received(ctx, received["id"], reason="同时")

    for outcome in await asyncio.gather(at_origin(), at_destination(), return_exceptions=True):
        assert outcome is None or isinstance(outcome, UndefinedTransition | NotAccepted), outcome


async def many(places: Places) -> None:
    """Carry with several couriers at once."""
    queues = [Dispatcher(places.queue(one), concurrency=3, tenant_concurrency=3) for one in places.runtimes]
    for _ in range(10):
        await asyncio.gather(*(queue.run_once() for queue in queues))


@ONE
async def test_the_command_says_how_many_messages_were_checked(
    places: Places, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    await places.offer(await places.person(places.a))
    await places.work()
    monkeypatch.setenv("DATABASE_URL", places.bench.database.owner_url)
    monkeypatch.setenv("LINLI_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("LINLI_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("REDIS_URL", raising=False)
    words = ["handover", "verify", "--tenant", places.b.slug]
    good = await asyncio.to_thread(CliRunner().invoke, main, words)
    assert (good.exit_code, good.stdout) == (0, "messages / emptied / faults: 1 / 0 / 0\n")
    async with places.context(places.b) as ctx:
        await ctx.db.execute("update handover_message set sequence = 9 where tenant_id = $1", places.b.id)
    bad = await asyncio.to_thread(CliRunner().invoke, main, words)
    assert (bad.exit_code, "signature" in bad.stderr) == (1, True)


def test_no_error_of_hand_overs_is_without_a_code() -> None:
    found = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, LinliError)]
    own = [one for one in found if one.__module__ == errors.__name__]
    assert len({one.code for one in own}) == len(own)
    assert all(one.code.startswith("handover.") for one in own)
