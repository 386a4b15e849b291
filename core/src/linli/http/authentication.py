"""From a request's credential to the tenant and the actor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from litestar.types import Scope

from linli.context import Context
from linli.errors import NotFound, Unauthenticated
from linli.http.facts import RequestFacts, facts_of
from linli.identity.authenticate import Principal, authenticate
from linli.identity.visit import Visit
from linli.runtime import Runtime

_SCHEME: Final = b"bearer "
_TOKEN_BYTES_MAX: Final = 200


async def authenticate_request(runtime: Runtime, scope: Scope, *, fresh: bool = False) -> Principal:
    """Give the tenant and the actor of the `Authorization: Bearer` header; the access log learns the tenant.

    What was found is remembered for a moment (`linli.identity.principals`), unless `fresh` is asked for.

    A token in a cookie or in the address is never looked at, so no foreign page can use somebody's rights
    (CSRF does not arise) and no log or history holds a token.

    Raises: Unauthenticated, TenantSuspended. Source: RFC 6750 §2.1.
    """
    token = bearer_of(scope)
    known, catalogue = runtime.principals, runtime.catalogue
    principal = None if fresh else known.recall(token, catalogue) or await known.get(token, catalogue)
    if principal is None:
        looked_up_at = known.forgettings
        principal = await authenticate(runtime.database, catalogue, token, clock=runtime.clock)
        known.keep(token, principal, looked_up_at=looked_up_at)
    facts_of(scope).tenant_slug = principal.tenant.slug
    return principal


def bearer_of(scope: Scope) -> str:
    """Give the bearer token of a request. Raises: Unauthenticated when there is not exactly one header."""
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    if len(given) != 1 or given[0][: len(_SCHEME)].lower() != _SCHEME or len(given[0]) > _TOKEN_BYTES_MAX:
        raise Unauthenticated()
    return given[0][len(_SCHEME) :].strip().decode("latin-1")


@asynccontextmanager
async def acting(runtime: Runtime, scope: Scope) -> AsyncIterator[Context]:
    """A context of the request's actor in one unit of work, committed at the end.

    Raises: Unauthenticated, TenantSuspended.
    """
    principal = await authenticate_request(runtime, scope, fresh=True)
    facts = facts_of(scope)
    tenant = principal.tenant
    async with runtime.database.unit_of_work(tenant.id) as unit:
        yield runtime.context(
            tenant, principal.actor, unit, locale=facts.locale, request_id=facts.id, origin=facts.origin
        )


async def visit_by_slug(runtime: Runtime, facts: RequestFacts, slug: str) -> Visit:
    """Give what is known of somebody about to sign in. Raises: Unauthenticated for an unknown tenant."""
    try:
        tenant = await runtime.catalogue.by_slug(slug)
    except NotFound:
        raise Unauthenticated() from None
    facts.tenant_slug = tenant.slug
    return Visit(
        database=runtime.database,
        tenant=tenant,
        plugins=runtime.composition.plugin_set(tenant.plugins),
        clock=runtime.clock,
        locale=facts.locale,
        request_id=facts.id,
        origin=facts.origin,
    )


__all__ = ["Principal", "acting", "authenticate_request", "bearer_of", "visit_by_slug"]
