"""The outermost layer of every request: its id, its security headers, its line in the log, its last resort.

One plain ASGI wrapper does all of it, because every layer costs each request a call for each message.

There is no CSRF protection because there is nothing for it to protect: credentials travel in the
`Authorization` header only, which no foreign page can make a browser send. Whoever adds a cookie must add it.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Final

import structlog
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from linli.http.facts import facts_of
from linli.http.problems import answer_to
from linli.i18n import Catalogue

_log = structlog.get_logger("linli.access")

_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
PAGE_POLICY: Final = (
    b"default-src 'self'; img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none';"
    b" form-action 'self'; frame-ancestors 'none'"
)
_DATA_POLICY: Final = b"default-src 'none'; frame-ancestors 'none'"
_QUIET_PATHS: Final = frozenset({"/health", "/ready"})


@dataclass(frozen=True, slots=True)
class Edge:
    """ASGI middleware; give it the application and the texts of problems."""

    app: ASGIApp
    texts: Catalogue

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; other kinds of scope pass unchanged."""
        kind: str = scope["type"]
        if kind != "http":
            await self.app(scope, receive, send)
            return
        begun = perf_counter()
        facts = facts_of(scope)
        status = 0

        async def send_finished(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _with_security(list(message["headers"]), facts.id)
            await send(message)

        try:
            await self.app(scope, receive, send_finished)
        except Exception as error:
            answer = answer_to(error, scope, self.texts)
            if status == 0:
                await answer(send_finished)
            else:
                # Half a response is out: only a broken connection tells the client that it is not whole.
                raise
        finally:
            if scope["path"] not in _QUIET_PATHS or status != 200:
                _log.info(
                    "request",
                    method=scope.get("method"),
                    path=scope["path"][:200],
                    status=status,
                    ms=round((perf_counter() - begun) * 1000, 1),
                    tenant=facts.tenant_slug,
                    request_id=facts.id,
                    **facts.notes,
                )


def _with_security(headers: list[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
    present = {name.lower(): value for name, value in headers}
    page = present.get(b"content-type", b"").startswith(b"text/html")
    headers.append((b"x-request-id", request_id.encode()))
    headers.extend(pair for pair in _ALWAYS if pair[0] not in present)
    if b"content-security-policy" not in present:
        headers.append((b"content-security-policy", PAGE_POLICY if page else _DATA_POLICY))
    if b"cache-control" not in present:
        headers.append((b"cache-control", b"no-store"))
    return headers
