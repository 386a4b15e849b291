"""Demo accounts and demo people.

The people are made up: their names begin with 演示 and their rows say `synthetic`.

Ids are derived from the tenant and a number, so that a second run finds what the first one made.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID, uuid5

from linli.context import Context
from linli.db import rows
from linli.identity import accounts, grants, households, organisations, passwords, people, roles, sessions
from linli.identity.tables import Account, Person

RESIDENT: Final = "resident"
SESSION_S: Final = 30 * 86_400
PEOPLE_MAX: Final = 10_000
PEOPLE_PER_HOUSEHOLD: Final = 3
PEOPLE_PER_ORGANISATION: Final = 20

AREAS_MAX: Final = 200

_LEAVES: Final = """
select id from areas_area where tenant_id = $1 and state = 'active' and descendants = 0
order by path limit $2"""
_LEAVES_MAX: Final = 100_000
_BORN_FIRST: Final = date(1940, 1, 1)
_BORN_WITHIN_DAYS: Final = 82 * 365
_SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗单曾仇"
_GIVEN: Final = (
    "伟",
    "芳",
    "秀英",
    "敏",
    "静",
    "强",
    "磊",
    "洋",
    "艳",
    "勇",
    "军",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
)
_RELATIONS: Final = ("head", "spouse", "child")
_UNITS: Final = (
    ("social_organisation", "社区志愿服务队"),
    ("enterprise", "便民服务店"),
    ("committee", "居民委员会"),
    ("social_organisation", "老年人互助会"),
    ("government", "便民服务站"),
)


@dataclass(frozen=True, slots=True)
class DemoPeople:
    """How many rows were made now; all zero when they were there already."""

    people: int = 0
    households: int = 0
    organisations: int = 0


async def ensure_demo_account(
    ctx: Context, role_key: str, *, area_id: UUID | None = None, password: str | None = None
) -> str:
    """A bearer token, good for 30 days, of the account `demo-<role>`.

    Account and grant are made when they are missing; `demo-resident` is a made-up person's account, so that
    it can do what residents do for themselves. The role is granted at `area_id`, or for the whole
    tenant. Without a `password` nobody can log in with the account by name. Raises: NotFound for an unknown
    role, WeakPassword.
    """
    role = await roles.by_key(ctx, role_key)
    login_name = f"demo-{role.key}"
    account = await rows.find_by(ctx, Account, login_name=login_name)
    if account is None:
        account = await accounts.create(
            ctx, login_name=login_name, password=password, must_change_password=False
        )
    elif password is not None and not await passwords.verified(account.password_hash, password):
        account = await accounts.set_password(ctx, account.id, password=password, must_change_password=False)
    if role.key == RESIDENT and not account.person_id:
        person_id = await _ensure_resident(ctx, area_id)
        account = await rows.update(ctx, account, action="set_person", person_id=person_id)
    await grants.ensure(ctx, account_id=account.id, role_id=role.id, area_id=area_id)
    token, _session = await sessions.open_session(ctx, account, second_factor=True, lasts_s=SESSION_S)
    return token


async def provision_demo(ctx: Context, *, people: int, seed: int = 1) -> DemoPeople:
    """Demo people in areas without areas below them, spread evenly over the tenant. Raises: as below."""
    rows_found = await ctx.db.fetch(_LEAVES, ctx.tenant_id, _LEAVES_MAX)
    leaves: list[UUID] = [row["id"] for row in rows_found]
    step = max(1, len(leaves) // AREAS_MAX)
    return await ensure_demo_people(ctx, leaves[::step][:AREAS_MAX], count=people, seed=seed)


async def ensure_demo_people(ctx: Context, areas: Sequence[UUID], *, count: int, seed: int = 1) -> DemoPeople:
    """`count` people spread over the areas, in households of three, and an organisation for every twenty.

    The same tenant, areas, count and seed give the same rows; what is there already is left alone.
    Raises: ValueError for no areas or more than 10,000 people.
    """
    if not areas or not 0 <= count <= PEOPLE_MAX:
        raise ValueError(f"demo people need an area, and there are at most {PEOPLE_MAX}")
    made_households = await _make_households(ctx, areas, count, seed)
    made_people = await _make_people(ctx, areas, count, seed)
    made_organisations = await _make_organisations(ctx, areas, count, seed)
    return DemoPeople(made_people, made_households, made_organisations)


async def _ensure_resident(ctx: Context, area_id: UUID | None) -> UUID:
    """The made-up person behind `demo-resident`, who lives in the area, or else at the first end of the tree."""
    person_id = uuid5(ctx.tenant_id, "demo:account:resident")
    if await rows.find(ctx, Person, person_id) is None:
        home_id = area_id or await ctx.db.fetchval(_LEAVES, ctx.tenant_id, 1)
        await people.register(ctx, area_id=home_id, full_name="演示居民", synthetic=True, person_id=person_id)
    return person_id


async def _make_people(ctx: Context, areas: Sequence[UUID], count: int, seed: int) -> int:
    missing = await _missing(ctx, "identity_person", "person", count, seed)
    for number in missing:
        chance = random.Random(f"{seed}:person:{number}")  # noqa: S311 (made-up people, not secrets)
        household, place = divmod(number, PEOPLE_PER_HOUSEHOLD)
        person = await people.register(
            ctx,
            area_id=_area(areas, household),
            full_name=f"演示{chance.choice(_SURNAMES)}{chance.choice(_GIVEN)}",
            gender=chance.choice(("female", "male")),
            birth_date=_BORN_FIRST + timedelta(days=chance.randrange(_BORN_WITHIN_DAYS)),
            phone=f"1990000{number % 10_000:04d}",
            synthetic=True,
            person_id=_demo_id(ctx, "person", seed, number),
        )
        household_id = _demo_id(ctx, "household", seed, household)
        await households.add_member(ctx, household_id, person_id=person.id, relation=_RELATIONS[place])
        if place == 0:
            await households.set_head(ctx, household_id, person_id=person.id)
    return len(missing)


async def _make_households(ctx: Context, areas: Sequence[UUID], count: int, seed: int) -> int:
    total = -(-count // PEOPLE_PER_HOUSEHOLD)
    missing = await _missing(ctx, "identity_household", "household", total, seed)
    for number in missing:
        await households.create(
            ctx,
            area_id=_area(areas, number),
            name=f"演示家庭户{number + 1:05d}",
            number=f"DEMO-{seed}-{number + 1:05d}",
            address=f"演示路{number % 100 + 1}号",
            synthetic=True,
            household_id=_demo_id(ctx, "household", seed, number),
        )
    return len(missing)


async def _make_organisations(ctx: Context, areas: Sequence[UUID], count: int, seed: int) -> int:
    total = -(-count // PEOPLE_PER_ORGANISATION)
    missing = await _missing(ctx, "identity_organisation", "organisation", total, seed)
    for number in missing:
        kind, title = _UNITS[number % len(_UNITS)]
        await organisations.register(
            ctx,
            area_id=_area(areas, number),
            name=f"演示{title}({number + 1})",
            kind=kind,
            address=f"演示路{number % 100 + 1}号",
            contact_phone=f"1990000{9_999 - number % 10_000:04d}",
            synthetic=True,
            organisation_id=_demo_id(ctx, "organisation", seed, number),
        )
    return len(missing)


async def _missing(ctx: Context, table: str, kind: str, count: int, seed: int) -> list[int]:
    """The numbers whose rows do not exist yet."""
    ids = {_demo_id(ctx, kind, seed, number): number for number in range(count)}
    sql = f"select id from {table} where tenant_id = $1 and id = any($2::uuid[])"
    for row in await ctx.db.fetch(sql, ctx.tenant_id, list(ids)):
        del ids[row["id"]]
    return list(ids.values())


def _demo_id(ctx: Context, kind: str, seed: int, number: int) -> UUID:
    return uuid5(ctx.tenant_id, f"demo:{kind}:{seed}:{number}")


def _area(areas: Sequence[UUID], number: int) -> UUID:
    return areas[number % len(areas)]
