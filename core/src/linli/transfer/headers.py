"""Finding the row of headers, and which columns of a file are used, dropped or ignored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from linli.privacy.forbidden import forbidden_header
from linli.transfer.conversion import in_order, text_of
from linli.transfer.errors import ColumnTwice, MissingColumns
from linli.transfer.sheet_reading import RawRow
from linli.transfer.wording import Words, folded

HEADER_ROWS_MAX: Final = 30
GROUP_ROWS_MAX: Final = 3
HEADER_SHOWN_MAX: Final = 60
HEADERS_TOLD_MAX: Final = 50


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns stand: `places` gives each found column's place in a row; `cells` is the row of headers.

    Both are without the columns that are never kept, whose places in the file are `dropped`; `dropped_columns` and
    `ignored_columns` are their headers, and those that name nothing that is known. `width` is how many columns the
    file's row of headers has.
    """

    number: int
    cells: tuple[str, ...]
    places: Mapping[str, int]
    dropped: frozenset[int] = frozenset()
    dropped_columns: tuple[str, ...] = ()
    ignored_columns: tuple[str, ...] = ()
    width: int = 0

    def kept(self, row: RawRow) -> RawRow:
        """A row of the file without the columns that are never kept, and without cells that are under no header."""
        number, cells = row
        if not self.dropped and len(cells) <= self.width:
            return row
        return number, [cell for i, cell in enumerate(cells[: self.width]) if i not in self.dropped]


def find_header(words: Words, rows: Sequence[RawRow]) -> tuple[Header, int]:
    """The row among the first 30 that names all required columns, and how many of `rows` end with it.

    Raises: MissingColumns, ColumnTwice.
    """
    known = words.headers()
    required = {column.key for column in words.kind.columns if column.required}
    missing = required
    for i, (number, cells) in enumerate(rows[:HEADER_ROWS_MAX], start=1):
        texts = [text_of(cell).replace("\0", "") for cell in cells]  # PostgreSQL keeps no NUL
        keys = [known.get(folded(text)) for text in texts]
        found = [key for key in keys if key is not None]
        if found and required <= set(found):
            if twice := next((key for key in found if found.count(key) > 1), None):
                raise ColumnTwice(column=words.both_headers(twice))
            return _header(number, texts, keys, _groups(rows[max(0, i - 1 - GROUP_ROWS_MAX) : i - 1])), i
        if len(required - set(found)) < len(missing):
            missing = required - set(found)
    raise MissingColumns(columns=[words.both_headers(key) for key in in_order(words.kind, missing)])


def _groups(above: Sequence[RawRow]) -> list[list[str]]:
    """For each row above the headers that groups them, what stands over each column; a title groups nothing."""
    found: list[list[str]] = []
    for _number, cells in above:
        texts = [text_of(cell).strip() for cell in cells]
        if sum(bool(text) for text in texts) > 1:
            found.append(list(accumulate(texts, _last_said)))
    return found


def _last_said(before: str, text: str) -> str:
    return text or before


def _dropped(
    texts: Sequence[str], keys: Sequence[str | None], groups: Sequence[Sequence[str]]
) -> dict[int, str]:
    """The places of the columns that are never kept, with their headers; "" under a header that spans several."""
    found: dict[int, str] = {}
    for i, text in enumerate(texts):
        if keys[i] is not None:
            continue
        over = [group[min(i, len(group) - 1)] for group in groups]
        if forbidden_header(text) is not None:
            found[i] = text
        elif not text.strip() and i - 1 in found:
            found[i] = ""
        elif (group := next((one for one in over if forbidden_header(one) is not None), None)) is not None:
            found[i] = f"{group} / {text.strip()}"
    return found


def _header(
    number: int, texts: Sequence[str], keys: Sequence[str | None], groups: Sequence[Sequence[str]]
) -> Header:
    dropped = _dropped(texts, keys, groups)
    kept = [i for i in range(len(texts)) if i not in dropped]
    ignored = [texts[i] for i in kept if keys[i] is None and texts[i].strip()]
    return Header(
        number=number,
        cells=tuple(texts[i] for i in kept),
        places={key: place for place, key in enumerate(keys[i] for i in kept) if key is not None},
        dropped=frozenset(dropped),
        dropped_columns=tuple(_told(text for text in dropped.values() if text)),
        ignored_columns=tuple(_told(ignored)),
        width=len(texts),
    )


def _told(headers: Iterable[str]) -> list[str]:
    shown = ("".join(one for one in header if one.isprintable()) for header in headers)
    return [header.strip()[:HEADER_SHOWN_MAX] for header in shown][:HEADERS_TOLD_MAX]
