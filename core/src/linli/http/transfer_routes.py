"""Files in and out over HTTP: uploads, templates, results of imports, files of exports. Bearer tokens only."""

from __future__ import annotations

import re
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Annotated, Any, BinaryIO, Final
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Stream
from msgspec import Meta

from linli.context import PermissionDenied
from linli.db import rows
from linli.errors import NotFound
from linli.http.authentication import acting, authenticate_request
from linli.http.body import Bounds
from linli.http.downloads import saved_as
from linli.http.errors import MalformedBody
from linli.http.throttle import Charge, Throttle, throttle_key
from linli.runtime import Runtime
from linli.tenancy.wording import tenant_catalogue
from linli.transfer import fetching, files, imports
from linli.transfer.formats import FILE_BYTES_MAX, MEDIA_TYPES, Format
from linli.transfer.imports import RUN, kind_for
from linli.transfer.tables import StoredFile
from linli.transfer.templates import template, template_name

UPLOAD_PATH: Final = "/transfer/uploads"
UPLOAD_S_MAX: Final = 300.0
# A little more than a file may have, so that it is the file that is called too large.
UPLOADS: Final[Mapping[str, Bounds]] = {UPLOAD_PATH: Bounds(FILE_BYTES_MAX + 1_024, UPLOAD_S_MAX)}
_IN_MEMORY_MAX: Final = 1024 * 1024
_TEMPLATE: Final = re.compile(r"(?P<kind>[a-z0-9_.]{1,100})\.(?P<format>xlsx|csv)")
# The API's ids: its types are named so. The kernel gives them out here because a mutation takes them next.
_IMPORT: Final = "DataImport"
_EXPORT: Final = "DataExport"
_Request = Request[Any, Any, Any]


class Uploaded(msgspec.Struct, rename="camel"):
    """A file that was taken in; `id` is the import's, for `previewImport`."""

    id: str
    kind: str
    file_name: str
    size_bytes: int
    sha256: str


class _Upload(msgspec.Struct, forbid_unknown_fields=True):
    kind: Annotated[str, Meta(min_length=1, max_length=100)]
    name: Annotated[str, Meta(min_length=1, max_length=500)]
    area: Annotated[str, Meta(max_length=120)] = ""


def transfer_handlers(runtime: Runtime, throttle: Throttle) -> Sequence[HTTPRouteHandler]:
    """Give the handlers below `/transfer`."""

    @post(UPLOAD_PATH, status_code=201)
    async def upload(request: _Request) -> Uploaded:
        """Take in a file: its content is the body, the list's kind and the file's name are in the address."""
        principal = await authenticate_request(runtime, request.scope)
        await throttle.charge(
            [Charge(throttle_key("upload", str(principal.actor.id)), burst=20, interval_ms=3_000)]
        )
        given = _given(request)
        if RUN not in principal.actor.permissions:
            raise PermissionDenied(permission=RUN)
        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_MAX) as spool:
            content: BinaryIO = spool  # type: ignore[assignment]
            async for part in request.stream():
                content.write(part)
            async with acting(runtime, request.scope) as ctx:
                area_id = _local_id("Area", given.area) if given.area else None
                made = await imports.send(ctx, content, kind=given.kind, name=given.name, area_id=area_id)
                stored = await rows.get(ctx, StoredFile, made.file_id)
        return Uploaded(f"{_IMPORT}_{made.id}", made.kind, stored.name, stored.size_bytes, stored.sha256)

    @get("/transfer/templates/{file_name:str}")
    async def fetch_template(request: _Request, file_name: FromPath[str]) -> Response[bytes]:
        """Give the file to be filled in, such as `identity.people.xlsx`, in the caller's language."""
        match = _TEMPLATE.fullmatch(file_name)
        if match is None:
            raise NotFound(kind="template")
        async with acting(runtime, request.scope) as ctx:
            ctx.require(RUN)
            kind, file_format = kind_for(ctx, match["kind"]), Format(match["format"])
            ctx.require(kind.permission)
            texts = await tenant_catalogue(ctx)
            content = template(kind, texts, ctx.locale, file_format)
            name = template_name(kind, texts, ctx.locale, file_format)
        return Response(content, headers=saved_as(name), media_type=MEDIA_TYPES[file_format])

    @get("/transfer/imports/{import_id:str}/result")
    async def fetch_result(request: _Request, import_id: FromPath[str]) -> Stream:
        """Give the result of an import: its rows, with what became of each."""
        async with acting(runtime, request.scope) as ctx:
            stored = await fetching.result_of(ctx, _local_id(_IMPORT, import_id))
        return _streamed(runtime, ctx.tenant_id, stored)

    @get("/transfer/exports/{export_id:str}/file")
    async def fetch_export(request: _Request, export_id: FromPath[str]) -> Stream:
        """Give the file of an export."""
        async with acting(runtime, request.scope) as ctx:
            stored = await fetching.file_of(ctx, _local_id(_EXPORT, export_id))
        return _streamed(runtime, ctx.tenant_id, stored)

    return [upload, fetch_template, fetch_result, fetch_export]


def _given(request: _Request) -> _Upload:
    """What the address says of a file. Raises: MalformedBody."""
    try:
        return msgspec.convert(dict(request.query_params), _Upload)
    except msgspec.ValidationError:
        raise MalformedBody(expected="?kind=…&name=…[&area=…]") from None


def _local_id(kind: str, text: str) -> UUID:
    """The UUID in an id of the API, or a plain one. Raises: NotFound for anything else."""
    try:
        return UUID(text.removeprefix(f"{kind}_"))
    except ValueError:
        raise NotFound(kind=kind) from None


def _streamed(runtime: Runtime, tenant_id: UUID, stored: StoredFile) -> Stream:
    """A file, a piece at a time: between two pieces no connection waits for a slow client."""

    async def parts() -> AsyncIterator[bytes]:
        for place in range(files.pieces_of(stored)):
            async with runtime.database.unit_of_work(tenant_id, read_only=True) as db:
                part = await files.piece_in(db, tenant_id, stored.id, place)
            yield part

    headers = {**saved_as(stored.name), "content-length": str(stored.size_bytes)}
    return Stream(parts(), headers=headers, media_type=MEDIA_TYPES[Format(stored.format)])
