"""The columns of an exported list: fields of the node, and those of the rows that it refers to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from typing import Any, Final
from zoneinfo import ZoneInfo

from strawberry.types.base import get_object_definition

from linli.i18n import Catalogue
from linli.transfer.errors import UnknownColumn
from linli.transfer.formats import Format
from linli.transfer.writing import OutCell
from linli_graphql.compiled.selection import Column, GlobalId, One
from linli_graphql.compiled.selection import Object as SelectedObject
from linli_graphql.declaration import ColumnSpec, NodeSpec, ValueKind
from linli_graphql.fields import enum_of
from linli_graphql.masks import HIDDEN_MASK
from linli_graphql.naming import camel

COLUMNS_MAX: Final = 100
_LEFT_OUT: Final = frozenset({"version"})


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column: its name in the API, such as `fullName` or `area.name`, and where its value comes from.

    `via` is the field that leads to another row, or None; `spec` is None for the global id.
    """

    name: str
    of: NodeSpec
    via: str | None
    spec: ColumnSpec | None

    def header(self, texts: Catalogue, locale: str) -> str:
        """Its name for people: the text of `exports.<list>.<field>` or `exports.any.<field>`, else that in the API."""
        field = self.spec.name if self.spec is not None else "id"
        own = texts.text(f"exports.{self.of.plural}.{field}", locale) or texts.text(
            f"exports.any.{field}", locale
        )
        if self.via is None:
            return own or self.name
        led = texts.text(f"exports.any.{self.via}", locale)
        return f"{led} {own}" if led and own else self.name

    def reader(self, words: Words) -> Callable[[Any], OutCell]:
        """What makes of a value in the JSON of the list the one that stands in the file."""
        kind = self.spec.kind if self.spec is not None else ValueKind.ID
        names = words.names_of(enum_of(_field(self.of, self.spec.name))) if self.spec is not None else {}
        if kind in (ValueKind.TEXTS, ValueKind.JSON):
            read: Callable[[Any], OutCell] = words.joined
        elif names:
            read = lambda value: names.get(value, value)  # noqa: E731
        elif kind is ValueKind.DATE and words.plain:
            read = lambda value: date.fromisoformat(value) if _is_day(value) else value  # noqa: E731
        elif kind is ValueKind.MOMENT and words.plain:
            read = words.local_time
        else:
            read = _as_it_is
        if self.via is None:
            return lambda value: None if value is None else read(value)
        return lambda row: None if row is None or row["v"] is None else read(row["v"])


@dataclass(frozen=True, slots=True)
class Words:
    """How values are written: for people in their language and time, or (JSONL) for programs as the API does."""

    texts: Catalogue
    locale: str
    time_zone: ZoneInfo
    file_format: Format

    @property
    def plain(self) -> bool:
        """Whether people read the file."""
        return self.file_format is not Format.JSONL

    def names_of(self, enum: type[Enum] | None) -> dict[str, str]:
        """For people, the words for the names of an enumeration, where there are any."""
        if enum is None or not self.plain:
            return {}
        texts = {
            name: self.texts.text(f"exports.values.{enum.__name__}.{name.lower()}", self.locale)
            for name in enum.__members__
        }
        return {name: text for name, text in texts.items() if text is not None}

    def local_time(self, value: str) -> datetime:
        """A moment on the tenant's clocks."""
        return datetime.fromisoformat(value).astimezone(self.time_zone)

    def joined(self, value: Any) -> OutCell:
        """A list as one text; other content as JSON."""
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return "、".join(value)
        return str(value)


def columns_of(spec: NodeSpec, names: Sequence[str]) -> list[ExportColumn]:
    """The columns of these names, or by default all scalar fields of the node and its area. Raises: UnknownColumn."""
    known = {column.name: column for column in _known(spec)}
    if not names:
        own = [name for name, column in known.items() if column.via is None and name not in _LEFT_OUT]
        return [known[name] for name in (*own, *(one for one in ("area.code", "area.name") if one in known))]
    for name in names:
        if name not in known:
            raise UnknownColumn(path=("columns",), column=name[:100])
    return [known[name] for name in dict.fromkeys(names)][:COLUMNS_MAX]


def selected(spec: NodeSpec, columns: Sequence[ExportColumn]) -> SelectedObject:
    """What is selected of a row: `c0`, `c1` … in the order of the columns; what nobody may see is masked."""
    items: list[tuple[str, Any]] = []
    for place, column in enumerate(columns):
        item: Any = GlobalId() if column.spec is None else _column(column)
        if column.via is not None:
            item = One(spec.ones[column.via], SelectedObject(column.of, (("v", item),)))
        items.append((f"c{place}", item))
    return SelectedObject(spec, tuple(items))


def specs_of(spec: NodeSpec, columns: Sequence[ExportColumn]) -> dict[str, NodeSpec]:
    """The nodes that the statement reads."""
    return {one.name: one for one in (spec, *(column.of for column in columns))}


def _known(spec: NodeSpec) -> list[ExportColumn]:
    found = [ExportColumn("id", spec, None, None)]
    found += [ExportColumn(camel(name), spec, None, one) for name, one in spec.columns.items() if _fits(one)]
    for via, one in spec.ones.items():
        target = one.target()
        found.append(ExportColumn(f"{camel(via)}.id", target, via, None))
        found += [
            ExportColumn(f"{camel(via)}.{camel(name)}", target, via, column)
            for name, column in target.columns.items()
            if _fits(column)
        ]
    return found


def _fits(spec: ColumnSpec) -> bool:
    return spec.kind is not ValueKind.ID


def _column(column: ExportColumn) -> Column:
    spec = column.spec
    assert spec is not None
    if spec.permission is not None and spec.mask is None:
        spec = replace(spec, mask=HIDDEN_MASK)
    enum = enum_of(_field(column.of, spec.name))
    names = {str(one.value): name for name, one in enum.__members__.items()} if enum is not None else None
    return Column(spec, names)


def _field(spec: NodeSpec, name: str) -> Any:
    return next(one for one in get_object_definition(spec.cls, strict=True).fields if one.python_name == name)


def _as_it_is(value: Any) -> OutCell:
    found: OutCell = value
    return found


def _is_day(text: str) -> bool:
    return len(text) == 10 and text[4] == "-"  # a masked one is not
