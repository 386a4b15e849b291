"""Entering many people at once has the effect of entering each."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from linli.areas import counters
from linli.clock import FixedClock
from linli.context import Context, PermissionDenied
from linli.errors import LinliError, NotFound, Required
from linli.identity import people
from linli.identity.errors import InvalidPhone
from linli.identity.people_bulk import PEOPLE_MAX, NewPerson, register_many
from linli.ids import new_id
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea

NOW = datetime(2026, 7, 24, 4, 0, tzinfo=UTC)
GIVEN = (
    {"full_name": " 单小明 ", "gender": "male", "birth_date": date(1950, 2, 3), "phone": "+86 199-0000-0001"},
    {"full_name": "示例甲"},
    {"full_name": "示例乙", "phone": "0724 2345678", "synthetic": True},
    {"full_name": "示例丙", "gender": "female", "birth_date": date(2026, 7, 24)},
)
LOOKS = {
    "people": "select full_name, name_pinyin, gender, birth_date, phone, state, ended_on, merged_into_id, synthetic,"
    " version, area_path, area_id is null as placed from identity_person where tenant_id = $1 order by full_name",
    "audit": "select occurred_at, actor_kind, actor_id, actor_name, action, subject_table, request_id, origin, reason,"
    " before, after, subject_id in (select id from identity_person where tenant_id = $1) as known"
    " from audit_entry where tenant_id = $1 and subject_table = 'identity_person' order by id",
    "events": "select name, event_version, payload, actor_kind, actor_id, request_id, occurred_at from events_event"
    " where tenant_id = $1 order by id",
}


async def look(ctx: Context, area_ids: list[UUID]) -> dict[str, Any]:
    """All that can be seen of what was entered, without ids of rows and areas."""
    found = {
        name: [dict(row) for row in await ctx.db.fetch(sql, ctx.tenant_id)] for name, sql in LOOKS.items()
    }
    for row in found["audit"]:
        row["after"] = {k: v for k, v in json.loads(row["after"]).items() if k != "area_id"}
    for row in found["events"]:
        row["payload"] = sorted(json.loads(row["payload"]))
    found["counts"] = [(await counters.counts(ctx, one)).total for one in area_ids]
    return found


async def place(bench: Bench) -> tuple[Tenant, list[BenchArea]]:
    tenant = await bench.tenant(plugins=())
    street = await bench.area(tenant, "中山街道")
    return tenant, [street, await bench.area(tenant, "和平社区", parent=street)]


async def test_many_have_the_same_effect_as_each(bench: Bench) -> None:
    looks = []
    actor = bench.actor(["identity.person.write", "areas.area.read"])
    for many in (False, True):
        tenant, areas = await place(bench)
        async with bench.context(tenant, actor=actor, clock=FixedClock(NOW)) as ctx:
            ctx.reason, ctx.origin = "why", "where"
            wanted = [{**given, "area_id": areas[i % 2].id} for i, given in enumerate(GIVEN)]
            if many:
                await register_many(ctx, [NewPerson(**one) for one in wanted])  # type: ignore[arg-type]
            else:
                for one in wanted:
                    await people.register(ctx, **one)  # type: ignore[arg-type]
            looks.append(await look(ctx, [area.id for area in areas]))
    assert looks[0] == looks[1]
    assert looks[1]["counts"] == [4, 2]


async def test_ids_come_back_in_the_order_of_the_people(bench: Bench) -> None:
    tenant, areas = await place(bench)
    own = new_id()
    async with bench.context(tenant) as ctx:
        made = await register_many(
            ctx,
            [NewPerson(areas[0].id, f"示例{i}", person_id=own if i == 7 else None) for i in range(20)],
        )
        names = {
            row["id"]: row["full_name"]
            for row in await ctx.db.fetch(
                "select id, full_name from identity_person where tenant_id = $1", tenant.id
            )
        }
    assert [names[one] for one in made] == [f"示例{i}" for i in range(20)]
    assert made[7] == own


@pytest.mark.parametrize(
    ("bad", "error", "path"),
    [
        ({"full_name": " "}, Required, ("1", "full_name")),
        ({"phone": "12"}, InvalidPhone, ("1", "phone")),
        ({"area_id": new_id()}, NotFound, ("1", "area_id")),
    ],
)
async def test_one_who_is_refused_refuses_all_by_place(
    bench: Bench, bad: dict[str, Any], error: type[LinliError], path: tuple[str, ...]
) -> None:
    tenant, areas = await place(bench)
    good = {"full_name": "示例甲", "area_id": areas[0].id}
    async with bench.context(tenant) as ctx:
        with pytest.raises(error) as refusal:
            await register_many(ctx, [NewPerson(**good), NewPerson(**{**good, **bad})])
        assert refusal.value.path == path
        assert (
            await ctx.db.fetchval("select count(*) from identity_person where tenant_id = $1", tenant.id) == 0
        )


async def test_rights_are_asked_for_at_each_place_and_too_many_are_our_own_mistake(bench: Bench) -> None:
    tenant, areas = await place(bench)
    elsewhere = await bench.area(tenant, "解放街道")
    async with bench.context(tenant, permissions=["identity.person.write"], area_path=areas[0].path) as ctx:
        assert len(await register_many(ctx, [NewPerson(areas[1].id, "示例甲")])) == 1
        for area_id in (elsewhere.id, None):
            with pytest.raises(PermissionDenied):
                await register_many(ctx, [NewPerson(areas[1].id, "示例乙"), NewPerson(area_id, "示例丙")])
        with pytest.raises(ValueError, match="at most"):
            await register_many(ctx, [NewPerson(areas[1].id, "示例")] * (PEOPLE_MAX + 1))
        assert await register_many(ctx, []) == []
