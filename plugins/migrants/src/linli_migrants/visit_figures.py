"""What is counted from rows here: visits done of those due, services per person, stays by state, reason and origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from linli.plugin import Context, checks, hold_tree, insert_many, place_for, privacy
from linli_migrants.figures import READ, Measure, Ratio, ratio
from linli_migrants.visit_errors import PeriodOutOfRange
from linli_migrants.visit_tables import Figure

DAYS_MAX: Final = 366
CELLS_MAX: Final = 1_000
AREAS_MAX: Final = 5_000
VISITS_SOURCE: Final = "migrants_visit"
SERVICES_SOURCE: Final = "migrants_delivery / migrants_stay"
# Declined visits are not due any more: declining has no consequence, for the coordinator neither.
_VISITS: Final = """
select count(*) as due, count(*) filter (where state = 'done') as done from migrants_visit
where tenant_id = $1 and due_on >= $3 and due_on <= $4 and state not in ('declined', 'cancelled')
    and area_path >= $2::text and area_path < $2::text || '~'"""
_DELIVERED: Final = """
select count(*) from migrants_delivery
where tenant_id = $1 and state = 'delivered' and delivered_on >= $3 and delivered_on <= $4
    and area_path >= $2::text and area_path < $2::text || '~'"""
_ON_FILE: Final = """
select count(distinct person_id) from migrants_stay
where tenant_id = $1 and state in ('active', 'departed', 'settled') and from_on <= $4
    and (to_on is null or to_on > $3) and area_path >= $2::text and area_path < $2::text || '~'"""
_STAYS: Final = """
select {key} as key, count(*) as count from migrants_stay
where tenant_id = $1 and area_path >= $2::text and area_path < $2::text || '~' {only}
group by 1 order by 1 limit $3"""
_BY_AREA: Final = """
select area_id, area_path, count(*) as due, count(*) filter (where state = 'done') as done from migrants_visit v
where tenant_id = $1 and due_on >= $2 and due_on <= $3 and state not in ('declined', 'cancelled')
    and not exists (
        select 1 from migrants_figure f
        where f.tenant_id = $1 and f.measure = $4 and f.as_of = $3 and f.computed and f.area_path = v.area_path)
group by area_id, area_path order by area_path limit $5"""


class StaysBy(StrEnum):
    """By what stays are counted: all by state, those on file by reason, or by province of origin."""

    STATE = "state"
    REASON = "reason"
    ORIGIN = "origin"


_KEYS: Final[Mapping[StaysBy, tuple[str, str]]] = {
    StaysBy.STATE: ("state", ""),
    StaysBy.REASON: ("reason", "and state = 'active'"),
    StaysBy.ORIGIN: ("left(origin_code, 2)", "and state = 'active'"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A count of stays; None where there are one to four, or where the total would tell of them."""

    key: str
    count: int | None


@dataclass(frozen=True, slots=True)
class StayTable:
    """Stays of an area counted by one thing, as of today."""

    by: StaysBy
    as_of: date
    total: int | None
    cells: list[Cell]


async def service_ratios(
    ctx: Context, *, since: date, until: date, area_id: UUID | None = None
) -> tuple[Ratio, Ratio]:
    """Visits done of those due in a period, and services delivered by people who were on file in it.

    Raises: PermissionDenied, NotFound, AreaRetired, PeriodOutOfRange, FutureDate.
    """
    place = await place_for(ctx, area_id, READ)
    checks.not_future(ctx, until, "until")
    if not 0 <= (until - since).days <= DAYS_MAX:
        raise PeriodOutOfRange(path=("until",), days=DAYS_MAX)
    values = (ctx.tenant_id, place.area_path, since, until)
    visits = await ctx.db.fetchrow(_VISITS, *values)
    assert visits is not None
    delivered: int = await ctx.db.fetchval(_DELIVERED, *values)
    on_file: int = await ctx.db.fetchval(_ON_FILE, *values)
    return (
        ratio(Measure.VISITS_DONE, visits["done"], visits["due"], as_of=until, source=VISITS_SOURCE),
        ratio(Measure.SERVICES_DELIVERED, delivered, on_file, as_of=until, source=SERVICES_SOURCE),
    )


async def stays_by(ctx: Context, *, by: str, area_id: UUID | None = None) -> StayTable:
    """Stays of an area with all below it; cells of one to four are not shown.

    Raises: PermissionDenied, NotFound, AreaRetired, UnknownValue.
    """
    place = await place_for(ctx, area_id, READ)
    wanted = StaysBy(checks.one_of(by, tuple(StaysBy), "by"))
    key, only = _KEYS[wanted]
    sql = _STAYS.format(key=key, only=only)
    found = await ctx.db.fetch(sql, ctx.tenant_id, place.area_path, CELLS_MAX)
    counts: dict[str, int] = {row["key"]: row["count"] for row in found}
    shown = privacy.suppress(counts)
    total = privacy.shown_count(sum(counts.values()), show_zero=True)
    cells = [Cell(key, count) for key, count in shown.items()]
    return StayTable(by=wanted, as_of=ctx.today(), total=total, cells=cells)


async def store_last_month(ctx: Context) -> int:
    """Keep last month's visits done and due of each area as a figure, once; at most 5,000 areas, gives how many.

    They stay as they were when rows go by their retention, and when areas are divided anew.
    """
    last = ctx.today().replace(day=1) - timedelta(days=1)
    await hold_tree(ctx)
    await ctx.db.take_turns("migrants.store_figures")
    found = await ctx.db.fetch(
        _BY_AREA, ctx.tenant_id, last.replace(day=1), last, Measure.VISITS_DONE.value, AREAS_MAX
    )
    entries = [
        {
            "area_id": row["area_id"],
            "area_path": row["area_path"],
            "measure": Measure.VISITS_DONE.value,
            "numerator": row["done"],
            "denominator": row["due"],
            "as_of": last,
            "source": VISITS_SOURCE,
            "computed": True,
        }
        for row in found
    ]
    await insert_many(ctx, Figure, entries, action="store")
    return len(entries)
