"""Serving the public pages of plugins below `/p/{tenant}/{plugin}/`: read-only, without a log-in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from linli.context import Actor, ActorKind
from linli.errors import NotFound, TenantSuspended
from linli.http.facts import RequestFacts, facts_of
from linli.http.pages import index_page
from linli.http.routes import Route, RouteResponse
from linli.http.throttle import Charge, Throttle, throttle_key
from linli.runtime import Runtime
from linli.tenancy.catalogue import Tenant, TenantState

ANONYMOUS: Final = Actor(kind=ActorKind.ACCOUNT, id=None, name="anonymous")
_PARAMETER = re.compile(r"\\\{([a-z_]+)\\\}")
_PATH_CHARACTERS_MAX: Final = 500
Pages = Mapping[str, Sequence[tuple[re.Pattern[str], Route]]]


def public_handlers(runtime: Runtime, throttle: Throttle) -> Sequence[HTTPRouteHandler]:
    """Give the handlers of all plugins' public pages, and of each tenant's list of them."""
    pages = _pages(runtime)

    @get("/p/{tenant_slug:str}")
    async def public_index(request: Request[Any, Any, Any], tenant_slug: FromPath[str]) -> Response[bytes]:
        """Give the tenant's public pages that have a title, in the order of the plugins' names."""
        facts = facts_of(request.scope)
        await _take_turn(throttle, facts)
        tenant = await public_tenant(runtime, tenant_slug)
        facts.tenant_slug = tenant.slug
        plugins = runtime.composition.plugin_set(tenant.plugins)
        links = [
            (plugins.texts.translate(route.title, facts.locale), f"/p/{tenant.slug}/{plugin}/{route.path}")
            for plugin, routes in plugins.contributions("routes")
            for route in routes
            if route.title
        ]
        sentence = plugins.texts.translate("pages.none", facts.locale)
        body = index_page(facts.locale, title=tenant.name, sentence=sentence, links=links)
        return Response(body, media_type="text/html")

    @get("/p/{tenant_slug:str}/{plugin:str}/{rest:path}")
    async def public_page(
        request: Request[Any, Any, Any],
        tenant_slug: FromPath[str],
        plugin: FromPath[str],
        rest: FromPath[str],
    ) -> Response[bytes]:
        """Find the tenant, then the page, and give what its handler answers."""
        facts = facts_of(request.scope)
        await _take_turn(throttle, facts)
        tenant = await public_tenant(runtime, tenant_slug)
        facts.tenant_slug = tenant.slug
        plugins = runtime.composition.plugin_set(tenant.plugins)
        path = rest.strip("/")[:_PATH_CHARACTERS_MAX]
        for pattern, route in pages.get(plugin, ()) if plugin in plugins.names else ():
            if match := pattern.fullmatch(path):
                async with runtime.database.unit_of_work(tenant.id, read_only=True) as unit:
                    context = runtime.context(
                        tenant, ANONYMOUS, unit, locale=facts.locale, request_id=facts.id, origin=facts.origin
                    )
                    answer = await route.handler(context, match.groupdict())
                return Response(answer.body, status_code=answer.status, media_type=_media_type(answer))
        raise NotFound

    return [public_index, public_page]


async def _take_turn(throttle: Throttle, facts: RequestFacts) -> None:
    await throttle.charge([Charge(throttle_key("page", facts.origin), burst=120, interval_ms=250)])


async def public_tenant(runtime: Runtime, slug: str) -> Tenant:
    """Give an active tenant. Raises: NotFound; TenantSuspended for one that is suspended or closing."""
    tenant = await runtime.catalogue.by_slug(slug)
    if tenant.state is TenantState.PROVISIONING:
        raise NotFound(kind="tenant")
    if tenant.state is not TenantState.ACTIVE:
        raise TenantSuspended
    return tenant


def _pages(runtime: Runtime) -> Pages:
    everything = runtime.composition.plugin_set(runtime.composition.names)
    return {
        plugin: [(_pattern(route.path), route) for route in routes]
        for plugin, routes in everything.contributions("routes")
    }


def _pattern(path: str) -> re.Pattern[str]:
    """The pattern of a path: a parameter is one segment. Fixed words win, as no two routes share a shape."""
    return re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", re.escape(path)))


def _media_type(answer: RouteResponse) -> str:
    """The media type without its charset, which Litestar adds to texts by itself: everything is UTF-8."""
    return answer.media_type.partition(";")[0].strip()
