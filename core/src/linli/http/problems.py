"""Errors as JSON: `{"code", "message", "requestId"}`, translated; never a stack, SQL, or the input."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec
import structlog
from litestar.exceptions import HTTPException
from litestar.types import Scope, Send

from linli.errors import Invalid, LinliError, NotFound, Unauthenticated, Unavailable
from linli.http.errors import (
    BodyTooLarge,
    BodyTooSlow,
    MethodNotAllowed,
    RateLimited,
    UnsupportedMedia,
    status_of,
)
from linli.http.facts import facts_of
from linli.i18n import Catalogue

JSON_TYPE = b"application/json; charset=utf-8"
_log = structlog.get_logger("linli.http")

_OF_STATUS: Mapping[int, type[LinliError]] = {
    401: Unauthenticated,
    404: NotFound,
    405: MethodNotAllowed,
    408: BodyTooSlow,
    413: BodyTooLarge,
    415: UnsupportedMedia,
    429: RateLimited,
    503: Unavailable,
}


class Answer(msgspec.Struct, frozen=True):
    """A response of data (not a page) that is ready to be sent."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()

    async def send(self, scope: Scope, send: Send) -> None:
        """Send it: in one piece where the server can, else by the messages of ASGI."""
        whole = facts_of(scope).answer_whole
        if whole is not None and whole(self):
            return
        length = str(len(self.body)).encode()
        headers = [*self.headers, (b"content-length", length)]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


def refusal_of(error: Exception) -> LinliError:
    """The refusal that stands for an exception; our own fault becomes a bare `LinliError`: `internal`."""
    if isinstance(error, LinliError):
        return error
    if isinstance(error, HTTPException):
        if error.status_code in {404, 405}:
            return _OF_STATUS[error.status_code]()
        if error.status_code < 500:
            # The framework's own text may quote the input, so only its kind is kept.
            return _OF_STATUS.get(error.status_code, Invalid)()
    return LinliError()


def answer_to(error: Exception, scope: Scope, texts: Catalogue) -> Answer:
    """Give the response to a failed request, and log it once when the fault is ours."""
    facts = facts_of(scope)
    refusal = refusal_of(error)
    status = status_of(refusal)
    if status == 500:
        _log.error("request.failed", request_id=facts.id, path=scope["path"], exc_info=error)
    message = texts.translate(f"problems.{refusal.code}", facts.locale, **refusal.details)
    body = {"code": refusal.code, "message": message, "requestId": facts.id}
    if refusal.path:
        body["path"] = ".".join(refusal.path)
    headers = [(b"content-type", JSON_TYPE), (b"content-language", facts.locale.encode())]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if isinstance(wait_s := refusal.details.get("retry_after_s"), int | float):
        headers.append((b"retry-after", str(max(1, math.ceil(wait_s))).encode()))
    if isinstance(refusal, BodyTooLarge | BodyTooSlow):
        headers.append((b"connection", b"close"))  # the rest of the body is not worth reading
    return Answer(status, msgspec.json.encode(body), tuple(headers))
