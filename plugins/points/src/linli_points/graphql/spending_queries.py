"""What can be asked besides nodes: one's own points, the ranking, the liability, a voucher."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import strawberry

from linli_graphql.plugin import GraphQLRequest, local_id, query
from linli_points import liability, own, ranking, vouchers
from linli_points.graphql.spending_types import (
    MyPointsTransfer,
    PointsLiability,
    PointsParticipation,
    PointsRanking,
    PointsVoucher,
    my_transfer,
    participation,
)
from linli_points.ranking import RankedBy
from linli_points.redemptions import FULFIL

_AREA = Annotated[
    strawberry.ID | None,
    strawberry.argument(description="An area with all below it; the whole tenant by default."),
]
_YEAR = Annotated[int | None, strawberry.argument(description="A year; this one by default.")]
_FIRST = Annotated[int, strawberry.argument(description="How many at most; up to 100.")]


@query
async def my_points(request: GraphQLRequest) -> list[PointsParticipation]:
    """What the caller, and the households to which they belong today, have."""
    return [participation(one) for one in await own.participations(await request.reading())]


@query
async def my_points_transfers(request: GraphQLRequest, first: _FIRST = 20) -> list[MyPointsTransfer]:
    """The latest transfers that the caller or their households give or receive."""
    return [my_transfer(one) for one in await own.transfers(await request.reading(), first=first)]


@query
async def points_ranking(
    request: GraphQLRequest,
    area: _AREA = None,
    year: _YEAR = None,
    by: Annotated[RankedBy, strawberry.argument(description="What it counts.")] = RankedBy.EARNED,
    first: _FIRST = 20,
) -> PointsRanking:
    """The ranking of those who chose to be in it, by nickname."""
    ctx = await request.reading()
    return await ranking.ranking(  # type: ignore[return-value]
        ctx, area_id=_area_id(area), year=year, by=by.value, first=first
    )


@query
async def points_liability(
    request: GraphQLRequest, area: _AREA = None, year: _YEAR = None
) -> PointsLiability:
    """What the points that are held would cost, against what is left in the pools of an area and all below it."""
    ctx = await request.reading()
    return await liability.liability(ctx, area_id=_area_id(area), year=year)  # type: ignore[return-value]


@query
async def points_voucher(
    request: GraphQLRequest,
    number: Annotated[
        str, strawberry.argument(description="Its number as typed, or the address that was scanned.")
    ],
) -> PointsVoucher | None:
    """A voucher, for whoever hands out the reward; null when there is none with this number."""
    ctx = await request.reading()
    ctx.require(FULFIL)
    return await vouchers.check(ctx, number)  # type: ignore[return-value]


def _area_id(area: strawberry.ID | None) -> UUID | None:
    return local_id("Area", str(area), path=("area",)) if area else None


SPENDING_QUERIES = (my_points, my_points_transfers, points_ranking, points_liability, points_voucher)
