"""What makes a tenant ready: the default categories, and the organisations of a demonstration.

The profile's section, all of it optional:

    [plugins.organisations.categories]
    elderly_care = { zh = "养老服务", en = "Care of the elderly" }

    [plugins.organisations.demo.registration]     # or .filing
    association = 547
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final
from uuid import uuid5

from linli.plugin import Context, ProvisionRequest, audit, ensure_demo_organisations, rows
from linli_organisations.errors import BadProfile
from linli_organisations.tables import Category
from linli_organisations.terms import Kind, Track

DEMO_MAX: Final = 10_000
CATEGORIES_MAX: Final = 100

# Source: 民政部社会组织统计分类 (社会服务统计年报).
CATEGORIES: Final[Mapping[str, tuple[str, str]]] = {
    "science": ("科技与研究", "Science and research"),
    "environment": ("生态环境", "Environment"),
    "education": ("教育", "Education"),
    "health": ("卫生", "Health"),
    "social_service": ("社会服务", "Social services"),
    "culture": ("文化", "Culture"),
    "sport": ("体育", "Sport"),
    "law": ("法律", "Law"),
    "business": ("工商业服务", "Services to business"),
    "religion": ("宗教", "Religion"),
    "rural": ("农业及农村发展", "Agriculture and rural development"),
    "profession": ("职业及从业组织", "Professions and occupations"),
    "international": ("国际及涉外组织", "International organisations"),
    "other": ("其他", "Others"),
}
_NAMES: Final = {
    Kind.ASSOCIATION: "社会团体",
    Kind.PRIVATE_NON_ENTERPRISE: "民办非企业单位",
    Kind.FOUNDATION: "基金会",
}
_TRACK_NAMES: Final = {Track.REGISTRATION: "", Track.FILING: "备案"}
_FIRST_DAY: Final = date(2012, 1, 1)

_INSERT: Final = """
insert into organisations_registration (tenant_id, id, area_id, area_path, organisation_id, track, kind,
    category_id, scope, state, number, applied_on, entered_on)
select $1, n.id, o.area_id, o.area_path, o.id, n.track, n.kind, n.category_id, $2, 'active', n.number, n.day,
    n.day
from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::text[], $9::date[])
    as n (id, organisation_id, track, kind, category_id, number, day)
join identity_organisation o on o.tenant_id = $1 and o.id = n.organisation_id
on conflict (tenant_id, id) do nothing returning id"""


async def load_categories(ctx: Context, request: ProvisionRequest) -> None:
    """Add the default categories and the profile's own; what is there is left alone. Raises: BadProfile."""
    wanted = {**CATEGORIES, **_own_categories(request.profile)}
    for key, (name_zh, name_en) in wanted.items():
        if await rows.find_by(ctx, Category, key=key) is None:
            await rows.insert(ctx, Category, key=key, name_zh=name_zh, name_en=name_en)


async def load_demo(ctx: Context, request: ProvisionRequest) -> None:
    """Add synthetic organisations in the numbers that the profile gives; twice changes nothing.

    They are told by one audit entry, and by no events. Raises: BadProfile.
    """
    wanted = [
        (track, kind, number)
        for track, kind, count in _demo_counts(request.profile)
        for number in range(1, count + 1)
    ]
    if not request.demo or not wanted:
        return
    names = [f"演示{_TRACK_NAMES[track]}{_NAMES[kind]}{number:04d}" for track, kind, number in wanted]
    ids = await ensure_demo_organisations(ctx, names, kind="social_organisation")
    found = await ctx.db.fetch(
        "select id from organisations_category where tenant_id = $1 order by key", ctx.tenant_id
    )
    categories = [row["id"] for row in found]
    made = await ctx.db.fetch(
        _INSERT,
        ctx.tenant_id,
        "演示数据,非真实组织。",
        [uuid5(organisation_id, "organisations:demo") for organisation_id in ids],
        ids,
        [track.value for track, _kind, _number in wanted],
        [kind.value for _track, kind, _number in wanted],
        [categories[place % len(categories)] for place in range(len(wanted))],
        [f"演示-{name.removeprefix('演示')}" for name in names],
        [_FIRST_DAY + timedelta(days=37 * place % 3650) for place in range(len(wanted))],
    )
    if made:
        change = audit.Change("create_demo", "organisations_registration", after={"registrations": len(made)})
        await audit.record(ctx, change)


def _own_categories(profile: Mapping[str, object]) -> dict[str, tuple[str, str]]:
    given = _table(profile.get("categories", {}), "categories")
    if len(given) > CATEGORIES_MAX:
        raise BadProfile(key="categories", message=f"more than {CATEGORIES_MAX}")
    found = {}
    for key, entry in given.items():
        words = _table(entry, f"categories.{key}")
        zh, en = words.get("zh"), words.get("en")
        if not (isinstance(zh, str) and isinstance(en, str) and zh and en and len(key) <= 50):
            raise BadProfile(key=f"categories.{key}", message='must be { zh = "…", en = "…" }')
        found[key] = (zh, en)
    return found


def _demo_counts(profile: Mapping[str, object]) -> Iterator[tuple[Track, Kind, int]]:
    for name, by_kind in _table(profile.get("demo", {}), "demo").items():
        if name not in list(Track):
            raise BadProfile(key=f"demo.{name}", message=f"must be one of {', '.join(Track)}")
        for kind, count in _table(by_kind, f"demo.{name}").items():
            if kind not in list(Kind):
                raise BadProfile(key=f"demo.{name}.{kind}", message=f"must be one of {', '.join(Kind)}")
            if type(count) is not int or not 0 <= count <= DEMO_MAX:
                raise BadProfile(key=f"demo.{name}.{kind}", message=f"must be a number from 0 to {DEMO_MAX}")
            yield Track(name), Kind(kind), count


def _table(value: object, key: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise BadProfile(key=key, message="must be a table")
    return value
