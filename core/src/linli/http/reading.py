"""Reading of request bodies: JSON into a declared shape, forms into a mapping; every fault is a refusal."""

from __future__ import annotations

import re
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar import Request

from linli.http.errors import MalformedBody, UnsupportedMedia

FORM_TYPE: Final = "application/x-www-form-urlencoded"
_FIELDS_MAX: Final = 30
_PLACE = re.compile(r"`\$\.?([A-Za-z0-9_.\[\]-]*)`")
_MISSING = re.compile(r"missing required field `([A-Za-z0-9_]+)`")
_UNKNOWN = re.compile(r"unknown field `")
T = TypeVar("T")


async def read_json(request: Request[Any, Any, Any], shape: type[T]) -> T:
    """Read the body as JSON of this shape.

    Raises: UnsupportedMedia, MalformedBody (with the path of the field at fault, never its value).
    """
    media = _media_type(request)
    if media not in {"", "application/json"}:
        raise UnsupportedMedia(expected="application/json")
    body = await request.body()
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        expected = ", ".join(_fields(shape))
        raise MalformedBody(path=_path(str(error)), expected=f"JSON {{{expected}}}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise MalformedBody(expected="JSON in UTF-8") from None


async def read_form(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Read the body as a URL-encoded form; a field that occurs twice is refused.

    Raises: UnsupportedMedia, MalformedBody. Source: RFC 6749 §3.2 (no parameter more than once).
    """
    if _media_type(request) != FORM_TYPE:
        raise UnsupportedMedia(expected=FORM_TYPE)
    body = await request.body()
    try:
        text = body.decode("utf-8")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS_MAX, errors="strict")
    except ValueError:
        raise MalformedBody(expected=FORM_TYPE) from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise MalformedBody(expected="each field once")
    return form


def _media_type(request: Request[Any, Any, Any]) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _fields(shape: type[object]) -> tuple[str, ...]:
    return tuple(one.encode_name for one in msgspec.structs.fields(shape))  # type: ignore[arg-type]


def _path(message: str) -> tuple[str, ...]:
    """The path in msgspec's message; the name of an unknown field is the caller's and is not repeated."""
    if _UNKNOWN.search(message):
        return ()
    place = _PLACE.search(message)
    path = tuple(part for part in place[1].split(".") if part) if place else ()
    missing = _MISSING.search(message)
    return (*path, missing[1]) if missing else path
