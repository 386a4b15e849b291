"""Changing a setting of a tenant, within what its parent allows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from linli.audit.record import Change, record
from linli.context import Context
from linli.errors import Invalid, UnknownValue
from linli.manifest import Setting
from linli.tenancy.inheritance import InheritanceMode, SettingFixedByParent, check_setting
from linli.tenancy.invalidation import Announce, announce_after_commit

MANAGE: Final = "tenancy.setting.manage"
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
TEXT_LENGTH_MAX: Final = 10_000


class UnknownSetting(UnknownValue):
    """The kernel and the tenant's plugins declare no setting of this name (`name`)."""

    code = "tenancy.unknown_setting"


class BadSettingValue(Invalid):
    """The value is not of the setting's type, or is outside the bounds given with it (`name`, `type`)."""

    code = "tenancy.bad_setting_value"


async def set_setting(
    ctx: Context,
    *,
    name: str,
    value: object,
    mode: InheritanceMode | None = None,
    minimum: int | Decimal | None = None,
    maximum: int | Decimal | None = None,
    announce: Announce | None = None,
) -> None:
    """Set the tenant's own value, and how far child tenants may depart from it (as declared by default).

    `minimum` and `maximum` belong to mode `bounded`. The change holds from the next request on.
    Raises: PermissionDenied, UnknownSetting, BadSettingValue, SettingFixedByParent.
    """
    ctx.require(MANAGE, "")
    declared = ctx.plugins.settings.get(name)
    if declared is None:
        raise UnknownSetting(path=("name",), name=name[:100], value=name[:100], allowed="")
    mode = mode or InheritanceMode(declared.mode)
    entry: dict[str, object] = {"value": value, "mode": mode.value}
    if mode is InheritanceMode.BOUNDED:
        bounds = (("min", minimum), ("max", maximum))
        entry.update({key: bound for key, bound in bounds if bound is not None})
    check_value(name, declared, entry)
    check_allowed(ctx.tenant.parent_id is not None, ctx.tenant.inherited, name, declared, value)
    await _store(ctx, name, entry)
    announce_after_commit(ctx, announce)


def check_value(name: str, declared: Setting, entry: Mapping[str, Any]) -> None:
    """Raises: BadSettingValue for a wrong type or a value outside its own bounds."""
    value, low, high = entry["value"], entry.get("min"), entry.get("max")
    fits = declared.accepts(value) and not (isinstance(value, str) and len(value) > TEXT_LENGTH_MAX)
    if fits and entry["mode"] == InheritanceMode.BOUNDED:
        fits = declared.type in ("integer", "decimal")
        fits = fits and (low is None or low <= value) and (high is None or value <= high)
    if not fits:
        raise BadSettingValue(path=("value",), name=name, type=declared.type)


def check_allowed(
    has_parent: bool,
    inherited: Mapping[str, Mapping[str, Any]],
    name: str,
    declared: Setting,
    value: object,
) -> None:
    """What the parent fixed, or what is fixed by declaration while the parent says nothing, stays.

    Raises: SettingFixedByParent.
    """
    check_setting(inherited, name, value)
    if has_parent and name not in inherited and declared.mode == "fixed" and value != declared.default:
        raise SettingFixedByParent(name=name)


def encoded(settings: Mapping[str, object]) -> str:
    """Settings as JSON; decimals are written as numbers."""
    return _ENCODER.encode(settings).decode()


async def _store(ctx: Context, name: str, entry: Mapping[str, object]) -> None:
    stored = await ctx.db.fetchval(
        "select settings from tenancy_tenant where tenant_id = $1 for update", ctx.tenant_id
    )
    settings = json.loads(stored, parse_float=Decimal)
    before = settings.get(name)
    if before == entry:
        return
    await ctx.db.execute(
        "update tenancy_tenant set settings = $2, version = version + 1, updated_at = now()"
        " where tenant_id = $1",
        ctx.tenant_id,
        encoded({**settings, name: entry}),
    )
    change = Change(
        "set_setting", "tenancy_tenant", ctx.tenant_id, before={name: before}, after={name: entry}
    )
    await record(ctx, change)
