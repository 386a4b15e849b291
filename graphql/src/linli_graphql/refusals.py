"""How a request's errors are told: a stable code, a translated message, where it happened; never the input."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from graphql import GraphQLError, GraphQLSyntaxError

from linli.errors import Invalid, LinliError, Unavailable
from linli_graphql.problems import Translate

ERRORS_MAX: Final = 10
_REASON_CHARACTERS_MAX: Final = 300
_STACKS_MAX: Final = 3
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


class OperationUnclear(Invalid):
    """The document has several operations and none is named, or none of the given name."""

    code = "graphql.operation_unclear"


class LimitExceeded(Invalid):
    """The document is larger than a limit on its form (`what`, `limit`)."""

    code = "graphql.limit_exceeded"


class TooExpensive(Invalid):
    """One request may not cost as much as this one would (`cost`, `limit`)."""

    code = "graphql.too_expensive"


class NotAcceptable(Invalid):
    """The caller accepts no media type in which the API answers (`expected`)."""

    code = "graphql.not_acceptable"


class TenantBusy(Unavailable):
    """The tenant has as many requests under way as it may have (`retry_after_s`)."""

    code = "graphql.tenant_busy"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a document, and where in it. Kept with the document, so it is never changed."""

    error: LinliError
    locations: tuple[tuple[int, int], ...] = ()


class DocumentRefused(Exception):
    """A document that is not executed. `by_limit` when it breaks a limit and not a rule of GraphQL."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults)
        self.faults = faults

    @property
    def by_limit(self) -> bool:
        """Whether a limit refused it, which is told by the HTTP status in every media type."""
        return isinstance(self.faults[0].error, LimitExceeded | TooExpensive)


def faults_of(errors: Sequence[GraphQLError]) -> tuple[Fault, ...]:
    """The faults that graphql-core found in a document or in its variables, at most 10."""
    return tuple(
        Fault(_request_error(error), tuple((one.line, one.column) for one in (error.locations or ())[:5]))
        for error in errors[:ERRORS_MAX]
    )


def shown(fault: Fault, translate: Translate, request_id: str) -> dict[str, Any]:
    """A fault as the caller sees it."""
    entry = _entry(fault.error, translate, request_id)
    if fault.locations:
        entry["locations"] = [{"line": line, "column": column} for line, column in fault.locations]
    return entry


def formatted(error: GraphQLError, translate: Translate, request_id: str) -> dict[str, Any]:
    """An error of an execution as the caller sees it; one that nobody expected is logged with its stack."""
    entry = _entry(_known(error, request_id), translate, request_id)
    if error.path:
        entry["path"] = error.path
    if error.locations:
        entry["locations"] = [{"line": one.line, "column": one.column} for one in error.locations]
    return entry


def all_formatted(
    errors: Sequence[GraphQLError], translate: Translate, request_id: str
) -> list[dict[str, Any]]:
    """The errors of an execution; of those that nobody expected, the first few are logged."""
    unexpected = 0
    entries = []
    for error in errors:
        if unexpected < _STACKS_MAX or _is_expected(error):
            entry = formatted(error, translate, request_id)
            unexpected += entry["extensions"]["code"] == LinliError.code
        else:
            entry = _entry(LinliError(), translate, request_id) | {"path": error.path}
        entries.append(entry)
    return entries


def expected(error: BaseException, request_id: str) -> LinliError:
    """The error itself, or `internal` for one that nobody expected, which is logged with its stack."""
    if isinstance(error, LinliError):
        return error
    _log.error("graphql.failed", request_id=request_id, exc_info=error)
    return LinliError()


def is_request_error(error: GraphQLError) -> bool:
    """Whether it was found before anything was executed: it is graphql-core's own and has no path."""
    return not error.path and _original(error) is None


def _entry(error: LinliError, translate: Translate, request_id: str) -> dict[str, Any]:
    return {"message": translate(error), "extensions": {"code": error.code, "requestId": request_id}}


def _known(error: GraphQLError, request_id: str) -> LinliError:
    original = _original(error)
    if isinstance(original, LinliError):
        return original
    return _request_error(error) if original is None else expected(original, request_id)


def _is_expected(error: GraphQLError) -> bool:
    original = _original(error)
    return original is None or isinstance(original, LinliError)


def _original(error: GraphQLError) -> BaseException | None:
    """The exception behind an error that is not graphql-core's own."""
    found: BaseException | None = error
    while isinstance(found, GraphQLError):
        found = found.original_error
    return found


def _request_error(error: GraphQLError) -> LinliError:
    original = _original(error)
    if isinstance(original, LinliError):
        return original
    if isinstance(error, GraphQLSyntaxError):
        place = error.locations[0] if error.locations else None
        return ParseFailed(line=place.line if place else 0, column=place.column if place else 0)
    return ValidationFailed(reason=without_values(error.message))


# graphql-core quotes the values at fault. The names of fields, types and variables stay; a value never does.
_VALUES: Final = (
    (re.compile(r"(, |,? but )?(found|encountered error|got)\b:? .*", re.S), ""),
    (
        re.compile(r"(invalid|non-\w+|outside|not|represent\w*)( \w+)* value:? .*", re.S | re.I),
        r"invalid value",
    ),
    (re.compile(r"(cannot represent [\w -]*?)(value)?: .*", re.S | re.I), r"\1value"),
    (re.compile(r"(Value|Enum|Expected|Invalid value) ('|\").*?\2", re.S), r"\1"),
    (re.compile(r"\"(\\.|[^\"\\])*\"", re.S), "…"),
    (re.compile(r"[{\[](?=.*[:,]).*", re.S), "…"),
)


def without_values(message: str) -> str:
    """graphql-core's message without the values that it quotes, bounded in length."""
    for pattern, replacement in _VALUES:
        message = pattern.sub(replacement, message)
    return message.strip()[:_REASON_CHARACTERS_MAX]
