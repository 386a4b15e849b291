"""Pools: the money of a year behind an area's rewards, and what is outstanding against it.

A pool is the number of permanent residents by a rate. Its money lies in the ledger, in stripes, as everybody below the
area spends from it. Source: domain.md §5.1 (report of Jingmen: 1.5 yuan for each permanent resident a year).
"""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, Duplicate, changeable, checks, in_place, ledger, place_for, rows
from linli_points import accounts
from linli_points.checked import in_range
from linli_points.errors import PoolExists
from linli_points.tables import Pool

PERMISSION: Final = "points.pool"
RATE_SETTING: Final = "points.pool_fen_per_resident"
RESIDENTS_MAX: Final = 2_000_000_000
RATE_FEN_MAX: Final = 1_000_000
ADJUSTMENT_FEN_MAX: Final = 100_000_000_000_000
SOURCE_MAX: Final = 200

_OF_AREA: Final = """
select 1 from points_pool where tenant_id = $1 and year = $2 and area_id is not distinct from $3"""
_NEAREST: Final = """
select * from points_pool where tenant_id = $1 and year = $2 and area_path = any($3::text[])
order by length(area_path) desc limit 1"""


async def open_pool(
    ctx: Context,
    *,
    area_id: UUID | None,
    year: int,
    residents: int,
    residents_as_of: date,
    source: str,
    pool_id: UUID | None = None,
) -> Pool:
    """Open the pool of an area (None: the whole tenant) for this year or the next, and fund it.

    Raises: PermissionDenied, NotFound, AreaRetired, NumberOutOfRange, FutureDate, Required, TooLong, PoolExists.
    """
    place = await place_for(ctx, area_id, f"{PERMISSION}.write")
    in_range(year, ctx.today().year, ctx.today().year + 1, "year")
    in_range(residents, 0, RESIDENTS_MAX, "residents")
    rate_fen = in_range(int(str(ctx.setting(RATE_SETTING))), 0, RATE_FEN_MAX, "rate_fen")
    said_by = checks.line(source, "source", SOURCE_MAX)
    day = checks.not_future(ctx, residents_as_of, "residents_as_of")
    if await ctx.db.fetchval(_OF_AREA, ctx.tenant_id, year, place.area_id):
        raise PoolExists(path=("year",))
    account_id = await accounts.pool(ctx, place, year)
    try:
        pool = await rows.insert(
            ctx,
            Pool,
            action="open",
            id=pool_id,
            area_id=place.area_id,
            area_path=place.area_path,
            year=year,
            residents=residents,
            residents_as_of=day,
            source=said_by,
            rate_fen=rate_fen,
            budget_fen=residents * rate_fen,
            account_id=account_id,
        )
    except Duplicate as error:  # somebody opened it at the same moment
        raise PoolExists(path=("year",)) from error
    await ledger.set_stripes(ctx, account_id, accounts.STRIPES)
    if pool.budget_fen:
        await _fund(ctx, pool, pool.budget_fen, "opened", "")
    return pool


async def adjust(
    ctx: Context, pool_id: UUID, *, amount_fen: int, reason: str, expected_version: int | None = None
) -> Pool:
    """Add money to a pool, or (below zero) take back what is neither held nor spent.

    Raises: NotFound, PermissionDenied, Required, TooLong, NumberOutOfRange, InsufficientBalance, StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    in_range(abs(amount_fen), 1, ADJUSTMENT_FEN_MAX, "amount_fen")
    await in_place(ctx, Pool, pool_id)  # the tree first: the ledger holds it too
    pool = await changeable(ctx, Pool, pool_id, PERMISSION)
    budget = in_range(pool.budget_fen + amount_fen, 0, ledger.AMOUNT_MAX, "amount_fen")
    changed = await rows.update(
        ctx, pool, action="adjust", expected_version=expected_version, budget_fen=budget
    )
    await _fund(ctx, pool, amount_fen, f"adjusted:{pool.version}", why)
    return changed


async def pool_for(ctx: Context, area_path: str, year: int) -> Pool | None:
    """The pool that pays for a year's rewards in an area: its own, its nearest ancestor's, or the whole tenant's."""
    parts = area_path.split(".")
    above = [".".join([*parts[:size], ""]) if size else "" for size in range(len(parts))]
    row = await ctx.db.fetchrow(_NEAREST, ctx.tenant_id, year, above)
    return rows.from_record(Pool, row) if row else None


async def _fund(ctx: Context, pool: Pool, amount_fen: int, what: str, reason: str) -> None:
    purpose = ledger.Purpose(
        kind=f"points.pool_{what.partition(':')[0]}",
        key=f"points.pool:{pool.id}:{what}",
        reason=reason,
        source_table="points_pool",
        source_id=pool.id,
    )
    lines = (
        ledger.Line(await accounts.funding(ctx), -amount_fen),
        ledger.Line(pool.account_id, amount_fen),
    )
    await ledger.post(ctx, purpose, lines)
