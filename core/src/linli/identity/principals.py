"""Remembering, for a moment, whom a token stands for: one look into the database serves many requests.

A change counts at once in the process that makes it, and in the others as soon as they are told; `Freshness` says
how long what was found is good when nothing is heard. The tenant's own facts are never remembered here.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import replace
from typing import Final
from uuid import UUID

from linli.db.unit_of_work import Touched
from linli.freshness import Freshness
from linli.identity.authenticate import Principal
from linli.identity.visit import require_open
from linli.tenancy.catalogue import Catalogue

_SIZE_MAX: Final = 10_000
_DECIDING: Final = frozenset(
    f"identity_{name}" for name in ("account", "session", "client", "client_token", "role", "grant", "person")
)
_BY_PLACE: Final = "areas_"
_CREDENTIALS: Final = frozenset({"identity_session", "identity_client_token"})
_ATTEMPTS: Final = frozenset({"sign_in_attempt", "sign_in_refused", "token_refused"})


class PrincipalCache:
    """The principals of one process; bounded. Tokens are kept as hashes only."""

    def __init__(self, freshness: Freshness | None = None) -> None:
        self._freshness = freshness or Freshness()
        self._found: dict[bytes, tuple[float, float, Principal]] = {}
        self.forgettings = 0

    async def get(self, token: str, catalogue: Catalogue) -> Principal | None:
        """Whom the token stood for a moment ago, in the tenant as it is now. Raises: TenantSuspended."""
        entry = self._found.get(_key(token))
        if entry is None:
            return None
        found_at, ends_at, principal = entry
        now = time.monotonic()
        if now - found_at >= self._freshness.seconds or now >= ends_at:
            return None
        tenant = await catalogue.by_id(principal.tenant.id)
        require_open(tenant)
        return principal if tenant is principal.tenant else replace(principal, tenant=tenant)

    def keep(self, token: str, principal: Principal, *, looked_up_at: int) -> None:
        """Remember it, for no longer than the token itself is good.

        Not what was looked up before the last forgetting (`forgettings` was `looked_up_at`): it may be old.
        """
        if looked_up_at != self.forgettings:
            return
        if len(self._found) >= _SIZE_MAX:
            self._found.clear()
        now = time.monotonic()
        self._found[_key(token)] = (now, now + principal.lasts_s, principal)

    def forget(self, tenant_id: UUID | None = None) -> None:
        """Forget everybody of a tenant, or everybody, because something was written there."""
        self.forgettings += 1
        if tenant_id is None:
            self._found.clear()
            return
        for key in [key for key, (_at, _ends, one) in self._found.items() if one.tenant.id == tenant_id]:
            del self._found[key]


def decide_rights(touched: Iterable[Touched]) -> bool:
    """Whether what a transaction wrote can change whom a token stands for, or what may be done with it.

    A new session or token changes nothing of the others, nor does an attempt to get one.
    """
    return any(
        (one.table in _DECIDING or one.table.startswith(_BY_PLACE))
        and not (one.created and one.table in _CREDENTIALS)
        and one.action not in _ATTEMPTS
        for one in touched
    )


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
