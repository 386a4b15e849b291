"""Visitors without a log-in: their context in a tenant, and the links that they come by."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Request
from msgspec import Meta

from linli.context import Context
from linli.errors import NotFound
from linli.http.errors import MalformedBody
from linli.http.facts import facts_of
from linli.http.public_routes import ANONYMOUS, public_tenant
from linli.http.throttle import Charge, Throttle, throttle_key
from linli.runtime import Runtime
from linli.signed_links import SIGNATURE_LENGTH, Link

T = TypeVar("T")


class LinkBody(msgspec.Struct, rename="camel"):
    """A link by which a file can be fetched without a token, until it expires."""

    path: str
    expires_at: str

    @classmethod
    def of(cls, link: Link) -> LinkBody:
        """The link as it is told over HTTP."""
        return cls(link.path, link.expires_at.isoformat())


class LinkQuery(msgspec.Struct, forbid_unknown_fields=True):
    """What stands in the address of a link."""

    expires: Annotated[int, Meta(ge=0, le=1 << 40)]
    by: UUID
    signature: Annotated[str, Meta(min_length=SIGNATURE_LENGTH, max_length=SIGNATURE_LENGTH)]


@asynccontextmanager
async def visiting(
    runtime: Runtime, request: Request[Any, Any, Any], slug: str, *, read_only: bool = False
) -> AsyncIterator[Context]:
    """The context of somebody unknown in an active tenant. Raises: NotFound, TenantSuspended."""
    facts = facts_of(request.scope)
    tenant = await public_tenant(runtime, slug)
    facts.tenant_slug = tenant.slug
    async with runtime.database.unit_of_work(tenant.id, read_only=read_only) as unit:
        yield runtime.context(
            tenant, ANONYMOUS, unit, locale=facts.locale, request_id=facts.id, origin=facts.origin
        )


def query_of(request: Request[Any, Any, Any], kind: type[T], expected: str) -> T:
    """The address's parameters. Raises: MalformedBody."""
    try:
        return msgspec.convert(dict(request.query_params), kind, strict=False)
    except msgspec.ValidationError:
        raise MalformedBody(expected=expected) from None


@asynccontextmanager
async def by_link(
    runtime: Runtime, throttle: Throttle, request: Request[Any, Any, Any], slug: str
) -> AsyncIterator[tuple[Context, LinkQuery]]:
    """The context of somebody who follows a link, and what the link says; a client has 60, then two a second.

    Raises: RateLimited, MalformedBody, NotFound, TenantSuspended.
    """
    origin = facts_of(request.scope).origin
    await throttle.charge([Charge(throttle_key("link", origin), burst=60, interval_ms=500)])
    given = query_of(request, LinkQuery, "?expires=…&by=…&signature=…")
    async with visiting(runtime, request, slug) as ctx:
        yield ctx, given


def row_id_of(text: str) -> UUID:
    """The UUID in an id of the API, or a plain one. Raises: NotFound for anything else."""
    try:
        return UUID(text.rpartition("_")[2])
    except ValueError:
        raise NotFound() from None
