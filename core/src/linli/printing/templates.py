"""Templates of documents: what stands in one, in which order. The words are texts of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from linli.printing.drawing import draw
from linli.printing.sheet import Block, Grid, Pairs, Sheet, Signed, Text

if TYPE_CHECKING:
    from linli.context import Context

NOTHING: Final = "—"
PARTS_MAX: Final = 40
ROWS_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Lines:
    """Labels (`<texts>.<key>`) with the values of the same keys, one a line; None is a dash."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `values[key]` is a list of mappings by column; heads are `<texts>.<column>`, its title `<texts>.<key>`.

    At most 1,000 rows are printed; of a cell what goes into 30 lines, without line breaks.
    """

    key: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The text `<texts>.<key>`, with values in its braces."""

    key: str


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs: the label `<texts>.<key>` and `values[key]`, and the day on which the document was made."""

    key: str


Part = Lines | Table | Paragraph | Signature


@dataclass(frozen=True, slots=True)
class DocumentTemplate:
    """A kind of document, such as `migrants.acceptance_slip`.

    `texts` is the prefix of its words: `<texts>.title`, `<texts>.footer`, and those of its parts. A change of what
    stands in it is a new `version`.
    """

    kind: str
    version: int
    texts: str
    parts: tuple[Part, ...]
    pages_max: int = 20

    def __post_init__(self) -> None:
        assert 0 < len(self.parts) <= PARTS_MAX, f"{self.kind}: 1 to {PARTS_MAX} parts"
        assert self.version > 0, self.kind
        assert 0 < self.pages_max <= 100, self.kind

    def text_keys(self) -> tuple[str, ...]:
        """The texts that it needs, by their full keys."""
        keys = ["title", "footer"]
        for part in self.parts:
            match part:
                case Lines(names):
                    keys += names
                case Table(name, columns):
                    keys += [name, *columns]
                case Paragraph(name) | Signature(name):
                    keys.append(name)
        return tuple(f"{self.texts}.{key}" for key in keys)


async def render(
    ctx: Context,
    template: DocumentTemplate,
    values: Mapping[str, Any],
    *,
    number: str = "",
    address: str = "",
    made_at: datetime | None = None,
) -> bytes:
    """The document as PDF, in the context's language; equal input gives equal bytes.

    `address` is where anybody checks it: it becomes the QR code. `made_at` is this moment unless it is given.
    Values are texts, numbers or None; longer ones than 2,000 characters are cut.
    Raises: TooManyPages, BadDocumentAddress; KeyError for a value that the template needs.
    """
    moment = made_at or ctx.now()

    def word(key: str, **filled: object) -> str:
        return ctx.plugins.texts.translate(key, ctx.locale, **filled)

    def text(key: str, **filled: object) -> str:
        return word(f"{template.texts}.{key}", **filled)

    def block(part: Part) -> Block:
        match part:
            case Lines(keys):
                return Pairs([(text(key), _shown(values[key])) for key in keys])
            case Table(key, columns):
                rows: Sequence[Mapping[str, Any]] = values[key][:ROWS_MAX]
                cells = [[_shown(row[column]) for column in columns] for row in rows]
                return Grid([text(column) for column in columns], cells, title=text(key))
            case Paragraph(key):
                return Text(text(key, **values))
            case Signature(key):
                return Signed(text(key), _shown(values[key], ""), ctx.day_of(moment).isoformat())

    sheet = Sheet(
        title=text("title"),
        blocks=[block(part) for part in template.parts],
        made_at=moment,
        number=number,
        footer=text("footer"),
        page=word("printing.page"),
        address=address,
        verify=word("printing.verify"),
        language=ctx.locale,
        pages_max=template.pages_max,
    )
    return await draw(sheet)


def _shown(value: object, nothing: str = NOTHING) -> str:
    return nothing if value is None or value == "" else str(value)
