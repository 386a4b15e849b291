"""Targets, and how many certified social workers there are: counted with what they are divided by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, checks, place_for, rows
from linli_social_workers.errors import NumberOutOfRange, YearOutOfRange
from linli_social_workers.tables import Target

READ: Final = "social_workers.figures.read"
WRITE: Final = "social_workers.figures.write"
COUNT_MAX: Final = 1_000_000
SOURCE_MAX: Final = 200
_CERTIFIED: Final = """
select c.level, count(distinct c.person_id) as people from social_workers_certificate c
join identity_person p on p.tenant_id = $1 and p.id = c.person_id and p.state = 'active'
where c.tenant_id = $1 and c.state = 'valid' and c.area_path >= $2::text and c.area_path < $2::text || '~'
group by c.level"""
_PEOPLE: Final = """
select count(distinct c.person_id) from social_workers_certificate c
join identity_person p on p.tenant_id = $1 and p.id = c.person_id and p.state = 'active'
where c.tenant_id = $1 and c.state = 'valid' and c.area_path >= $2::text and c.area_path < $2::text || '~'"""
_TARGET: Final = """
select * from social_workers_target
where tenant_id = $1 and area_path = $2 and year <= $3 order by year desc, id desc limit 1"""
_COST: Final = """
select coalesce(sum(l.amount_fen), 0)::bigint from social_workers_allowance_line l
join social_workers_allowance_run r on r.tenant_id = $1 and r.id = l.run_id
where l.tenant_id = $1 and r.state in ('exported', 'paid', 'approved') and extract(year from r.month) = $3
    and l.area_path >= $2::text and l.area_path < $2::text || '~'"""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Certified people of an area with all below it; None where there is no target to compare with.

    `per_community` is people divided by communities, to two decimals; `cost_fen` is what the year's runs paid.
    """

    people: int
    by_level: dict[str, int]
    communities: int | None
    per_community: float | None
    aim: int | None
    aim_met: bool | None
    target_source: str
    cost_fen: int
    as_of: date


async def set_target(
    ctx: Context, *, area_id: UUID | None, year: int, communities: int, aim: int, source: str
) -> Target:
    """Enter what an area aims at in a year: so many certified people for so many communities. The last one counts.

    Raises: PermissionDenied, NotFound, AreaRetired, YearOutOfRange, NumberOutOfRange, Required, TooLong.
    """
    place = await place_for(ctx, area_id, WRITE)
    if not 2000 <= year <= ctx.today().year + 20:
        raise YearOutOfRange(path=("year",), minimum=2000, maximum=ctx.today().year + 20)
    for name, number in (("communities", communities), ("aim", aim)):
        if not 0 <= number <= COUNT_MAX:
            raise NumberOutOfRange(path=(name,), minimum=0, maximum=COUNT_MAX)
    return await rows.insert(
        ctx,
        Target,
        action="set",
        area_id=place.area_id,
        area_path=place.area_path,
        year=year,
        communities=communities,
        aim=aim,
        source=checks.line(source, "source", SOURCE_MAX),
    )


async def coverage(ctx: Context, *, area_id: UUID | None = None) -> Coverage:
    """Certified people of an area as of today, against its target. Raises: PermissionDenied, NotFound, AreaRetired."""
    place = await place_for(ctx, area_id, READ)
    where = (ctx.tenant_id, place.area_path)
    people: int = await ctx.db.fetchval(_PEOPLE, *where)
    by_level = {row["level"]: row["people"] for row in await ctx.db.fetch(_CERTIFIED, *where)}
    target = await ctx.db.fetchrow(_TARGET, *where, ctx.today().year)
    communities = target["communities"] if target else None
    cost: int = await ctx.db.fetchval(_COST, *where, ctx.today().year)
    return Coverage(
        people=people,
        by_level=by_level,
        communities=communities,
        per_community=round(people / communities, 2) if communities else None,
        aim=target["aim"] if target else None,
        aim_met=people >= target["aim"] if target else None,
        target_source=target["source"] if target else "",
        cost_fen=cost,
        as_of=ctx.today(),
    )
