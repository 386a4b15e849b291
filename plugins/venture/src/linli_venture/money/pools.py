"""Pools: the budget of a year, which has the money of its sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from linli.plugin import Context, Duplicate, Facts, changeable, checks, place_for, rows
from linli_venture.money.errors import PoolClosed, PoolExists, PoolInUse, YearOutOfRange
from linli_venture.money.states import POOL
from linli_venture.money.tables import Pool
from linli_venture.money.terms import PoolState

WRITE: Final = "venture.pool.write"
KIND: Final = "venture.pool"
TITLE_MAX: Final = 100
PURPOSE_MAX: Final = 1_000
YEARS_BACK: Final = 10

_LIVE: Final = """
select (select count(*) from venture_grant
    where tenant_id = $1 and pool_id = $2 and (state not in ('closed', 'terminated', 'declined')
        or state = 'terminated' and (object_until is null or object_until >= $3 or exists (
            select 1 from venture_termination_objection o
            where o.tenant_id = $1 and o.grant_id = venture_grant.id and o.state = 'raised')))) as grants,
    (select count(*) from venture_call
    where tenant_id = $1 and pool_id = $2 and state in ('published', 'closed', 'reviewing', 'notice')) as calls"""

_AVAILABLE: Final = """
select s.category, sum(a.available)::bigint as fen from venture_source s
join ledger_account a on a.tenant_id = $1 and a.id = s.fund_account_id
where s.tenant_id = $1 and s.pool_id = $2 group by s.category order by s.category limit 50"""


async def open_pool(
    ctx: Context,
    *,
    area_id: UUID | None,
    title: str,
    year: int,
    purpose: str | None = None,
    pool_id: UUID | None = None,
) -> Pool:
    """Open the pool of an area (None: the whole tenant) for a year, from ten years back to the next.

    Raises: PermissionDenied, NotFound, AreaRetired, Required, TooLong, YearOutOfRange, PoolExists.
    """
    place = await place_for(ctx, area_id, WRITE)
    name = checks.line(title, "title", TITLE_MAX)
    this = ctx.today().year
    if not this - YEARS_BACK <= year <= this + 1:
        raise YearOutOfRange(path=("year",), low=this - YEARS_BACK, high=this + 1)
    try:
        return await rows.insert(
            ctx,
            Pool,
            action="open",
            id=pool_id,
            area_id=place.area_id,
            area_path=place.area_path,
            title=name,
            year=year,
            purpose=checks.optional_line(purpose, "purpose", PURPOSE_MAX),
            opened_by=ctx.actor.id,
        )
    except Duplicate as error:
        raise PoolExists(path=("title",)) from error


async def close_pool(ctx: Context, pool_id: UUID, *, expected_version: int | None = None) -> Pool:
    """Let nothing more in or out of a pool whose calls and grants have all ended; what is left can be carried over.

    A terminated grant has ended once nobody can object any more and no objection is open.

    Raises: NotFound, PermissionDenied, UndefinedTransition, PoolInUse, StaleVersion.
    """
    pool = await changeable(ctx, Pool, pool_id, KIND)
    state = POOL.apply(pool.state, "close", Facts(actor_id=ctx.actor.id))
    live = await ctx.db.fetchrow(_LIVE, ctx.tenant_id, pool.id, ctx.today())
    if live and (live["grants"] or live["calls"]):
        raise PoolInUse(grants=live["grants"], calls=live["calls"])
    return await rows.update(ctx, pool, action="close", expected_version=expected_version, state=state)


async def available_for(ctx: Context, pool_id: UUID, wanted: Mapping[str, int]) -> int:
    """How many fen of what is wanted by category a pool has, neither paid out nor reserved.

    Money that is restricted to a category counts for it alone.
    """
    found = await ctx.db.fetch(_AVAILABLE, ctx.tenant_id, pool_id)
    left = {row["category"]: row["fen"] for row in found}
    anything = left.pop("", 0)
    restricted = sum(min(fen, left.get(category, 0)) for category, fen in wanted.items())
    return int(restricted + min(anything, sum(wanted.values()) - restricted))


def require_open(pool: Pool, path: str) -> Pool:
    """The pool. Raises: PoolClosed."""
    if pool.state != PoolState.OPEN:
        raise PoolClosed(path=(path,))
    return pool
