"""Messages: sent once, shown once, by the channels that people want, when they may be disturbed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from linli import notifications
from linli.db import rows
from linli.db.database import Database
from linli.errors import NotFound
from linli.identity import people
from linli.identity.tables import Person
from linli.ids import new_id
from linli.notifications import Bounced, OutgoingMessage, inbox, log
from linli.notifications.errors import (
    AlwaysSent,
    BadAddress,
    BadValue,
    DeliveryNotDead,
    NoRecipient,
    UnknownChannel,
    UnknownMessageType,
)
from linli.notifications.following import follow_merge
from linli.notifications.noting import ATTEMPTS_MAX, note
from linli.notifications.parcels import take
from linli.notifications.rendering import renderer
from linli.notifications.tables import Delivery, Message
from linli.privacy.subjects import erase_all, export_all
from linli.settings import Settings
from linli.testing.bell import NOON, PHONE, Bell, bell_plugin, make_bell
from linli.testing.messages import Mood

SETTINGS = Settings(data_dir=Path(), message_timeout_ms=50)
RUNG = {"times": 3, "place": "门口"}


@pytest_asyncio.fixture
async def bell(database: Database, tmp_path: Path) -> AsyncIterator[Bell]:
    with bell_plugin(tmp_path) as (fakes, relay):
        yield await make_bell(fakes, relay, database, tmp_path)


async def send(bell: Bell, kind: str, values: Mapping[str, object], *, key: str = "1") -> Any:
    async with bell.bench.context(bell.tenant, clock=bell.clock) as ctx:
        return await notifications.send(ctx, kind, values, dedupe_key=key, person_id=bell.person_id)


async def deliveries(bell: Bell, **where: object) -> list[Delivery]:
    async with bell.bench.context(bell.tenant) as ctx:
        found = await ctx.db.fetch(
            "select * from notifications_delivery where tenant_id = $1 order by id", bell.tenant.id
        )
    made = [rows.from_record(Delivery, row) for row in found]
    return [one for one in made if all(getattr(one, key) == value for key, value in where.items())]


def always(mood: Mood) -> Any:
    return lambda _message, _before: mood


async def test_a_message_goes_out_by_sms_and_stands_in_the_app(bell: Bell) -> None:
    assert await send(bell, "bell.rung", RUNG) is not None
    assert await bell.work() == 1
    (received,) = bell.gateway.received
    assert (received.address, received.title, received.body) == (PHONE, "响铃", "铃响了 3 次：门口")
    assert (received.type, received.values) == ("bell.rung", {"times": "3", "place": "门口"})
    told = [(one.channel, one.status, one.address_masked) for one in await deliveries(bell)]
    assert told == [("in_app", "done", ""), ("sms", "done", "199****0001")]
    async with bell.bench.context(bell.tenant, actor=bell.resident) as ctx:
        assert await inbox.unread_count(ctx) == 1


async def test_what_happened_once_is_told_once(bell: Bell) -> None:
    first = await send(bell, "bell.rung", RUNG)
    assert await send(bell, "bell.rung", RUNG) is None
    assert await send(bell, "bell.rung", RUNG, key="2") not in (None, first)
    await bell.work()
    assert len(bell.gateway.received) == 2


async def test_a_message_of_a_transaction_that_is_undone_is_never_sent(bell: Bell) -> None:
    async def work_that_fails() -> None:
        async with bell.bench.context(bell.tenant, clock=bell.clock) as ctx:
            await notifications.send(ctx, "bell.rung", RUNG, dedupe_key="1", person_id=bell.person_id)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await work_that_fails()
    assert await bell.work() == 0
    assert await deliveries(bell) == []


@pytest.mark.parametrize(
    ("values", "placeholder"),
    [
        ({"times": 3}, "place"),
        ({**RUNG, "name": "王小明"}, "name"),
        ({**RUNG, "times": "3"}, "times"),
        ({**RUNG, "times": True}, "times"),
        ({**RUNG, "place": 3}, "place"),
    ],
)
async def test_other_values_than_declared_are_refused(
    bell: Bell, values: Mapping[str, object], placeholder: str
) -> None:
    with pytest.raises(BadValue) as refused:
        await send(bell, "bell.rung", values)
    assert refused.value.details["placeholder"] == placeholder


async def test_unknown_types_and_recipients_are_refused(bell: Bell) -> None:
    async with bell.bench.context(bell.tenant) as ctx:
        with pytest.raises(UnknownMessageType):
            await notifications.send(ctx, "bell.nothing", {}, dedupe_key="1", person_id=bell.person_id)
        with pytest.raises(NotFound):
            await notifications.send(ctx, "bell.law", {}, dedupe_key="1", person_id=new_id())
        with pytest.raises(NoRecipient):
            await notifications.send(ctx, "bell.law", {}, dedupe_key="1", account_id=new_id())


async def test_no_number_or_address_of_a_person_gets_into_a_message(bell: Bell) -> None:
    place = "找王小明 138 0013 8000 或 999999199003070012，a.b@example.com，2026-07-24 晚"
    await send(bell, "bell.rung", {"times": 1, "place": place})
    async with bell.bench.context(bell.tenant) as ctx:
        stored = await ctx.db.fetchval(
            "select content from notifications_message where tenant_id = $1", bell.tenant.id
        )
    assert json.loads(stored)["place"] == "找王小明 *** 或 ***，***，2026-07-24 晚"
    await send(bell, "bell.rung", {"times": 1, "place": "长" * 300}, key="2")


async def test_nobody_is_disturbed_at_night(bell: Bell) -> None:
    night = datetime(2026, 7, 24, 15, 0, tzinfo=UTC)  # 23:00 in Shanghai
    bell.clock.advance(night - NOON)
    await send(bell, "bell.rung", RUNG)
    assert await bell.work() == 0
    (waiting,) = await deliveries(bell, channel="sms")
    assert waiting.due_at == datetime(2026, 7, 25, 0, 0, tzinfo=UTC)  # 08:00
    assert waiting.attempts == 0
    bell.clock.advance(timedelta(hours=9))
    assert await bell.work() == 1
    assert len(bell.gateway.received) == 1


async def test_reminders_come_in_one_message_a_day(bell: Bell) -> None:
    for number in ("A-1", "A-2", "A-3"):
        await send(bell, "bell.due", {"number": number}, key=number)
    assert await bell.work() == 0
    bell.clock.advance(timedelta(hours=21))  # 09:00 of the next day
    assert await bell.work() == 1
    (received,) = bell.gateway.received
    assert received.title == "3 条提醒"
    assert [number in received.body for number in ("A-1", "A-2", "A-3")] == [True] * 3
    assert [one.status for one in await deliveries(bell, channel="sms")] == ["done"] * 3
    async with bell.bench.context(bell.tenant, actor=bell.resident) as ctx:
        assert await inbox.unread_count(ctx) == 3


async def test_people_choose_their_channels_but_not_for_required_messages(bell: Bell) -> None:
    async with bell.bench.context(bell.tenant, actor=bell.resident) as ctx:
        await inbox.prefer(ctx, "service", "sms", wanted=False)
        await inbox.prefer(ctx, "service", "in_app", wanted=False)
        with pytest.raises(AlwaysSent):
            await inbox.prefer(ctx, "required", "sms", wanted=False)
        with pytest.raises(UnknownChannel):
            await inbox.prefer(ctx, "service", "pigeon", wanted=True)
        chosen = {(one.message_class, one.channel): one.wanted for one in await inbox.choices(ctx)}
        assert chosen["service", "sms"] is False
        assert chosen["required", "sms"] is chosen["required", "in_app"] is True
    await send(bell, "bell.rung", RUNG)
    await bell.work()
    assert bell.gateway.received == []
    async with bell.bench.context(bell.tenant, actor=bell.resident) as ctx:
        assert await inbox.unread_count(ctx) == 0  # it is there, and silent
    await send(bell, "bell.law", {})
    await bell.work()
    assert [one.type for one in bell.gateway.received] == ["bell.law"]
    async with bell.bench.context(bell.tenant, actor=bell.resident) as ctx:
        assert await inbox.unread_count(ctx) == 1


async def test_messages_are_marked_as_read_by_their_reader_only(bell: Bell) -> None:
    first, second = await send(bell, "bell.rung", RUNG), await send(bell, "bell.rung", RUNG, key="2")
    async with bell.bench.context(bell.tenant) as ctx:
        other = await people.register(ctx, area_id=None, full_name="别人", synthetic=True)
    async with bell.bench.context(bell.tenant, actor=replace(bell.resident, person_id=other.id)) as ctx:
        with pytest.raises(NotFound):
            await inbox.mark_read(ctx, [first])
        assert await inbox.mark_all_read(ctx) == 0
    async with bell.bench.context(bell.tenant, actor=bell.resident) as ctx:
        assert await inbox.mark_read(ctx, [first]) == 1
        assert await inbox.mark_read(ctx, [first]) == 0
        assert await inbox.unread_count(ctx) == 1
        assert await inbox.mark_all_read(ctx) == 1
    assert second is not None


async def test_an_address_that_bounced_is_used_no_more_until_it_is_changed(bell: Bell) -> None:
    bell.gateway._mood = always(Mood.BOUNCES)
    await send(bell, "bell.rung", RUNG)
    await bell.work()
    bell.gateway._mood = always(Mood.DELIVERS)
    await send(bell, "bell.rung", RUNG, key="2")
    await bell.work()
    told = [(one.status, one.error_code) for one in await deliveries(bell, channel="sms")]
    assert told == [("bounced", "no_such_number"), ("skipped", "address_unusable")]
    async with bell.bench.context(bell.tenant, actor=bell.resident) as ctx:
        (reach,) = [one for one in await inbox.reaches(ctx) if one.channel == "sms"]
        assert (reach.address_masked, reach.usable) == ("199****0001", False)
        with pytest.raises(BadAddress):
            await inbox.set_address(ctx, "sms", "12345")
        await inbox.set_address(ctx, "sms", "19900000002")
    await send(bell, "bell.rung", RUNG, key="3")
    await bell.work()
    assert [one.address for one in bell.gateway.received] == ["19900000002"]


async def test_another_number_in_the_register_is_tried_again_by_itself(bell: Bell) -> None:
    bell.gateway._mood = always(Mood.BOUNCES)
    await send(bell, "bell.rung", RUNG)
    await bell.work()
    bell.gateway._mood = always(Mood.DELIVERS)
    async with bell.bench.context(bell.tenant) as ctx:
        await rows.update(ctx, await rows.get(ctx, Person, bell.person_id), phone="19900000003")  # type: ignore[arg-type]
    await send(bell, "bell.rung", RUNG, key="2")
    await bell.work()
    assert [one.address for one in bell.gateway.received] == ["19900000003"]


async def test_failures_are_tried_again_later_with_the_same_key_and_given_up_in_the_end(bell: Bell) -> None:
    bell.gateway._mood = always(Mood.FAILS)
    await send(bell, "bell.rung", RUNG)
    waits = []
    for _ in range(ATTEMPTS_MAX):
        assert await bell.work() == 1
        (one,) = await deliveries(bell, channel="sms")
        waits.append((one.due_at - bell.clock.now()).total_seconds())
        bell.clock.advance(max(timedelta(0), one.due_at - bell.clock.now()))
    assert (one.status, one.attempts, one.error_code) == ("dead", ATTEMPTS_MAX, "ConnectionError")
    assert waits[0] < 3 < waits[3] < waits[6]
    assert list(bell.gateway.calls.values()) == [ATTEMPTS_MAX]
    bell.gateway._mood = always(Mood.DELIVERS)
    async with bell.bench.context(bell.tenant, clock=bell.clock) as ctx:
        await log.retry(ctx, one.id)
        with pytest.raises(DeliveryNotDead):
            await log.retry(ctx, one.id)
    assert await bell.work() == 1
    assert len(bell.gateway.received) == 1


async def test_a_channel_that_hangs_is_left_and_one_that_answers_late_delivers_once_by_its_key(
    bell: Bell,
) -> None:
    moods = iter([Mood.HANGS, Mood.ANSWERS_LATE, Mood.DELIVERS])
    bell.gateway._mood = lambda _message, _before: next(moods)
    await send(bell, "bell.rung", RUNG)
    for _ in range(3):
        await bell.work()
        bell.clock.advance(timedelta(minutes=1))
    (one,) = await deliveries(bell, channel="sms")
    assert (one.status, one.attempts) == ("done", 3)
    assert list(bell.gateway.shown.values()) == [1]


async def test_a_channel_that_does_not_end_when_told_to_holds_nobody_up(bell: Bell) -> None:
    async def stubborn(_message: OutgoingMessage) -> Any:
        for _ in range(10):
            try:
                await asyncio.sleep(0.1)
            except asyncio.CancelledError:
                continue

    bell.gateway.send = stubborn  # type: ignore[method-assign]
    await send(bell, "bell.rung", RUNG)
    async with asyncio.timeout(0.9):
        assert await bell.work() == 1
    (one,) = await deliveries(bell, channel="sms")
    assert (one.status, one.error_code) == ("pending", "timeout")


async def test_no_message_goes_to_somebody_who_left(bell: Bell) -> None:
    await send(bell, "bell.rung", RUNG)
    async with bell.bench.context(bell.tenant, clock=bell.clock) as ctx:
        person = await rows.get(ctx, Person, bell.person_id)  # type: ignore[arg-type]
        await rows.update(ctx, person, state="deceased", ended_on=ctx.today())
    await bell.work()
    (one,) = await deliveries(bell, channel="sms")
    assert (one.status, one.error_code) == ("skipped", "person_not_active")


async def test_without_a_mail_server_mail_is_skipped_and_the_log_says_so(bell: Bell) -> None:
    async with bell.bench.context(bell.tenant, actor=bell.resident) as ctx:
        await inbox.prefer(ctx, "service", "email", wanted=True)
        await inbox.set_address(ctx, "email", "somebody@example.com")
    await send(bell, "bell.rung", RUNG)
    await bell.work()
    (one,) = await deliveries(bell, channel="email")
    assert (one.status, one.error_code) == ("skipped", "channel_not_ready")


async def test_a_message_of_a_type_that_is_gone_says_so(bell: Bell) -> None:
    async with bell.bench.context(bell.tenant) as ctx:
        said = renderer(ctx, "en").render("gone.rung", {"times": 1})
        assert said.title == "A message"
        assert "{" not in said.body
        assert renderer(ctx, "en").render("bell.rung", {}).body == "It rang — times: —"


async def test_the_person_gets_a_copy_and_an_erasure_leaves_nothing_of_them(bell: Bell) -> None:
    await send(bell, "bell.rung", RUNG)
    await bell.work()
    await send(bell, "bell.rung", RUNG, key="2")
    async with bell.bench.context(bell.tenant, actor=bell.resident) as ctx:
        await inbox.prefer(ctx, "service", "in_app", wanted=True)
        await inbox.set_address(ctx, "email", "somebody@example.com")
    async with bell.bench.context(bell.tenant, clock=bell.clock) as ctx:
        copy = await export_all(ctx, [bell.person_id])  # type: ignore[list-item]
        assert [one["body"] for one in copy["notifications.message"]] == ["铃响了 3 次：门口"] * 2
        assert [one["address"] for one in copy["notifications.address"]] == ["somebody@example.com"]
        assert len(copy["notifications.delivery"]) == 4
        assert len(copy["notifications.preference"]) == 1
        await erase_all(ctx, [bell.person_id])  # type: ignore[list-item]
    async with bell.bench.context(bell.tenant) as ctx:
        left = await export_all(ctx, [bell.person_id])  # type: ignore[list-item]
        assert left["notifications.address"] == left["notifications.preference"] == []
        assert {one["address_masked"] for one in left["notifications.delivery"]} == {""}
        kept = await ctx.db.fetch("select * from notifications_message where tenant_id = $1", bell.tenant.id)
        assert {rows.from_record(Message, row).content for row in kept} == {"{}"}
    bell.clock.advance(timedelta(hours=1))
    assert await bell.work() == 0


async def test_an_address_that_bounces_while_its_person_is_erased_is_not_kept(bell: Bell) -> None:
    await send(bell, "bell.rung", RUNG)
    async with bell.bench.context(bell.tenant, clock=bell.clock) as ctx:
        parcels = await take(ctx, SETTINGS)
    async with bell.bench.context(bell.tenant, clock=bell.clock) as ctx:
        await erase_all(ctx, [bell.person_id])  # type: ignore[list-item]
    async with bell.bench.context(bell.tenant, clock=bell.clock) as ctx:
        await note(ctx, [(one, Bounced("no_such_number")) for one in parcels])
        left = await export_all(ctx, [bell.person_id])  # type: ignore[list-item]
    assert left["notifications.address"] == []
    assert {(one["status"], one["address_masked"]) for one in left["notifications.delivery"]} == {
        ("done", ""),
        ("skipped", ""),
    }


async def test_an_address_that_bounces_while_its_person_changes_it_is_noted(bell: Bell) -> None:
    await send(bell, "bell.rung", RUNG)
    async with bell.bench.context(bell.tenant, clock=bell.clock) as ctx:
        parcels = await take(ctx, SETTINGS)

    async def noted() -> None:
        async with bell.bench.context(bell.tenant, clock=bell.clock) as beside:
            await note(beside, [(one, Bounced("no_such_number")) for one in parcels])

    async with bell.bench.context(bell.tenant, actor=bell.resident) as ctx:
        await inbox.set_address(ctx, "sms", "19900000002")
        task = asyncio.create_task(noted())
        await asyncio.sleep(0.2)
    await asyncio.wait_for(task, 10)
    assert [one.status for one in await deliveries(bell, channel="sms")] == ["bounced"]
    async with bell.bench.context(bell.tenant, actor=bell.resident) as ctx:
        assert [one.usable for one in await inbox.reaches(ctx) if one.channel == "sms"] == [True]


async def test_messages_and_choices_of_a_merged_entry_are_the_kept_ones(bell: Bell) -> None:
    merged = replace(bell.resident)
    await send(bell, "bell.rung", RUNG)
    async with bell.bench.context(bell.tenant, actor=merged) as ctx:
        await inbox.set_address(ctx, "email", "somebody@example.com")
        await inbox.prefer(ctx, "service", "email", wanted=False)
    kept = []
    for name in ("甲", "乙"):
        async with bell.bench.context(bell.tenant, clock=bell.clock) as ctx:
            one = await people.register(ctx, area_id=None, full_name=name, phone=PHONE, synthetic=True)
            kept.append(one.id)
    chain = [bell.person_id, *kept]
    for duplicate, into in pairwise(chain):
        async with bell.bench.context(bell.tenant, clock=bell.clock) as ctx:
            await people.merge(ctx, kept_id=into, duplicate_id=duplicate, reason="同一人")  # type: ignore[arg-type]
    await send(bell, "bell.rung", RUNG, key="2")  # to the entry that was merged twice
    for _ in range(2):
        async with bell.bench.context(bell.tenant, clock=bell.clock) as ctx:
            await follow_merge(ctx, bell.person_id)  # type: ignore[arg-type]
    await bell.work()
    assert len(bell.gateway.received) == 2
    async with bell.bench.context(bell.tenant, actor=replace(merged, person_id=kept[-1])) as ctx:
        assert await inbox.unread_count(ctx) == 2
        reached = {one.channel: one.address_masked for one in await inbox.reaches(ctx)}
        assert reached["email"] == "s***@example.com"
        chosen = {(one.message_class, one.channel): one.wanted for one in await inbox.choices(ctx)}
        assert chosen["service", "email"] is False


async def test_no_table_holds_an_address_in_clear(bell: Bell) -> None:
    canary = ("canary-7f3a@example.com", "19900000042", PHONE)
    async with bell.bench.context(bell.tenant, actor=bell.resident) as ctx:
        await inbox.prefer(ctx, "service", "email", wanted=True)
        await inbox.set_address(ctx, "email", canary[0])
        await inbox.set_address(ctx, "sms", canary[1])
    bell.gateway._mood = always(Mood.BOUNCES)
    await send(bell, "bell.rung", RUNG)
    await bell.work()
    async with bell.bench.context(bell.tenant) as ctx:
        for table in (
            "notifications_message",
            "notifications_delivery",
            "notifications_address",
            "notifications_preference",
            "audit_entry",
            "jobs_job",
            "events_event",
        ):
            found = await ctx.db.fetch(
                f"select to_jsonb(t)::text as line from {table} t where tenant_id = $1", bell.tenant.id
            )
            for row in found:
                assert not [value for value in canary if value in row["line"]], (table, row["line"])
