"""The data of the benchmark, made from a fixed seed: a country's areas, residents, entries, small tenants.

Rows are copied in by the owner, which no tenant's rule binds. All people are synthetic.
"""

# ruff: noqa: T201, S311

from __future__ import annotations

import functools
import json
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from country import area_file
from setting import DATABASE, Scale, Servers, maintenance_url

from linli.areas.importing import import_areas
from linli.areas.levels import STANDARD, define_levels
from linli.areas.paths import child_path
from linli.context import SYSTEM, Context
from linli.db.database import Database
from linli.db.migrations import KERNEL_MIGRATIONS, migrate
from linli.i18n import sort_key
from linli.identity.credentials import TokenKind, hash_of, new_token
from linli.registry import Composition, installed_composition
from linli.tenancy.catalogue import Catalogue
from linli.tenancy.provisioning import allow_long_work

FORMAT = 2
LIMIT = 10_000_000_000
SMALL_AREAS, SMALL_PEOPLE, SMALL_ENTRIES = 20, 50, 200
EPOCH = datetime(2024, 1, 1, tzinfo=UTC)
CATEGORIES = (
    "volunteering",
    "waste_sorting",
    "meeting",
    "patrol",
    "report",
    "culture",
    "mutual_aid",
    "other",
)
PERMISSIONS = ("identity.person.read", "identity.person.write", "areas.area.read", "benchpoints.entry.read")
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英玉兰春梅建国志文"

_PERSON = (
    "tenant_id", "id", "area_id", "area_path", "full_name", "name_pinyin", "gender", "birth_date", "phone",
    "synthetic", "created_at", "updated_at",
)  # fmt: skip
_ENTRY = (
    "tenant_id", "id", "area_id", "area_path", "person_id", "category", "points", "occurred_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """An area in which people live."""

    id: UUID
    path: str


@dataclass(frozen=True, slots=True)
class BenchData:
    """What the load needs to know: the tenant with all the data, and a token and people of each tenant."""

    tenant_id: str
    token: str
    people: list[str]
    area_id: str
    small: list[dict[str, Any]]


async def prepare(servers: Servers, scale: Scale, folder: Path) -> BenchData:
    """Build the data unless the same are there already."""
    facts_file = folder / f"data-{scale.name}.json"
    wanted = {"format": FORMAT, "scale": {k: v for k, v in asdict(scale).items() if k in _DATA_KEYS}}
    if facts_file.exists():
        known = json.loads(facts_file.read_text())
        if known["wanted"] == wanted and await _answers(servers):
            await _raise_limits(servers)
            return BenchData(**known["data"])
    facts_file.unlink(missing_ok=True)
    started = time.perf_counter()
    data = await _build(servers, scale, folder)
    await _raise_limits(servers)
    facts_file.touch(0o600)
    facts_file.write_text(json.dumps({"wanted": wanted, "data": asdict(data)}))
    print(f"data built in {time.perf_counter() - started:.0f} s")
    return data


_DATA_KEYS = ("areas", "people", "entries", "tenants")


async def _answers(servers: Servers) -> bool:
    try:
        connection = await asyncpg.connect(servers.owner_url)
    except asyncpg.InvalidCatalogNameError:
        return False
    composition = installed_composition()
    await connection.close()
    applied = await migrate(
        servers.owner_url, [*KERNEL_MIGRATIONS, *composition.migration_sets], secret_key=servers.secret_key
    )
    print(f"data of an earlier run are used; {applied} migrations applied")
    return True


async def _raise_limits(servers: Servers) -> None:
    """The limits stay on, but so wide that one principal may send all of the load."""
    settings = {
        "http.cost_per_minute": {"value": LIMIT, "mode": "free"},
        "http.request_cost_max": {"value": LIMIT, "mode": "free"},
    }
    owner = await asyncpg.connect(servers.owner_url)
    await owner.execute("update tenancy_tenant set settings = $1::jsonb", json.dumps(settings))
    await owner.close()


async def _build(servers: Servers, scale: Scale, folder: Path) -> BenchData:
    composition = installed_composition()
    if "benchpoints" not in composition.names:
        raise RuntimeError(f"the benchmark's plugin is not fit: {composition.quarantined}")
    admin = await asyncpg.connect(maintenance_url(servers))
    await admin.execute(f'drop database if exists "{DATABASE}" with (force)')
    await admin.execute(f'create database "{DATABASE}"')
    await admin.close()
    sets = [*KERNEL_MIGRATIONS, *composition.migration_sets]
    await migrate(servers.owner_url, sets, secret_key=servers.secret_key)
    owner = await asyncpg.connect(servers.owner_url)
    try:
        # The rows are right by construction; checking two million references would only take time.
        await owner.execute("set session_replication_role = replica")
        tenants = list(uuids(scale.tenants + 1, seed=1))
        tokens = await _tenants(owner, tenants)
        await _areas(servers, composition, tenants[0], area_file(scale, folder))
        data = await _residents(owner, scale, tenants, tokens)
        print("vacuum analyze")
        await owner.execute("vacuum (analyze)")
        await owner.execute("checkpoint")
    finally:
        await owner.close()
    return data


def uuids(count: int, *, seed: int) -> Iterator[UUID]:
    """UUIDs of version 7 from a fixed seed, a millisecond apart."""
    chance = random.Random(seed)
    start = int(EPOCH.timestamp() * 1000)
    for i in range(count):
        high = (start + i) << 16 | 0x7000 | chance.getrandbits(12)
        yield UUID(int=high << 64 | 0b10 << 62 | chance.getrandbits(62))


async def _tenants(owner: asyncpg.Connection[Any], tenants: Sequence[UUID]) -> list[str]:
    """The catalogue's rows; in each tenant a role, an account that holds it everywhere, and a session."""
    await owner.executemany(
        "insert into tenancy_tenant (tenant_id, slug, name, kind, state) values ($1, $2, $3, 'city', 'active')",
        [(tenant, f"bench-{i}", f"性能测试{i}") for i, tenant in enumerate(tenants)],
    )
    tokens = [new_token(TokenKind.SESSION, tenant) for tenant in tenants]
    plugins = ("benchpoints",)
    count = len(tenants)
    ids = {n: list(uuids(count, seed=n)) for n in range(10, 15)}
    now = datetime.now(UTC)
    await _copy(
        owner, "tenancy_plugin", ("tenant_id", "id", "name", "enabled", "plugin_version"),
        ((t, i, name, True, "0.1.0") for t, i in zip(tenants, ids[10], strict=True) for name in plugins),
    )  # fmt: skip
    await _copy(
        owner, "identity_role", ("tenant_id", "id", "key", "name_zh", "name_en", "permissions"),
        ((t, i, "bench", "性能测试", "Benchmark", list(PERMISSIONS)) for t, i in zip(tenants, ids[11], strict=True)),
    )  # fmt: skip
    await _copy(
        owner, "identity_account", ("tenant_id", "id", "login_name", "password_hash"),
        ((t, i, "bench", "!") for t, i in zip(tenants, ids[12], strict=True)),
    )  # fmt: skip
    await _copy(
        owner, "identity_grant", ("tenant_id", "id", "account_id", "role_id", "valid_from", "area_path"),
        ((t, ids[13][n], ids[12][n], ids[11][n], date(2024, 1, 1), "") for n, t in enumerate(tenants)),
    )  # fmt: skip
    await _copy(
        owner, "identity_session", ("tenant_id", "id", "account_id", "token_hash", "last_seen_at", "expires_at"),
        (
            (t, ids[14][n], ids[12][n], hash_of(tokens[n]), now, now + timedelta(days=3650))
            for n, t in enumerate(tenants)
        ),
    )  # fmt: skip
    return tokens


async def _areas(servers: Servers, composition: Composition, tenant_id: UUID, file: Path) -> None:
    started = time.perf_counter()
    async with Database(servers.owner_url, secret_key=servers.secret_key) as database:
        tenant = await Catalogue(database).by_id(tenant_id)
        async with database.unit_of_work(tenant.id) as unit:
            await allow_long_work(unit)
            plugins = composition.plugin_set(tenant.plugins)
            ctx = Context(tenant=tenant, actor=SYSTEM, db=unit, plugins=plugins)
            await define_levels(ctx, STANDARD)
            report = await import_areas(ctx, file)
    print(f"{report.created} areas ({report.bad_count} bad) in {time.perf_counter() - started:.0f} s")


async def _residents(
    owner: asyncpg.Connection[Any], scale: Scale, tenants: Sequence[UUID], tokens: Sequence[str]
) -> BenchData:
    found = await owner.fetch(
        "select id, path from areas_area where tenant_id = $1 and level = 'community' order by path",
        tenants[0],
    )
    chance = random.Random(2)
    places = [Place(row["id"], row["path"]) for row in chance.sample(found, min(len(found), 20_000))]
    people = await _people(owner, tenants[0], places, scale.people, seed=3)
    print(f"{len(people)} residents")
    await _entries(owner, tenants[0], people, scale.entries, seed=4)
    print(f"{scale.entries} entries")
    small = []
    for n, tenant in enumerate(tenants[1:], start=1):
        own = await _small_areas(owner, tenant, seed=1_000_000 + n)
        theirs = await _people(owner, tenant, own, SMALL_PEOPLE, seed=2_000_000 + n)
        await _entries(owner, tenant, theirs, SMALL_ENTRIES, seed=3_000_000 + n)
        small.append({"token": tokens[n], "people": [str(one) for one, _place in theirs[:10]]})
    sample = [str(one) for one, _place in random.Random(5).sample(people, 2_000)]
    return BenchData(str(tenants[0]), tokens[0], sample, str(places[0].id), small)


async def _small_areas(owner: asyncpg.Connection[Any], tenant: UUID, *, seed: int) -> list[Place]:
    ids = list(uuids(SMALL_AREAS, seed=seed))
    top = Place(ids[0], child_path("", 0))
    places = [top, *(Place(one, child_path(top.path, i)) for i, one in enumerate(ids[1:]))]
    columns = (
        "tenant_id", "id", "code", "name", "name_pinyin", "name_initials", "level", "parent_id", "path", "depth",
        "state", "valid_from",
    )  # fmt: skip
    rows = (
        (
            tenant, place.id, f"{i:012}", f"测试区域{i}", "ce shi", "cs", "area", top.id if i else None, place.path,
            place.path.count("."), "active", date(2024, 1, 1),
        )
        for i, place in enumerate(places)
    )  # fmt: skip
    await _copy(owner, "areas_area", columns, rows)
    return places[1:]


async def _people(
    owner: asyncpg.Connection[Any], tenant: UUID, places: Sequence[Place], count: int, *, seed: int
) -> list[tuple[UUID, Place]]:
    chance = random.Random(seed)
    people = [(one, chance.choice(places)) for one in uuids(count, seed=seed)]
    await _copy(owner, "identity_person", _PERSON, (_person(tenant, *one, chance) for one in people))
    return people


_pinyin = functools.cache(sort_key)


def _person(tenant: UUID, person: UUID, place: Place, chance: random.Random) -> tuple[object, ...]:
    name = chance.choice(_SURNAMES) + chance.choice(_GIVEN) + chance.choice(_GIVEN)
    entered = EPOCH + timedelta(seconds=chance.random() * 60_000_000)
    phone = f"1380000{chance.randrange(10_000):04}" if chance.random() < 0.9 else None
    return (
        tenant, person, place.id, place.path, name, _pinyin(name), chance.choice(("female", "male")),
        date(1940, 1, 1) + timedelta(days=chance.randrange(27_000)), phone, True, entered, entered,
    )  # fmt: skip


async def _entries(
    owner: asyncpg.Connection[Any],
    tenant: UUID,
    people: Sequence[tuple[UUID, Place]],
    count: int,
    *,
    seed: int,
) -> None:
    chance = random.Random(seed)

    def rows() -> Iterator[tuple[object, ...]]:
        for one in uuids(count, seed=seed):
            person, place = chance.choice(people)
            when = EPOCH + timedelta(seconds=chance.random() * 60_000_000)
            category = chance.choice(CATEGORIES)
            yield tenant, one, place.id, place.path, person, category, chance.randrange(1, 51), when

    await _copy(owner, "benchpoints_entry", _ENTRY, rows())


async def _copy(
    owner: asyncpg.Connection[Any], table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    await owner.copy_records_to_table(table, columns=list(columns), records=rows, timeout=600)
