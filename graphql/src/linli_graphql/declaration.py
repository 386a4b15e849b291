"""What a node type declares, as data: read by the ordinary resolvers today and by the read compiler.

Nothing here runs a query or knows Strawberry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from linli.db.tables import table_name
from linli.plugin import TenantTable


class ValueKind(StrEnum):
    """The kind of a column's value: decides its filter type and its cast in SQL."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "timestamptz"
    JSON = "jsonb"
    ID = "uuid"
    TEXTS = "text[]"

    @property
    def python(self) -> Any:
        """The type of such a value in Python."""
        return _IN_PYTHON[self]


_IN_PYTHON: Mapping[ValueKind, Any] = {
    ValueKind.TEXT: str,
    ValueKind.INTEGER: int,
    ValueKind.BOOLEAN: bool,
    ValueKind.DATE: date,
    ValueKind.MOMENT: datetime,
    ValueKind.JSON: str,
    ValueKind.ID: UUID,
    ValueKind.TEXTS: list[str],
}


@dataclass(frozen=True, slots=True)
class Mask:
    """How a value is shown to those who may not see all of it.

    `apply` and `sql` (with `{value}` for the value, a text that is not null) give the same. What a `plain` mask
    gives has no character that JSON would write otherwise.
    """

    name: str
    apply: Callable[[str], str]
    sql: str
    plain: bool = False


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A field that is a column. With `permission`, others get the masked value, or FORBIDDEN without a mask."""

    name: str
    column: str
    kind: ValueKind
    permission: str | None = None
    mask: Mask | None = None
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class OneSpec:
    """A field that is the row of another node to which a column refers."""

    name: str
    column: str
    target: Callable[[], NodeSpec]


@dataclass(frozen=True, slots=True)
class ManySpec:
    """A field that is a connection: the target's rows whose `column` refers to this row."""

    name: str
    column: str
    target: Callable[[], NodeSpec]


@dataclass(frozen=True, slots=True)
class OwnThrough:
    """Rows belong to everybody who has a row in `table` with the same value of `column`, and a `person_id`.

    Such as the proposals of an organisation, which all those read who work for it.
    """

    table: type[TenantTable]
    column: str


@dataclass(frozen=True, slots=True, eq=False)
class NodeSpec:
    """A node type over one table.

    `permission` is what reading takes; with `scope_column` (a C-collated area path), rows count only in the area
    subtrees where it is held. `own_column` names the column that holds the person to whom a row belongs: its
    owner reads it without the permission; `own_through` finds several owners. `sealed_column` names a boolean
    column: while it is true, nobody but the owners reads the row, whatever they may do. `filters` and `orders` name
    columns that an index serves. Reading an `administrative` node is itself entered in the audit trail. `groups` and
    `sums` name what is aggregated. `inputs` are the columns that computed fields read, by their names.
    The rows of a `whole_tenant` node lie in no area: only who holds the permission for the whole tenant reads them.
    """

    name: str
    plural: str
    cls: type
    table: type[TenantTable]
    description: str
    permission: str | None
    scope_column: str | None
    own_column: str | None
    own_through: OwnThrough | None
    sealed_column: str | None
    columns: dict[str, ColumnSpec]
    inputs: dict[str, ColumnSpec] = field(default_factory=dict)
    ones: dict[str, OneSpec] = field(default_factory=dict)
    manys: dict[str, ManySpec] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    administrative: bool = False
    whole_tenant: bool = False
    groups: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()

    @property
    def table_name(self) -> str:
        """The table's name in the database."""
        return table_name(self.table)

    def owned(self, alias: str, person: str) -> str:
        """The condition that a row belongs to the person in this placeholder; "" when rows belong to nobody."""
        ways = [f"{alias}.{self.own_column} = {person}"] if self.own_column else []
        if self.own_through is not None:
            column = self.own_through.column
            ways.append(
                f"exists (select 1 from {table_name(self.own_through.table)} o where o.tenant_id = $1"
                f" and o.{column} = {alias}.{column} and o.person_id = {person})"
            )
        return " or ".join(ways)

    def opened(self, alias: str, within: str) -> str:
        """The condition that a permission opens a row: it lies `within` ("" is everywhere), and is not sealed."""
        if self.sealed_column is None:
            return within
        unsealed = f"not {alias}.{self.sealed_column}"
        return f"(({within}) and {unsealed})" if within else unsealed

    @property
    def has_owners(self) -> bool:
        """Whether rows belong to people."""
        return self.own_column is not None or self.own_through is not None

    @property
    def selected(self) -> tuple[str, ...]:
        """The database columns that a reader of this node needs, without repetition."""
        names = ["id", *([self.scope_column] if self.scope_column else [])]
        names += [self.own_column] if self.own_column else []
        names += [spec.column for spec in self.columns.values()]
        names += [spec.column for spec in self.ones.values()]
        names += self.inputs
        return tuple(dict.fromkeys(names))
