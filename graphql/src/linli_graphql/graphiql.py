"""GraphiQL without a CDN: the page and its files, from this package, under a strict content security policy."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

_FILES: Final[Mapping[str, str]] = {
    "page.js": "text/javascript",
    "page.css": "text/css",
    "vendor/graphiql.min.js": "text/javascript",
    "vendor/graphiql.min.css": "text/css",
    "vendor/react.production.min.js": "text/javascript",
    "vendor/react-dom.production.min.js": "text/javascript",
}
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:;"
    " font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class _File:
    media_type: str
    plain: bytes
    packed: bytes


def graphiql_handlers() -> Sequence[HTTPRouteHandler]:
    """Give the handlers of `/graphiql` and of the files that it loads. The page sends nothing to any other host."""
    static = files("linli_graphql") / "static"
    page = (static / "graphiql.html").read_text(encoding="utf-8")
    found = {name.rpartition("/")[2]: _read(static / name, media) for name, media in _FILES.items()}

    @get("/graphiql", sync_to_thread=False)
    def graphiql() -> Response[bytes]:
        """Give the page, with a nonce for the one style element that a library of GraphiQL adds."""
        nonce = secrets.token_urlsafe(16)
        return Response(
            page.replace("{nonce}", nonce).encode(),
            media_type="text/html",
            headers={"content-security-policy": _POLICY.replace("{nonce}", nonce)},
        )

    @get("/graphiql/{name:str}", sync_to_thread=False)
    def graphiql_file(name: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
        """Give one of the files, compressed for a client that takes that."""
        file = found.get(name)
        if file is None:
            raise NotFoundException
        headers = {"cache-control": "max-age=3600", "vary": "accept-encoding"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(file.plain, media_type=file.media_type, headers=headers)
        headers["content-encoding"] = "gzip"
        return Response(file.packed, media_type=file.media_type, headers=headers)

    return [graphiql, graphiql_file]


def _read(path: Any, media_type: str) -> _File:
    plain = path.read_bytes()
    return _File(media_type, plain, gzip.compress(plain, compresslevel=5, mtime=0))
