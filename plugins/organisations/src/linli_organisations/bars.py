"""Bars (限制申报): for a time an organisation may not apply for public funds.

Whoever imposed a bar does not lift it. Other plugins impose and lift bars through `api`, in whose own decision the
actor's right was asked for.
"""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, Organisation, OwnWork, checks, own_accounts, rows, visible
from linli_organisations.decisions import adverse
from linli_organisations.errors import AlreadyLifted, BarTooLong
from linli_organisations.gradings import years_after
from linli_organisations.tables import Bar

READ: Final = "organisations.bar.read"
DECIDE: Final = "organisations.bar.decide"
YEARS_MAX: Final = 10

_BARRED: Final = """
select 1 from organisations_bar
where tenant_id = $1 and organisation_id = $2 and barred_from <= $3 and barred_until >= $3
    and (lifted_on is null or lifted_on > $3) limit 1"""


async def impose(ctx: Context, *, organisation_id: UUID, barred_until: date, reason: str) -> Bar:
    """Bar an organisation from today to `barred_until`, that day included.

    Raises: NotFound, PermissionDenied, BarTooLong, Required, TooLong.
    """
    organisation = await visible(ctx, Organisation, organisation_id, "identity.organisation.read")
    ctx.require(DECIDE, organisation.area_path)
    return await impose_bar(ctx, organisation_id=organisation_id, barred_until=barred_until, reason=reason)


async def impose_bar(ctx: Context, *, organisation_id: UUID, barred_until: date, reason: str) -> Bar:
    """As `impose`, for a decision of another plugin that asked for the right already.

    Raises: NotFound, BarTooLong, Required, TooLong.
    """
    organisation = await rows.get(ctx, Organisation, organisation_id)
    if not ctx.today() <= barred_until <= years_after(ctx.today(), YEARS_MAX):
        raise BarTooLong(path=("barred_until",), years=YEARS_MAX)
    decision = adverse(ctx, reason)
    return await rows.insert(
        ctx,
        Bar,
        action="impose",
        area_id=organisation.area_id,
        area_path=organisation.area_path,
        organisation_id=organisation_id,
        barred_from=ctx.today(),
        barred_until=barred_until,
        reason=decision["reason"],
        rule=decision["rule"],
        object_until=decision["object_until"],
        imposed_by=ctx.actor.id,
    )


async def lift(ctx: Context, bar_id: UUID, *, reason: str, expected_version: int | None = None) -> Bar:
    """End a bar before its time, from today on. Raises: NotFound, PermissionDenied, OwnWork, AlreadyLifted,
    StaleVersion, Required, TooLong.
    """
    bar = await visible(ctx, Bar, bar_id, READ)
    ctx.require(DECIDE, bar.area_path)
    await _require_other(ctx, bar)
    if bar.lifted_on:
        raise AlreadyLifted()
    return await _lifted(ctx, bar, reason, expected_version)


async def lift_bar(ctx: Context, bar_id: UUID, *, reason: str) -> Bar:
    """As `lift`, for a decision of another plugin that undoes the one with which the bar was imposed.

    A bar that was lifted before stays as it is. Raises: NotFound, OwnWork, Required, TooLong.
    """
    bar = await rows.get(ctx, Bar, bar_id, lock=True)
    if bar.lifted_on:
        return bar
    await _require_other(ctx, bar)
    return await _lifted(ctx, bar, reason, None)


async def is_barred(ctx: Context, organisation_id: UUID, on: date | None = None) -> bool:
    """Whether an organisation is barred on a day, today by default."""
    day = on or ctx.today()
    return await ctx.db.fetchval(_BARRED, ctx.tenant_id, organisation_id, day) is not None


async def _require_other(ctx: Context, bar: Bar) -> None:
    if bar.imposed_by in await own_accounts(ctx):
        raise OwnWork(machine="organisations.bar", action="lift", field="imposed_by")


async def _lifted(ctx: Context, bar: Bar, reason: str, expected_version: int | None) -> Bar:
    return await rows.update(
        ctx,
        bar,
        action="lift",
        expected_version=expected_version,
        lifted_on=ctx.today(),
        lifted_by=ctx.actor.id,
        lift_reason=checks.line(reason, "reason", checks.REASON_MAX),
    )
