"""Remembering, for a moment, whom a token stands for: one look into the database serves many requests.

A change that this process makes counts at once (`forget`); one that another makes, such as a revoked session, after
`TTL_S` at the latest. The tenant's own facts are never remembered here.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from typing import Final
from uuid import UUID

from linli.identity.authenticate import Principal
from linli.identity.visit import require_open
from linli.tenancy.catalogue import Catalogue

TTL_S: Final = 1.0
_SIZE_MAX: Final = 10_000


class PrincipalCache:
    """The principals of one process; bounded. Tokens are kept as hashes only."""

    def __init__(self) -> None:
        self._found: dict[bytes, tuple[float, Principal]] = {}

    async def get(self, token: str, catalogue: Catalogue) -> Principal | None:
        """Whom the token stood for a moment ago, in the tenant as it is now. Raises: TenantSuspended."""
        entry = self._found.get(_key(token))
        if entry is None or entry[0] < time.monotonic():
            return None
        principal = entry[1]
        tenant = await catalogue.by_id(principal.tenant.id)
        require_open(tenant)
        return principal if tenant is principal.tenant else replace(principal, tenant=tenant)

    def keep(self, token: str, principal: Principal) -> None:
        """Remember for `TTL_S`."""
        if len(self._found) >= _SIZE_MAX:
            self._found.clear()
        self._found[_key(token)] = (time.monotonic() + TTL_S, principal)

    def forget(self, tenant_id: UUID) -> None:
        """Forget everybody of a tenant, because something was written there."""
        gone = [key for key, (_until, one) in self._found.items() if one.tenant.id == tenant_id]
        for key in gone:
            del self._found[key]


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
