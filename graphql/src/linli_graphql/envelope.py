"""What a GraphQL request carries: out of a JSON body, or out of the address. Source: GraphQL over HTTP §5."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, cast
from urllib.parse import parse_qsl

import msgspec
from litestar.types import Receive, Scope

from linli.http.errors import MalformedBody, UnsupportedMedia
from linli.http.facts import facts_of

_EXPECTED: Final = '{"query": "…", "variables": {…}, "operationName": "…", "extensions": {…}}'
_PARAMETERS: Final = ("query", "variables", "operationName", "extensions")
_PARAMETERS_MAX: Final = 8


class Envelope(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """A request: the document, its variables, and which of its operations to execute."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


_DECODER: Final = msgspec.json.Decoder(Envelope)
_OBJECT_DECODER: Final = msgspec.json.Decoder(dict[str, Any] | None)


async def envelope_of_body(scope: Scope, receive: Receive) -> Envelope:
    """The request in a body of JSON in UTF-8.

    Raises: UnsupportedMedia, MalformedBody; BodyTooLarge and BodyTooSlow out of `receive`.
    """
    headers = facts_of(scope).headers
    expected = _expected_instead(headers.get(b"content-type", b""))
    if expected is not None:
        raise UnsupportedMedia(expected=expected)
    if headers.get(b"content-encoding", b"identity") != b"identity":
        raise UnsupportedMedia(expected="content-encoding: identity")
    chunks = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise MalformedBody(expected="JSON")
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    try:
        return _DECODER.decode(b"".join(chunks))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
        raise MalformedBody(expected=_EXPECTED) from None


def envelope_of_address(scope: Scope) -> Envelope:
    """The request in the parameters of an address. Raises: MalformedBody."""
    raw = cast("dict[str, Any]", scope).get("query_string", b"")
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, max_num_fields=_PARAMETERS_MAX, errors="strict"
        )
        given = dict(pairs)
        if len(given) != len(pairs) or not given.keys() <= set(_PARAMETERS) or "query" not in given:
            raise MalformedBody(expected="?query=…")
        return Envelope(
            query=given["query"],
            variables=_object(given.get("variables")),
            operation_name=given.get("operationName") or None,
            extensions=_object(given.get("extensions")),
        )
    except (msgspec.MsgspecError, RecursionError, ValueError):
        raise MalformedBody(expected="?query=…&variables={…}&operationName=…") from None


def _object(text: str | None) -> dict[str, Any] | None:
    return _OBJECT_DECODER.decode(text) if text else None


@lru_cache(maxsize=256)
def _expected_instead(content_type: bytes) -> str | None:
    """What a body should have been sent as, or None when this is right."""
    media, _, parameters = content_type.lower().partition(b";")
    if media.strip() != b"application/json":
        return "application/json"
    for parameter in parameters.split(b";"):
        key, _, value = (item.strip() for item in parameter.partition(b"="))
        if key == b"charset" and value.strip(b'"') != b"utf-8":
            return "application/json; charset=utf-8"
    return None
