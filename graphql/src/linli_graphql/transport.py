"""GraphQL over HTTP: POST with a JSON body, always answered in JSON.

Source: GraphQL over HTTP, working draft. Errors carry a stable code and the request id, and never the input.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

import msgspec
import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from litestar import asgi
from litestar.handlers import ASGIRouteHandler
from litestar.types import Receive, Scope, Send

from linli.errors import Invalid, LinliError, Unauthenticated
from linli.http.authentication import Principal, authenticate_request
from linli.http.errors import MalformedBody, MethodNotAllowed, UnsupportedMedia, status_of
from linli.http.facts import facts_of, header_of
from linli.http.problems import JSON_TYPE, Answer
from linli.runtime import Runtime
from linli_graphql.problems import Translate
from linli_graphql.request import GraphQLRequest
from linli_graphql.schema import PluginSetSchema

if TYPE_CHECKING:
    from linli_graphql.interface import GraphQLInterface

_TIMEOUT_S = 30.0
_log = structlog.get_logger("linli.graphql")


class RequestFailed(LinliError):
    """The request took too long."""

    code = "graphql.timeout"


class ParseFailed(Invalid):
    """The document is not GraphQL (`line`, `column`)."""

    code = "graphql.parse_failed"


class ValidationFailed(Invalid):
    """The document does not fit the schema (`reason`)."""

    code = "graphql.validation_failed"


class Envelope(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The body of a request."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


def graphql_handler(interface: GraphQLInterface, runtime: Runtime) -> ASGIRouteHandler:
    """The handler of `/graphql`."""

    @asgi("/graphql", copy_scope=False)
    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        await (await _answer(interface, runtime, scope, receive))(send)

    return handle


async def _answer(interface: GraphQLInterface, runtime: Runtime, scope: Scope, receive: Receive) -> Answer:
    facts = facts_of(scope)
    composition = runtime.composition
    translate = Translate(composition.plugin_set(composition.names).texts, facts.locale)
    try:
        if cast("dict[str, Any]", scope).get("method") != "POST":
            raise MethodNotAllowed()
        principal = await authenticate_request(runtime, scope)
        envelope = await _read(scope, receive)
    except LinliError as error:
        return _refusal(error, translate, facts.id)
    plugins = composition.plugin_set(principal.tenant.plugins)
    schema = interface.schema_for(plugins)
    request = GraphQLRequest(
        runtime=runtime,
        tenant=principal.tenant,
        actor=principal.actor,
        plugins=plugins,
        locale=facts.locale,
        request_id=facts.id,
        origin=facts.origin,
        specs=schema.specs,
    )
    return await _execute(schema, request, envelope, principal)


async def _execute(
    schema: PluginSetSchema, request: GraphQLRequest, envelope: Envelope, principal: Principal
) -> Answer:
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            result = await schema.execute(
                envelope.query,
                variable_values=envelope.variables,
                context_value=request,
                operation_name=envelope.operation_name,
            )
            await request.finish()
    except TimeoutError:
        return _refusal(RequestFailed(), await request.translator(), request.request_id)
    except Exception as error:  # noqa: BLE001 - told to the caller as internal, and logged with its stack
        return _refusal(_expected(error, request.request_id), await request.translator(), request.request_id)
    finally:
        await request.close()
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        translate = await request.translator()
        executed = result.data is not None or any(error.path for error in result.errors)
        body["errors"] = [formatted(error, translate, request.request_id) for error in result.errors]
        if not executed:
            del body["data"]
            return _json(400, body)
    return _json(200, body)


async def _read(scope: Scope, receive: Receive) -> Envelope:
    media = (header_of(scope, b"content-type") or b"").partition(b";")[0].strip().lower()
    if media != b"application/json":
        raise UnsupportedMedia(expected="application/json")
    chunks = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise MalformedBody(expected="JSON")
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    try:
        return msgspec.json.decode(b"".join(chunks), type=Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise MalformedBody(expected='{"query": "…", "variables": {…}, "operationName": "…"}') from None


def formatted(error: GraphQLError, translate: Translate, request_id: str) -> dict[str, Any]:
    """An error as the caller sees it: a translated message, a stable code, where it happened."""
    original = error.original_error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    if isinstance(original, LinliError):
        known = original
    elif isinstance(error, GraphQLSyntaxError):
        place = error.locations[0] if error.locations else None
        known = ParseFailed(line=place.line if place else 0, column=place.column if place else 0)
    elif original is None or isinstance(original, GraphQLError):
        known = ValidationFailed(reason=error.message[:300])
    else:
        known = _expected(original, request_id)
    shown: dict[str, Any] = {
        "message": translate(known),
        "extensions": {"code": known.code, "requestId": request_id},
    }
    if error.path:
        shown["path"] = error.path
    if error.locations:
        shown["locations"] = [{"line": one.line, "column": one.column} for one in error.locations]
    return shown


def _expected(error: BaseException, request_id: str) -> LinliError:
    if isinstance(error, LinliError):
        return error
    _log.error("graphql.failed", request_id=request_id, exc_info=error)
    return LinliError()


def _refusal(error: LinliError, translate: Translate, request_id: str) -> Answer:
    body = {
        "errors": [{"message": translate(error), "extensions": {"code": error.code, "requestId": request_id}}]
    }
    headers = ((b"www-authenticate", b"Bearer"),) if isinstance(error, Unauthenticated) else ()
    return _json(status_of(error), body, headers)


def _json(status: int, body: object, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Answer:
    return Answer(status, msgspec.json.encode(body), ((b"content-type", JSON_TYPE), *headers))
