"""The files of issued documents: fetched with a bearer token, or by a link that is good for minutes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from linli import documents
from linli.documents.reading import linked, opened
from linli.http.authentication import acting
from linli.http.downloads import saved_as
from linli.http.throttle import Throttle
from linli.http.visiting import LinkBody, by_link, row_id_of
from linli.printing import PDF
from linli.runtime import Runtime

_Request = Request[Any, Any, Any]


def document_file_handlers(runtime: Runtime, throttle: Throttle) -> Sequence[HTTPRouteHandler]:
    """Give the handlers below `/documents`."""

    @get("/documents/{document_id:str}")
    async def fetch_document(request: _Request, document_id: FromPath[str]) -> Response[bytes]:
        """Give the file of a document that the caller may read."""
        async with acting(runtime, request.scope) as ctx:
            document = await documents.readable(ctx, row_id_of(document_id))
            content = await opened(ctx, document, how="token")
        return _file(document, content)

    @post("/documents/{document_id:str}/link", status_code=200)
    async def make_document_link(request: _Request, document_id: FromPath[str]) -> LinkBody:
        """Make a link to a document that the caller may read."""
        async with acting(runtime, request.scope) as ctx:
            return LinkBody.of(await documents.link(ctx, row_id_of(document_id)))

    @get("/documents/link/{tenant_slug:str}/{document_id:str}")
    async def follow_document_link(
        request: _Request, tenant_slug: FromPath[str], document_id: FromPath[str]
    ) -> Response[bytes]:
        """Give a document to whoever has a link to it. A link that is over looks like one that never was."""
        async with by_link(runtime, throttle, request, tenant_slug) as (ctx, given):
            document = await linked(
                ctx,
                row_id_of(document_id),
                expires=given.expires,
                by=given.by,
                signature=given.signature,
            )
            content = await opened(ctx, document, how=f"link of {given.by}")
        return _file(document, content)

    return [fetch_document, make_document_link, follow_document_link]


def _file(document: documents.Document, content: bytes) -> Response[bytes]:
    headers = saved_as(f"{document.title} {document.number}.pdf")
    return Response(content, media_type=PDF, headers=headers)
