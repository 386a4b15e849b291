"""The columns of an exported list: fields of the node, and those of the rows that it refers to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
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

    def cell(self, value: Any, words: Words) -> OutCell:
        """The value as it stands in the file, from the JSON of the list."""
        if value is None or self.spec is None:
            return value  # type: ignore[no-any-return]
        match self.spec.kind:
            case ValueKind.TEXTS | ValueKind.JSON:
                return words.joined(value)
            case ValueKind.DATE if words.plain and _is_day(value):
                return date.fromisoformat(value)
            case ValueKind.MOMENT if words.plain:
                return datetime.fromisoformat(value).astimezone(words.time_zone)
            case ValueKind.TEXT if words.plain and (enum := self._enum()) is not None:
                return words.texts.text(f"exports.values.{enum}.{str(value).lower()}", words.locale) or str(
                    value
                )
            case _:
                return value  # type: ignore[no-any-return]

    def _enum(self) -> str | None:
        assert self.spec is not None
        found = enum_of(_field(self.of, self.spec.name))
        return found.__name__ if found is not None else None


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


def _is_day(text: str) -> bool:
    return len(text) == 10 and text[4] == "-"  # a masked one is not
