"""Limits on a request's body: its size, and the time in which it must have arrived."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from litestar.types import ASGIApp, HTTPReceiveMessage, Receive, Scope, Send

from linli.http.errors import BodyTooLarge, BodyTooSlow
from linli.http.facts import header_of

BODY_BYTES_MAX: Final = 1024 * 1024
BODY_DEADLINE_S: Final = 30.0
_DRAINED_BYTES_MAX: Final = 16 * 1024 * 1024
_DRAINED_WITHIN_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """ASGI middleware that lets no handler read more than `bytes_max`, nor wait longer than `deadline_s`.

    The deadline is for the whole body, so a client that sends a byte now and then is cut off. A larger upload
    is no business of this edge: it is staged elsewhere.

    Raises:
        BodyTooLarge, BodyTooSlow: out of `receive`; the edge turns them into a response.
    """

    app: ASGIApp
    bytes_max: int = BODY_BYTES_MAX
    deadline_s: float = BODY_DEADLINE_S

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse an announced excess at once; watch the rest as it arrives."""
        kind: str = scope["type"]
        if kind != "http":
            await self.app(scope, receive, send)
            return
        announced = header_of(scope, b"content-length")
        # isdigit on bytes is ASCII only; more digits than these are beyond any limit.
        if announced is not None and (
            not announced.isdigit() or len(announced) > 15 or int(announced) > self.bytes_max
        ):
            await _drain(receive)
            raise BodyTooLarge(limit=self.bytes_max)
        bodiless = announced in {None, b"0"} and header_of(scope, b"transfer-encoding") is None
        if bodiless:
            await self.app(scope, receive, send)
        else:
            await self.app(scope, self._watched(receive), send)

    def _watched(self, receive: Receive) -> Receive:
        size = 0
        ends_at: float | None = None
        complete = False

        async def receive_within() -> HTTPReceiveMessage:
            nonlocal size, ends_at, complete
            if complete:
                # The body is here; what still comes is the client's leaving, for which there is no hurry.
                return await receive()  # type: ignore[return-value]
            if ends_at is None:
                ends_at = asyncio.get_running_loop().time() + self.deadline_s
            try:
                async with asyncio.timeout_at(ends_at):
                    message = await receive()
            except TimeoutError:
                raise BodyTooSlow(limit_s=int(self.deadline_s)) from None
            if message["type"] == "http.request":
                size += len(message.get("body", b""))
                if size > self.bytes_max:
                    if message.get("more_body", False):
                        await _drain(receive)
                    raise BodyTooLarge(limit=self.bytes_max)
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
