"""The choice of a locale from what a client accepts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from linli.i18n.catalogue import LOCALES

_HEADER_CHARACTERS_MAX: Final = 1_000
_RANGES_MAX: Final = 30
_RANGE = re.compile(
    r"[ \t]*(?P<tag>\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)"
    r"[ \t]*(?:;[ \t]*[qQ]=(?P<quality>0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)[ \t]*)?"
)


def negotiate(accept_language: str, *, locales: Sequence[str] = LOCALES) -> str:
    """Choose from `locales` what suits an Accept-Language header best; the first when nothing does.

    A range matches by its language alone (`zh-TW` gets zh-CN rather than English). Among equal qualities the
    range that stands first wins, then the locale that stands first. Ranges that are not well formed are
    skipped; no more than 30 ranges in 1,000 characters are read.

    Source: RFC 9110 §12.5.4 and §12.4.2 (quality values); RFC 4647 §3.4 (lookup).
    """
    wanted = _wanted(accept_language[:_HEADER_CHARACTERS_MAX])
    chosen, best = locales[0], (0.0, 0)
    for locale in locales:
        rank = wanted.get(_language(locale), wanted.get("*", (0.0, 0)))
        if rank[0] > 0 and rank > best:
            chosen, best = locale, rank
    return chosen


def _wanted(header: str) -> dict[str, tuple[float, int]]:
    """Give each language's best quality and, for ties, how early it stands (larger is earlier)."""
    wanted: dict[str, tuple[float, int]] = {}
    for place, part in enumerate(header.split(",")[:_RANGES_MAX]):
        match = _RANGE.fullmatch(part)
        if match:
            rank = (float(match["quality"] or 1), -place - 1)
            language = _language(match["tag"])
            wanted[language] = max(wanted.get(language, rank), rank)
    return wanted


def _language(tag: str) -> str:
    return tag.partition("-")[0].lower()
