"""Switching plugins on and off for one tenant, while everything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from linli.context import SYSTEM, Context
from linli.db.rows import find_by, insert, update
from linli.errors import Conflict, Unavailable, UnknownValue
from linli.identity.roles import change as change_role
from linli.identity.tables import Role
from linli.registry import Composition
from linli.tenancy.invalidation import Announce, announce_after_commit
from linli.tenancy.provisioner import ProvisionRequest
from linli.tenancy.tables import TenantPlugin

MANAGE: Final = "tenancy.plugin.manage"


class UnknownPlugin(UnknownValue):
    """No plugin of this name is installed (`plugin`)."""

    code = "tenancy.unknown_plugin"


class PluginQuarantined(Unavailable):
    """The plugin is installed but cannot be used (`plugin`, `reason`)."""

    code = "tenancy.plugin_quarantined"


class PluginRequirementOff(Conflict):
    """Another plugin must be switched on first (`plugin`, `required`)."""

    code = "tenancy.plugin_requirement_off"


class PluginStillNeeded(Conflict):
    """Another plugin that is switched on requires this one (`plugin`, `dependent`)."""

    code = "tenancy.plugin_still_needed"


async def enable_plugin(
    ctx: Context,
    *,
    name: str,
    composition: Composition,
    announce: Announce | None = None,
    request: ProvisionRequest | None = None,
) -> bool:
    """Switch a plugin on: its types, jobs and permissions are there from the next request on.

    Runs its provisioners, and adds what its manifest suggests to the tenant's roles. Gives whether anything
    changed: a plugin that is on already stays as it is.
    Raises: PermissionDenied, UnknownPlugin, PluginQuarantined, PluginRequirementOff.
    """
    ctx.require(MANAGE, "")
    _check_healthy(composition, name)
    enabled = await enabled_plugins(ctx)
    for required in sorted(composition.manifests[name].requires):
        if required not in enabled:
            raise PluginRequirementOff(plugin=name, required=required)
    if not await switch(ctx, name=name, version=composition.manifests[name].version, enabled=True):
        return False
    within = with_plugins(ctx, composition, enabled | {name}, reason=f"enable {name}")
    await suggest_permissions(within, composition.manifests[name].declares.roles)
    await provision_plugin(within, name, request or ProvisionRequest())
    announce_after_commit(ctx, announce)
    return True


async def disable_plugin(
    ctx: Context, *, name: str, composition: Composition, announce: Announce | None = None
) -> bool:
    """Switch a plugin off: its jobs stop, its types are hidden, its data stay. Gives whether it was on.

    A plugin that is no longer installed can be switched off too.
    Raises: PermissionDenied, UnknownPlugin, PluginStillNeeded.
    """
    ctx.require(MANAGE, "")
    enabled = await enabled_plugins(ctx)
    if name not in enabled:
        if name not in composition.names and name not in composition.quarantined:
            raise UnknownPlugin(path=("name",), plugin=name[:100], value=name[:100], allowed="")
        return False
    for other in sorted(enabled - {name}):
        manifest = composition.manifests.get(other)
        if manifest is not None and name in manifest.requires:
            raise PluginStillNeeded(plugin=name, dependent=other)
    await switch(ctx, name=name, version=None, enabled=False)
    announce_after_commit(ctx, announce)
    return True


async def enabled_plugins(ctx: Context) -> frozenset[str]:
    """The plugins that are switched on, read in this transaction and held against other switching."""
    rows = await ctx.db.fetch(
        "select name from tenancy_plugin where tenant_id = $1 and enabled order by name for update",
        ctx.tenant_id,
    )
    return frozenset(row["name"] for row in rows)


async def switch(ctx: Context, *, name: str, version: str | None, enabled: bool) -> bool:
    """Store whether a plugin is on and in which version it was provisioned; gives whether it changed."""
    row = await find_by(ctx, TenantPlugin, name=name)
    action = "enable" if enabled else "disable"
    if row is None:
        await insert(
            ctx, TenantPlugin, action=action, name=name, enabled=enabled, plugin_version=version or ""
        )
        return True
    version = row.plugin_version if version is None else version
    if (row.enabled, row.plugin_version) == (enabled, version):
        return False
    await update(ctx, row, action=action, enabled=enabled, plugin_version=version)
    return True


def with_plugins(ctx: Context, composition: Composition, names: frozenset[str], *, reason: str) -> Context:
    """The context as the system's, in the same transaction, with these plugins switched on."""
    tenant = replace(ctx.tenant, plugins=names)
    return replace(ctx, tenant=tenant, actor=SYSTEM, plugins=composition.plugin_set(names), reason=reason)


async def provision_plugin(ctx: Context, name: str, request: ProvisionRequest) -> None:
    """Run a plugin's provisioners, each of which changes nothing when it was run before."""
    for plugin, provisioners in ctx.plugins.contributions("provisioners"):
        if plugin == name:
            for provisioner in provisioners:
                await provisioner.run(ctx, request)


async def suggest_permissions(ctx: Context, suggested: Mapping[str, tuple[str, ...]]) -> None:
    """Add permissions to the tenant's roles of these names, as far as the tenant has them."""
    for key, permissions in suggested.items():
        role = await find_by(ctx, Role, key=key)
        if role is not None and not set(permissions) <= set(role.permissions):
            await change_role(ctx, role.id, permissions={*role.permissions, *permissions})


def _check_healthy(composition: Composition, name: str) -> None:
    if name in composition.quarantined:
        raise PluginQuarantined(plugin=name, reason=composition.quarantined[name].sentence)
    if name not in composition.names:
        allowed = ", ".join(composition.order)
        raise UnknownPlugin(path=("name",), plugin=name[:100], value=name[:100], allowed=allowed)
