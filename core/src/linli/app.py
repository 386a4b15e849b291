"""The web process, composed: edge → limits → Litestar with the kernel's routes and the interfaces'.

Read top-down. The application opens its runtime when the server starts it, and closes it when that stops.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

import structlog
from litestar import Litestar, Request, Response
from litestar.handlers import ASGIRouteHandler
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, ControllerRouterHandler, Receive, Scope, Send

from linli.http.auth_routes import auth_handlers
from linli.http.body import BODY_BYTES_MAX, BODY_DEADLINE_S, BodyLimits, Bounds
from linli.http.document_file_routes import document_file_handlers
from linli.http.document_routes import document_handlers
from linli.http.edge import Edge
from linli.http.file_routes import FILE_UPLOADS, file_handlers
from linli.http.health import health_handlers
from linli.http.landing import landing_handlers
from linli.http.metrics import metrics_handlers
from linli.http.oauth import oauth_handlers
from linli.http.problems import answer_to
from linli.http.public_routes import public_handlers
from linli.http.throttle import Throttle
from linli.http.transfer_routes import UPLOADS, transfer_handlers
from linli.i18n import Catalogue
from linli.runtime import Runtime, open_runtime
from linli.settings import Settings

RuntimeFactory = Callable[[], AbstractAsyncContextManager[Runtime]]
_COLLECTED_EVERY: Final = (20_000, 20, 50)
_log = structlog.get_logger("linli.app")


@runtime_checkable
class WebInterface(Protocol):
    """An interface of the composition (such as GraphQL) that is spoken over HTTP."""

    def handlers(self, runtime: Runtime) -> Sequence[ControllerRouterHandler]:
        """Give the Litestar handlers to mount. Called once, when the process starts."""
        ...


def create_app(
    source: Settings | RuntimeFactory,
    *,
    interfaces: Sequence[WebInterface] | None = None,
    body_bytes_max: int = BODY_BYTES_MAX,
    body_deadline_s: float = BODY_DEADLINE_S,
) -> Application:
    """Give the ASGI application; nothing is opened before the server starts it.

    `source` is the settings, or what opens a runtime. `interfaces` are the composition's by default.
    """
    opening: RuntimeFactory = (lambda: open_runtime(source)) if isinstance(source, Settings) else source
    return Application(
        opening,
        interfaces=interfaces,
        body_bytes_max=body_bytes_max,
        body_deadline_s=body_deadline_s,
    )


class Application:
    """An ASGI application that is composed when the server starts it (or within `opened`, in a test)."""

    def __init__(
        self,
        opening: RuntimeFactory,
        *,
        interfaces: Sequence[WebInterface] | None,
        body_bytes_max: int,
        body_deadline_s: float,
    ) -> None:
        self._opening = opening
        self._interfaces = interfaces
        self._body_bytes_max = body_bytes_max
        self._body_deadline_s = body_deadline_s
        self._composed: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one scope of the server."""
        if scope["type"] == "lifespan":  # type: ignore[comparison-overlap]
            await self._live(receive, send)
        elif self._composed is None:
            raise RuntimeError("the application is not started: the server must speak the lifespan protocol")
        else:
            await self._composed(scope, receive, send)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Runtime]:
        """Hold the runtime open and serve with it until the end."""
        async with self._opening() as runtime:
            litestar, direct, texts = compose(runtime, self._interfaces)
            async with litestar.lifespan():
                routed = DirectRoutes(direct, litestar)
                usual = Bounds(self._body_bytes_max, self._body_deadline_s)
                limited = BodyLimits(routed, usual, {**UPLOADS, **FILE_UPLOADS})
                self._composed = Edge(limited, texts)
                try:
                    yield runtime
                finally:
                    self._composed = None

    async def _live(self, receive: Receive, send: Any) -> None:
        await receive()
        stage = "startup"
        try:
            async with self.opened():
                _spare_the_collector()
                await send({"type": "lifespan.startup.complete"})
                stage = "shutdown"
                await receive()
        except Exception as error:  # noqa: BLE001 - the server is told, and ends
            _log.critical(f"{stage}.failed", exc_info=error)
            await send({"type": f"lifespan.{stage}.failed", "message": type(error).__name__})
        else:
            await send({"type": "lifespan.shutdown.complete"})


def _spare_the_collector() -> None:
    """Have the collector of cycles pass over what was made by now, which stays, and look for cycles less often.

    A request makes hardly any. To look through all schemas and declarations took tens of milliseconds at a time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTED_EVERY)


@dataclass(frozen=True, slots=True)
class DirectRoutes:
    """Plain ASGI handlers, found by their exact path: they need nothing that the router would do for them."""

    routes: Mapping[str, ASGIApp]
    router: ASGIApp

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Serve one scope."""
        kind: str = scope["type"]
        direct = self.routes.get(scope["path"]) if kind == "http" else None
        return (direct or self.router)(scope, receive, send)


def compose(
    runtime: Runtime, interfaces: Sequence[WebInterface] | None = None
) -> tuple[Litestar, dict[str, ASGIApp], Catalogue]:
    """Give the router with all routes, those of them that can do without it, and the texts of problems."""
    composition = runtime.composition
    texts = composition.plugin_set(composition.names).texts
    methods: dict[str, str] = {}

    def failed(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        answer = answer_to(error, request.scope, texts)
        headers = {name.decode(): value.decode() for name, value in answer.headers}
        media = headers.pop("content-type")
        if answer.status == 405 and (allowed := methods.get(request.scope["path"])):
            headers["allow"] = allowed
        return Response(answer.body, status_code=answer.status, headers=headers, media_type=media)

    throttle = Throttle(runtime)
    handlers: list[ControllerRouterHandler] = [
        *landing_handlers(),
        *health_handlers(runtime),
        *auth_handlers(runtime, throttle),
        *oauth_handlers(runtime, throttle),
        *transfer_handlers(runtime, throttle),
        *public_handlers(runtime, throttle),
        *document_handlers(runtime, throttle),
        *document_file_handlers(runtime, throttle),
        *file_handlers(runtime, throttle),
    ]
    chosen = composition.interfaces if interfaces is None else interfaces
    handlers.extend(metrics_handlers(runtime, chosen))
    for interface in chosen:
        if isinstance(interface, WebInterface):
            handlers.extend(interface.handlers(runtime))
    litestar = Litestar(
        handlers,
        openapi_config=None,  # its pages would load scripts from a CDN, and there is one API: GraphQL
        logging_config=None,
        exception_handlers={Exception: failed},
        debug=False,
        pdb_on_exception=False,
        request_max_body_size=None,  # the edge's limit holds for all handlers alike
    )
    routes = (route for route in litestar.routes if isinstance(route, HTTPRoute))
    methods.update({route.path: ", ".join(sorted(route.methods)) for route in routes})
    direct = {
        path: one.fn
        for one in handlers
        if isinstance(one, ASGIRouteHandler) and not one.is_mount
        for path in one.paths
    }
    return litestar, direct, texts
