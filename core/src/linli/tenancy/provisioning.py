"""Applying a profile: validate → create → areas → roles → plugins → demo → probe → active, or nothing."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from linli.context import SYSTEM, Context
from linli.db.database import Database
from linli.db.unit_of_work import UnitOfWork
from linli.errors import Conflict
from linli.registry import Composition
from linli.tenancy.catalogue import Catalogue, Tenant, TenantState
from linli.tenancy.catalogue_entry import CatalogueEntry, create_entry, find_entry, finish_entry, undo_entry
from linli.tenancy.faults import BrokenProfile
from linli.tenancy.lifecycle import TENANT_LIFE
from linli.tenancy.probe import probe_isolation, row_counts, tenant_tables
from linli.tenancy.profile import Profile, read_profile
from linli.tenancy.profile_rules import check_entries, check_inherited_settings, check_profile
from linli.tenancy.profile_steps import AppliedProfile, write_profile
from linli.workflow import Facts

Progress = Callable[[str], None]
"""Told one line for each step of the work."""


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
    entry = await find_entry(database, profile.slug)
    wanted = _hash(profile, composition)
    if entry is not None and entry.state is TenantState.CLOSING:
        raise TenantClosing(slug=profile.slug)
    settled = entry is not None and entry.state is not TenantState.PROVISIONING
    if entry is not None and settled and entry.profile_hash == wanted and not force:
        seconds = time.monotonic() - started
        return ProvisionReport(profile.slug, entry.tenant_id, Outcome.UNCHANGED, seconds, entry.state)
    same_areas = entry is not None and entry.profile_hash.partition(".")[2] == profile.areas_digest
    run = _Run(database, catalogue, composition, profile, parent, progress)
    return await run.apply(entry, wanted, with_areas=force or not same_areas, then=_nothing_more)


async def create_tenant(
    database: Database,
    catalogue: Catalogue,
    composition: Composition,
    profile: Profile,
    *,
    then: Callable[[Context], Awaitable[None]],
    progress: Progress = lambda _line: None,
) -> ProvisionReport:
    """A new tenant of a profile without areas (`standard_profile`) and what `then` does in it, or neither.

    Raises: BrokenProfile, AppliedElsewhere when there is such a tenant, and whatever `then` raises.
    """
    check_entries(profile, composition)
    run = _Run(database, catalogue, composition, profile, None, progress)
    return await run.apply(None, _hash(profile, composition), with_areas=False, then=then)


async def allow_long_work(db: UnitOfWork) -> None:
    """Give this transaction the time that an operator's bulk load needs, which no request may take."""
    await db.execute("set local statement_timeout = '10min'")
    await db.execute("set local idle_in_transaction_session_timeout = '10min'")


async def _nothing_more(_ctx: Context) -> None:
    pass


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
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._composition = composition
        self._profile = profile
        self._parent_id = parent.id if parent is not None else None
        self._progress = progress
        self._started = time.monotonic()
        self._committed = False

    async def apply(
        self,
        entry: CatalogueEntry | None,
        wanted: str,
        *,
        with_areas: bool,
        then: Callable[[Context], Awaitable[None]],
    ) -> ProvisionReport:
        slug, created = self._profile.slug, entry is None
        if entry is None:
            self._progress(f"{slug}: creating the tenant")
            entry = await create_entry(self._database, self._profile, self._parent_id)
            if entry is None:
                raise AppliedElsewhere(slug=slug)
        tables = tenant_tables(self._composition)
        try:
            applied, counts = await self._write(entry.tenant_id, tables, with_areas=with_areas, then=then)
        except BaseException:
            if created and not self._committed:
                await asyncio.shield(undo_entry(self._database, entry.tenant_id))
                self._catalogue.forget(entry.tenant_id)
            raise
        self._progress(f"{slug}: probing {len(tables)} tables from another tenant")
        await probe_isolation(self._database, entry.tenant_id, tables)
        state = await self._finish(entry, wanted)
        self._progress(f"{slug}: {state}")
        return ProvisionReport(
            slug=slug,
            tenant_id=entry.tenant_id,
            outcome=Outcome.CREATED if created else Outcome.UPDATED,
            seconds=time.monotonic() - self._started,
            state=state,
            areas=applied.areas,
            roles=applied.roles,
            plugins=applied.plugins,
            rows=counts,
            tables_probed=len(tables) + 1,
        )

    async def _write(
        self,
        tenant_id: UUID,
        tables: list[str],
        *,
        with_areas: bool,
        then: Callable[[Context], Awaitable[None]],
    ) -> tuple[AppliedProfile, dict[str, int]]:
        """Everything that is the tenant's own, in one transaction with only this tenant bound."""
        profile = self._profile
        self._catalogue.forget(tenant_id)
        tenant = replace(
            await self._catalogue.by_id(tenant_id),
            name=profile.name,
            time_zone=profile.time_zone,
            locale=profile.locale,
            plugins=frozenset(profile.plugins),
        )
        async with self._database.unit_of_work(tenant_id) as unit:
            unit.after_commit(self._note_commit)
            await allow_long_work(unit)
            await unit.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", str(tenant_id))
            own = "select 1 from tenancy_tenant where tenant_id = $1"
            if await unit.fetchval(own, tenant_id) is None:
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
                ctx, profile, self._composition, with_areas=with_areas, then=then, progress=self._progress
            )
            return applied, await row_counts(unit, tenant_id, tables)

    async def _note_commit(self) -> None:
        self._committed = True

    async def _finish(self, entry: CatalogueEntry, wanted: str) -> TenantState:
        """Store the catalogue's facts and the profile's hash; a tenant that was being made becomes active."""
        state = entry.state
        if state is TenantState.PROVISIONING:
            state = TenantState(TENANT_LIFE.apply(state, "activate", Facts(actor_id=None)))
        await finish_entry(
            self._database,
            entry.tenant_id,
            self._profile,
            parent_id=self._parent_id,
            state=state,
            profile_hash=wanted,
        )
        self._catalogue.forget(entry.tenant_id)
        return state


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
