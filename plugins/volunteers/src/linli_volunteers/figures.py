"""Two indicators, never mixed: volunteers among residents, and participation among volunteers.

Each answer carries numerator, denominator, as-of date and source; ratios are made from sums.
Source: domain.md §5.11 (targets) and §3, §4 (ratios, small cells).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from linli.plugin import Context, checks, place_for, privacy, rows
from linli_volunteers.errors import ImpossibleTime, ResidentsOutOfRange
from linli_volunteers.tables import Population
from linli_volunteers.times import YEARS, end_of

READ: Final = "volunteers.figures.read"
WRITE: Final = "volunteers.figures.write"
RESIDENTS_MAX: Final = 2_000_000_000
SOURCE_MAX: Final = 200
VOLUNTEERS_SOURCE: Final = "volunteers_volunteer"
HOURS_SOURCE: Final = "volunteers_hours"

_NEWEST_POPULATION = """
select residents, as_of, source from volunteers_population
where tenant_id = $1 and area_id is not distinct from $2 and as_of <= $3
order by as_of desc, id desc limit 1"""

_VOLUNTEERS = """
select count(*) as registered,
    count(*) filter (where exists (
        select 1 from volunteers_hours h
        where h.tenant_id = $1 and h.person_id = v.person_id and h.state = 'posted' and h.overlap_found_at is null
            and h.to_at >= $4 and h.to_at < $5)) as took_part
from volunteers_volunteer v
where v.tenant_id = $1 and v.area_path >= $2::text and v.area_path < $2::text || '~'
    and v.registered_on <= $3 and (v.withdrawn_on is null or v.withdrawn_on > $3)"""


class FigureStatus(StrEnum):
    """Whether an indicator has a value."""

    DEFINED = "defined"
    NOT_DEFINED = "not_defined"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Indicator:
    """A ratio with all that it was made from; numbers are None where they may not be shown or are not known.

    `source` names the numerator's and the denominator's, `denominator_as_of` is the day of the latter.
    """

    status: FigureStatus
    numerator: int | None
    denominator: int | None
    ratio: float | None
    target_percent: int
    target_met: bool | None
    as_of: date
    denominator_as_of: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Both indicators of an area, as of one day."""

    volunteers_among_residents: Indicator
    participation_among_volunteers: Indicator


async def record_population(
    ctx: Context, *, area_id: UUID | None, residents: int, as_of: date, source: str
) -> Population:
    """Record how many permanent residents an area (the whole tenant: None) had.

    The last record of a day counts.

    Raises: PermissionDenied, NotFound, AreaRetired, ResidentsOutOfRange, FutureDate, Required, TooLong.
    """
    place = await place_for(ctx, area_id, WRITE)
    if not 0 <= residents <= RESIDENTS_MAX:
        raise ResidentsOutOfRange(path=("residents",), limit=RESIDENTS_MAX)
    return await rows.insert(
        ctx,
        Population,
        action="record",
        area_id=place.area_id,
        area_path=place.area_path,
        residents=residents,
        as_of=checks.not_future(ctx, as_of, "as_of"),
        source=checks.line(source, "source", SOURCE_MAX),
    )


async def figures(ctx: Context, *, area_id: UUID | None = None, as_of: date | None = None) -> Figures:
    """The indicators of an area with all below it, or of the whole tenant, as of a day (today by default).

    A volunteer took part when hours that ended in the twelve months up to and including that day are posted.
    Someone who withdrew and came back counts as never having withdrawn.

    Raises: PermissionDenied, NotFound, AreaRetired, FutureDate, ImpossibleTime.
    """
    place = await place_for(ctx, area_id, READ)
    day = checks.not_future(ctx, as_of or ctx.today(), "as_of")
    if day.year not in YEARS:
        raise ImpossibleTime(path=("as_of",))
    (counted,) = await ctx.db.fetch(
        _VOLUNTEERS, ctx.tenant_id, place.area_path, day, end_of(ctx, _year_before(day)), end_of(ctx, day)
    )
    population = await ctx.db.fetchrow(_NEWEST_POPULATION, ctx.tenant_id, area_id, day)
    return Figures(
        volunteers_among_residents=indicator(
            counted["registered"],
            population["residents"] if population else None,
            target_percent=_percent(ctx, "volunteers_target_percent"),
            as_of=day,
            denominator_as_of=population["as_of"] if population else None,
            source=f"{VOLUNTEERS_SOURCE} / {population['source'] if population else '-'}",
        ),
        participation_among_volunteers=indicator(
            counted["took_part"],
            counted["registered"],
            target_percent=_percent(ctx, "participation_target_percent"),
            as_of=day,
            denominator_as_of=day,
            source=f"{HOURS_SOURCE} / {VOLUNTEERS_SOURCE}",
        ),
    )


def indicator(
    numerator: int,
    denominator: int | None,
    *,
    target_percent: int,
    as_of: date,
    denominator_as_of: date | None,
    source: str,
) -> Indicator:
    """A ratio: not defined without a denominator, suppressed where it counts fewer than five people."""
    status, ratio, met = FigureStatus.DEFINED, None, None
    if not denominator:
        status = FigureStatus.NOT_DEFINED
    elif privacy.is_small(numerator) or privacy.is_small(denominator):
        status = FigureStatus.SUPPRESSED
    else:
        ratio = numerator / denominator
        met = numerator * 100 >= target_percent * denominator
    return Indicator(
        status=status,
        numerator=privacy.shown_count(numerator),
        denominator=None if denominator is None else privacy.shown_count(denominator, show_zero=True),
        ratio=ratio,
        target_percent=target_percent,
        target_met=met,
        as_of=as_of,
        denominator_as_of=denominator_as_of,
        source=source,
    )


def _percent(ctx: Context, name: str) -> int:
    return int(str(ctx.setting(f"volunteers.{name}")))


def _year_before(day: date) -> date:
    """The same day a year before; 28 February for a leap day."""
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)
