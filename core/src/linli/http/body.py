"""Limits on a request's body: its size, and the time in which it must have arrived."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Generator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from litestar.types import ASGIApp, HTTPReceiveMessage, Receive, Scope, Send

from linli.http.errors import BodyTooLarge, BodyTooSlow
from linli.http.facts import facts_of

BODY_BYTES_MAX: Final = 1024 * 1024
BODY_DEADLINE_S: Final = 30.0
_DRAINED_BYTES_MAX: Final = 16 * 1024 * 1024
_DRAINED_WITHIN_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """How large a body may be, and within how many seconds it must have arrived."""

    bytes_max: int
    deadline_s: float


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """ASGI middleware that lets no handler read more than `bytes_max`, nor wait longer than `deadline_s`.

    The deadline is for the whole body, so a client that sends a byte now and then is cut off. `larger` are the paths
    that take files, each with its own bounds; what is sent there is not kept in memory.

    Raises:
        BodyTooLarge, BodyTooSlow: out of `receive`; the edge turns them into a response.
    """

    app: ASGIApp
    usual: Bounds = Bounds(BODY_BYTES_MAX, BODY_DEADLINE_S)
    larger: Mapping[str, Bounds] = field(default_factory=dict)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Refuse an announced excess at once; watch the rest as it arrives."""
        kind: str = scope["type"]
        if kind != "http":
            return self.app(scope, receive, send)
        bounds = self.larger.get(scope["path"], self.usual)
        headers = facts_of(scope).headers
        announced = headers.get(b"content-length")
        # isdigit on bytes is ASCII only; more digits than these are beyond any limit.
        if announced is not None and (
            not announced.isdigit() or len(announced) > 15 or int(announced) > bounds.bytes_max
        ):
            return _refuse(receive, bounds)
        if (announced is not None and announced != b"0") or b"transfer-encoding" in headers:
            receive = _Body(receive, bounds).receive
        return self.app(scope, receive, send)


async def _refuse(receive: Receive, bounds: Bounds) -> None:
    await _drain(receive)
    raise BodyTooLarge(limit=bounds.bytes_max)


class _Body(msgspec.Struct, eq=False):
    """The body of one request as it comes in."""

    awaited: Receive
    bounds: Bounds
    size: int = 0
    ends_at: float | None = None
    complete: bool = False

    async def receive(self) -> HTTPReceiveMessage:
        """The next message, within what is left of the time and the size."""
        if self.complete:
            # The body is here; what still comes is the client's leaving, for which there is no hurry.
            return await self.awaited()  # type: ignore[return-value]
        message = await self._next()
        if message["type"] != "http.request":
            self.complete = True
            return message
        self.complete = not message.get("more_body", False)
        self.size += len(message.get("body", b""))
        if self.size > self.bounds.bytes_max:
            if not self.complete:
                await _drain(self.awaited)
            raise BodyTooLarge(limit=self.bounds.bytes_max)
        return message

    async def _next(self) -> HTTPReceiveMessage:
        """The next message. Only for one that is not here yet, as that of a small body is, a timer is set."""
        steps = self.awaited().__await__()
        try:
            waited_for = next(steps)
        except StopIteration as here:
            return here.value  # type: ignore[no-any-return]
        if self.ends_at is None:
            self.ends_at = asyncio.get_running_loop().time() + self.bounds.deadline_s
        try:
            async with asyncio.timeout_at(self.ends_at):
                return await _Begun(steps, waited_for)  # type: ignore[no-any-return]
        except TimeoutError:
            raise BodyTooSlow(limit_s=int(self.bounds.deadline_s)) from None


@dataclass(frozen=True, slots=True)
class _Begun:
    """The rest of an awaitable that has taken its first step, and waits for something by now."""

    steps: Generator[Any, Any, Any]
    waited_for: Any

    def __await__(self) -> Generator[Any, Any, Any]:
        try:
            yield self.waited_for
        except BaseException:
            self.steps.close()
            raise
        return (yield from self.steps)


async def _drain(receive: Receive) -> None:
    """Read on for a moment and throw it away.

    A connection that is closed on unread data is reset, and the client would lose the answer that says why.
    """
    size = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(_DRAINED_WITHIN_S):
            while size < _DRAINED_BYTES_MAX:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body", False):
                    return
                size += len(message.get("body", b""))
