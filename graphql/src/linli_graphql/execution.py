"""Executing a prepared document: the fast path where there is one, the ordinary executor else."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from typing import Any, Final, Protocol

import msgspec
from graphql import DocumentNode, ExecutionResult, OperationDefinitionNode, execute
from strawberry.execution import optimized_is_awaitable

from linli.errors import LinliError
from linli_graphql.documents import PreparedDocument
from linli_graphql.refusals import ERRORS_MAX, RequestFailed, all_formatted, expected, is_request_error
from linli_graphql.request import GraphQLRequest
from linli_graphql.schema import PluginSetSchema

TIMEOUT_S: Final = 30.0


class FastPath(Protocol):
    """Answers a document without the ordinary executor."""

    async def __call__(
        self,
        request: GraphQLRequest,
        schema: PluginSetSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any] | None,
    ) -> bytes | None:
        """The JSON of the response's `data`, or None when the ordinary executor must answer.

        Raises: LinliError for what makes the request fail as a whole.
        """
        ...


class Executed(msgspec.Struct, frozen=True):
    """A response as JSON. `failure` is the error for which nothing was executed or kept, if there is one;
    `request_error` says that graphql-core found the request itself at fault, as with variables that do not fit.
    """

    body: bytes
    code: str = ""
    failure: LinliError | None = None
    request_error: bool = False


async def run(
    schema: PluginSetSchema,
    request: GraphQLRequest,
    document: PreparedDocument,
    variables: Mapping[str, Any],
    fast_path: FastPath | None = None,
) -> Executed:
    """Execute within 30 s, and end the request's unit of work whatever happens. Never raises an `Exception`."""
    try:
        if fast_path is not None:
            # The database's limits and the pool's bound it; a timer of its own would cost more than they do.
            data = await fast_path(request, schema, document.document, document.operation, variables)
            if data is not None:
                if request.administrative:
                    await request.finish()
                return Executed(b'{"data":%b}' % data)
        async with asyncio.timeout(TIMEOUT_S):
            result = await ordinary(schema, request, document, variables)
            await request.finish()
            return await _told(result, request)
    except TimeoutError:
        return Executed(b"", RequestFailed.code, RequestFailed())
    except Exception as error:  # noqa: BLE001 - told to the caller as internal, and logged with its stack
        failure = expected(error, request.request_id)
        return Executed(b"", failure.code, failure)
    finally:
        await request.close()


async def ordinary(
    schema: PluginSetSchema,
    request: GraphQLRequest,
    document: PreparedDocument,
    variables: Mapping[str, Any],
) -> ExecutionResult:
    """What graphql-core makes of a prepared document, as Strawberry would call it, without parsing it again."""
    result = execute(
        schema._schema,
        document.document,
        context_value=request,
        variable_values=dict(variables),
        operation_name=document.operation_name,
        max_coercion_errors=ERRORS_MAX,
        executor_class=schema.execution_context_class,
        is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
        hide_suggestions=True,
        operation_extensions=None,
    )
    return await result if inspect.isawaitable(result) else result


async def _told(result: ExecutionResult, request: GraphQLRequest) -> Executed:
    if not result.errors:
        return Executed(msgspec.json.encode({"data": result.data}))
    translate = await request.translator()
    request_error = result.data is None and all(is_request_error(error) for error in result.errors)
    errors = result.errors[: ERRORS_MAX + 1] if request_error else result.errors
    entries = all_formatted(errors, translate, request.request_id)
    body: dict[str, Any] = {"errors": entries}
    if not request_error:
        body["data"] = result.data
    code = str(entries[0]["extensions"]["code"])
    return Executed(msgspec.json.encode(body), code, request_error=request_error)
