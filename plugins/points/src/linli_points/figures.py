"""What a district reports: who takes part, what was given and spent. Ratios keep what they were made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from linli.plugin import Context, checks, place_for, privacy

READ: Final = "points.figures.read"

_PARTICIPANTS: Final = """
select count(*) as all_kinds, count(*) filter (where kind = 'person') as persons,
    count(*) filter (where kind = 'household') as households, count(*) filter (where kind = 'unit') as units
from points_participant
where tenant_id = $1 and area_path >= $2 and area_path < $2 || '~' and joined_on <= $3
    and (left_on is null or left_on > $3)"""
_RESIDENTS: Final = """
select coalesce(sum(residents), 0)::bigint as residents, min(residents_as_of) as as_of,
    string_agg(distinct source, '; ') as source
from (
    select distinct on (area_id) area_path, residents, residents_as_of, source from points_pool
    where tenant_id = $1 and area_path >= $2 and area_path < $2 || '~' and residents_as_of <= $3
    order by area_id, residents_as_of desc, year desc) newest
where not exists (
    select 1 from points_pool above
    where above.tenant_id = $1 and above.area_path >= $2 and above.residents_as_of <= $3
        and above.area_path <> newest.area_path and starts_with(newest.area_path, above.area_path))"""


class FigureStatus(StrEnum):
    """Whether a ratio has a value."""

    DEFINED = "defined"
    NOT_DEFINED = "not_defined"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Ratio:
    """Two counts and what comes of them; no value for a zero denominator, none shown for fewer than five."""

    status: FigureStatus
    numerator: int | None
    denominator: int | None
    ratio: float | None
    as_of: date
    source: str

    @classmethod
    def of(cls, numerator: int, denominator: int, *, as_of: date, source: str) -> Ratio:
        """The ratio of two counts of people; small ones are not shown."""
        if _is_hidden(abs(numerator)) or _is_hidden(denominator):
            return cls.suppressed(as_of=as_of, source=source)
        if denominator == 0:
            return cls(FigureStatus.NOT_DEFINED, numerator, 0, None, as_of, source)
        return cls(FigureStatus.DEFINED, numerator, denominator, numerator / denominator, as_of, source)

    @classmethod
    def suppressed(cls, *, as_of: date, source: str) -> Ratio:
        """A ratio that would tell of few people."""
        return cls(FigureStatus.SUPPRESSED, None, None, None, as_of, source)


@dataclass(frozen=True, slots=True)
class Participation:
    """How many take part in an area on a day; None for one to four, and for what would give them away."""

    as_of: date
    all_kinds: int | None
    persons: int | None
    households: int | None
    units: int | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The participation of an area, its share of the residents, and its growth since an earlier day."""

    participation: Participation
    before: Participation | None
    growth: Ratio | None
    participation_rate: Ratio


async def figures(
    ctx: Context, *, area_id: UUID | None = None, as_of: date | None = None, since: date | None = None
) -> Figures:
    """The figures of an area with all below it (the whole tenant by default) on a day (today by default).

    `growth` compares with the day `since`: participants gained ÷ participants then. `participation_rate` is residents
    who take part ÷ permanent residents, as the pools of the area have them. A ratio is suppressed where it would give
    away a count that is not shown.
    Raises: NotFound, PermissionDenied, AreaRetired, FutureDate.
    """
    path = (await place_for(ctx, area_id, READ)).area_path
    day = checks.not_future(ctx, as_of or ctx.today(), "as_of")
    now = await _counts(ctx, path, day)
    participation = _shown(now, day)
    before, growth = None, None
    if since is not None:
        then = await _counts(ctx, path, since)
        before = _shown(then, since)
        growth = _growth(now, then, as_of=day, since=since)
    residents = await ctx.db.fetchrow(_RESIDENTS, ctx.tenant_id, path, day)
    assert residents is not None
    source = f"points_participant / {residents['source'] or '-'}"
    rate = Ratio.of(now["persons"], residents["residents"], as_of=day, source=source)
    if participation.persons is None:
        rate = Ratio.suppressed(as_of=day, source=source)
    return Figures(participation, before, growth, rate)


async def _counts(ctx: Context, path: str, day: date) -> dict[str, int]:
    row = await ctx.db.fetchrow(_PARTICIPANTS, ctx.tenant_id, path, day)
    assert row is not None
    return dict(row)


def _growth(now: Mapping[str, int], then: Mapping[str, int], *, as_of: date, since: date) -> Ratio:
    source = f"points_participant {since.isoformat()} / {as_of.isoformat()}"
    if _is_hidden(now["all_kinds"]):
        return Ratio.suppressed(as_of=as_of, source=source)
    gained = now["all_kinds"] - then["all_kinds"]
    return Ratio.of(gained, then["all_kinds"], as_of=as_of, source=source)


def _shown(counts: Mapping[str, int], day: date) -> Participation:
    kinds = {kind: count for kind, count in counts.items() if kind != "all_kinds"}
    everybody = privacy.shown_count(counts["all_kinds"], show_zero=True)
    return Participation(as_of=day, all_kinds=everybody, **privacy.suppress(kinds))


def _is_hidden(count: int) -> bool:
    return privacy.shown_count(count, show_zero=True) is None
