"""From a selection to one statement: PostgreSQL builds the JSON as text, with tenant, scopes and masks inside.

Every table reference names the tenant (`$1`). What the viewer may see is decided here: rows by conditions, masked
columns by `case`. A field that would have to be refused is left to the ordinary executor, which says so at its path.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from linli.db.database import BOUND_READ
from linli_graphql.compiled.json_sql import (
    chained,
    global_id,
    json_text,
    key_text,
    literal,
    masked_text,
    object_of,
    object_of_lists,
)
from linli_graphql.compiled.selection import (
    Column,
    Computed,
    GlobalId,
    Many,
    Nodes,
    NotCompilable,
    Object,
    One,
    Part,
    Selection,
    Single,
    Typename,
)
from linli_graphql.cursors import MAC_BYTES
from linli_graphql.declaration import NodeSpec
from linli_graphql.filters import Term

WHOLE = ("",)


@dataclass(frozen=True, slots=True)
class SiteShape:
    """What of a site's arguments decides the statement's text; their values are parameters."""

    size: int = 0
    backwards: bool = False
    order: str = "id"
    descending: bool = False
    after: bool = False
    terms: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """What the viewer may see: for each permission how many scopes there are (-1: the whole tenant).

    `person` is whether the viewer is a person, who sees own rows without a permission.
    """

    scopes: tuple[tuple[str, int], ...]
    person: bool


class Writer:
    """Writes the statement of a selection. `places` gives the placeholder of a parameter by its name."""

    def __init__(
        self, selection: Selection, sight: Sight, shapes: Sequence[SiteShape], places: Callable[[Any], str]
    ) -> None:
        self._selection = selection
        self._scopes = dict(sight.scopes)
        self._person = sight.person
        self._shapes = shapes
        self._places = places
        self._aliases = 0

    def write(self) -> str:
        """The statement: binds the tenant, then gives the response's `data` as text. Raises: NotCompilable."""
        items = [(key, self._root(root)) for key, root in self._selection.roots]
        lists = sum(isinstance(root, Many | Nodes) for _key, root in self._selection.roots)
        body = object_of(items) if lists < 2 else object_of_lists(items)
        return f"{BOUND_READ}{body}) end"

    def _root(self, root: Any) -> str:
        match root:
            case Typename():
                return literal(json.dumps(root.name))
            case Single():
                return self._single(root)
            case Nodes():
                return self._nodes(root)
            case Many():
                return self._many(root, None)
            case _:
                raise NotCompilable

    def _single(self, root: Single) -> str:
        return f"coalesce({self._row(root.of, self._places((root.site.index, 'id')))}, 'null')"

    def _nodes(self, root: Nodes) -> str:
        index = root.site.index
        asked = f"unnest({self._places((index, 'ids'))}::uuid[], {self._places((index, 'types'))}::text[])"
        branches = " ".join(f"when {literal(of.spec.name)} then {self._row(of, 'u.id')}" for of in root.of)
        found = f"coalesce(case u.kind {branches} end, 'null')" if branches else "'null'"
        listed = f"select string_agg({found}, ',' order by u.place) from {asked} with ordinality u(id, kind, place)"
        return f"'[' || coalesce(({listed}), '') || ']'"

    def _row(self, of: Object, row_id: str) -> str:
        """A sub-select of one visible row by its id."""
        alias = self._alias()
        where = [*self._visible(of.spec, alias), f"{alias}.id = {row_id}"]
        body = self._fields(of, alias)
        return f"(select {body} from {of.spec.table_name} {alias} where {' and '.join(where)})"

    def _fields(self, selected: Object, alias: str) -> str:
        return object_of([(key, self._field(selected.spec, item, alias)) for key, item in selected.items])

    def _field(self, spec: NodeSpec, item: Any, alias: str) -> str:
        match item:
            case Typename():
                return literal(json.dumps(item.name))
            case GlobalId():
                return global_id(spec, alias)
            case Column():
                return self._column(spec, item, alias)
            case Computed():
                return self._inputs(item, alias)
            case One():
                return self._one(item, alias)
            case Many():
                return self._many(item, alias)
            case _:
                raise NotCompilable

    def _column(self, spec: NodeSpec, item: Column, alias: str) -> str:
        value = f"{alias}.{item.spec.column}"
        shown = json_text(item.spec, value, item.names)
        if item.spec.permission is not None:
            allowed = self._allowed(spec, item.spec.permission, alias)
            if allowed != "true":
                if item.spec.mask is None:
                    raise NotCompilable
                masked = masked_text(item.spec.mask, f"{value}::text")
                shown = (
                    masked if allowed == "false" else f"case when {allowed} then {shown} else {masked} end"
                )
        if not item.spec.nullable:
            return shown
        return f"case when {value} is null then 'null' else {shown} end"

    def _inputs(self, item: Computed, alias: str) -> str:
        """What a computed field is made of, in the field's place."""
        shown = [self._column(item.spec, Column(one, None), alias) for one in item.field.inputs]
        return chained(chained("'['", " || ',' || ".join(shown)), "']'")

    def _allowed(self, spec: NodeSpec, permission: str, alias: str) -> str:
        count = self._scopes[permission]
        if count == -1 or (count > 0 and spec.scope_column is None):
            return "true"
        ways = [self._within(spec, permission, alias)] if count else []
        if self._person and spec.has_owners:
            ways.append(spec.owned(alias, self._places("person")))
        return "(" + " or ".join(ways) + ")" if ways else "false"

    def _visible(self, spec: NodeSpec, alias: str) -> list[str]:
        found = [f"{alias}.tenant_id = $1"]
        if spec.permission is None:
            return found
        if spec.whole_tenant and self._scopes[spec.permission] > 0:
            raise NotCompilable
        own_way = self._allowed if spec.sealed_column is None else self._unsealed
        allowed = own_way(spec, spec.permission, alias)
        if allowed == "false":
            raise NotCompilable
        return found if allowed == "true" else [*found, allowed]

    def _unsealed(self, spec: NodeSpec, permission: str, alias: str) -> str:
        """As `_allowed`, for a node whose rows can be sealed: no permission opens these."""
        count = self._scopes[permission]
        everywhere = count == -1 or spec.scope_column is None
        ways = (
            [spec.opened(alias, "" if everywhere else self._within(spec, permission, alias))] if count else []
        )
        if self._person and spec.has_owners:
            ways.append(spec.owned(alias, self._places("person")))
        return "(" + " or ".join(ways) + ")" if ways else "false"

    def _within(self, spec: NodeSpec, permission: str, alias: str) -> str:
        column = f"{alias}.{spec.scope_column}"
        ranges = []
        for i in range(self._scopes[permission]):
            low, high = self._places((permission, i, "low")), self._places((permission, i, "high"))
            ranges.append(f"({column} >= {low} and {column} < {high})")
        return "(" + " or ".join(ranges) + ")"

    def _one(self, item: One, alias: str) -> str:
        return f"coalesce({self._row(item.of, f'{alias}.{item.spec.column}')}, 'null')"

    def _many(self, item: Many, parent: str | None) -> str:
        shape, spec, alias = self._shapes[item.site.index], item.site.spec, self._alias()
        assert spec is not None
        where = self._visible(spec, alias)
        for i, (column, operator) in enumerate(shape.terms):
            where.append(_term(column, operator, self._places((item.site.index, "term", i)), alias))
        if parent is not None:
            where.append(f"{alias}.{item.site.parent_column} = {parent}.id")
        return _Connection(self, item, shape, spec, alias, where).sql()

    def _alias(self) -> str:
        self._aliases += 1
        return f"t{self._aliases}"


class _Connection:
    """The text of one connection: its rows are read once, in a sub-select, and put together by aggregates."""

    def __init__(
        self, writer: Writer, item: Many, shape: SiteShape, spec: NodeSpec, alias: str, where: list[str]
    ) -> None:
        self._writer = writer
        self._item = item
        self._shape = shape
        self._spec = spec
        self._alias = alias
        self._where = where
        self._columns: list[str] = []

    def sql(self) -> str:
        parts = [(key, self._part(part)) for key, part in self._item.parts]
        rows = [
            part for _key, part in self._item.parts if isinstance(part, Part) and part.kind != "totalCount"
        ]
        body = object_of(parts)
        if not rows:
            if all(isinstance(part, Typename) for _key, part in self._item.parts):
                raise NotCompilable  # nothing is read, so there is nothing to compile
            return f"({body})"
        # What is known without the rows (after `last` comes no page) aggregates nothing, and must be one row too.
        return f"(select {body} from ({self._rows()}) r having true)"

    def _part(self, part: Any) -> str:
        if isinstance(part, Typename):
            return literal(json.dumps(part.name))
        match part.kind:
            case "totalCount":
                table = self._spec.table_name
                return f"(select count(*)::text from {table} {self._alias} where {' and '.join(self._where)})"
            case "nodes":
                return self._list(self._column_of(self._writer._fields(part.of, self._alias)))
            case "edges":
                return self._list(
                    self._column_of(object_of([(key, self._edge(one)) for key, one in part.items]))
                )
            case _:
                return object_of([(key, self._info(one)) for key, one in part.items])

    def _edge(self, part: Any) -> str:
        if isinstance(part, Typename):
            return literal(json.dumps(part.name))
        if part.kind == "node":
            return self._writer._fields(part.of, self._alias)
        return self._cursor()

    @property
    def _numbered(self) -> bool:
        """Whether rows need numbers: to turn them round, or to say what comes before and after them.

        Else the aggregate takes them in the order in which the sub-select gives them; nothing stands between.
        """
        about_pages = any(
            isinstance(part, Part) and part.kind == "pageInfo" for _key, part in self._item.parts
        )
        return about_pages or self._shape.backwards

    def _list(self, column: str) -> str:
        if not self._numbered:
            return f"'[' || coalesce(string_agg(r.{column}, ','), '') || ']'"
        direction = "desc" if self._shape.backwards else "asc"
        listed = (
            f"string_agg(r.{column}, ',' order by r.n {direction}) filter (where r.n <= {self._shape.size})"
        )
        return f"'[' || coalesce({listed}, '') || ']'"

    def _info(self, part: Any) -> str:
        if isinstance(part, Typename):
            return literal(json.dumps(part.name))
        more = f"case when count(*) > {self._shape.size} then 'true' else 'false' end"
        turned = "'true'" if self._shape.after else "'false'"
        backwards = self._shape.backwards
        match part.kind:
            case "hasNextPage":
                return turned if backwards else more
            case "hasPreviousPage":
                return more if backwards else turned
            case "startCursor" | "endCursor":
                column = self._column_of(self._cursor())
                first = (part.kind == "startCursor") is not backwards
                at = "1" if first else f"least(count(*), {self._shape.size})::integer"
                return f"coalesce((array_agg(r.{column} order by r.n))[{at}], 'null')"
            case _:
                raise NotCompilable

    def _column_of(self, expression: str) -> str:
        if expression not in self._columns:
            self._columns.append(expression)
        return f"c{self._columns.index(expression)}"

    def _rows(self) -> str:
        spec, shape, alias = self._spec, self._shape, self._alias
        column = "id" if shape.order == "id" else spec.columns[shape.order].column
        direction = "desc" if shape.descending is not shape.backwards else "asc"
        order = f"{alias}.{column} {direction}" + ("" if column == "id" else f", {alias}.id {direction}")
        where = [*self._where]
        if shape.after:
            sign = "<" if direction == "desc" else ">"
            index = self._item.site.index
            row_id = self._writer._places((index, "cursor", "id"))
            if column == "id":
                where.append(f"{alias}.id {sign} {row_id}")
            else:
                value = self._writer._places((index, "cursor", "value"))
                where.append(f"({alias}.{column}, {alias}.id) {sign} ({value}, {row_id})")
        columns = [f"{expression} as c{i}" for i, expression in enumerate(self._columns)]
        if self._numbered:
            columns.insert(0, f"row_number() over (order by {order}) as n")
        size = shape.size + 1 if self._numbered else shape.size
        return (
            f"select {', '.join(columns)} from {spec.table_name} {alias}"
            f" where {' and '.join(where)} order by {order} limit {size}"
        )

    def _cursor(self) -> str:
        shape, alias, index = self._shape, self._alias, self._item.site.index
        body = f"uuid_send({alias}.id)"
        if shape.order != "id":
            spec = self._spec.columns[shape.order]
            body = f"{body} || convert_to({key_text(spec, f'{alias}.{spec.column}')}, 'UTF8')"
        inner = self._writer._places((index, "cursor", "inner"))
        outer = self._writer._places((index, "cursor", "outer"))
        signed = f"substring(sha256({outer} || sha256({inner} || {body})) from 1 for {MAC_BYTES}) || {body}"
        return f"'\"' || translate(encode({signed}, 'base64'), E'+/=\\n', '-_') || '\"'"


def _term(column: str, operator: str, place: str, alias: str) -> str:
    return Term(column, operator, None).sql(place, alias)
