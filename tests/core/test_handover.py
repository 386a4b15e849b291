"""A person's data are handed over with consent: chosen fields and nothing else, within one database and across two."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from linli.clock import FixedClock
from linli.context import PermissionDenied
from linli.db import rows
from linli.db.database import Database
from linli.db.encryption import decrypt
from linli.errors import Invalid, NotFound, Required
from linli.handover import accepting, ending, offering, outbox, reading
from linli.handover.ending import PURPOSE
from linli.handover.errors import (
    BadExpiry,
    BadProvider,
    NameNotHandedOver,
    NotAccepted,
    NothingChanged,
    NothingToRetry,
    OfferedAlready,
    OfferExpired,
    OwnPlace,
    PersonGone,
    TooManyFields,
    UnknownCounterpart,
    UnknownField,
)
from linli.handover.states import OFFERED_STATES, RECEIVED_STATES
from linli.handover.tables import Message, Offered, Received
from linli.identity import people
from linli.identity.tables import Person
from linli.ids import new_id
from linli.privacy import consents, retention
from linli.privacy.consents import ConsentForm
from linli.privacy.errors import ConsentMissing
from linli.privacy.subjects import erase_all, export_all
from linli.testing.fake_plugins import FakePlugins
from linli.testing.places import FIELDS, Places
from linli.workflow import UndefinedTransition

PHONE, OTHER_PHONE, NUMBER = "19900000001", "19900000002", "999999199003070012"  # made up
NAME_FIELD, PHONE_FIELD = FIELDS


async def received_row(places: Places) -> Received:
    await places.work()
    (row,) = await places.rows(places.b, "handover_received")
    return rows.from_record(Received, row)


async def offered_row(places: Places) -> Offered:
    await places.work()
    (row,) = await places.rows(places.a, "handover_offered")
    return rows.from_record(Offered, row)


async def resident_of_b(places: Places) -> UUID:
    async with places.context(places.b) as ctx:
        person = await people.register(ctx, area_id=None, full_name="测试乙", synthetic=True)
    return person.id


async def accepted(places: Places, person_id: UUID, **options: Any) -> tuple[Offered, Received]:
    """A hand-over of this person that was accepted for somebody whom b knows."""
    await places.offer(person_id, **options)
    incoming = await received_row(places)
    resident = await resident_of_b(places)
    async with places.context(places.b) as ctx:
        received = await accepting.accept(ctx, incoming.id, resident)
    return await offered_row(places), received


async def update(places: Places, person_id: UUID, offered: Offered, phone: str) -> None:
    async with places.context(places.a) as ctx:
        await people.update(ctx, person_id, phone=phone)
        await offering.send_update(ctx, offered.id)


async def shown(places: Places, row: Received | Offered) -> dict[str, object]:
    tenant = places.a if isinstance(row, Offered) else places.b
    async with places.context(tenant) as ctx:
        return {one.name: one.value for one in await reading.handed_over(ctx, row, reason="核对")}


async def withdraw(places: Places, person_id: UUID) -> None:
    async with places.context(places.a) as ctx:
        await consents.withdraw(ctx, person_id, PURPOSE, form=ConsentForm.PAPER, reference="档案 2")


async def all_that_is_kept(places: Places, tenant: Any) -> str:
    """Every row of every table of a tenant, and the contents of messages in clear."""
    text = []
    async with places.context(tenant) as ctx:
        tables = [table._meta.tablename for table in places.bench.composition.tables["kernel"]]
        for table in tables:
            found = await ctx.db.fetch(f"select * from {table} where tenant_id = $1", ctx.tenant_id)
            text += [str(dict(row)) for row in found]
        messages = await ctx.db.fetch("select * from handover_message where tenant_id = $1", ctx.tenant_id)
        for row in messages:
            text.append(str(await decrypt(ctx, rows.from_record(Message, row), "content")))
    return "\n".join(text)


@pytest.mark.parametrize("machine", [OFFERED_STATES, RECEIVED_STATES], ids=lambda one: str(one.name))
def test_every_transition_that_is_not_in_the_table_is_refused(machine: Any) -> None:
    for state, action in machine.illegal():
        with pytest.raises(UndefinedTransition):
            machine.transition(state, action)


async def test_a_person_is_handed_over_and_later_changes_follow(places: Places) -> None:
    person_id = await places.person(places.a)
    offered, received = await accepted(places, person_id)
    assert (offered.state, received.state) == ("accepted", "accepted")
    assert await shown(places, received) == {NAME_FIELD: "测试甲", PHONE_FIELD: PHONE}
    await update(places, person_id, offered, OTHER_PHONE)
    await places.work()
    assert await shown(places, received) == {NAME_FIELD: "测试甲", PHONE_FIELD: OTHER_PHONE}
    assert await shown(places, offered) == await shown(places, received)


async def test_both_sides_keep_what_was_handed_over_and_the_receipts(places: Places) -> None:
    await accepted(places, await places.person(places.a))
    sent, taken = [await places.rows(one, "handover_message") for one in (places.a, places.b)]
    assert {(row["kind"], row["direction"], row["state"]) for row in sent} == {
        ("offer", "out", "acknowledged"),
        ("accept", "in", "applied"),
    }
    by_id = {row["message_id"]: row for row in taken}
    for row in sent:
        other = by_id[row["message_id"]]
        for column in ("digest", "signature", "receipt_at", "receipt_signature", "receipt_key_id", "key_id"):
            assert row[column] == other[column], column


async def test_only_the_agreed_fields_cross_and_no_id_of_the_other_side(places: Places) -> None:
    person_id = await places.person(places.a, "金丝雀甲", phone=PHONE, id_number=NUMBER, gender="female")
    offered, received = await accepted(places, person_id, fields=["identity.person.gender"])
    await places.work()
    there, here = await all_that_is_kept(places, places.b), await all_that_is_kept(places, places.a)
    assert await shown(places, received) == {"identity.person.gender": "female"}
    secrets_of_a = [person_id, offered.id, places.a.id, "金丝雀甲", PHONE, NUMBER, "1990-03-07"]
    assert [one for one in secrets_of_a if str(one) in there] == []
    secrets_of_b = [received.person_id, received.id, places.b.id, "测试乙"]
    assert [one for one in secrets_of_b if str(one) in here] == []


async def test_values_are_in_clear_in_no_row_event_or_audit_entry(places: Places) -> None:
    await accepted(places, await places.person(places.a, "金丝雀甲"), fields=[NAME_FIELD])
    for tenant in (places.a, places.b):
        for table in ("handover_message", "events_event", "audit_entry", "jobs_job", "handover_received"):
            assert "金丝雀甲" not in str(await places.rows(tenant, table)), table
        contents = [row["content"] for row in await places.rows(tenant, "handover_message")]
        assert all("金丝雀甲".encode() not in content for content in contents)


async def test_a_new_entry_is_made_from_what_was_handed_over(places: Places) -> None:
    person_id = await places.person(places.a, id_number=NUMBER, gender="male")
    names = ("full_name", "gender", "birth_date", "phone", "id_number")
    await places.offer(person_id, [f"identity.person.{name}" for name in names])
    incoming = await received_row(places)
    area = await places.area_of_b()
    async with places.context(places.b) as ctx:
        done = await accepting.accept_as_new(ctx, incoming.id, area.id)
        assert done.person_id
        made = await rows.get(ctx, Person, done.person_id)
        assert await decrypt(ctx, made, "id_number") == NUMBER
    assert (made.full_name, made.gender, made.phone, str(made.birth_date)) == (
        "测试甲",
        "male",
        PHONE,
        "1990-03-07",
    )
    assert (done.area_id, done.area_path) == (area.id, area.path)


async def test_without_a_name_nobody_is_entered(places: Places) -> None:
    await places.offer(await places.person(places.a), [PHONE_FIELD])
    incoming = await received_row(places)
    area = await places.area_of_b()
    async with places.context(places.b) as ctx:
        with pytest.raises(NameNotHandedOver):
            await accepting.accept_as_new(ctx, incoming.id, area.id)


async def test_without_consent_nothing_is_offered(places: Places) -> None:
    person_id = await places.person(places.a)
    await withdraw(places, person_id)
    with pytest.raises(ConsentMissing):
        await places.offer(person_id)
    assert await places.rows(places.a, "handover_message") == []


@pytest.mark.parametrize("places", ["one database"], indirect=True)
async def test_an_offer_is_refused_for_a_stated_reason(places: Places) -> None:
    person_id = await places.person(places.a)
    closed = await places.bench.tenant(plugins=())
    async with places.context(places.a) as ctx:
        good: dict[str, Any] = {"counterpart": places.b.slug, "fields": [NAME_FIELD], "purpose": "迁居"}
        refusals: list[tuple[type[Exception], dict[str, Any]]] = [
            (UnknownCounterpart, {"counterpart": closed.slug}),
            (UnknownCounterpart, {"counterpart": "no-such-place"}),
            (OwnPlace, {"counterpart": places.a.slug}),
            (UnknownField, {"fields": ["identity.person.full_name", "identity.person.state"]}),
            (TooManyFields, {"fields": []}),
            (BadExpiry, {"days": 0}),
            (BadExpiry, {"days": 91}),
            (Required, {"purpose": " "}),
        ]
        for error, change in refusals:
            with pytest.raises(error):
                await offering.offer(ctx, person_id, **{**good, **change})
        await offering.offer(ctx, person_id, **good)
        with pytest.raises(OfferedAlready):
            await offering.offer(ctx, person_id, **good)
        with pytest.raises(NotFound):
            await offering.offer(ctx, new_id(), **good)


@pytest.mark.parametrize("places", ["one database"], indirect=True)
async def test_a_merged_entry_is_not_handed_over(places: Places) -> None:
    person_id, kept_id = await places.person(places.a), await places.person(places.a, "测试丙")
    async with places.context(places.a) as ctx:
        await people.merge(ctx, kept_id=kept_id, duplicate_id=person_id, reason="同一人")
    with pytest.raises(PersonGone):
        await places.offer(person_id)


async def test_a_declined_offer_is_emptied_there_and_the_reason_is_told(places: Places) -> None:
    await places.offer(await places.person(places.a))
    incoming = await received_row(places)
    async with places.context(places.b) as ctx:
        await accepting.decline(ctx, incoming.id, reason="查无此人")
    offered = await offered_row(places)
    assert (offered.state, offered.reason, offered.ended_by) == ("declined", "查无此人", "there")
    (offer,) = [one for one in await places.rows(places.b, "handover_message") if one["kind"] == "offer"]
    assert offer["content"] is None
    async with places.context(places.b) as ctx:
        with pytest.raises(UndefinedTransition):
            await accepting.accept(ctx, incoming.id, await resident_of_b(places))


async def test_an_offer_that_nobody_answers_expires_on_both_sides(places: Places, clock: FixedClock) -> None:
    await places.offer(await places.person(places.a), days=5)
    incoming = await received_row(places)
    clock.advance(timedelta(days=5))
    async with places.context(places.b) as ctx:
        with pytest.raises(OfferExpired):
            await accepting.accept(ctx, incoming.id, await resident_of_b(places))
    for tenant in (places.a, places.b):
        async with places.context(tenant) as ctx:
            await ending.expire(ctx, {})
            await ending.expire(ctx, {})
    assert ((await offered_row(places)).state, (await received_row(places)).state) == ("expired", "expired")
    (offer,) = await places.rows(places.b, "handover_message")
    assert offer["content"] is None


async def test_an_acceptance_in_time_counts_though_its_message_comes_late(
    places: Places, clock: FixedClock
) -> None:
    await places.offer(await places.person(places.a), days=1)
    incoming = await received_row(places)
    resident = await resident_of_b(places)
    async with places.context(places.b) as ctx:
        await accepting.accept(ctx, incoming.id, resident)
    clock.advance(timedelta(days=2))
    async with places.context(places.a) as ctx:
        await ending.expire(ctx, {})
    offered = await offered_row(places)
    assert (offered.state, offered.ended_at) == ("accepted", None)


async def test_a_withdrawn_consent_stops_updates_at_once_and_nothing_else(places: Places) -> None:
    person_id = await places.person(places.a)
    offered, received = await accepted(places, person_id)
    await update(places, person_id, offered, OTHER_PHONE)  # put down, and not yet delivered
    await withdraw(places, person_id)
    async with places.context(places.a) as ctx:
        with pytest.raises(ConsentMissing):
            await offering.send_update(ctx, offered.id)
    assert await places.carry() == 1  # the courier asks for the consent as well
    assert len(await places.rows(places.b, "handover_message")) == 2
    await places.work()
    offered, received = await offered_row(places), await received_row(places)
    assert (offered.state, offered.ended_by, received.state) == ("revoked", "person", "revoked")
    assert await shown(places, received) == {NAME_FIELD: "测试甲", PHONE_FIELD: PHONE}
    (kept,) = await places.rows(places.a, "identity_person")
    assert (kept["state"], kept["phone"]) == ("active", OTHER_PHONE)


async def test_another_consent_that_is_withdrawn_stops_nothing(places: Places) -> None:
    person_id = await places.person(places.a)
    await accepted(places, person_id)
    async with places.context(places.a) as ctx:
        await consents.record_paper(
            ctx,
            person_id,
            "privacy.service_tags",
            text_version=1,
            form=ConsentForm.PAPER,
            reference="1",
            given_on=ctx.today(),
        )
        await consents.withdraw(ctx, person_id, "privacy.service_tags", form=ConsentForm.PAPER, reference="2")
    await places.work()
    assert (await offered_row(places)).state == "accepted"


@pytest.mark.parametrize("side", ["a", "b"])
async def test_each_side_can_end_a_hand_over_and_keeps_what_it_has(places: Places, side: str) -> None:
    person_id = await places.person(places.a)
    offered, received = await accepted(places, person_id)
    tenant = getattr(places, side)
    async with places.context(tenant) as ctx:
        if side == "a":
            await ending.revoke_offered(ctx, offered.id, reason="迁回")
        else:
            await ending.revoke_received(ctx, received.id, reason="迁出")
    offered, received = await offered_row(places), await received_row(places)
    assert (offered.state, received.state) == ("revoked", "revoked")
    assert (offered.ended_by, received.ended_by) == (("here", "there") if side == "a" else ("there", "here"))
    assert await shown(places, received) == {NAME_FIELD: "测试甲", PHONE_FIELD: PHONE}
    async with places.context(places.a) as ctx:
        with pytest.raises(NotAccepted):
            await offering.send_update(ctx, offered.id)


async def test_an_offer_that_is_taken_back_before_it_is_sent_never_crosses(places: Places) -> None:
    person_id = await places.person(places.a)
    offered = await places.offer(person_id)
    async with places.context(places.a) as ctx:
        await ending.revoke_offered(ctx, offered.id, reason="弄错了")
    await places.work()
    assert await places.rows(places.b, "handover_received") == []
    assert [row["kind"] for row in await places.rows(places.b, "handover_message")] == ["revoke"]


async def test_without_a_change_no_update_is_sent(places: Places) -> None:
    offered, _received = await accepted(places, await places.person(places.a))
    async with places.context(places.a) as ctx:
        with pytest.raises(NothingChanged):
            await offering.send_update(ctx, offered.id)


@pytest.mark.parametrize("places", ["one database"], indirect=True)
async def test_rights_are_asked_for_where_the_person_lives(places: Places) -> None:
    person_id = await places.person(places.a)
    offered, received = await accepted(places, person_id)
    async with places.context(places.a, permissions=("handover.read",)) as ctx:
        with pytest.raises(PermissionDenied):
            await ending.revoke_offered(ctx, offered.id, reason="无权")
        with pytest.raises(PermissionDenied):
            await ending.offered_for(ctx, offered.id)
    async with places.context(places.a, permissions=("identity.person.read",)) as ctx:
        with pytest.raises(PermissionDenied):
            await offering.offer(ctx, person_id, counterpart=places.b.slug, fields=FIELDS, purpose="x")
        with pytest.raises(NotFound):
            await reading.handed_over(ctx, offered, reason="看看")
    area = await places.area_of_b()
    async with places.context(places.b, permissions=("handover.accept",), area_path=area.path) as ctx:
        with pytest.raises(NotFound):
            await ending.received_for(ctx, received.id)


@pytest.mark.parametrize("places", ["one database"], indirect=True)
async def test_the_person_reads_and_ends_their_own_hand_overs_and_sees_who_read_them(places: Places) -> None:
    person_id = await places.person(places.a)
    offered, received = await accepted(places, person_id)
    async with places.context(places.b, permissions=("handover.read",)) as ctx:
        with pytest.raises(Invalid):
            await reading.handed_over(ctx, received, reason="")
        await reading.handed_over(ctx, received, reason="办理居住证")
    (reveal,) = await places.rows(places.b, "privacy_reveal")
    assert (reveal["person_id"], reveal["reason"]) == (received.person_id, "办理居住证")
    oneself = replace(places.bench.actor(()), person_id=person_id)
    async with places.context(places.a, actor=oneself) as ctx:
        assert len(await reading.handed_over(ctx, offered)) == 2
        ended = await ending.revoke_offered(ctx, offered.id, reason="不再同意")
    assert ended.ended_by == "person"
    assert await places.rows(places.a, "privacy_reveal") == []


@pytest.mark.parametrize("places", ["one database"], indirect=True)
async def test_reading_before_an_acceptance_stands_in_the_audit_trail(places: Places) -> None:
    await places.offer(await places.person(places.a))
    incoming = await received_row(places)
    async with places.context(places.b, permissions=("handover.read",)) as ctx:
        await reading.handed_over(ctx, incoming, reason="核对是否本地居民")
    trail = [row for row in await places.rows(places.b, "audit_entry") if row["action"] == "read"]
    assert [(row["subject_id"], row["reason"]) for row in trail] == [(incoming.id, "核对是否本地居民")]


async def test_an_export_tells_the_person_what_was_handed_over(places: Places) -> None:
    person_id = await places.person(places.a)
    _offered, received = await accepted(places, person_id)
    for tenant, one in ((places.a, person_id), (places.b, received.person_id)):
        async with places.context(tenant) as ctx:
            assert one is not None
            content = json.dumps(await export_all(ctx, [one]), ensure_ascii=False, default=str)
        assert "handover.message" in content
        assert PHONE in content
        assert '\\"value' in content or '\\"values' in content


async def test_an_erasure_empties_the_messages_and_ends_what_is_open(places: Places) -> None:
    person_id = await places.person(places.a)
    _offered, received = await accepted(places, person_id)
    assert received.person_id is not None
    async with places.context(places.b) as ctx:
        kept = await erase_all(ctx, [received.person_id])
    assert "handover" in [one.what for one in kept]
    assert (await offered_row(places)).state == "revoked"
    assert PHONE not in await all_that_is_kept(places, places.b)
    assert PHONE in await all_that_is_kept(places, places.a)  # that side's own copy
    async with places.context(places.a) as ctx:
        await erase_all(ctx, [person_id])
    assert "测试甲" not in await all_that_is_kept(places, places.a)


async def test_what_ended_long_ago_is_deleted_and_what_is_open_stays(
    places: Places, clock: FixedClock
) -> None:
    ended, _received = await accepted(places, await places.person(places.a))
    async with places.context(places.a) as ctx:
        await ending.revoke_offered(ctx, ended.id, reason="迁回")
    await places.work()
    person_id = await places.person(places.a, "测试丙")
    await places.offer(person_id)
    await places.work()
    incoming = (await places.rows(places.b, "handover_received"))[-1]
    resident = await resident_of_b(places)
    async with places.context(places.b) as ctx:
        await accepting.accept(ctx, incoming["id"], resident)
    await places.work()
    clock.advance(timedelta(days=1_096))
    for tenant, table in ((places.a, "handover_offered"), (places.b, "handover_received")):
        async with places.context(tenant) as ctx:
            await retention.apply(ctx, {})
        (kept,) = await places.rows(tenant, table)
        assert kept["state"] == "accepted"
        messages = await places.rows(tenant, "handover_message")
        assert {row["exchange_id"] for row in messages} == {kept["exchange_id"]}


PROVIDER = """
from linli.handover.fields import HandoverField, HandoverFields
from linli_clubs.store import TAKEN, VALUES

async def read(ctx, person_id, keys):
    return {key: VALUES[key] for key in keys if key in VALUES} | VALUES.get("extra", {})

async def receive(ctx, person_id, values):
    TAKEN.append((person_id, dict(values)))

@hookimpl
def handover_fields():
    fields = (HandoverField("since", "入社", "Since"), HandoverField("secret", "秘密", "Secret"))
    return [HandoverFields("clubs.member", "社员", "Member", fields, read, receive)]
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[tuple[FakePlugins, Any]]:
    with FakePlugins(tmp_path) as fakes:
        fakes.add("clubs", PROVIDER, files={"store.py": "VALUES = {}\nTAKEN = []\n"})
        composition = fakes.compose()
        assert composition.quarantined == {}
        import linli_clubs.store  # type: ignore[import-not-found]

        yield composition, linli_clubs.store


async def test_a_plugin_gives_the_agreed_fields_and_takes_in_what_came(
    store: Any, database: Database, clock: FixedClock
) -> None:
    composition, kept = store
    places = await Places(database, database, composition, clock=clock).open()
    kept.VALUES.update({"since": "2019-05-01", "secret": "金丝雀"})
    person_id = await places.person(places.a)
    offered, received = await accepted(places, person_id, fields=[NAME_FIELD, "clubs.member.since"])
    (taken,) = kept.TAKEN
    assert taken == (received.person_id, {"since": "2019-05-01"})
    kept.VALUES["since"] = "2020-05-01"
    async with places.context(places.a) as ctx:
        await offering.send_update(ctx, offered.id)
    await places.work()
    assert kept.TAKEN[1:] == [(received.person_id, {"since": "2020-05-01"})]
    kept.VALUES["extra"] = {"secret": "金丝雀"}
    async with places.context(places.a) as ctx:
        with pytest.raises(BadProvider):
            await offering.send_update(ctx, offered.id)
    assert "金丝雀" not in await all_that_is_kept(places, places.b)


async def test_only_a_dead_message_is_retried(places: Places) -> None:
    offered, _received = await accepted(places, await places.person(places.a))
    async with places.context(places.a) as ctx:
        with pytest.raises(NothingToRetry):
            await outbox.retry(ctx, offered)
