"""Households and organisations."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
import pytest_asyncio

from linli.clock import FixedClock
from linli.context import Context, PermissionDenied
from linli.db.failures import Duplicate
from linli.errors import FutureDate, Invalid, NotFound, Required, TooLong, UnknownValue
from linli.identity import households, organisations, people
from linli.identity.errors import (
    EndsBeforeItBegins,
    HouseholdDissolved,
    InvalidPhone,
    MembershipOverlaps,
    NotAMember,
    PersonNotActive,
    UsccTaken,
)
from linli.identity.households import HOUSEHOLD_STATES
from linli.identity.numbers import InvalidUscc
from linli.identity.organisations import ORGANISATION_STATES
from linli.identity.tables import Household, Organisation, Person
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli.workflow import UndefinedTransition

NOW = datetime(2026, 7, 24, 4, 0, tzinfo=UTC)
TODAY = date(2026, 7, 24)
USCC = "91110000600037341L"


@dataclass
class Home:
    tenant: Tenant
    area: BenchArea
    elsewhere: BenchArea
    household: Household
    person: Person


@pytest_asyncio.fixture
async def home(bench: Bench) -> Home:
    tenant = await bench.tenant(plugins=())
    area, elsewhere = await bench.area(tenant, "和平社区"), await bench.area(tenant, "团结社区")
    async with bench.context(tenant, clock=FixedClock(NOW)) as ctx:
        household = await households.create(ctx, area_id=area.id, name="王家", number="H-1")
        person = await people.register(ctx, area_id=area.id, full_name="王明")
    return Home(tenant, area, elsewhere, household, person)


@pytest_asyncio.fixture
async def ctx(bench: Bench, home: Home) -> AsyncIterator[Context]:
    async with bench.context(home.tenant, clock=FixedClock(NOW)) as opened:
        yield opened


async def test_a_member_joins_becomes_head_and_leaves(ctx: Context, home: Home) -> None:
    member = await households.add_member(ctx, home.household.id, person_id=home.person.id, relation="head")
    headed = await households.set_head(ctx, home.household.id, person_id=home.person.id)
    left = await households.remove_member(ctx, home.household.id, person_id=home.person.id)

    assert (member.valid_from, member.area_path) == (TODAY, home.area.path)
    assert headed.head_person_id == home.person.id
    assert left.valid_to == TODAY
    head = await ctx.db.fetchval(
        "select head_person_id from identity_household where tenant_id = $1 and id = $2",
        ctx.tenant_id,
        home.household.id,
    )
    assert head is None


@pytest.mark.parametrize(
    ("start", "end", "overlaps"),
    [
        (date(2026, 1, 1), date(2026, 3, 1), False),
        (date(2026, 1, 1), date(2026, 3, 2), True),
        (date(2026, 4, 1), date(2026, 5, 1), True),
        (date(2026, 6, 1), date(2026, 7, 1), False),
        (date(2026, 6, 1), None, False),
        (date(2026, 5, 31), None, True),
        (date(2026, 1, 1), None, True),
    ],
)
async def test_memberships_of_one_household_never_overlap(
    ctx: Context, home: Home, start: date, end: date | None, overlaps: bool
) -> None:
    async def join(valid_from: date, valid_to: date | None) -> None:
        await households.add_member(
            ctx,
            home.household.id,
            person_id=home.person.id,
            relation="child",
            valid_from=valid_from,
            valid_to=valid_to,
        )

    await join(date(2026, 3, 1), date(2026, 6, 1))
    if overlaps:
        with pytest.raises(MembershipOverlaps):
            await join(start, end)
    else:
        await join(start, end)


async def test_bad_memberships_are_refused(ctx: Context, home: Home) -> None:
    person_id = home.person.id
    cases: list[tuple[dict[str, object], type[Exception]]] = [
        ({"relation": "boss"}, UnknownValue),
        ({"valid_from": date(2026, 7, 25)}, FutureDate),
        ({"valid_from": date(2026, 7, 2), "valid_to": date(2026, 7, 1)}, EndsBeforeItBegins),
    ]
    for given, error in cases:
        values: dict[str, object] = {"relation": "child", **given}
        with pytest.raises(error):
            await households.add_member(ctx, home.household.id, person_id=person_id, **values)  # type: ignore[arg-type]
    for refused in (households.remove_member, households.set_head):
        with pytest.raises(NotAMember):
            await refused(ctx, home.household.id, person_id=person_id)  # type: ignore[operator]
    await people.mark_left(ctx, person_id)
    with pytest.raises(PersonNotActive):
        await households.add_member(ctx, home.household.id, person_id=person_id, relation="child")


async def test_whoever_leaves_or_dies_leaves_the_household_too(ctx: Context, home: Home) -> None:
    await households.add_member(
        ctx, home.household.id, person_id=home.person.id, relation="head", valid_from=date(2026, 7, 10)
    )
    await households.set_head(ctx, home.household.id, person_id=home.person.id)

    await people.mark_deceased(ctx, home.person.id, on=date(2026, 7, 20))

    row = await ctx.db.fetchrow(
        "select m.valid_to, h.head_person_id from identity_household_member m join identity_household h"
        " on h.tenant_id = $1 and h.id = m.household_id where m.tenant_id = $1 and m.person_id = $2",
        ctx.tenant_id,
        home.person.id,
    )
    assert row is not None
    assert tuple(row) == (date(2026, 7, 20), None)


async def test_a_household_moves_with_its_memberships(ctx: Context, home: Home) -> None:
    await households.add_member(ctx, home.household.id, person_id=home.person.id, relation="head")

    moved = await households.update(ctx, home.household.id, area_id=home.elsewhere.id)

    path = await ctx.db.fetchval(
        "select area_path from identity_household_member where tenant_id = $1 and household_id = $2",
        ctx.tenant_id,
        home.household.id,
    )
    assert path == moved.area_path == home.elsewhere.path


async def test_a_household_elsewhere_or_with_a_used_number_or_bad_name_is_refused(
    bench: Bench, home: Home
) -> None:
    rights = ["identity.household.read", "identity.household.write"]
    async with bench.context(home.tenant, permissions=rights, area_path=home.elsewhere.path) as ctx:
        with pytest.raises(NotFound):
            await households.update(ctx, home.household.id, name="李家")
        with pytest.raises(PermissionDenied):
            await households.create(ctx, area_id=home.area.id, name="李家")
        own = await households.create(ctx, area_id=home.elsewhere.id, name="李家")
        with pytest.raises(NotFound):  # the person is not visible from here
            await households.add_member(ctx, own.id, person_id=home.person.id, relation="head")
        bad: list[tuple[str, type[Invalid]]] = [("", Required), ("家" * 101, TooLong)]
        for name, error in bad:
            with pytest.raises(error):
                await households.create(ctx, area_id=home.elsewhere.id, name=name)
    with pytest.raises(Duplicate):
        async with bench.context(home.tenant) as ctx:
            await households.create(ctx, area_id=home.area.id, name="李家", number="H-1")


@pytest.mark.parametrize("state", HOUSEHOLD_STATES.states)
async def test_a_household_is_dissolved_once_with_all_memberships(
    ctx: Context, home: Home, state: str
) -> None:
    await households.add_member(ctx, home.household.id, person_id=home.person.id, relation="head")
    dissolved = await households.dissolve(ctx, home.household.id)
    assert dissolved.state == "dissolved"
    if state == "dissolved":
        with pytest.raises(UndefinedTransition):
            await households.dissolve(ctx, home.household.id)
        with pytest.raises(HouseholdDissolved):
            await households.add_member(ctx, home.household.id, person_id=home.person.id, relation="head")
    present = await ctx.db.fetchval(
        "select count(*) from identity_household_member where tenant_id = $1 and valid_to is null",
        ctx.tenant_id,
    )
    assert present == 0


async def organisation(ctx: Context, home: Home, **given: object) -> Organisation:
    values: dict[str, object] = {"name": "和平志愿服务队", "kind": "social_organisation", **given}
    return await organisations.register(ctx, area_id=home.area.id, **values)  # type: ignore[arg-type]


async def test_an_organisation_is_registered_with_its_code_in_normal_form(ctx: Context, home: Home) -> None:
    made = await organisation(ctx, home, uscc=" 91110000-600037341l ", contact_phone="19900000002")

    assert (made.uscc, made.contact_phone, made.area_path) == (USCC, "19900000002", home.area.path)
    assert made.name_pinyin.startswith("he ping")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"name": ""}, Required),
        ({"name": "社" * 201}, TooLong),
        ({"kind": "club"}, UnknownValue),
        ({"uscc": "91110000600037341M"}, InvalidUscc),
        ({"uscc": "9" * 1_000_000}, InvalidUscc),
        ({"contact_phone": "110"}, InvalidPhone),
    ],
)
async def test_bad_organisations_are_refused(
    ctx: Context, home: Home, given: dict[str, object], error: type[Invalid]
) -> None:
    with pytest.raises(error) as refusal:
        await organisation(ctx, home, **given)

    assert refusal.value.path == (next(iter(given)),)


async def test_a_credit_code_is_entered_once_in_a_tenant_and_again_in_another(
    bench: Bench, home: Home
) -> None:
    async with bench.context(home.tenant) as ctx:
        await organisation(ctx, home, uscc=USCC)
    with pytest.raises(UsccTaken):
        async with bench.context(home.tenant) as ctx:
            await organisation(ctx, home, uscc=USCC)
    other = await bench.tenant(plugins=())
    area = await bench.area(other)
    async with bench.context(other) as ctx:
        made = await organisations.register(ctx, area_id=area.id, name="队", kind="other", uscc=USCC)
    assert made.uscc == USCC


async def test_a_moved_organisation_tells_from_where_to_where_and_one_that_stays_tells_nothing(
    ctx: Context, home: Home, bench: Bench
) -> None:
    elsewhere = await bench.area(home.tenant, "解放街道")
    made = await organisation(ctx, home)
    await organisations.update(ctx, made.id, area_id=home.area.id, name="和平志愿队")
    moved = await organisations.update(ctx, made.id, area_id=elsewhere.id)
    await organisations.update(ctx, made.id, area_id=None)
    assert moved.area_path == elsewhere.path
    told = await ctx.db.fetch(
        "select payload from events_event where tenant_id = $1 and name = $2 order by id",
        ctx.tenant_id,
        "identity.organisation_moved",
    )
    places = [str(home.area.id), str(elsewhere.id), None]
    assert [json.loads(one["payload"]) for one in told] == [
        {"organisation_id": str(made.id), "from_area_id": start, "to_area_id": end}
        for start, end in pairwise(places)
    ]


@pytest.mark.parametrize("legal", [True, False])
async def test_an_organisation_closes_and_reopens_by_its_table(ctx: Context, home: Home, legal: bool) -> None:
    actions = {"close": organisations.close, "reopen": organisations.reopen}
    for state, action in ORGANISATION_STATES.legal() if legal else ORGANISATION_STATES.illegal():
        made = await organisation(ctx, home)
        if state == "closed":
            await organisations.close(ctx, made.id)
        if legal:
            turned = await actions[action](ctx, made.id)
            assert turned.state == ORGANISATION_STATES.transition(state, action).target
        else:
            with pytest.raises(UndefinedTransition):
                await actions[action](ctx, made.id)
