"""Attachments over HTTP: sent in and fetched with a bearer token, or fetched by a link that is good for minutes."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any, BinaryIO, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Meta

from linli import files
from linli.files.content import Readable, to_be_read
from linli.files.keeping import readable
from linli.files.kinds import BYTES_MAX
from linli.files.links import linked
from linli.http.authentication import acting, authenticate_request
from linli.http.body import Bounds
from linli.http.downloads import Unsatisfiable, saved_as, span_of
from linli.http.throttle import Charge, Throttle, throttle_key
from linli.http.visiting import LinkBody, by_link, query_of, row_id_of
from linli.runtime import Runtime

FILES_PATH: Final = "/files"
# A little more than a file may have, so that it is the file that is called too large.
FILE_UPLOADS: Final[Mapping[str, Bounds]] = {FILES_PATH: Bounds(BYTES_MAX + 1_024, 300.0)}
_IN_MEMORY_MAX: Final = 1024 * 1024
_Request = Request[Any, Any, Any]


class Attached(msgspec.Struct, rename="camel"):
    """A file that was kept. `scannedBy` is empty where no scanner is installed."""

    id: str
    kind: str
    media_type: str
    size_bytes: int
    scanned_by: str


class _Upload(msgspec.Struct, forbid_unknown_fields=True):
    kind: Annotated[str, Meta(min_length=1, max_length=100)]
    owner: Annotated[str, Meta(min_length=1, max_length=120)]
    name: Annotated[str, Meta(min_length=1, max_length=500)]


def file_handlers(runtime: Runtime, throttle: Throttle) -> Sequence[HTTPRouteHandler]:
    """Give the handlers below `/files`. Files that are being kept hold a quarter of the connections at most."""
    places = asyncio.Semaphore(max(1, runtime.settings.pool_size_max // 4))

    @post(FILES_PATH, status_code=201)
    async def attach_file(request: _Request) -> Attached:
        """Take in a file: its content is the body; its kind, owner and name are in the address."""
        principal = await authenticate_request(runtime, request.scope)
        await throttle.charge(
            [Charge(throttle_key("upload", str(principal.actor.id)), burst=20, interval_ms=3_000)]
        )
        given = query_of(request, _Upload, "?kind=…&owner=…&name=…")
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_MAX) as spool:
            content: BinaryIO = spool  # type: ignore[assignment]
            async for part in request.stream():
                content.write(part)
            async with places, acting(runtime, request.scope) as ctx:
                made = await files.attach(
                    ctx, content, kind=given.kind, owner_id=row_id_of(given.owner), name=given.name
                )
        return Attached(str(made.id), made.kind, made.media_type, made.size_bytes, made.scanned_by)

    @get("/files/{file_id:str}")
    async def fetch_file(request: _Request, file_id: FromPath[str]) -> Response[Any]:
        """Give a file, or a range of it."""
        async with acting(runtime, request.scope) as ctx:
            found = await to_be_read(ctx, await readable(ctx, row_id_of(file_id)), how="token")
        return await _answer(request, found)

    @post("/files/{file_id:str}/link", status_code=200)
    async def make_link(request: _Request, file_id: FromPath[str]) -> LinkBody:
        """Make a link to a file that the caller may read."""
        async with acting(runtime, request.scope) as ctx:
            return LinkBody.of(await files.link(ctx, row_id_of(file_id)))

    @get("/files/link/{tenant_slug:str}/{file_id:str}")
    async def follow_link(
        request: _Request, tenant_slug: FromPath[str], file_id: FromPath[str]
    ) -> Response[Any]:
        """Give a file to whoever has a link to it. A link that is over looks like one that never was."""
        async with by_link(runtime, throttle, request, tenant_slug) as (ctx, given):
            file = await linked(
                ctx,
                row_id_of(file_id),
                expires=given.expires,
                by=given.by,
                signature=given.signature,
            )
            found = await to_be_read(ctx, file, how=f"link of {given.by}")
        return await _answer(request, found)

    return [attach_file, fetch_file, make_link, follow_link]


async def _answer(request: _Request, found: Readable) -> Response[Any]:
    """All of a file, or the range that is asked for. Source: RFC 9110 §14.

    Its first piece is read before anything is answered, so that a content that is lost is told as such.
    Raises: ContentDamaged, StoreUnavailable.
    """
    etag = f'"{found.etag}"'
    headers = {**saved_as(found.name), "accept-ranges": "bytes", "etag": etag}
    asked = request.headers.get("range")
    if request.headers.get("if-range", etag) != etag:
        asked = None
    try:
        span = span_of(asked, found.size)
    except Unsatisfiable:
        return Response(b"", status_code=416, headers={"content-range": f"bytes */{found.size}"})
    start, end = (span.start, span.end) if span else (0, found.size)
    headers["content-length"] = str(end - start)
    if span:
        headers["content-range"] = f"bytes {start}-{end - 1}/{found.size}"
    pieces = found.part(start, end)
    begun = _from(await anext(pieces, b""), pieces)
    return Stream(begun, headers=headers, media_type=found.media_type, status_code=206 if span else 200)


async def _from(first: bytes, others: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in others:
        yield piece
