"""The plugin's accounts in the ledger.

Points: `points_issuance` gives them out and goes below zero, `points_holder` is a participant's, `points_redeemed`
takes what was spent. Money: `points_funding` goes below zero, `points_pool` is an area's for a year, `points_spent`
takes what rewards cost. Everybody posts on those of the tenant, so that they are kept in stripes.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, Place, ledger

STRIPES: Final = 16
HOLDER: Final = "points_holder"
POOL: Final = "points_pool"
REDEEMED: Final = "points_redeemed"

_WHOLE: Final = Place(None, "")


async def issuance(ctx: Context) -> UUID:
    """The account that points come from."""
    return await _of_tenant(ctx, ledger.Unit.POINTS, "points_issuance", may_be_negative=True)


async def redeemed(ctx: Context) -> UUID:
    """The account that spent points go to."""
    return await _of_tenant(ctx, ledger.Unit.POINTS, REDEEMED)


async def funding(ctx: Context) -> UUID:
    """The account that the money of pools comes from."""
    return await _of_tenant(ctx, ledger.Unit.CNY, "points_funding", may_be_negative=True)


async def spent(ctx: Context) -> UUID:
    """The account that the money of rewards goes to."""
    return await _of_tenant(ctx, ledger.Unit.CNY, "points_spent")


async def holder(ctx: Context, owner: ledger.Owner, place: Place) -> UUID:
    """The account of a participant; opened when there is none."""
    made = await ledger.account(ctx, owner, unit=ledger.Unit.POINTS, role=HOLDER, place=place)
    return made.id


async def pool(ctx: Context, place: Place, year: int) -> UUID:
    """The account of an area's money for a year; opened when there is none. The whole tenant has one too."""
    kind = ledger.OwnerKind.AREA if place.area_id else ledger.OwnerKind.TENANT
    owner = ledger.Owner(kind, place.area_id or ctx.tenant_id)
    made = await ledger.account(ctx, owner, unit=ledger.Unit.CNY, role=POOL, place=place, period=str(year))
    return made.id


async def _of_tenant(ctx: Context, unit: ledger.Unit, role: str, *, may_be_negative: bool = False) -> UUID:
    owner = ledger.Owner(ledger.OwnerKind.TENANT, ctx.tenant_id)
    known = await ledger.find_account(ctx, owner.id, unit=unit, role=role)
    if known is not None:
        return known.id
    made = await ledger.account(
        ctx, owner, unit=unit, role=role, place=_WHOLE, may_be_negative=may_be_negative
    )
    if not made.stripes:  # else somebody opened it at the same moment
        await ledger.set_stripes(ctx, made.id, STRIPES)
    return made.id
