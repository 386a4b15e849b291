"""Which media type and which encoding an answer gets. Source: RFC 9110 §12.4.2, §12.5.1, §12.5.3."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from typing import Final

import zstandard

RESPONSE_TYPE: Final = b"application/graphql-response+json"
LEGACY_TYPE: Final = b"application/json"
_OFFERED: Final = (
    LEGACY_TYPE,
    RESPONSE_TYPE,
)  # the first wins a draw: clients that know the other name it alone
_HEADER_BYTES_MAX: Final = 2_000
_QUALITY: Final = re.compile(rb"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")
_COMPRESSED_FROM_BYTES: Final = 1_024


@lru_cache(maxsize=256)
def media_type_for(accept: bytes | None) -> bytes | None:
    """The media type to answer in, or None when the caller takes none of ours.

    Without the header it is `application/json`. Source: GraphQL over HTTP §4.1.
    """
    if accept is None or not accept.strip():
        return LEGACY_TYPE
    ranges = _weighted(accept)
    best: tuple[float, bytes] | None = None
    for offered in _OFFERED:
        quality = _quality_of(offered, ranges)
        if quality > 0 and (best is None or quality > best[0]):
            best = (quality, offered)
    return best[1] if best else None


@lru_cache(maxsize=256)
def encoding_for(accept: bytes | None) -> bytes | None:
    """`zstd`, `gzip`, or None for no encoding; zstd when both are as welcome."""
    if accept is None:
        return None
    weights = dict(_weighted(accept))
    anything = weights.get(b"*", 0.0)
    quality, name = max((weights.get(name, anything), name) for name in (b"gzip", b"zstd"))
    return name if quality > 0 and quality >= weights.get(b"identity", 0.0) else None


def worth_encoding(body: bytes) -> bool:
    """Whether a body is large enough for compression to pay."""
    return len(body) > _COMPRESSED_FROM_BYTES


def encoded(body: bytes, encoding: bytes) -> bytes:
    """The body, compressed fast rather than small.

    Compression tells nothing of a secret by its length (BREACH): a body holds no token, and no foreign page can
    have one made, as the credential is in a header that a browser adds for nobody.
    """
    if encoding == b"zstd":
        return zstandard.ZstdCompressor(level=3).compress(body)
    return gzip.compress(body, compresslevel=1, mtime=0)


def _weighted(header: bytes) -> list[tuple[bytes, float]]:
    found = []
    for part in header[:_HEADER_BYTES_MAX].lower().split(b","):
        name, *parameters = (item.strip() for item in part.split(b";"))
        quality = 1.0
        charset_fits = True
        for parameter in parameters:
            key, _, value = (item.strip() for item in parameter.partition(b"="))
            if key == b"q":
                quality = float(value) if _QUALITY.fullmatch(value) else 0.0
            elif key == b"charset":
                charset_fits = value.strip(b'"') in (b"utf-8", b"utf8")
        if name and charset_fits:
            found.append((name, quality))
    return found


def _quality_of(offered: bytes, ranges: list[tuple[bytes, float]]) -> float:
    """The quality of the most specific range that covers a type; 0 when none does."""
    for name in (offered, b"application/*", b"*/*"):
        qualities = [quality for given, quality in ranges if given == name]
        if qualities:
            return max(qualities)
    return 0.0
