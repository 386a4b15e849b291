"""Figures with all that they were made from: numerator, denominator, as-of day, source.

A ratio of several areas is made from sums, never from ratios; a zero or unknown denominator is "not defined"; different
measures are never mixed. Source: domain.md §3 (ratios), §4 (small cells).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, checks, place_for, privacy, rows
from linli_migrants.visit_errors import FigureOutOfRange, NumeratorAboveDenominator
from linli_migrants.visit_tables import Figure

READ: Final = "migrants.figures.read"
WRITE: Final = "migrants.figures.write"
NUMBER_MAX: Final = 2_000_000_000
SOURCE_MAX: Final = 200
AREAS_MAX: Final = 20_000
_NEWEST_DAY: Final = """
select max(as_of) from migrants_figure
where tenant_id = $1 and measure = $2 and as_of <= $3 and area_path >= $4::text and area_path < $4::text || '~'"""
_OF_DAY: Final = """
select distinct on (area_path) area_path, numerator, denominator, denominator_estimated, source
from migrants_figure
where tenant_id = $1 and measure = $2 and as_of = $3 and area_path >= $4::text and area_path < $4::text || '~'
order by area_path, id desc limit $5"""


class Measure(StrEnum):
    """What is counted, and of what; each has a denominator of its own."""

    PEOPLE_ON_FILE = "people_on_file"
    COORDINATORS = "coordinators"
    PEOPLE_CHECKED = "people_checked"
    CONTRACTS_ON_FILE = "contracts_on_file"
    VISITS_DONE = "visits_done"
    SERVICES_DELIVERED = "services_delivered"
    PERMITS_ISSUED = "permits_issued"
    PERMITS_VALID = "permits_valid"
    ENDORSEMENTS_ON_TIME = "endorsements_on_time"


class RatioStatus(StrEnum):
    """Whether a ratio has a value."""

    DEFINED = "defined"
    NOT_DEFINED = "not_defined"
    SUPPRESSED = "suppressed"


PARTS: Final = frozenset(
    {
        *(Measure.PEOPLE_CHECKED, Measure.VISITS_DONE, Measure.PERMITS_ISSUED),
        *(Measure.PERMITS_VALID, Measure.ENDORSEMENTS_ON_TIME),
    }
)
"""Measures whose numerator is a part of the denominator."""
NOT_OF_NEWCOMERS: Final = frozenset({Measure.COORDINATORS})


@dataclass(frozen=True, slots=True)
class Ratio:
    """A count or ratio as it may be shown: numbers about one to four newcomers are None, and so is what they tell.

    `percent` has two decimals, such as "79.55"; `source` names the numerator's and the denominator's.
    """

    measure: Measure
    status: RatioStatus
    numerator: int | None
    denominator: int | None
    denominator_estimated: bool
    value: float | None
    percent: str | None
    as_of: date
    source: str


def ratio(
    measure: Measure,
    numerator: int,
    denominator: int | None,
    *,
    as_of: date,
    source: str,
    denominator_estimated: bool = False,
) -> Ratio:
    """A ratio made from counts: not defined without a denominator, suppressed where it tells of fewer than five."""
    shown, below = numerator, denominator
    status, value, percent = RatioStatus.DEFINED, None, None
    if measure not in NOT_OF_NEWCOMERS:
        shown = privacy.shown_count(numerator, show_zero=True)  # type: ignore[assignment]
        below = None if denominator is None else privacy.shown_count(denominator, show_zero=True)
    if not denominator:
        status = RatioStatus.NOT_DEFINED
    elif shown is None or below is None:
        status = RatioStatus.SUPPRESSED
    else:
        value = numerator / denominator
        exact = Decimal(numerator) * 100 / Decimal(denominator)
        percent = str(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))
    return Ratio(
        measure=measure,
        status=status,
        numerator=shown,
        denominator=below,
        denominator_estimated=denominator_estimated,
        value=value,
        percent=percent,
        as_of=as_of,
        source=source,
    )


async def record(
    ctx: Context,
    *,
    area_id: UUID | None,
    measure: str,
    numerator: int,
    as_of: date,
    source: str,
    denominator: int | None = None,
    denominator_estimated: bool = False,
) -> Figure:
    """Record a figure of a report for an area with all below it (null: the whole tenant). The last of a day counts.

    Raises: PermissionDenied, NotFound, AreaRetired, UnknownValue, FigureOutOfRange, NumeratorAboveDenominator,
    FutureDate, Required, TooLong.
    """
    place = await place_for(ctx, area_id, WRITE)
    known = Measure(checks.one_of(measure, tuple(Measure), "measure"))
    _check_numbers(known, numerator, denominator)
    return await rows.insert(
        ctx,
        Figure,
        action="record",
        area_id=place.area_id,
        area_path=place.area_path,
        measure=known.value,
        numerator=numerator,
        denominator=denominator,
        denominator_estimated=denominator_estimated and denominator is not None,
        as_of=checks.not_future(ctx, as_of, "as_of"),
        source=checks.line(source, "source", SOURCE_MAX),
    )


async def stored(
    ctx: Context, *, measure: str, area_id: UUID | None = None, as_of: date | None = None
) -> Ratio | None:
    """A stored figure of an area with all below it, on the newest day up to `as_of` that has one; None without any.

    An area's own figure counts; without one, those of the areas below are added up, each area once, all of one day.
    Raises: PermissionDenied, NotFound, AreaRetired, UnknownValue.
    """
    place = await place_for(ctx, area_id, READ)
    known = Measure(checks.one_of(measure, tuple(Measure), "measure"))
    limit = as_of or ctx.today()
    day = await ctx.db.fetchval(_NEWEST_DAY, ctx.tenant_id, known.value, limit, place.area_path)
    if day is None:
        return None
    found = await ctx.db.fetch(_OF_DAY, ctx.tenant_id, known.value, day, place.area_path, AREAS_MAX)
    return _summed(known, day, _outermost(found))


def _outermost(found: list[Any]) -> list[Any]:
    """The figures that do not lie in an area that has one itself; `found` is in the order of paths."""
    kept: list[Any] = []
    for row in found:
        if not kept or not row["area_path"].startswith(kept[-1]["area_path"]):
            kept.append(row)
    return kept


def _summed(measure: Measure, day: date, found: list[Any]) -> Ratio:
    denominators = [row["denominator"] for row in found]
    sources = sorted({row["source"] for row in found})
    return ratio(
        measure,
        sum(row["numerator"] for row in found),
        None if None in denominators else sum(denominators),
        as_of=day,
        source="; ".join(sources)[: 5 * SOURCE_MAX],
        denominator_estimated=any(row["denominator_estimated"] for row in found),
    )


def _check_numbers(measure: Measure, numerator: int, denominator: int | None) -> None:
    for path, number in (("numerator", numerator), ("denominator", denominator)):
        if number is not None and not 0 <= number <= NUMBER_MAX:
            raise FigureOutOfRange(path=(path,), limit=NUMBER_MAX)
    if measure in PARTS and denominator is not None and numerator > denominator:
        raise NumeratorAboveDenominator(path=("numerator",))
