"""Declaring node types: `@node` turns an annotated class into a `NodeSpec` (data) and a Strawberry type.

@node(tables.Grading, plural="gradings", permission="organisations.grading.read", filters=("grade",))
class Grading(Node):
    '''The grade that an organisation was given.'''

    grade: Grade = column("From 1A to 5A.")
    organisation: SocialOrganisation | None = one("registration_id", "The organisation that was graded.")
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar, overload

import strawberry
from piccolo.columns import (
    JSON,
    JSONB,
    Array,
    BigInt,
    Boolean,
    Column,
    Date,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns import UUID as UUIDColumn
from strawberry.types.base import StrawberryContainer, get_object_definition

from linli.plugin import AreaTable, TenantTable
from linli_graphql.declaration import ColumnSpec, ManySpec, Mask, NodeSpec, OneSpec, OwnThrough, ValueKind
from linli_graphql.fields import (
    ColumnField,
    ComputedField,
    GlobalIdField,
    ManyField,
    OneField,
    ResolvedField,
)

C = TypeVar("C")

_KINDS: tuple[tuple[tuple[type[Column], ...], ValueKind], ...] = (
    ((Array,), ValueKind.TEXTS),
    ((JSON, JSONB), ValueKind.JSON),
    ((Text, Varchar), ValueKind.TEXT),
    ((Integer, BigInt, SmallInt), ValueKind.INTEGER),
    ((Boolean,), ValueKind.BOOLEAN),
    ((Timestamptz,), ValueKind.MOMENT),
    ((Date,), ValueKind.DATE),
    ((UUIDColumn,), ValueKind.ID),
)


@strawberry.interface(description="Anything that has a global id and can be fetched again by it.")
class Node:
    """Anything that has a global id and can be fetched again by it."""

    id: strawberry.ID = strawberry.field(description="The global id; opaque.")

    @classmethod
    def resolve_type(cls, value: Any, *_args: Any) -> str:
        """The name of a row's type."""
        return str(value.spec.name)


def column(
    description: str,
    *,
    source: str | None = None,
    permission: str | None = None,
    mask: Mask | None = None,
    deprecated: str | None = None,
) -> Any:
    """A field that is a column of the table (of the same name, or `source`).

    With `permission`, those who lack it at the row's area get the masked value, or a FORBIDDEN error. With
    `deprecated`, a reason, the field, its filter and its orders are marked so: name what to use instead.
    """
    return ColumnField(
        description=description, source=source, permission=permission, mask=mask, deprecated=deprecated
    )


def one(source: str, description: str, *, deprecated: str | None = None) -> Any:
    """A field that is the row to which the column `source` refers; null when it may not be seen."""
    return OneField(description=description, source=source, deprecated=deprecated)


def many(source: str, description: str, *, deprecated: str | None = None) -> Any:
    """A connection of the rows of another node whose column `source` refers to this row."""
    return ManyField(description=description, source=source, deprecated=deprecated)


@overload
def computed(resolver: Callable[..., Any]) -> Any: ...


@overload
def computed(*, needs: Sequence[str]) -> Callable[[Callable[..., Any]], Any]: ...


def computed(resolver: Callable[..., Any] | None = None, *, needs: Sequence[str] = ()) -> Any:
    """A field that needs Python: `async def name(self, request: GraphQLRequest) -> …`, described by its docstring.

    With `needs`, the columns of the table that it reads and whose values are all that it takes, it is a plain
    `def name(self, request)`: a query with it is still one statement, and the function runs after the fetch.
    """
    if needs:
        return lambda function: ComputedField(function, needs)
    assert resolver is not None, "computed(needs=…) names at least one column"
    return ResolvedField.of_method(resolver)


def node(
    table: type[TenantTable],
    *,
    plural: str,
    permission: str | None,
    scope_column: str | None = None,
    own_column: str | None = None,
    own_through: OwnThrough | None = None,
    sealed_column: str | None = None,
    filters: Sequence[str] = (),
    order_by: Sequence[str] = (),
    administrative: bool = False,
    whole_tenant: bool = False,
    group_by: Sequence[str] = (),
    sums: Sequence[str] = (),
) -> Callable[[type[C]], type[C]]:
    """Declare a node type over a table.

    `plural` names the root field of the list (the single one is the class's name). Rows of an `AreaTable` are
    limited to the area subtrees in which the viewer holds `permission`; `scope_column` names the column with
    the area's path for other tables.
    `own_column` holds the id of the person to whom a row belongs; `own_through` finds several people. While the
    boolean `sealed_column` of a row is true, only they read it, and no permission does. `filters` and `order_by`
    name fields that an index serves; a masked field can be neither. Reading an `administrative` node is itself audited.
    A `whole_tenant` node, whose rows lie in no area, is read only with the permission for the whole tenant.
    `group_by` names fields (and `area`) by which the rows can be counted, dates by month; `sums` whole numbers that
    are added up: either makes the root field `<plural>Aggregate`.
    """

    def declare(cls: type[C]) -> type[C]:
        lies_in_areas = issubclass(table, AreaTable)
        _add_standard_fields(cls)
        made: type[C] = strawberry.type(cls, description=_summary(cls))
        definition = get_object_definition(made, strict=True)
        spec = NodeSpec(
            name=cls.__name__,
            plural=plural,
            cls=made,
            table=table,
            description=_summary(cls),
            permission=permission,
            scope_column="area_path" if lies_in_areas else scope_column,
            own_column=own_column,
            own_through=own_through,
            sealed_column=sealed_column,
            columns={},
            filters=(*filters, *(("area",) if lies_in_areas else ())),
            orders=tuple(order_by),
            administrative=administrative,
            whole_tenant=whole_tenant,
            groups=tuple(group_by),
            sums=tuple(sums),
        )
        for field in definition.fields:
            add_field(spec, field)
        _check_inputs(spec)
        _check_lists(spec)
        made.__node__ = spec  # type: ignore[attr-defined]
        return made

    return declare


def node_of(cls: Any) -> NodeSpec:
    """The declaration behind a class made by `@node`. Raises: TypeError."""
    spec = getattr(cls, "__node__", None)
    if not isinstance(spec, NodeSpec):
        raise TypeError(f"{cls!r} is not declared with @node")
    return spec


def add_field(spec: NodeSpec, field: Any) -> None:
    """Enter a field into the declaration of its node."""
    if isinstance(field, ColumnField):
        source = field.source or field.python_name
        spec.columns[field.python_name] = ColumnSpec(
            name=field.python_name,
            column=source,
            kind=_kind(spec.table, source),
            permission=field.permission,
            mask=field.mask,
            nullable=bool(spec.table._meta.get_column_by_name(source)._meta.null),
        )
        field.spec = spec.columns[field.python_name]
    elif isinstance(field, ComputedField):
        field.inputs = tuple(_input(spec.table, name) for name in field.needs)
        spec.inputs.update({one.column: one for one in field.inputs})
    elif isinstance(field, OneField):
        spec.ones[field.python_name] = OneSpec(field.python_name, field.source, lambda: target_of(field))
    elif isinstance(field, ManyField):
        spec.manys[field.python_name] = ManySpec(field.python_name, field.source, lambda: target_of(field))


def target_of(field: Any) -> NodeSpec:
    """The node that a relation leads to, from the field's annotation."""
    found = field.type
    while isinstance(found, StrawberryContainer):
        found = found.of_type
    definition = get_object_definition(found, strict=True)
    variables = definition.type_var_map
    return node_of(next(iter(variables.values())) if variables else found)


def _add_standard_fields(cls: type) -> None:
    annotations = dict(inspect.get_annotations(cls))
    standard = {
        "id": (strawberry.ID, GlobalIdField(description="The global id; opaque.")),
        "version": (
            int,
            ColumnField(description="Counts the row's changes; give it back as expectedVersion."),
        ),
        "created_at": (datetime, ColumnField(description="When the row was entered.")),
        "updated_at": (datetime, ColumnField(description="When the row was last changed.")),
    }
    for name, (annotation, field) in standard.items():
        annotations[name] = annotation
        setattr(cls, name, field)
    cls.__annotations__ = annotations
    cls.is_type_of = classmethod(lambda own, value, _info: value.spec.name == own.__name__)  # type: ignore[attr-defined]
    if Node not in cls.__mro__:
        raise TypeError(f"{cls.__name__} must derive from Node: `class {cls.__name__}(Node):`")


def _input(table: type[TenantTable], name: str) -> ColumnSpec:
    kind = _kind(table, name)
    if kind is ValueKind.JSON:
        raise TypeError(f"{table.__name__}.{name}: a computed field cannot need JSON yet")
    return ColumnSpec(name, name, kind, nullable=bool(table._meta.get_column_by_name(name)._meta.null))


def _check_inputs(spec: NodeSpec) -> None:
    for held in spec.columns.values():
        if held.permission and held.column in spec.inputs:
            raise TypeError(f"{spec.name}: {held.name!r} is masked: a computed field would tell its value")


def _kind(table: type[TenantTable], name: str) -> ValueKind:
    found = next((item for item in table._meta.columns if item._meta.name == name), None)
    if found is None:
        raise TypeError(f"{table.__name__} has no column {name!r}")
    for types, kind in _KINDS:
        if isinstance(found, types):
            return kind
    raise TypeError(f"{table.__name__}.{name}: a {type(found).__name__} column cannot be a field yet")


def _check_lists(spec: NodeSpec) -> None:
    if spec.sealed_column is not None and not spec.has_owners:
        raise TypeError(f"{spec.name}: a sealed row is read by its owners, and there are none")
    if spec.own_through is not None and any(held.permission for held in spec.columns.values()):
        raise TypeError(f"{spec.name}: a node with `own_through` has no masked fields")
    for name in spec.filters:
        if name == "area":
            continue
        if name not in spec.columns and name not in spec.ones:
            raise TypeError(f"{spec.name}: filter {name!r} is not a field")
        if name in spec.columns and spec.columns[name].permission:
            raise TypeError(
                f"{spec.name}: {name!r} is masked, so it cannot be filtered: that would tell its value"
            )
    for name in (*spec.groups, *spec.sums):
        held = spec.columns.get(name)
        if name == "area" and name in spec.groups and spec.scope_column == "area_path":
            continue
        whole = held is not None and held.kind is ValueKind.INTEGER
        if held is None or held.permission or (name in spec.sums and not whole):
            raise TypeError(f"{spec.name}: {name!r} cannot be aggregated")
    for name in spec.orders:
        held = spec.columns.get(name)
        if (
            held is None
            or held.permission
            or held.kind
            not in (
                ValueKind.TEXT,
                ValueKind.INTEGER,
                ValueKind.DATE,
                ValueKind.MOMENT,
            )
        ):
            raise TypeError(f"{spec.name}: the list cannot be ordered by {name!r}")
        found = next(item for item in spec.table._meta.columns if item._meta.name == held.column)
        if found._meta.null:
            raise TypeError(f"{spec.name}: {name!r} may be null, so the list cannot be ordered by it")


def _summary(cls: type) -> str:
    if not cls.__doc__:
        raise TypeError(f"{cls.__name__} has no docstring; it is the type's description in the schema")
    return " ".join(cls.__doc__.split("\n\n")[0].split())
