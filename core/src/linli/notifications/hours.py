"""When people may be disturbed, on the clocks of the tenant."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from linli.context import Context


def quiet_until(ctx: Context, moment: datetime) -> datetime | None:
    """When the quiet hours end in which a moment lies; None outside them. Hours past midnight are theirs too."""
    begin, end = _hour(ctx, "notifications.quiet_from_hour"), _hour(ctx, "notifications.quiet_to_hour")
    local = moment.astimezone(ctx.time_zone)
    over_midnight = begin > end
    quiet = (local.hour >= begin or local.hour < end) if over_midnight else begin <= local.hour < end
    return _next(ctx, moment, end) if quiet else None


def digest_at(ctx: Context, moment: datetime) -> datetime:
    """When the next digest is due after a moment."""
    return _next(ctx, moment, _hour(ctx, "notifications.digest_hour"))


def _next(ctx: Context, moment: datetime, hour: int) -> datetime:
    day = ctx.day_of(moment)
    today = datetime.combine(day, time(hour), ctx.time_zone)
    return today if today > moment else datetime.combine(day + timedelta(days=1), time(hour), ctx.time_zone)


def _hour(ctx: Context, setting: str) -> int:
    return int(str(ctx.setting(setting))) % 24
