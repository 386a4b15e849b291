"""Participants follow the register: moves, ends, merges; the points are never lost."""

from __future__ import annotations

from typing import Any

from linli.ledger.verify import verify
from linli.plugin import people
from linli_graphql.ids import from_global_id
from linli_points import following


async def test_a_participant_and_the_account_move_with_the_person(desk: Any) -> None:
    person = await desk.person()
    participant = await desk.participant(person)
    await desk.posted(participant)
    elsewhere = await desk.bench.area(desk.tenant, "别的社区")
    async with desk.context() as ctx:
        await people.update(ctx, person, area_id=elsewhere.id)
        await following.follow_person_move(ctx, person)
    document = f"""{{ pointsParticipant(id: "{participant}") {{
        area {{ name }} account {{ area {{ name }}
        postings(first: 1) {{ edges {{ node {{ area {{ name }} }} }} }} }} }} }}"""
    found = (await desk.ask(document))["pointsParticipant"]
    assert found["area"]["name"] == found["account"]["area"]["name"] == "别的社区"
    [edge] = found["account"]["postings"]["edges"]
    assert edge["node"]["area"]["name"] == "测试社区"  # old figures stay as they were


async def test_who_died_takes_part_no_longer_and_keeps_the_balance(desk: Any) -> None:
    person = await desk.person()
    participant = await desk.participant(person)
    await desk.posted(participant)
    async with desk.context() as ctx:
        await people.mark_deceased(ctx, person)
        await following.follow_end(ctx, person)
        await following.follow_end(ctx, person)
    state = await desk.ask(f'{{ pointsParticipant(id: "{participant}") {{ state }} }}')
    assert state["pointsParticipant"]["state"] == "LEFT"
    assert await desk.balance(participant) == 5


async def test_the_points_of_a_duplicate_are_the_kept_entrys_once(desk: Any) -> None:
    kept, duplicate = await desk.person(), await desk.person()
    first, second = await desk.participant(kept), await desk.participant(duplicate)
    await desk.posted(first)
    await desk.posted(second)
    async with desk.context() as ctx:
        await people.merge(ctx, kept_id=kept, duplicate_id=duplicate, reason="同一人")
        await following.follow_merge(ctx, duplicate)
        await following.follow_merge(ctx, duplicate)
    assert (await desk.balance(first), await desk.balance(second)) == (10, 0)
    assert (await verify(desk.bench.database, desk.tenant)).problems == []


async def test_a_duplicates_points_find_a_kept_entry_that_did_not_take_part(desk: Any) -> None:
    kept, duplicate = await desk.person(), await desk.person()
    await desk.posted(await desk.participant(duplicate))
    async with desk.context() as ctx:
        await people.merge(ctx, kept_id=kept, duplicate_id=duplicate, reason="同一人")
        await following.follow_merge(ctx, duplicate)
    document = "{ pointsParticipants(first: 5, filter: {state: {eq: ACTIVE}}) { edges { node { id } } } }"
    [edge] = (await desk.ask(document))["pointsParticipants"]["edges"]
    assert from_global_id(edge["node"]["id"])[0] == "PointsParticipant"
    assert await desk.balance(edge["node"]["id"]) == 5
