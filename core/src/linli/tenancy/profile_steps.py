"""The steps of applying a profile, each idempotent, all in the transaction of one context."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from linli.areas.errors import RowsRefused
from linli.areas.importing import import_areas
from linli.areas.levels import define_levels
from linli.audit.record import Change, record
from linli.context import Context
from linli.errors import Conflict
from linli.identity.demo import ensure_demo_people
from linli.identity.roles import ensure as ensure_role
from linli.registry import Composition
from linli.tenancy.enablement import enabled_plugins, provision_plugin, switch
from linli.tenancy.faults import BrokenProfile, Fault
from linli.tenancy.profile import Profile
from linli.tenancy.profile_rules import area_levels, granted, stored_setting
from linli.tenancy.provisioner import ProvisionRequest
from linli.tenancy.settings import encoded
from linli.tenancy.wording import write_wording

_PROGRESS_ROWS = 50_000
_DEMO_AREAS = 12


class Incomplete(Conflict):
    """A step did not do all that the profile says (`missing`); everything is rolled back."""

    code = "tenancy.incomplete"


@dataclass(frozen=True, slots=True)
class AppliedProfile:
    """What the tenant has after the steps."""

    areas: int
    roles: tuple[str, ...]
    plugins: tuple[str, ...]


class _Unchanged(Exception):
    """Undoes an import that found everything in place, with the entry that it left in the audit trail."""


async def write_profile(
    ctx: Context,
    profile: Profile,
    composition: Composition,
    *,
    with_areas: bool,
    then: Callable[[Context], Awaitable[None]],
    progress: Callable[[str], None],
) -> AppliedProfile:
    """Levels → areas → roles → settings → texts → plugins in their order → demo data → `then` → completeness.

    Raises: BrokenProfile for rows of `areas.csv` that do not fit the tree, Incomplete, what a plugin raises.
    """
    progress(f"{profile.slug}: levels")
    await define_levels(ctx, area_levels(profile))
    if with_areas:
        await _areas(ctx, profile, progress)
    progress(f"{profile.slug}: roles, settings and texts")
    await _roles(ctx, profile)
    await _settings(ctx, profile)
    await write_wording(ctx, profile.texts)
    for name in ctx.plugins.names:
        progress(f"{profile.slug}: plugin {name}")
        await switch(ctx, name=name, version=composition.manifests[name].version, enabled=True)
        request = ProvisionRequest(
            demo=profile.demo is not None, profile=profile.plugins[name], directory=profile.directory
        )
        await provision_plugin(ctx, name, request)
    if profile.demo is not None:
        progress(f"{profile.slug}: {profile.demo.people} synthetic people")
        await _demo(ctx, profile.demo.people)
    await then(ctx)
    return await _complete(ctx, profile, with_areas=with_areas)


async def _areas(ctx: Context, profile: Profile, progress: Callable[[str], None]) -> None:
    def tell(stage: str, done: int, total: int) -> None:
        if stage == "write" and (done == total or done % _PROGRESS_ROWS == 0):
            progress(f"{profile.slug}: {done} of {total} areas")

    try:
        async with ctx.db.savepoint():
            report = await import_areas(ctx, profile.areas_file, strict=True, progress=tell)
            if report.created == report.renamed == 0:
                raise _Unchanged
    except _Unchanged:
        return
    except RowsRefused as error:
        file = str(profile.areas_file)
        faults = [Fault(file, row.line, row.code, dict(row.details)) for row in error.report.bad]
        raise BrokenProfile(faults) from error


async def _roles(ctx: Context, profile: Profile) -> None:
    for key, entry in profile.roles.items():
        suggested = {
            permission
            for manifest in ctx.plugins.manifests.values()
            for permission in manifest.declares.roles.get(key, ())
        }
        await ensure_role(
            ctx,
            key=key,
            name_zh=entry.zh,
            name_en=entry.en,
            permissions=granted(entry, ctx.plugins.permissions, suggested),
            source="profile",
            require_second_factor=entry.require_second_factor,
        )


async def _settings(ctx: Context, profile: Profile) -> None:
    text = await ctx.db.fetchval(
        "select settings from tenancy_tenant where tenant_id = $1 for update", ctx.tenant_id
    )
    stored: Mapping[str, Any] = json.loads(text, parse_float=Decimal)
    named = {name: stored_setting(entry) for name, entry in profile.settings.items()}
    changed = {name: entry for name, entry in named.items() if stored.get(name) != entry}
    if not changed:
        return
    await ctx.db.execute(
        "update tenancy_tenant set settings = $2, version = version + 1, updated_at = now()"
        " where tenant_id = $1",
        ctx.tenant_id,
        encoded({**stored, **changed}),
    )
    before = {name: stored.get(name) for name in changed}
    change = Change("set_setting", "tenancy_tenant", ctx.tenant_id, before=before, after=changed)
    await record(ctx, change)


async def _demo(ctx: Context, people: int) -> None:
    """Synthetic people in areas that lie evenly over the tree, at its ends."""
    rows = await ctx.db.fetch(
        "select id from (select id, path, row_number() over (order by path) as number,"
        " count(*) over () as total from areas_area"
        " where tenant_id = $1 and state = 'active' and descendants = 0) ends"
        " where (number - 1) % greatest(total / $2, 1) = 0 order by path limit $2",
        ctx.tenant_id,
        _DEMO_AREAS,
    )
    if rows:
        await ensure_demo_people(ctx, [row["id"] for row in rows], count=people)


async def _complete(ctx: Context, profile: Profile, *, with_areas: bool) -> AppliedProfile:
    """Count what the tenant has now. Raises: Incomplete."""
    areas: int = await ctx.db.fetchval(
        "select count(*) from areas_area where tenant_id = $1 and state = 'active'", ctx.tenant_id
    )
    rows = await ctx.db.fetch(
        "select key from identity_role where tenant_id = $1 order by key", ctx.tenant_id
    )
    roles = tuple(row["key"] for row in rows)
    plugins = await enabled_plugins(ctx)
    missing = [
        *(["areas"] if with_areas and areas == 0 else []),
        *(f"role {key}" for key in profile.roles if key not in roles),
        *(f"plugin {name}" for name in profile.plugins if name not in plugins),
    ]
    if missing:
        raise Incomplete(missing=", ".join(missing))
    return AppliedProfile(areas, roles, tuple(sorted(plugins)))
