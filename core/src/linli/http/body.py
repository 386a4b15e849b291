"""Limits on a request's body: its size, and the time in which it must have arrived."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from litestar.types import ASGIApp, HTTPReceiveMessage, Receive, Scope, Send

from linli.http.errors import BodyTooLarge, BodyTooSlow
from linli.http.facts import header_of

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
    bytes_max: int = BODY_BYTES_MAX
    deadline_s: float = BODY_DEADLINE_S
    larger: Mapping[str, Bounds] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse an announced excess at once; watch the rest as it arrives."""
        kind: str = scope["type"]
        if kind != "http":
            await self.app(scope, receive, send)
            return
        bounds = self.larger.get(scope["path"]) or Bounds(self.bytes_max, self.deadline_s)
        announced = header_of(scope, b"content-length")
        # isdigit on bytes is ASCII only; more digits than these are beyond any limit.
        if announced is not None and (
            not announced.isdigit() or len(announced) > 15 or int(announced) > bounds.bytes_max
        ):
            await _drain(receive)
            raise BodyTooLarge(limit=bounds.bytes_max)
        bodiless = announced in {None, b"0"} and header_of(scope, b"transfer-encoding") is None
        if bodiless:
            await self.app(scope, receive, send)
        else:
            await self.app(scope, _watched(receive, bounds), send)


def _watched(receive: Receive, bounds: Bounds) -> Receive:
    size = 0
    ends_at: float | None = None
    complete = False

    async def receive_within() -> HTTPReceiveMessage:
        nonlocal size, ends_at, complete
        if complete:
            # The body is here; what still comes is the client's leaving, for which there is no hurry.
            return await receive()  # type: ignore[return-value]
        if ends_at is None:
            ends_at = asyncio.get_running_loop().time() + bounds.deadline_s
        try:
            async with asyncio.timeout_at(ends_at):
                message = await receive()
        except TimeoutError:
            raise BodyTooSlow(limit_s=int(bounds.deadline_s)) from None
        if message["type"] == "http.request":
            size += len(message.get("body", b""))
            if size > bounds.bytes_max:
                if message.get("more_body", False):
                    await _drain(receive)
                raise BodyTooLarge(limit=bounds.bytes_max)
            complete = not message.get("more_body", False)
        else:
            complete = True
        return message  # type: ignore[return-value]

    return receive_within


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
