"""Refusals of the HTTP edge itself."""

from __future__ import annotations

from typing import ClassVar

from linli.errors import Conflict, Forbidden, Invalid, LinliError, NotFound, Unauthenticated, Unavailable


class RateLimited(Unavailable):
    """Too many requests of one kind (`retry_after_s`)."""

    code: ClassVar[str] = "rate_limited"


class MalformedBody(Invalid):
    """The body is not JSON, or not of the shape that the route takes (`expected` says which)."""

    code: ClassVar[str] = "http.malformed_body"


class BodyTooLarge(Invalid):
    """The body is larger than the limit (`limit`, in bytes)."""

    code: ClassVar[str] = "http.body_too_large"


class BodyTooSlow(Invalid):
    """The body did not arrive in time (`limit_s`)."""

    code: ClassVar[str] = "http.body_too_slow"


class MethodNotAllowed(Invalid):
    """The path exists but does not take this method."""

    code: ClassVar[str] = "http.method_not_allowed"


class UnsupportedMedia(Invalid):
    """The body's content type is not one that the route takes (`expected`)."""

    code: ClassVar[str] = "http.unsupported_media"


_STATUS: tuple[tuple[type[LinliError], int], ...] = (
    (RateLimited, 429),
    (BodyTooLarge, 413),
    (BodyTooSlow, 408),
    (MethodNotAllowed, 405),
    (UnsupportedMedia, 415),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Invalid, 400),
    (Unavailable, 503),
)


def status_of(error: LinliError) -> int:
    """Give the HTTP status of a refusal; 500 for one that fits no kind."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
