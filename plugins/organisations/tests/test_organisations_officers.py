"""Officers: who may be one, and when."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from linli.plugin import (
    FutureDate,
    NotFound,
    PermissionDenied,
    PersonMerged,
    Required,
    StaleVersion,
    StoredEvent,
    TooLong,
    UnknownValue,
    new_id,
    people,
    rows,
)
from linli_organisations import officers, registrations
from linli_organisations.errors import (
    EndsBeforeEntry,
    EntryClosed,
    PersonOrName,
    PostTaken,
    ServingOfficial,
    TermEnded,
)
from linli_organisations.subscriptions import FOLLOW_MERGES
from linli_organisations.tables import Officer


async def test_an_officer_is_entered_and_the_term_ends_without_being_forgotten(town: Any) -> None:
    entry = await town.entry("登1")
    made = await town.officer(entry)
    async with town.as_(town.clerk) as ctx:
        ended = await officers.end(ctx, made.id, valid_to=date(2026, 1, 1))
        assert (await rows.get(ctx, Officer, made.id)).name == "演示张三"
    assert (ended.valid_from, ended.valid_to) == (date(2025, 1, 1), date(2026, 1, 1))


async def test_a_serving_official_is_refused(town: Any) -> None:
    entry = await town.apply()
    with pytest.raises(ServingOfficial):
        await town.officer(entry, is_serving_official=True)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"post": "treasurer"}, UnknownValue),
        ({"name": " "}, Required),
        ({"name": "张" * 101}, TooLong),
        ({"name": None}, PersonOrName),
        ({"person_id": new_id()}, PersonOrName),
        ({"person_id": new_id(), "name": None}, NotFound),
        ({"valid_from": date(2026, 7, 25)}, FutureDate),
    ],
)
async def test_a_bad_officer_is_refused(town: Any, changes: dict[str, Any], refusal: type) -> None:
    entry = await town.apply()
    with pytest.raises(refusal):
        await town.officer(entry, **changes)


async def test_one_person_holds_a_post_once_at_a_time(town: Any) -> None:
    entry = await town.entry("登1")
    by_person = {"person_id": town.person_id, "name": None, "post": "director"}
    made = await town.officer(entry, **by_person)
    with pytest.raises(PostTaken):
        await town.officer(entry, **by_person)
    await town.officer(entry, post="director")  # there may be several directors
    async with town.as_(town.clerk) as ctx:
        await officers.end(ctx, made.id, valid_to=date(2025, 6, 1))
    with pytest.raises(PostTaken):
        await town.officer(entry, **by_person, valid_from=date(2025, 5, 31))
    await town.officer(entry, **by_person, valid_from=date(2025, 6, 1))


async def test_there_is_one_president_at_a_time(town: Any) -> None:
    entry = await town.entry("登1")
    await town.officer(entry)
    with pytest.raises(PostTaken):
        await town.officer(entry, name="演示王五")
    await town.officer(entry, name="演示王五", post="vice_president")


async def test_a_term_ends_once_and_after_its_beginning(town: Any) -> None:
    made = await town.officer(await town.entry("登1"))
    async with town.as_(town.clerk) as ctx:
        for day, refusal in (
            (date(2024, 12, 31), EndsBeforeEntry),
            (town.today + timedelta(days=1), FutureDate),
        ):
            with pytest.raises(refusal):
                await officers.end(ctx, made.id, valid_to=day)
        with pytest.raises(StaleVersion):
            await officers.end(ctx, made.id, expected_version=made.version + 1)
        ended = await officers.end(ctx, made.id)
        assert ended.valid_to == town.today
        with pytest.raises(TermEnded):
            await officers.end(ctx, made.id)


async def test_a_closed_entry_takes_no_officers(town: Any) -> None:
    made = await town.apply()
    async with town.as_(town.clerk) as ctx:
        await registrations.withdraw(ctx, made.id)
    with pytest.raises(EntryClosed):
        await town.officer(made)


async def test_officers_take_the_right_to_enter_them(town: Any) -> None:
    entry = await town.entry("登1")
    made = await town.officer(entry)
    async with town.as_(town.reader) as ctx:
        with pytest.raises(PermissionDenied):
            await officers.add(
                ctx,
                entry.id,
                post="director",
                valid_from=town.today,
                is_serving_official=False,
                name="演示王五",
            )
        with pytest.raises(NotFound):  # who may not even read officers learns nothing of this one
            await officers.end(ctx, made.id)


async def test_an_officer_follows_a_chain_of_merges_that_is_told_backwards(town: Any) -> None:
    made = await town.officer(await town.entry("登1"), person_id=town.person_id, name=None)
    async with town.bench.context(town.tenant, clock=town.clock) as ctx:
        first, last = [
            await people.register(ctx, area_id=town.street.id, full_name=f"演示{name}", synthetic=True)
            for name in "甲乙"
        ]
        await people.merge(ctx, kept_id=first.id, duplicate_id=town.person_id, reason="同一人")
        await people.merge(ctx, kept_id=last.id, duplicate_id=first.id, reason="同一人")
        found = await ctx.db.fetch(
            "select id, name, event_version as version, payload, actor_kind, actor_id, occurred_at from events_event"
            " where tenant_id = $1 and name = $2 order by id desc",
            ctx.tenant_id,
            PersonMerged.name,
        )
        for event in found:
            stored = StoredEvent(**{**event, "payload": json.loads(event["payload"])})
            await FOLLOW_MERGES.handler(ctx, stored)
        assert (await rows.get(ctx, Officer, made.id)).person_id == last.id


async def test_an_officer_follows_the_person_when_two_entries_are_merged(town: Any) -> None:
    made = await town.officer(await town.entry("登1"), person_id=town.person_id, name=None)
    async with town.bench.context(town.tenant, clock=town.clock) as ctx:
        kept = await people.register(ctx, area_id=town.street.id, full_name="演示李四", synthetic=True)
        await people.merge(ctx, kept_id=kept.id, duplicate_id=town.person_id, reason="同一人")
        event = await ctx.db.fetchrow(
            "select id, name, event_version as version, payload, actor_kind, actor_id, occurred_at from events_event"
            " where tenant_id = $1 and name = $2",
            ctx.tenant_id,
            PersonMerged.name,
        )
        waiting = await ctx.db.fetchval(
            "select count(*) from events_delivery where tenant_id = $1 and event_id = $2 and subscription = $3",
            ctx.tenant_id,
            event["id"],
            FOLLOW_MERGES.name,
        )
        assert waiting == 1
        stored = StoredEvent(**{**event, "payload": json.loads(event["payload"])})
        for _ in range(2):  # at least once
            await FOLLOW_MERGES.handler(ctx, stored)
        assert (await rows.get(ctx, Officer, made.id)).person_id == kept.id
