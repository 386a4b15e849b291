"""The register of people."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import pytest_asyncio

from linli.areas import counters
from linli.clock import FixedClock
from linli.context import Context, PermissionDenied
from linli.errors import (
    FutureDate,
    Invalid,
    LinliError,
    NotFound,
    Required,
    StaleVersion,
    TooLong,
    UnknownValue,
)
from linli.identity import accounts, households, people
from linli.identity.errors import (
    AreaRetired,
    EndsBeforeItBegins,
    ImplausibleBirthDate,
    InvalidPhone,
    PersonNotActive,
    SamePerson,
    UnprintableText,
)
from linli.identity.people import PERSON_STATES
from linli.identity.tables import Person
from linli.ids import new_id
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli.workflow import UndefinedTransition

NOW = datetime(2026, 7, 24, 4, 0, tzinfo=UTC)
TODAY = date(2026, 7, 24)
READ, WRITE, MERGE = "identity.person.read", "identity.person.write", "identity.person.merge"


@dataclass
class Town:
    """A tenant with a street, its community, and another street."""

    tenant: Tenant
    street: BenchArea
    community: BenchArea
    elsewhere: BenchArea


@pytest_asyncio.fixture
async def town(bench: Bench) -> Town:
    tenant = await bench.tenant(plugins=())
    street = await bench.area(tenant, "中山街道")
    community = await bench.area(tenant, "和平社区", parent=street)
    elsewhere = await bench.area(tenant, "解放街道")
    return Town(tenant, street, community, elsewhere)


@pytest_asyncio.fixture
async def ctx(bench: Bench, town: Town) -> AsyncIterator[Context]:
    async with bench.context(town.tenant, clock=FixedClock(NOW)) as opened:
        yield opened


async def people_count(ctx: Context, area_id: UUID) -> int:
    return (await counters.counts(ctx, area_id)).own


async def events_of(ctx: Context) -> list[str]:
    found = await ctx.db.fetch(
        "select name from events_event where tenant_id = $1 order by id", ctx.tenant_id
    )
    return [row["name"] for row in found]


async def test_a_person_is_registered_with_sort_key_counter_event_and_audit(ctx: Context, town: Town) -> None:
    person = await people.register(
        ctx,
        area_id=town.community.id,
        full_name="  单小明 ",
        gender="male",
        birth_date=date(1950, 2, 3),
        phone="+86 199-0000-0001",
    )

    assert (person.full_name, person.name_pinyin) == ("单小明", "shan xiao ming")
    assert (person.phone, person.area_path, person.state) == ("19900000001", town.community.path, "active")
    assert await people_count(ctx, town.community.id) == 1
    assert await events_of(ctx) == ["identity.person_registered"]
    after = await ctx.db.fetchval(
        "select after from audit_entry where tenant_id = $1 and subject_id = $2", ctx.tenant_id, person.id
    )
    assert json.loads(after)["full_name"] == "***"
    assert "单小明" not in after
    assert "19900000001" not in after


@pytest.mark.parametrize(
    ("given", "error", "path"),
    [
        ({"full_name": "  "}, Required, "full_name"),
        ({"full_name": "王" * 101}, TooLong, "full_name"),
        ({"full_name": "王" * 10_000_000}, TooLong, "full_name"),
        ({"full_name": "王\x00明"}, UnprintableText, "full_name"),
        ({"full_name": "王\ud800"}, UnprintableText, "full_name"),
        ({"birth_date": date(2026, 7, 25)}, FutureDate, "birth_date"),
        ({"birth_date": date(1890, 1, 1)}, ImplausibleBirthDate, "birth_date"),
        ({"phone": "12345"}, InvalidPhone, "phone"),
        ({"phone": "1" * 10_000}, InvalidPhone, "phone"),
        ({"gender": "unborn"}, UnknownValue, "gender"),
    ],
)
async def test_bad_input_is_refused_by_name(
    ctx: Context, town: Town, given: dict[str, object], error: type[Invalid], path: str
) -> None:
    values: dict[str, object] = {"full_name": "王明", **given}

    with pytest.raises(error) as refusal:
        await people.register(ctx, area_id=town.community.id, **values)  # type: ignore[arg-type]

    assert refusal.value.path == (path,)
    assert (
        await ctx.db.fetchval("select count(*) from identity_person where tenant_id = $1", ctx.tenant_id) == 0
    )


async def test_names_of_100_characters_emoji_and_landlines_are_accepted(ctx: Context, town: Town) -> None:
    person = await people.register(
        ctx, area_id=town.community.id, full_name="王" * 98 + "🙂阿", phone="0724 2345678"
    )

    assert person.phone == "0724-2345678"
    assert len(person.full_name) == 100


async def test_birth_today_in_the_tenants_time_zone_is_not_in_the_future(bench: Bench, town: Town) -> None:
    late = FixedClock(datetime(2026, 7, 23, 16, 30, tzinfo=UTC))  # 00:30 on the 24th in China
    async with bench.context(town.tenant, clock=late) as ctx:
        person = await people.register(ctx, area_id=town.community.id, full_name="王新", birth_date=TODAY)

    assert person.birth_date == TODAY


async def test_an_unknown_and_a_foreign_area_look_alike_and_a_retired_one_is_named(
    bench: Bench, town: Town, ctx: Context
) -> None:
    other = await bench.tenant(plugins=())
    foreign = await bench.area(other)
    answers = []
    for area_id in (new_id(), foreign.id):
        with pytest.raises(NotFound) as refusal:
            await people.register(ctx, area_id=area_id, full_name="王明")
        answers.append((refusal.value.code, refusal.value.path, dict(refusal.value.details)))
    assert answers[0] == answers[1]
    await ctx.db.execute(
        "update areas_area set state = 'retired', valid_to = '2026-01-01' where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        town.elsewhere.id,
    )
    with pytest.raises(AreaRetired):
        await people.register(ctx, area_id=town.elsewhere.id, full_name="王明")


async def test_rights_at_a_street_reach_its_community_and_no_further(bench: Bench, town: Town) -> None:
    async with bench.context(town.tenant, permissions=[READ, WRITE], area_path=town.street.path) as ctx:
        person = await people.register(ctx, area_id=town.community.id, full_name="王明")
        with pytest.raises(PermissionDenied):
            await people.register(ctx, area_id=town.elsewhere.id, full_name="王明")
        with pytest.raises(PermissionDenied):
            await people.register(ctx, area_id=None, full_name="王明")
        with pytest.raises(PermissionDenied):
            await people.update(ctx, person.id, area_id=town.elsewhere.id)
        moved = await people.update(ctx, person.id, area_id=town.street.id)
        assert moved.area_path == town.street.path

    async with bench.context(town.tenant, permissions=[READ, WRITE], area_path=town.elsewhere.path) as ctx:
        with pytest.raises(NotFound):
            await people.update(ctx, person.id, full_name="李明")
    async with bench.context(town.tenant, permissions=[READ]) as ctx:
        with pytest.raises(PermissionDenied):
            await people.update(ctx, person.id, full_name="李明")


async def test_a_move_takes_the_person_from_one_count_to_the_other(ctx: Context, town: Town) -> None:
    person = await people.register(ctx, area_id=town.community.id, full_name="王明")

    moved = await people.update(ctx, person.id, area_id=town.elsewhere.id, phone=None)

    assert moved.area_path == town.elsewhere.path
    assert await people_count(ctx, town.community.id) == 0
    assert await people_count(ctx, town.elsewhere.id) == 1
    assert await events_of(ctx) == ["identity.person_registered", "identity.person_moved"]


async def test_a_change_against_an_old_version_is_refused(ctx: Context, town: Town) -> None:
    person = await people.register(ctx, area_id=town.community.id, full_name="王明")
    changed = await people.update(ctx, person.id, expected_version=1, full_name="李明")

    with pytest.raises(StaleVersion):
        await people.update(ctx, person.id, expected_version=1, full_name="张明")

    assert (changed.full_name, changed.name_pinyin, changed.version) == ("李明", "li ming", 2)


async def test_another_tenants_person_is_not_found(bench: Bench, town: Town) -> None:
    async with bench.context(town.tenant) as ctx:
        person = await people.register(ctx, area_id=town.community.id, full_name="王明")
    other = await bench.tenant(plugins=())
    async with bench.context(other) as ctx:
        for person_id in (person.id, new_id()):
            with pytest.raises(NotFound):
                await people.update(ctx, person_id, full_name="李明")


async def test_whoever_leaves_is_counted_out_and_back_in_on_return(ctx: Context, town: Town) -> None:
    person = await people.register(
        ctx, area_id=town.community.id, full_name="王明", birth_date=date(2000, 1, 1)
    )
    for day, error in ((date(2026, 7, 25), FutureDate), (date(1999, 12, 31), EndsBeforeItBegins)):
        with pytest.raises(error):
            await people.mark_left(ctx, person.id, on=day)

    left = await people.mark_left(ctx, person.id, on=date(2026, 7, 1))
    assert (left.state, left.ended_on, await people_count(ctx, town.community.id)) == (
        "left",
        date(2026, 7, 1),
        0,
    )
    back = await people.mark_returned(ctx, person.id)
    assert (back.state, back.ended_on, await people_count(ctx, town.community.id)) == ("active", None, 1)


async def test_a_merge_hands_over_memberships_headship_and_accounts_and_is_recorded(
    ctx: Context, town: Town
) -> None:
    kept = await people.register(ctx, area_id=town.community.id, full_name="王明")
    double = await people.register(ctx, area_id=town.elsewhere.id, full_name="王朋")
    household = await households.create(ctx, area_id=town.community.id, name="王家")
    await households.add_member(ctx, household.id, person_id=double.id, relation="head")
    await households.set_head(ctx, household.id, person_id=double.id)
    account = await accounts.create(ctx, login_name="wang", person_id=double.id)

    await people.merge(ctx, kept_id=kept.id, duplicate_id=double.id, reason="录入重复")

    row = await ctx.db.fetchrow(
        "select p.state, p.merged_into_id, h.head_person_id, a.person_id, m.reason,"
        " (select count(*) from identity_household_member x where x.tenant_id = $1 and x.person_id = $3"
        "   and x.valid_to is null) as present"
        " from identity_person p, identity_household h, identity_account a, identity_person_merge m"
        " where p.tenant_id = $1 and h.tenant_id = $1 and a.tenant_id = $1 and m.tenant_id = $1 and p.id = $2"
        " and h.id = $4 and a.id = $5",
        ctx.tenant_id,
        double.id,
        kept.id,
        household.id,
        account.id,
    )
    assert row is not None
    assert tuple(row) == ("merged", kept.id, kept.id, kept.id, "录入重复", 1)
    assert await people_count(ctx, town.elsewhere.id) == 0
    assert (await events_of(ctx))[-1] == "identity.person_merged"
    with pytest.raises(PersonNotActive):
        await people.update(ctx, double.id, full_name="李明")


async def test_a_merge_with_itself_without_reason_or_right_is_refused(bench: Bench, town: Town) -> None:
    async with bench.context(town.tenant) as ctx:
        one = await people.register(ctx, area_id=town.community.id, full_name="王明")
        two = await people.register(ctx, area_id=town.elsewhere.id, full_name="王明")
        with pytest.raises(SamePerson):
            await people.merge(ctx, kept_id=one.id, duplicate_id=one.id, reason="重复")
        with pytest.raises(Required):
            await people.merge(ctx, kept_id=one.id, duplicate_id=two.id, reason=" ")
    refusals: list[tuple[list[str], str, type[LinliError]]] = [
        ([READ, WRITE], "", PermissionDenied),
        ([READ, WRITE, MERGE], town.street.path, NotFound),
    ]
    for permissions, path, error in refusals:
        async with bench.context(town.tenant, permissions=permissions, area_path=path) as ctx:
            with pytest.raises(error):
                await people.merge(ctx, kept_id=one.id, duplicate_id=two.id, reason="重复")


async def person_in(ctx: Context, town: Town, state: str) -> Person:
    person = await people.register(ctx, area_id=town.community.id, full_name="王明")
    if state == "left":
        return await people.mark_left(ctx, person.id)
    if state == "deceased":
        return await people.mark_deceased(ctx, person.id)
    if state == "merged":
        kept = await people.register(ctx, area_id=town.community.id, full_name="王明")
        await people.merge(ctx, kept_id=kept.id, duplicate_id=person.id, reason="重复")
    return person


async def do(ctx: Context, town: Town, person: Person, action: str) -> None:
    if action == "merge":
        kept = await people.register(ctx, area_id=town.community.id, full_name="王明")
        await people.merge(ctx, kept_id=kept.id, duplicate_id=person.id, reason="重复")
    else:
        actions = {"leave": people.mark_left, "die": people.mark_deceased, "return": people.mark_returned}
        await actions[action](ctx, person.id)  # type: ignore[operator]


@pytest.mark.parametrize(("state", "action"), PERSON_STATES.legal())
async def test_every_transition_of_a_person_in_the_table_works(
    ctx: Context, town: Town, state: str, action: str
) -> None:
    person = await person_in(ctx, town, state)

    await do(ctx, town, person, action)

    now = await ctx.db.fetchval(
        "select state from identity_person where tenant_id = $1 and id = $2", ctx.tenant_id, person.id
    )
    assert now == PERSON_STATES.transition(state, action).target


@pytest.mark.parametrize(("state", "action"), PERSON_STATES.illegal())
async def test_every_other_transition_of_a_person_is_refused(
    ctx: Context, town: Town, state: str, action: str
) -> None:
    person = await person_in(ctx, town, state)

    with pytest.raises(UndefinedTransition):
        await do(ctx, town, person, action)
