"""Roles: named sets of permissions. What a role holds, its maker must hold for the whole tenant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from linli.context import WHOLE_TENANT, ActorKind, Context
from linli.db import rows
from linli.db.failures import BrokenReference
from linli.errors import NotFound, UnknownValue
from linli.identity import checks
from linli.identity.authority import require_covers
from linli.identity.errors import RoleInUse, RoleIsGiven
from linli.identity.tables import Role

MANAGE: Final = "identity.role.manage"
SOURCES: Final = ("profile", "plugin", "tenant")
PERMISSIONS_MAX: Final = 1_000
_KEY = re.compile(r"[a-z][a-z0-9_.-]{0,62}", re.ASCII)
_ALLOWED_SHOWN_MAX: Final = 50


class RoleChanges(TypedDict, total=False):
    """What may be changed of a role; what is left out stays."""

    name_zh: str
    name_en: str
    permissions: Iterable[str]
    require_second_factor: bool


async def define(
    ctx: Context,
    *,
    key: str,
    name_zh: str,
    name_en: str,
    permissions: Iterable[str],
    source: str = "tenant",
    require_second_factor: bool = False,
) -> Role:
    """A new role. Only the system defines roles of a profile or plugin.

    Raises: PermissionDenied, UnknownValue for a permission that does not exist, GrantExceedsOwn, Duplicate.
    """
    ctx.require(MANAGE, WHOLE_TENANT)
    if not _KEY.fullmatch(key):
        raise UnknownValue(path=("key",), value=key[:100], allowed="[a-z][a-z0-9_.-]*")
    checks.one_of(source, SOURCES, "source")
    _require_own(ctx, source)
    given = RoleChanges(
        name_zh=name_zh,
        name_en=name_en,
        permissions=permissions,
        require_second_factor=require_second_factor,
    )
    return await rows.insert(ctx, Role, key=key, source=source, **_checked(ctx, given, frozenset()))


async def change(
    ctx: Context, role_id: UUID, *, expected_version: int | None = None, **changes: Unpack[RoleChanges]
) -> Role:
    """Change a role, for all who hold it, at once.

    Raises: NotFound, RoleIsGiven, StaleVersion, and what `define` does; of permissions, those
    added are checked to exist.
    """
    ctx.require(MANAGE, WHOLE_TENANT)
    role = await rows.get(ctx, Role, role_id, lock=True)
    _require_own(ctx, role.source)
    values = _checked(ctx, changes, frozenset(role.permissions))
    require_covers(ctx, role.permissions, WHOLE_TENANT)
    changed = {name: value for name, value in values.items() if getattr(role, name) != value}
    return await rows.update(ctx, role, expected_version=expected_version, **changed)


async def ensure(
    ctx: Context,
    *,
    key: str,
    name_zh: str,
    name_en: str,
    permissions: Iterable[str],
    source: str,
    require_second_factor: bool = False,
) -> Role:
    """The role as described: defined, changed, or left alone when it is so already. Raises: as `define`."""
    wanted = sorted(set(permissions))
    role = await rows.find_by(ctx, Role, key=key)
    if role is None:
        return await define(
            ctx,
            key=key,
            name_zh=name_zh,
            name_en=name_en,
            permissions=wanted,
            source=source,
            require_second_factor=require_second_factor,
        )
    return await change(
        ctx,
        role.id,
        name_zh=name_zh,
        name_en=name_en,
        permissions=wanted,
        require_second_factor=require_second_factor,
    )


async def remove(ctx: Context, role_id: UUID, *, expected_version: int | None = None) -> None:
    """Delete a role that was never granted.

    Raises: PermissionDenied, NotFound, RoleIsGiven, RoleInUse, StaleVersion.
    """
    ctx.require(MANAGE, WHOLE_TENANT)
    role = await rows.get(ctx, Role, role_id, lock=True)
    _require_own(ctx, role.source)
    if expected_version is not None:
        role = await rows.update(ctx, role, expected_version=expected_version)
    try:
        await rows.delete(ctx, role)
    except BrokenReference as error:
        raise RoleInUse() from error


async def by_key(ctx: Context, key: str) -> Role:
    """The role with this key. Raises: NotFound."""
    role = await rows.find_by(ctx, Role, key=key)
    if role is None:
        raise NotFound(kind="identity_role")
    return role


def known_permissions(ctx: Context, names: Iterable[str], path: str) -> list[str]:
    """The names, sorted and without repetition, when all exist in this tenant. Raises: UnknownValue."""
    wanted = sorted(set(names))
    for name in wanted:
        if name not in ctx.plugins.permissions or len(wanted) > PERMISSIONS_MAX:
            prefix = name[:100].partition(".")[0] + "."
            near = [known for known in sorted(ctx.plugins.permissions) if known.startswith(prefix)]
            shown = ", ".join((near or sorted(ctx.plugins.permissions))[:_ALLOWED_SHOWN_MAX])
            raise UnknownValue(path=(path,), value=name[:100], allowed=shown)
    return wanted


def _checked(ctx: Context, given: RoleChanges, kept: frozenset[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "name_zh" in given:
        values["name_zh"] = checks.line(given["name_zh"], "name_zh", 100)
    if "name_en" in given:
        values["name_en"] = checks.line(given["name_en"], "name_en", 100)
    if "permissions" in given:
        wanted = set(given["permissions"])
        added = known_permissions(ctx, wanted - kept, "permissions")
        require_covers(ctx, added, WHOLE_TENANT)
        values["permissions"] = sorted(wanted)
    if "require_second_factor" in given:
        values["require_second_factor"] = given["require_second_factor"]
    return values


def _require_own(ctx: Context, source: str) -> None:
    if source != "tenant" and ctx.actor.kind is not ActorKind.SYSTEM:
        raise RoleIsGiven(source=source)
