"""Applying a profile: validate → create → areas → roles → plugins → demo → probe → active, or nothing."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final
from uuid import UUID

from linli.context import SYSTEM, Context
from linli.db.database import Database
from linli.errors import Conflict
from linli.ids import new_id
from linli.registry import Composition
from linli.tenancy.catalogue import Catalogue, Tenant, TenantState
from linli.tenancy.faults import BrokenProfile
from linli.tenancy.lifecycle import TENANT_LIFE
from linli.tenancy.probe import probe_isolation, row_counts, tenant_tables
from linli.tenancy.profile import Profile, read_profile
from linli.tenancy.profile_rules import check_inherited_settings, check_profile
from linli.tenancy.profile_steps import AppliedProfile, write_profile
from linli.workflow import Facts

Progress = Callable[[str], None]
"""Told one line for each step of the work."""

_INSERT: Final = """
insert into tenancy_tenant (tenant_id, slug, name, kind, parent_id, state, time_zone, locale)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (slug) do nothing returning tenant_id"""

_FINISH: Final = """
update tenancy_tenant set name = $2, kind = $3, parent_id = $4, time_zone = $5, locale = $6, state = $7,
    profile_hash = $8, version = version + 1, updated_at = now()
where tenant_id = $1
    and (name, kind, parent_id, time_zone, locale, state, profile_hash)
        is distinct from ($2::text, $3::text, $4::uuid, $5::text, $6::text, $7::text, $8::text)"""


class TenantClosing(Conflict):
    """The tenant is being closed; no profile can be applied to it any more (`slug`)."""

    code = "tenancy.closing"


class AppliedElsewhere(Conflict):
    """Another process was applying the same profile, and undid it (`slug`); try again."""

    code = "tenancy.applied_elsewhere"


class Outcome(StrEnum):
    """What applying a profile did."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class ProvisionReport:
    """What there is when a profile has been applied.

    `rows` counts the tenant's rows by table; `tables_probed` were asked for from another tenant, in vain.
    """

    slug: str
    tenant_id: UUID
    outcome: Outcome
    seconds: float
    state: TenantState
    areas: int = 0
    roles: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    rows: Mapping[str, int] | None = None
    tables_probed: int = 0


@dataclass(frozen=True, slots=True)
class _Stored:
    """The tenant's row in the catalogue before the profile is applied."""

    tenant_id: UUID
    state: TenantState
    profile_hash: str


async def apply_profile(
    database: Database,
    catalogue: Catalogue,
    composition: Composition,
    directory: Path,
    *,
    progress: Progress = lambda _line: None,
    force: bool = False,
) -> ProvisionReport:
    """Make the tenant of a profile folder what the profile says, in one transaction; twice changes nothing.

    What was switched or set at run time and is not named in the profile stays. `force` goes through all steps
    although the profile is the one that was applied last.

    Raises: BrokenProfile (nothing is changed, also by any failure below), TenantClosing, ProbeFailed.
    """
    started = time.monotonic()
    profile = read_profile(directory)
    check_profile(profile, composition)
    parent = await _parent(catalogue, profile)
    check_inherited_settings(profile, composition, parent.own_settings if parent is not None else {})
    stored = await _stored(database, profile.slug)
    wanted = _hash(profile, composition)
    if stored is not None and stored.state is TenantState.CLOSING:
        raise TenantClosing(slug=profile.slug)
    settled = stored is not None and stored.state is not TenantState.PROVISIONING
    if stored is not None and settled and stored.profile_hash == wanted and not force:
        seconds = time.monotonic() - started
        return ProvisionReport(profile.slug, stored.tenant_id, Outcome.UNCHANGED, seconds, stored.state)
    run = _Run(database, catalogue, composition, profile, parent, progress, started)
    return await run.apply(stored, wanted, force=force)


class _Run:
    """One application of one profile, checked before."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        composition: Composition,
        profile: Profile,
        parent: Tenant | None,
        progress: Progress,
        started: float,
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._composition = composition
        self._profile = profile
        self._parent = parent
        self._progress = progress
        self._started = started

    async def apply(self, stored: _Stored | None, wanted: str, *, force: bool) -> ProvisionReport:
        slug = self._profile.slug
        created = stored is None
        if stored is None:
            self._progress(f"{slug}: creating the tenant")
            stored = await self._create()
        same_areas = stored.profile_hash.partition(".")[2] == wanted.partition(".")[2] and not force
        try:
            applied, counts = await self._write(stored, with_areas=not same_areas)
        except BaseException:
            if created:
                await asyncio.shield(self._undo(stored.tenant_id))
            raise
        tables = tenant_tables(self._composition)
        self._progress(f"{slug}: probing {len(tables)} tables from another tenant")
        await probe_isolation(self._database, stored.tenant_id, tables)
        state = await self._finish(stored, wanted)
        self._progress(f"{slug}: {state}")
        return ProvisionReport(
            slug=slug,
            tenant_id=stored.tenant_id,
            outcome=Outcome.CREATED if created else Outcome.UPDATED,
            seconds=time.monotonic() - self._started,
            state=state,
            areas=applied.areas,
            roles=applied.roles,
            plugins=applied.plugins,
            rows=counts,
            tables_probed=len(tables) + 1,
        )

    async def _create(self) -> _Stored:
        profile, tenant_id = self._profile, new_id()
        async with self._database.kernel() as db:
            made = await db.fetchval(
                _INSERT,
                tenant_id,
                profile.slug,
                profile.name,
                profile.kind.value,
                self._parent.id if self._parent is not None else None,
                TenantState.PROVISIONING.value,
                profile.time_zone,
                profile.locale,
            )
        if made is None:
            raise AppliedElsewhere(slug=profile.slug)
        return _Stored(tenant_id, TenantState.PROVISIONING, "")

    async def _write(self, stored: _Stored, *, with_areas: bool) -> tuple[AppliedProfile, dict[str, int]]:
        """Everything that is the tenant's own, in one transaction with only this tenant bound."""
        profile = self._profile
        self._catalogue.forget(stored.tenant_id)
        tenant = replace(
            await self._catalogue.by_id(stored.tenant_id),
            name=profile.name,
            time_zone=profile.time_zone,
            locale=profile.locale,
            plugins=frozenset(profile.plugins),
        )
        async with self._database.unit_of_work(tenant.id) as unit:
            await unit.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", str(tenant.id))
            own = "select 1 from tenancy_tenant where tenant_id = $1"
            if await unit.fetchval(own, tenant.id) is None:
                raise AppliedElsewhere(slug=profile.slug)
            ctx = Context(
                tenant=tenant,
                actor=SYSTEM,
                db=unit,
                plugins=self._composition.plugin_set(profile.plugins),
                locale=profile.locale,
                origin="profile",
                reason=f"profile {profile.digest[:12]}",
            )
            applied = await write_profile(
                ctx, profile, self._composition, with_areas=with_areas, progress=self._progress
            )
            return applied, await row_counts(unit, tenant.id, tenant_tables(self._composition))

    async def _finish(self, stored: _Stored, wanted: str) -> TenantState:
        """Store the catalogue's facts and the profile's hash; a tenant that was being made becomes active."""
        profile, state = self._profile, stored.state
        if state is TenantState.PROVISIONING:
            state = TenantState(TENANT_LIFE.apply(state, "activate", Facts(actor_id=None)))
        async with self._database.kernel() as db:
            await db.execute(
                _FINISH,
                stored.tenant_id,
                profile.name,
                profile.kind.value,
                self._parent.id if self._parent is not None else None,
                profile.time_zone,
                profile.locale,
                state.value,
                wanted,
            )
        self._catalogue.forget(stored.tenant_id)
        return state

    async def _undo(self, tenant_id: UUID) -> None:
        """Take back the row of a tenant whose transaction was rolled back, so that nothing is left of it."""
        async with self._database.kernel() as db:
            await db.execute(
                "delete from tenancy_tenant where tenant_id = $1 and state = $2",
                tenant_id,
                TenantState.PROVISIONING.value,
            )
        self._catalogue.forget(tenant_id)


async def _stored(database: Database, slug: str) -> _Stored | None:
    async with database.kernel(read_only=True) as db:
        row = await db.fetchrow(
            "select tenant_id, state, profile_hash from tenancy_tenant where slug = $1", slug
        )
    if row is None:
        return None
    return _Stored(row["tenant_id"], TenantState(row["state"]), row["profile_hash"])


async def _parent(catalogue: Catalogue, profile: Profile) -> Tenant | None:
    if profile.parent is None:
        return None
    catalogue.forget()
    found = {tenant.slug: tenant for tenant in await catalogue.all()}
    parent = found.get(profile.parent)
    if parent is None:
        raise BrokenProfile([profile.fault("tenancy.profile.unknown_parent", "parent", value=profile.parent)])
    if parent.parent_id is not None:
        raise BrokenProfile(
            [profile.fault("tenancy.profile.parent_is_child", "parent", value=profile.parent)]
        )
    return parent


def _hash(profile: Profile, composition: Composition) -> str:
    """The profile with what the composition makes of it, and, after a dot, the area file alone.

    The file of areas is loaded again only when it changed: the tree has a life of its own after that.
    """
    digest = hashlib.sha256(profile.digest.encode())
    for name in ("kernel", *sorted(profile.plugins)):
        manifest = composition.manifests[name]
        digest.update(f"{name} {manifest.version} {sorted(manifest.declares.roles.items())}".encode())
    return f"{digest.hexdigest()}.{profile.areas_digest}"
