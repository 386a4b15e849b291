"""The ordinary way to read nodes: statements built from the declaration, batched per level of the query.

Every statement names the tenant for every table, and carries the viewer's area scopes. The number of statements depends
on the shape of a query, never on the number of rows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from linli.context import Context, PermissionDenied
from linli_graphql.connections import Edge, Page, PageInfo, PageRequest
from linli_graphql.cursors import CursorKey, InvalidCursor
from linli_graphql.declaration import NodeSpec, ValueKind
from linli_graphql.filters import Parameters, conditions

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Row:
    """A row of a node: the value from which its fields resolve."""

    __slots__ = ("spec", "values")

    def __init__(self, spec: NodeSpec, values: Mapping[str, Any]) -> None:
        self.spec = spec
        self.values = values

    @property
    def id(self) -> UUID:
        """The row's id."""
        return UUID(bytes=self.values["id"].bytes)

    def __getattr__(self, name: str) -> Any:
        """The value of a column, by the field's or the column's name."""
        spec = self.spec.columns.get(name)
        try:
            return self.values[spec.column if spec else name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass(frozen=True, slots=True)
class ListRequest:
    """A list to read: of which node, in which order, with which filter; hashable by identity of its arguments."""

    spec: NodeSpec
    page: PageRequest
    order: str
    descending: bool
    filter: Any
    cursors: CursorKey
    parent_column: str | None = None

    @property
    def order_kind(self) -> ValueKind:
        """The kind of the ordering column."""
        return ValueKind.ID if self.order == "id" else self.spec.columns[self.order].kind

    @property
    def order_column(self) -> str:
        """The ordering column."""
        return "id" if self.order == "id" else self.spec.columns[self.order].column


def key_to_text(value: Any) -> str:
    """An ordering value as it stands in a cursor; a moment in microseconds since 1970."""
    if isinstance(value, datetime):
        return str((value - _EPOCH) // timedelta(microseconds=1))
    return value.isoformat() if isinstance(value, date) else str(value)


def key_from_text(kind: ValueKind, text: str) -> Any:
    """The ordering value that a cursor holds. Raises: InvalidCursor."""
    try:
        match kind:
            case ValueKind.INTEGER:
                return int(text)
            case ValueKind.DATE:
                return date.fromisoformat(text)
            case ValueKind.MOMENT:
                return _EPOCH + timedelta(microseconds=int(text))
            case _:
                return text
    except (ValueError, OverflowError) as error:
        raise InvalidCursor() from error


def visibility(ctx: Context, spec: NodeSpec, parameters: Parameters, alias: str = "t") -> list[str]:
    """The conditions under which the viewer may see a row. Raises: PermissionDenied when there are none."""
    found = [f"{alias}.tenant_id = $1"]
    scopes = ctx.scopes(spec.permission) if spec.permission else ("",)
    if spec.whole_tenant and scopes != ("",):
        scopes = ()
    everywhere = bool(scopes) and (spec.scope_column is None or scopes == ("",))
    if everywhere and spec.sealed_column is None:
        return found  # without a parameter that the statement does not use: PostgreSQL refuses that
    person = ctx.actor.person_id
    own = spec.owned(alias, parameters.add(person)) if spec.has_owners and person else ""
    if not scopes:
        if not own:
            raise PermissionDenied(permission=spec.permission)
        return [*found, f"({own})"]
    column = f"{alias}.{spec.scope_column}"
    ranges = [
        f"({column} >= {parameters.add(low)} and {column} < {parameters.add(low + '~')})"
        for low in (() if everywhere else scopes)
    ]
    by_right = spec.opened(alias, " or ".join(ranges))
    return [*found, f"({by_right} or {own})" if own else f"({by_right})"]


async def read_by_ids(ctx: Context, spec: NodeSpec, ids: Sequence[UUID]) -> list[Row | None]:
    """The rows with these ids, in their order; None for missing, foreign and invisible alike. One statement."""
    parameters = Parameters(ctx.tenant_id)
    where = [*visibility(ctx, spec, parameters), f"t.id = any({parameters.add(list(ids))}::uuid[])"]
    columns = ", ".join(f"t.{name}" for name in spec.selected)
    sql = f"select {columns} from {spec.table_name} t where {' and '.join(where)}"
    found = {row["id"]: Row(spec, row) for row in await ctx.db.fetch(sql, *parameters.values)}
    return [found.get(row_id) for row_id in ids]


async def read_pages(ctx: Context, request: ListRequest, parents: Sequence[UUID] | None) -> list[Page]:
    """One page, or a page for each parent, in their order. One statement."""
    parameters = Parameters(ctx.tenant_id)
    where = _conditions(ctx, request, parameters)
    where += _after_cursor(request, parameters)
    if parents is not None:
        where.append(f"t.{request.parent_column} = p.parent_")
    direction = "desc" if request.descending is not request.page.backwards else "asc"
    order = f"t.{request.order_column} {direction}, t.id {direction}"
    if request.order == "id":
        order = f"t.id {direction}"
    columns = ", ".join(f"t.{name}" for name in request.spec.selected)
    body = (
        f"select {columns} from {request.spec.table_name} t where {' and '.join(where)}"
        f" order by {order} limit {request.page.size + 1}"
    )
    if parents is None:
        rows = await ctx.db.fetch(body, *parameters.values)
        return [_page(ctx, request, [Row(request.spec, row) for row in rows], None)]
    ids = parameters.add(list(parents))
    sql = (
        f"select p.parent_, r.* from unnest({ids}::uuid[]) with ordinality p(parent_, place_)"
        f" cross join lateral ({body}) r order by p.place_"
    )
    by_parent: dict[UUID, list[Row]] = {parent: [] for parent in parents}
    for row in await ctx.db.fetch(sql, *parameters.values):
        by_parent[row["parent_"]].append(Row(request.spec, row))
    return [_page(ctx, request, by_parent[parent], parent) for parent in parents]


def _conditions(ctx: Context, request: ListRequest, parameters: Parameters) -> list[str]:
    where = visibility(ctx, request.spec, parameters)
    if request.filter is not None:
        where += conditions(request.spec, request.filter, parameters)
    return where


def _after_cursor(request: ListRequest, parameters: Parameters) -> list[str]:
    if request.page.cursor is None:
        return []
    forwards = request.descending is request.page.backwards
    sign = ">" if forwards else "<"
    text, row_id = request.cursors.decode(request.page.cursor)
    if request.order == "id":
        return [f"t.id {sign} {parameters.add(row_id)}"]
    value = key_from_text(request.order_kind, text)
    left = f"(t.{request.order_column}, t.id)"
    return [f"{left} {sign} ({parameters.add(value)}, {parameters.add(row_id)})"]


def _page(ctx: Context, request: ListRequest, rows: list[Row], parent: UUID | None) -> Page:
    more = len(rows) > request.page.size
    rows = rows[: request.page.size]
    if request.page.backwards:
        rows.reverse()
    edges = [Edge(cursor=_cursor(request, row), node=row) for row in rows]
    turned = request.page.cursor is not None
    info = PageInfo(
        has_next_page=turned if request.page.backwards else more,
        has_previous_page=more if request.page.backwards else turned,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Page(page_info=info, edges=edges, count=_counter(ctx, request, parent))


def _cursor(request: ListRequest, row: Row) -> str:
    value = "" if request.order == "id" else key_to_text(row.values[request.order_column])
    return request.cursors.encode(value, row.id)


def _counter(ctx: Context, request: ListRequest, parent: UUID | None) -> Callable[[], Awaitable[int]]:
    async def count() -> int:
        parameters = Parameters(ctx.tenant_id)
        where = _conditions(ctx, request, parameters)
        if parent is not None:
            where.append(f"t.{request.parent_column} = {parameters.add(parent)}")
        sql = f"select count(*) from {request.spec.table_name} t where {' and '.join(where)}"
        return int(await ctx.db.fetchval(sql, *parameters.values))

    return count
