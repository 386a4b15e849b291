"""GraphQL over HTTP: queries by GET and POST, mutations by POST, answered in JSON whatever comes in.

Read top-down: method → media type → who calls → what is asked → document (kept) → price → place → execution.
Source: GraphQL over HTTP, working draft. Errors carry a stable code and the request id, and never the input.
"""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final
from uuid import UUID

import msgspec
from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from linli.context import PermissionDenied
from linli.errors import LinliError, Unauthenticated
from linli.http.authentication import Principal, authenticate_request
from linli.http.errors import BodyTooLarge, BodyTooSlow, MethodNotAllowed, RateLimited, status_of
from linli.http.facts import RequestFacts, facts_of
from linli.http.problems import Answer
from linli.http.throttle import Throttle
from linli.i18n import Catalogue
from linli.runtime import Runtime
from linli.tenancy.catalogue import Tenant
from linli_graphql.budget import Budget, Quota, Receipt, rate_headers
from linli_graphql.documents import DocumentCache, PreparedDocument
from linli_graphql.envelope import Envelope, envelope_of_address, envelope_of_body
from linli_graphql.execution import Executed, FastPath, run
from linli_graphql.gate import TenantGate, share_of
from linli_graphql.negotiation import (
    LEGACY_TYPE,
    RESPONSE_TYPE,
    encoded,
    encoding_for,
    media_type_for,
    worth_encoding,
)
from linli_graphql.problems import Translate
from linli_graphql.refusals import DocumentRefused, NotAcceptable, shown
from linli_graphql.request import GraphQLRequest
from linli_graphql.schema import PluginSetSchema

if TYPE_CHECKING:
    from linli_graphql.interface import GraphQLInterface

REFUSED: Final = 100
INTROSPECT: Final = "tenancy.schema.introspect"
_READING: Final = frozenset({"GET", "HEAD"})
_ALLOW: Final = (b"allow", b"GET, HEAD, POST, OPTIONS")
_QUOTAS_MAX: Final = 10_000
_COUNTED_BYTES_MAX: Final = 32 * 1024
_ENCODED_ASIDE_FROM_BYTES: Final = 256 * 1024
_CONTENT_TYPES: Final = {
    media: (b"content-type", media + b"; charset=utf-8") for media in (LEGACY_TYPE, RESPONSE_TYPE)
}
_VARY: Final = (b"vary", b"accept, accept-encoding")
Headers = tuple[tuple[bytes, bytes], ...]


def graphql_handler(interface: GraphQLInterface, runtime: Runtime) -> ASGIRouteHandler:
    """The handler of `/graphql`."""
    transport = Transport(interface, runtime)

    @asgi("/graphql", copy_scope=False)
    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        await (await transport.answer(scope, receive)).send(scope, send)

    return handle


class Call(msgspec.Struct, eq=False):
    """One HTTP request on its way: what is known of it so far."""

    facts: RequestFacts
    method: str
    texts: Catalogue
    media: bytes = LEGACY_TYPE
    request: GraphQLRequest | None = None
    headers: list[tuple[bytes, bytes]] = []


class Transport:
    """Answers the requests of one process. `documents` are kept for all schemas together."""

    def __init__(self, interface: GraphQLInterface, runtime: Runtime) -> None:
        self._interface = interface
        self._runtime = runtime
        self._texts = runtime.composition.plugin_set(runtime.composition.names).texts
        settings = runtime.settings
        self.documents = DocumentCache()
        self.budget = Budget(Throttle(runtime))
        self.gate = TenantGate(settings.tenant_concurrency or share_of(settings.pool_size_max))
        self._quotas: dict[UUID, tuple[Tenant, Quota]] = {}
        self.fast_path: FastPath | None = interface.compiler.answer

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """The response to a request; every refusal is one."""
        facts = facts_of(scope)
        method: str = scope["method"]  # type: ignore[typeddict-item]
        call = Call(facts, method, self._texts)
        if method == "OPTIONS":
            return Answer(204, b"", (_ALLOW,))
        try:
            answer = await self._answer(call, scope, receive)
        except LinliError as error:
            answer = await _refusal(call, error)
        except DocumentRefused as refused:
            answer = await _document_refusal(call, refused)
        encoding = (
            encoding_for(facts.headers.get(b"accept-encoding")) if worth_encoding(answer.body) else None
        )
        return answer if encoding is None else await _compressed(answer, encoding)

    async def _answer(self, call: Call, scope: Scope, receive: Receive) -> Answer:
        if call.method not in _READING and call.method != "POST":
            raise MethodNotAllowed()
        media = media_type_for(call.facts.headers.get(b"accept"))
        if media is None:
            raise NotAcceptable(expected="application/graphql-response+json, application/json")
        call.media = media
        # A query by GET is safe from foreign pages as all calls are: none can make a browser send this header.
        principal = await authenticate_request(self._runtime, scope)
        reading = call.method in _READING
        envelope = envelope_of_address(scope) if reading else await envelope_of_body(scope, receive)
        request, schema = self._request(call.facts, principal)
        call.request = request
        try:
            document = self.documents.get(schema._schema, envelope.query, envelope.operation_name)
        except DocumentRefused:
            await self._charge_refused(request)
            raise
        call.facts.notes["document"] = document.text_hash[:12]
        if reading and not document.is_query:
            raise MethodNotAllowed()
        if document.introspects and INTROSPECT not in principal.actor.permissions:
            raise PermissionDenied(permission=INTROSPECT)
        return await self._execute(call, schema, request, document, envelope)

    async def _charge_refused(self, request: GraphQLRequest) -> None:
        """To have a document refused costs as well: it is what an attack consists of."""
        quota = self._quota(request)
        await self.budget.charge(quota, request.tenant, request.actor, min(REFUSED, quota.document))

    def _quota(self, request: GraphQLRequest) -> Quota:
        """The quota of the tenant's callers, found once for the tenant as it is."""
        tenant, quota = self._quotas.get(request.tenant.id, (None, None))
        if quota is None or tenant is not request.tenant:
            quota = Quota.of(self._runtime.settings, request.tenant, request.plugins)
            if len(self._quotas) >= _QUOTAS_MAX:
                self._quotas.clear()
            self._quotas[request.tenant.id] = (request.tenant, quota)
        return quota

    async def _execute(
        self,
        call: Call,
        schema: PluginSetSchema,
        request: GraphQLRequest,
        document: PreparedDocument,
        envelope: Envelope,
    ) -> Answer:
        variables = envelope.variables or {}
        quota = self._quota(request)
        try:
            receipt = await self.budget.charge(
                quota, request.tenant, request.actor, document.estimate(variables)
            )
        except RateLimited:
            call.headers.extend(rate_headers(quota, 0))
            raise
        await self.gate.enter(request.tenant.id)
        try:
            done = await run(schema, request, document, variables, self.fast_path)
        finally:
            self.gate.leave(request.tenant.id)
        self._interface.tally.add(statements=request.statements, good=not done.code)
        if done.code:
            call.facts.notes["code"] = done.code
        if done.failure is not None:
            return await _refusal(call, done.failure)
        return _executed(call, done, document, receipt)

    def _request(self, facts: RequestFacts, principal: Principal) -> tuple[GraphQLRequest, PluginSetSchema]:
        plugins = self._runtime.composition.plugin_set(principal.tenant.plugins)
        schema = self._interface.schema_for(plugins)
        request = GraphQLRequest(
            runtime=self._runtime,
            tenant=principal.tenant,
            actor=principal.actor,
            plugins=plugins,
            locale=facts.locale,
            request_id=facts.id,
            origin=facts.origin,
            specs=schema.specs,
            schema=schema,
        )
        return request, schema


def _executed(call: Call, done: Executed, document: PreparedDocument, receipt: Receipt) -> Answer:
    receipt.settle(0 if done.request_error else _fields_in(done.body) + document.surcharge)
    call.facts.notes["cost"] = receipt.charged
    call.headers.extend(rate_headers(receipt.quota, receipt.remaining))
    body = b'%b,"extensions":{"cost":%b}}' % (done.body[:-1], receipt.as_extension())
    return _json(call, 400 if done.request_error and call.media != LEGACY_TYPE else 200, body)


def _fields_in(body: bytes) -> int:
    """How many fields a response has: each has a colon after its name, which no JSON has without a quote before it.

    Of a large response the beginning is counted, and the rest is taken to be like it.
    """
    if len(body) <= _COUNTED_BYTES_MAX:
        return body.count(b'":')
    return body.count(b'":', 0, _COUNTED_BYTES_MAX) * len(body) // _COUNTED_BYTES_MAX


async def _document_refusal(call: Call, refused: DocumentRefused) -> Answer:
    translate = await _translator(call)
    call.facts.notes["code"] = refused.faults[0].error.code
    errors = [shown(fault, translate, call.facts.id) for fault in refused.faults]
    # Source: GraphQL over HTTP §6.4: application/json tells faults of a document with status 200.
    status = 200 if call.media == LEGACY_TYPE and not refused.by_limit else 400
    return _json(call, status, msgspec.json.encode({"errors": errors}))


async def _refusal(call: Call, error: LinliError) -> Answer:
    translate = await _translator(call)
    call.facts.notes["code"] = error.code
    extensions = {"code": error.code, "requestId": call.facts.id}
    body = {"errors": [{"message": translate(error), "extensions": extensions}]}
    if isinstance(error, Unauthenticated):
        call.headers.append((b"www-authenticate", b"Bearer"))
    if isinstance(error, MethodNotAllowed):
        call.headers.append((b"allow", b"POST") if call.method in _READING else _ALLOW)
    if isinstance(error, BodyTooLarge | BodyTooSlow):
        call.headers.append((b"connection", b"close"))  # the rest of the body is not worth reading
    if isinstance(wait_s := error.details.get("retry_after_s"), int | float):
        call.headers.append((b"retry-after", str(max(1, math.ceil(wait_s))).encode()))
    status = 406 if isinstance(error, NotAcceptable) else status_of(error)
    return _json(call, status, msgspec.json.encode(body))


async def _translator(call: Call) -> Translate:
    """The tenant's own wording once the caller is known to be of the tenant; else the platform's."""
    if call.request is None:
        return Translate(call.texts, call.facts.locale)
    return await call.request.translator()


def _json(call: Call, status: int, body: bytes) -> Answer:
    return Answer(status, body, (_CONTENT_TYPES[call.media], _VARY, *call.headers))


async def _compressed(answer: Answer, encoding: bytes) -> Answer:
    if len(answer.body) < _ENCODED_ASIDE_FROM_BYTES:
        body = encoded(answer.body, encoding)
    else:
        body = await asyncio.to_thread(encoded, answer.body, encoding)
    return Answer(answer.status, body, (*answer.headers, (b"content-encoding", encoding)))
