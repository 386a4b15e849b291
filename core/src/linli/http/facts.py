"""What the edge knows of a request, shared by all that handle it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec
from litestar.types import Scope

from linli.i18n import DEFAULT_LOCALE, negotiate
from linli.ids import new_request_id

if TYPE_CHECKING:
    from linli.http.problems import Answer

REQUEST_ID_HEADER: Final = b"x-request-id"
_KEY: Final = "linli.request"
_SANE_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}")


class RequestFacts(msgspec.Struct, eq=False):
    """Id, language and origin of a request; `tenant_slug` once its credential is known.

    `headers` has the first of each name. `origin` is the client's address, "" for a client without one (a Unix
    socket). `notes` are what a handler adds to the request's line in the log: a few short values, never the input.
    `answer_whole` gives an answer in one piece where the server can, and says whether it did.
    """

    id: str
    locale: str = DEFAULT_LOCALE
    origin: str = ""
    tenant_slug: str = ""
    headers: dict[bytes, bytes] = {}
    notes: dict[str, object] = {}
    answer_whole: Callable[[Answer], bool] | None = None


def facts_of(scope: Scope) -> RequestFacts:
    """Give the facts of a request; they are made when the edge has not (as in a test of one handler)."""
    values: dict[str, Any] = scope  # type: ignore[assignment]
    facts: RequestFacts | None = values.get(_KEY)
    if facts is None:
        facts = values[_KEY] = _read(scope)
    return facts


def header_of(scope: Scope, name: bytes) -> bytes | None:
    """Give the first header of this lower-case name, or None."""
    return facts_of(scope).headers.get(name)


def _read(scope: Scope) -> RequestFacts:
    headers = dict(reversed(list(scope["headers"])))
    given = headers.get(REQUEST_ID_HEADER)
    accepted = headers.get(b"accept-language")
    client = scope.get("client")
    return RequestFacts(
        id=given.decode() if given and _SANE_ID.fullmatch(given) else new_request_id(),
        locale=negotiate(accepted.decode("latin-1")) if accepted else DEFAULT_LOCALE,
        origin=client[0] if client else "",
        headers=headers,
    )
