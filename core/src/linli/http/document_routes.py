"""Checking documents below `/verify/{tenant}`: pages for people, JSON for programs; without a log-in, read-only."""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from linli.context import Context
from linli.documents.verification import CheckedDocument, check, public_keys
from linli.http.errors import MalformedBody, RateLimited
from linli.http.facts import facts_of
from linli.http.pages import notice_page, public_page
from linli.http.throttle import Charge, Throttle, throttle_key
from linli.http.visiting import visiting
from linli.runtime import Runtime

PDF: Final = "application/pdf"
_TEXTS: Final = "documents.page"
_TYPED: Final = re.compile(r"[0-9A-Za-z -]{1,40}")
_NOT_FOUND: Final = "not_found"
_Request = Request[Any, Any, Any]


class DocumentFacts(msgspec.Struct, rename="camel"):
    """What anybody may know of a document. One that does not exist has a state, `not_found`, and nothing else."""

    state: str
    title: str | None = None
    holder: str | None = None
    issued_on: date | None = None
    valid_until: date | None = None
    same_file: bool | None = None


class PublicKeys(msgspec.Struct, rename="camel"):
    """The tenant's public keys (Ed25519) by their id, both in hexadecimal."""

    tenant: str
    keys: dict[str, str]


def document_handlers(runtime: Runtime, throttle: Throttle) -> Sequence[HTTPRouteHandler]:
    """Give the handlers below `/verify`. A client has 20 questions, then one every 3 s."""

    async def charge(request: _Request) -> None:
        await throttle.charge(
            [Charge(throttle_key("verify", facts_of(request.scope).origin), burst=20, interval_ms=3_000)]
        )

    @asynccontextmanager
    async def asking(request: _Request, slug: str) -> AsyncIterator[Context]:
        await charge(request)
        async with visiting(runtime, request, slug, read_only=True) as ctx:
            yield ctx

    @get("/verify/{tenant_slug:str}/{number:str}")
    async def verify_page(
        request: _Request, tenant_slug: FromPath[str], number: FromPath[str]
    ) -> Response[bytes]:
        """Show what anybody may know, and a form for a file. An unknown number gets the same page, with dashes."""
        try:
            async with asking(request, tenant_slug) as ctx:
                return _page(ctx, number, await check(ctx, number))
        except RateLimited as error:
            return _too_many(runtime, request, error)

    @get("/verify/{tenant_slug:str}/{number:str}/facts")
    async def verify_facts(
        request: _Request, tenant_slug: FromPath[str], number: FromPath[str]
    ) -> DocumentFacts:
        """Tell a program the same."""
        async with asking(request, tenant_slug) as ctx:
            return _facts(await check(ctx, number))

    @post("/verify/{tenant_slug:str}/{number:str}/file", status_code=200)
    async def verify_file(
        request: _Request, tenant_slug: FromPath[str], number: FromPath[str]
    ) -> Response[Any]:
        """Tell whether a file is the one that was issued: sent by the page's form, or as the body, a PDF."""
        sent = _media_type(request) == PDF
        try:
            await charge(request)
        except RateLimited as error:
            if sent:
                raise
            return _too_many(runtime, request, error)
        # A client that sends slowly holds no connection of the database.
        file = await request.body() if sent else await _form_file(request)
        async with visiting(runtime, request, tenant_slug, read_only=True) as ctx:
            found = await check(ctx, number, file=file)
            return Response(_facts(found)) if sent else _page(ctx, number, found)

    @get("/verify/{tenant_slug:str}/keys")
    async def verify_keys(request: _Request, tenant_slug: FromPath[str]) -> PublicKeys:
        """Give what is needed to check files and codes without the platform."""
        async with asking(request, tenant_slug) as ctx:
            return PublicKeys(ctx.tenant.slug, await public_keys(ctx))

    return [verify_page, verify_facts, verify_file, verify_keys]


def _page(ctx: Context, typed: str, found: CheckedDocument | None) -> Response[bytes]:
    def word(key: str) -> str:
        return ctx.plugins.texts.translate(f"{_TEXTS}.{key}", ctx.locale)

    file = None
    if found and found.same_file is not None:
        file = word("file_same" if found.same_file else "file_different")
    number = typed if _TYPED.fullmatch(typed) else None  # nobody puts sentences of their own on the page
    shown = {
        "number": found.number if found else number,
        "state": word(found.state if found else _NOT_FOUND),
        "kind": found.title if found else None,
        "holder": found.holder if found else None,
        "issued_on": found.issued_on.isoformat() if found else None,
        "valid_until": found.valid_until.isoformat() if found and found.valid_until else None,
        "file": file,
    }
    upload = f"/verify/{ctx.tenant.slug}/{found.number if found else '-'}/file"
    answer = public_page(ctx, texts=_TEXTS, shown=shown, upload=upload)
    return Response(answer.body, status_code=200, media_type="text/html")


def _too_many(runtime: Runtime, request: _Request, error: RateLimited) -> Response[bytes]:
    """The page for somebody who asked too often, in their language: the same for every number."""
    facts = facts_of(request.scope)
    texts = runtime.composition.plugin_set(()).texts
    page = notice_page(
        facts.locale,
        title=texts.translate(f"{_TEXTS}.title", facts.locale),
        sentence=texts.translate(f"problems.{error.code}", facts.locale, **error.details),
    )
    wait_s = error.details.get("retry_after_s")
    whole_s = math.ceil(wait_s) if isinstance(wait_s, int | float) else 1
    headers = {"retry-after": str(max(1, whole_s)), "content-language": facts.locale}
    return Response(page, status_code=429, media_type="text/html", headers=headers)


def _facts(found: CheckedDocument | None) -> DocumentFacts:
    if found is None:
        return DocumentFacts(_NOT_FOUND)
    return DocumentFacts(
        found.state, found.title, found.holder, found.issued_on, found.valid_until, found.same_file
    )


def _media_type(request: _Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _form_file(request: _Request) -> bytes:
    """The file of the page's form. Raises: MalformedBody."""
    try:
        form = await request.form()
        given = form.get("file")
    except (HTTPException, ValueError):
        given = None
    if not isinstance(given, UploadFile):
        raise MalformedBody(expected=f"multipart/form-data file=…, {PDF}")
    return await given.read()
