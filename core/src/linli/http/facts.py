"""What the edge knows of a request, shared by all that handle it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final, cast

from litestar.types import Scope

from linli.i18n import DEFAULT_LOCALE, negotiate
from linli.ids import new_id

REQUEST_ID_HEADER: Final = b"x-request-id"
_KEY: Final = "linli.request"
_SANE_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9_.:-]{0,99}")


@dataclass(slots=True)
class RequestFacts:
    """Id, language and origin of a request; `tenant_slug` once its credential is known.

    `headers` has the first of each name. `origin` is the client's address, "" for a client without one (a Unix
    socket). `notes` are what a handler adds to the request's line in the log: a few short values, never the input.
    """

    id: str
    locale: str = DEFAULT_LOCALE
    origin: str = ""
    tenant_slug: str = ""
    headers: dict[bytes, bytes] = field(default_factory=dict)
    notes: dict[str, object] = field(default_factory=dict)


def facts_of(scope: Scope) -> RequestFacts:
    """Give the facts of a request; they are made when the edge has not (as in a test of one handler)."""
    values = cast("dict[str, Any]", scope)
    facts = values.get(_KEY)
    if facts is None:
        facts = values[_KEY] = _read(scope)
    return cast(RequestFacts, facts)


def header_of(scope: Scope, name: bytes) -> bytes | None:
    """Give the first header of this lower-case name, or None."""
    return facts_of(scope).headers.get(name)


def _read(scope: Scope) -> RequestFacts:
    headers = dict(reversed(list(scope["headers"])))
    given = headers.get(REQUEST_ID_HEADER)
    accepted = headers.get(b"accept-language")
    client = scope.get("client")
    return RequestFacts(
        id=given.decode() if given and _SANE_ID.fullmatch(given) else new_id().hex,
        locale=negotiate(accepted.decode("latin-1")) if accepted else DEFAULT_LOCALE,
        origin=client[0] if client else "",
        headers=headers,
    )
