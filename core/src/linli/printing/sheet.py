"""What is to be printed, in the reader's language already: a title, blocks, a code to scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Pairs:
    """Labels with their values, one a line."""

    lines: Sequence[tuple[str, str]]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its heads, and rows with as many cells."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A line at the right: who signs, and below it the date."""

    label: str
    name: str
    day: str


Block = Pairs | Grid | Text | Signed


@dataclass(frozen=True, slots=True)
class Sheet:
    """A document of A4 pages. `made_at` is aware; it stands in the file, and nothing else of the time of drawing does.

    `footer` stands on every page, with the page's number in the words of `page` (`{page}`). `address` is what the
    QR code at the end holds; "" for none. `verify` stands beside it, with the address up to its `#`.
    """

    title: str
    blocks: Sequence[Block]
    made_at: datetime
    number: str = ""
    footer: str = ""
    page: str = "{page}"
    address: str = ""
    verify: str = ""
    language: str = "zh-CN"
    pages_max: int = 20
