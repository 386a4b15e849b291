"""The outermost layer of every request: its id, its security headers, its line in the log, its last resort.

One plain ASGI wrapper does all of it, because every layer costs each request a call for each message.

There is no CSRF protection because there is nothing for it to protect: credentials travel in the
`Authorization` header only, which no foreign page can make a browser send. Whoever adds a cookie must add it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Any, Final

import msgspec
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from linli.http.facts import RequestFacts, facts_of
from linli.http.problems import Answer, answer_to
from linli.http.protocol import WHOLE_ANSWER
from linli.i18n import Catalogue
from linli.logs import log_soon

_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"cache-control", b"no-store"),
)
PAGE_POLICY: Final = (
    b"default-src 'self'; img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'none';"
    b" form-action 'self'; frame-ancestors 'none'"
)
_DATA_POLICY: Final = b"default-src 'none'; frame-ancestors 'none'"
_QUIET_PATHS: Final = frozenset({"/health", "/ready"})
_Headers = tuple[tuple[bytes, bytes], ...]


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
        reply = _Reply(facts, send)
        offered: dict[str, Any] = (scope.get("extensions") or {}).get(WHOLE_ANSWER)  # type: ignore[assignment]
        if offered:
            reply.write, facts.answer_whole = offered["write"], reply.whole
        try:
            await self.app(scope, receive, reply.send)
        except Exception as error:
            answer = answer_to(error, scope, self.texts)
            if reply.status != 0:
                # Half a response is out: only a broken connection tells the client that it is not whole.
                raise
            await answer.send(scope, reply.send)
        finally:
            if scope["path"] not in _QUIET_PATHS or reply.status != 200:
                log_soon(
                    {
                        "event": "request",
                        "method": scope.get("method"),
                        "path": scope["path"][:200],
                        "status": reply.status,
                        "ms": round((perf_counter() - begun) * 1000, 1),
                        "tenant": facts.tenant_slug,
                        "request_id": facts.id,
                        **facts.notes,
                    }
                )


class _Reply(msgspec.Struct, eq=False):
    """What goes back to the client, with the headers that every answer has. `status` is 0 until something went."""

    facts: RequestFacts
    message: Send
    write: Callable[[int, bytes, bytes], bool] | None = None
    status: int = 0

    async def send(self, message: Message) -> None:
        """Pass a message of ASGI on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = tuple(message["headers"])
            own = (b"x-request-id", self.facts.id.encode())
            page = any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers)
            message["headers"] = [*headers, own, *_added(_names(headers), page=page)]
        await self.message(message)

    def whole(self, answer: Answer) -> bool:
        """Give an answer in one piece; False when the server cannot."""
        lines = [b"%b: %b\r\n" % header for header in answer.headers]
        lines.append(
            b"x-request-id: %b\r\ncontent-length: %d\r\n" % (self.facts.id.encode(), len(answer.body))
        )
        head = b"".join(lines)
        if not head.count(b"\r") == head.count(b"\n") == len(lines) + 1:
            raise RuntimeError("a header holds the end of a line")
        assert self.write is not None
        if not self.write(answer.status, head + _added_lines(_names(answer.headers)), answer.body):
            return False
        self.status = answer.status
        return True


def _names(headers: _Headers) -> tuple[bytes, ...]:
    return tuple([name for name, _value in headers])


@lru_cache(maxsize=256)
def _added(names: tuple[bytes, ...], *, page: bool) -> _Headers:
    """The headers that an answer with these gets besides."""
    present = {name.lower() for name in names}
    policy = (b"content-security-policy", PAGE_POLICY if page else _DATA_POLICY)
    return tuple(header for header in (*_ALWAYS, policy) if header[0] not in present)


@lru_cache(maxsize=256)
def _added_lines(names: tuple[bytes, ...]) -> bytes:
    return b"".join(b"%b: %b\r\n" % header for header in _added(names, page=False))
