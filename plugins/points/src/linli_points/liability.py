"""What the points that people hold would cost, against the money that is left for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from linli.plugin import Context, place_for
from linli_points.accounts import HOLDER

READ: Final = "points.figures.read"
VALUE_SETTING: Final = "points.value_fen"
SMALL_CELL: Final = 5
SOURCE: Final = "ledger_account"

_OUTSTANDING: Final = """
select count(*) as holders, coalesce(sum(held), 0)::bigint as points from (
    select coalesce(a.available + a.reserved, (
        select sum(s.available + s.reserved) from ledger_stripe s
        where s.tenant_id = $1 and s.account_id = a.id)) as held
    from ledger_account a where a.tenant_id = $1 and a.unit = 'points' and a.role = $2
        and a.area_path >= $3::text and a.area_path < $3::text || '~') one
where held > 0"""
_LEFT: Final = """
select count(*) as pools, coalesce(sum(coalesce(a.available, s.available)), 0)::bigint as available,
    coalesce(sum(coalesce(a.reserved, s.reserved)), 0)::bigint as held
from points_pool p
join ledger_account a on a.tenant_id = $1 and a.id = p.account_id
left join (
    select account_id, sum(available) as available, sum(reserved) as reserved from ledger_stripe
    where tenant_id = $1 group by account_id) s on s.account_id = a.id
where p.tenant_id = $1 and p.year = $2 and p.area_path >= $3::text and p.area_path < $3::text || '~'"""


class LiabilityStatus(StrEnum):
    """Whether the ratio has a value."""

    DEFINED = "defined"
    NOT_DEFINED = "not_defined"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Liability:
    """Outstanding points by their value, against what is left in the year's pools; amounts are None where suppressed.

    `left_fen` is the denominator: what was not spent, of which `held_fen` is promised to vouchers already.
    """

    status: LiabilityStatus
    year: int
    as_of: date
    outstanding_points: int | None
    value_fen: int
    numerator_fen: int | None
    left_fen: int
    held_fen: int
    ratio: float | None
    source: str


async def liability(ctx: Context, *, area_id: UUID | None = None, year: int | None = None) -> Liability:
    """The liability of an area with all below it (None: the whole tenant), now, against a year's pools there.

    Points that vouchers hold are outstanding until these are fulfilled. Without money left, the ratio is not defined.
    Raises: PermissionDenied, NotFound, AreaRetired.
    """
    place = await place_for(ctx, area_id, READ)
    day = ctx.today()
    chosen = year if year is not None else day.year
    outstanding = await ctx.db.fetchrow(_OUTSTANDING, ctx.tenant_id, HOLDER, place.area_path)
    pools = await ctx.db.fetchrow(_LEFT, ctx.tenant_id, chosen, place.area_path)
    assert outstanding is not None
    assert pools is not None
    value_fen = int(str(ctx.setting(VALUE_SETTING)))
    left = pools["available"] + pools["held"]
    shown = outstanding["holders"] == 0 or outstanding["holders"] >= SMALL_CELL
    points: int | None = outstanding["points"] if shown else None
    numerator = points * value_fen if points is not None else None
    status = LiabilityStatus.DEFINED
    if left == 0:
        status = LiabilityStatus.NOT_DEFINED
    elif numerator is None:
        status = LiabilityStatus.SUPPRESSED
    return Liability(
        status=status,
        year=chosen,
        as_of=day,
        outstanding_points=points,
        value_fen=value_fen,
        numerator_fen=numerator,
        left_fen=left,
        held_fen=pools["held"],
        ratio=numerator / left if numerator is not None and left else None,
        source=f"{SOURCE} / points_pool",
    )
