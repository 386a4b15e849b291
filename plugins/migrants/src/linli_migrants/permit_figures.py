"""What is counted of residence permits: valid ones of the people eligible, endorsements made in time of those due."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, checks, place_for
from linli_migrants.figures import READ, Measure, Ratio, ratio
from linli_migrants.permit_dates import HALF_A_YEAR_MONTHS
from linli_migrants.visit_errors import PeriodOutOfRange
from linli_migrants.visit_figures import DAYS_MAX

VALID_SOURCE: Final = "migrants_permit / migrants_stay"
ENDORSED_SOURCE: Final = "migrants_endorsement / migrants_permit"
_VALID: Final = """
select count(*) from migrants_permit
where tenant_id = $1 and state = 'active' and valid_until > $3
    and area_path >= $2::text and area_path < $2::text || '~'"""
# Stays without a break between them are one residence; whose residence lasts half a year is eligible.
_ELIGIBLE: Final = f"""
with stay as (
    select person_id, from_on, coalesce(to_on, 'infinity'::date) as to_on from migrants_stay
    where tenant_id = $1 and state in ('verified', 'active', 'departed')
        and area_path >= $2::text and area_path < $2::text || '~'),
marked as (
    select *, case when from_on <= max(to_on) over (
        partition by person_id order by from_on rows between unbounded preceding and 1 preceding) + $4::integer
        then 0 else 1 end as begins from stay),
numbered as (select *, sum(begins) over (partition by person_id order by from_on) as residence from marked)
select count(*) from (
    select person_id from numbered group by person_id, residence
    having max(to_on) > $3 and min(from_on) + interval '{HALF_A_YEAR_MONTHS} months' <= $3) eligible"""
_ENDORSED: Final = """
select count(*) as made, count(*) filter (where on_time) as on_time from migrants_endorsement
where tenant_id = $1 and anniversary >= $3 and anniversary <= $4
    and area_path >= $2::text and area_path < $2::text || '~'"""
_OPEN: Final = """
select count(*) from migrants_permit
where tenant_id = $1 and state in ('active', 'suspended') and valid_until >= $3 and valid_until <= $4
    and area_path >= $2::text and area_path < $2::text || '~'"""


async def permit_ratios(
    ctx: Context, *, since: date, until: date, area_id: UUID | None = None
) -> tuple[Ratio, Ratio]:
    """Permits valid today of the people eligible today, and endorsements in time of those due in a period.

    Raises: PermissionDenied, NotFound, AreaRetired, PeriodOutOfRange, FutureDate.
    """
    place = await place_for(ctx, area_id, READ)
    checks.not_future(ctx, until, "until")
    if not 0 <= (until - since).days <= DAYS_MAX:
        raise PeriodOutOfRange(path=("until",), days=DAYS_MAX)
    gap = ctx.setting("migrants.permit_gap_days")
    where = (ctx.tenant_id, place.area_path)
    valid: int = await ctx.db.fetchval(_VALID, *where, ctx.today())
    eligible: int = await ctx.db.fetchval(_ELIGIBLE, *where, ctx.today(), gap)
    made = await ctx.db.fetchrow(_ENDORSED, *where, since, until)
    assert made is not None
    open_ones: int = await ctx.db.fetchval(_OPEN, *where, since, until)
    due = made["made"] + open_ones
    return (
        ratio(Measure.PERMITS_VALID, valid, eligible, as_of=ctx.today(), source=VALID_SOURCE),
        ratio(Measure.ENDORSEMENTS_ON_TIME, made["on_time"], due, as_of=until, source=ENDORSED_SOURCE),
    )
