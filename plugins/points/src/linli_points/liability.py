"""What the points that people hold would cost, against the money that is left for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from linli.plugin import Context, ledger, place_for, privacy
from linli_points.accounts import HOLDER, POOL

READ: Final = "points.figures.read"
VALUE_SETTING: Final = "points.value_fen"
SOURCE: Final = "ledger_account"


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
    path = place.area_path
    outstanding = await ledger.holdings(ctx, unit=ledger.Unit.POINTS, role=HOLDER, area_path=path)
    pools = await ledger.holdings(ctx, unit=ledger.Unit.CNY, role=POOL, period=str(chosen), area_path=path)
    value_fen = int(str(ctx.setting(VALUE_SETTING)))
    few = privacy.shown_count(outstanding.accounts, show_zero=True) is None
    points = None if few else outstanding.total
    numerator = points * value_fen if points is not None else None
    status = LiabilityStatus.DEFINED
    if pools.total == 0:
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
        left_fen=pools.total,
        held_fen=pools.reserved,
        ratio=numerator / pools.total if numerator is not None and pools.total else None,
        source=f"{SOURCE} / points_pool",
    )
