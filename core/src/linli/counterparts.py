"""The places that may be offered a hand-over: tenants of the platform that accept them, by slug and name only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from linli.errors import NotFound
from linli.tenancy.catalogue import TenantState

if TYPE_CHECKING:
    from linli.tenancy.catalogue import Catalogue, Tenant

ACCEPTS: Final = "handover.accepts"
LISTED_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Counterpart:
    """A place that accepts hand-overs."""

    slug: str
    name: str


class Counterparts:
    """The places of a catalogue that accept hand-overs; none without one."""

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        self._catalogue = catalogue

    async def find(self, slug: str) -> Counterpart | None:
        """The place with this slug, when it accepts hand-overs."""
        if self._catalogue is None:
            return None
        try:
            tenant = await self._catalogue.by_slug(slug)
        except NotFound:
            return None
        return _shown(tenant) if _accepts(tenant) else None

    async def listed(self, part: str = "", *, without: str = "") -> list[Counterpart]:
        """The places whose name or slug has this part, in the order of their slugs; at most 100."""
        if self._catalogue is None:
            return []
        found = [
            _shown(tenant)
            for tenant in await self._catalogue.all()
            if tenant.slug != without and _accepts(tenant) and (part in tenant.name or part in tenant.slug)
        ]
        return found[:LISTED_MAX]


def _accepts(tenant: Tenant) -> bool:
    return tenant.state is TenantState.ACTIVE and tenant.settings.get(ACCEPTS) is True


def _shown(tenant: Tenant) -> Counterpart:
    return Counterpart(tenant.slug, tenant.name)
