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
_OF_NO_ACCOUNT: Final = frozenset(("identity_person", action) for action in ("create", "search", "export"))


class PrincipalCache:
    """The principals of one process; bounded. Tokens are kept as hashes only."""

    def __init__(self, freshness: Freshness | None = None) -> None:
        self._freshness = freshness or Freshness()
        self._found: dict[bytes, tuple[float, float, Principal]] = {}
        self.forgettings = 0

    async def get(self, token: str, catalogue: Catalogue) -> Principal | None:
        """Whom the token stood for a moment ago, in the tenant as it is now. Raises: TenantSuspended."""
        found = self.recall(token, catalogue)
        entry = self._fresh(token)
        if found is not None or entry is None:
            return found
        found_at, ends_at, principal = entry
        forgettings = self.forgettings
        tenant = await catalogue.by_id(principal.tenant.id)
        require_open(tenant)
        principal = replace(principal, tenant=tenant)
        if forgettings == self.forgettings:
            self._found[_key(token)] = (found_at, ends_at, principal)
        return principal

    def recall(self, token: str, catalogue: Catalogue) -> Principal | None:
        """The same without a wait; None also when the tenant is not as it was, or must be read again."""
        entry = self._fresh(token)
        if entry is None or catalogue.cached(entry[2].tenant.id) is not entry[2].tenant:
            return None
        return entry[2]  # the tenant was open when this was kept, and has not changed

    def _fresh(self, token: str) -> tuple[float, float, Principal] | None:
        entry = self._found.get(_key(token))
        if entry is None:
            return None
        now = time.monotonic()
        return entry if now - entry[0] < self._freshness.seconds and now < entry[1] else None

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

    A new session or token changes nothing of the others, nor does an attempt to get one. A new person has no account
    yet, and that people were looked for or exported, of which the trail tells too, changes nobody.
    """
    return any(
        (one.table in _DECIDING or one.table.startswith(_BY_PLACE))
        and not (one.created and one.table in _CREDENTIALS)
        and one.action not in _ATTEMPTS
        and (one.table, one.action) not in _OF_NO_ACCOUNT
        for one in touched
    )


def _key(token: str) -> bytes:
    """The token's hash, by BLAKE2, which is Python's own code: the way through OpenSSL showed in the profile."""
    return hashlib.blake2b(token.encode(), digest_size=32).digest()
