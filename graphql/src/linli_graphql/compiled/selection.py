"""What a query selects, as a tree of declarations: made once for each document from its syntax tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    get_named_type,
    is_leaf_type,
)
from graphql.language import BooleanValueNode, ListValueNode, StringValueNode, VariableNode

from linli_graphql.declaration import ColumnSpec, NodeSpec, OneSpec
from linli_graphql.fields import (
    ColumnField,
    ComputedField,
    GlobalIdField,
    ListRootField,
    ManyField,
    NodeRootField,
    NodesRootField,
    OneField,
    SingleRootField,
)
from linli_graphql.ids import types_in
from linli_graphql.schema import PluginSetSchema

_TYPENAME = "__typename"


class NotCompilable(Exception):
    """The selection holds something that only the ordinary executor can answer."""


@dataclass(frozen=True, slots=True)
class Typename:
    """`__typename`: known before anything is read."""

    name: str


@dataclass(frozen=True, slots=True)
class GlobalId:
    """The global id of the row."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `names` maps stored values to the names of an enumeration."""

    spec: ColumnSpec
    names: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Computed:
    """A field that Python makes after the fetch: `type` is what it gives, in the schema."""

    field: ComputedField
    type: Any
    spec: NodeSpec


@dataclass(frozen=True, slots=True)
class One:
    """The row that a column refers to."""

    spec: OneSpec
    of: Object


@dataclass(frozen=True, slots=True)
class Site:
    """A place in the document whose arguments decide which rows: a list or a single root field.

    Only that of nodes by their ids has no one `spec`.
    """

    index: int
    name: str
    node: FieldNode
    definition: GraphQLField
    field: Any
    spec: NodeSpec | None
    parent_column: str | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """A connection. Each part is the list of (response key, what) that was selected."""

    site: Site
    parts: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a connection: `kind` is totalCount, pageInfo, nodes, edges, cursor, node or a field of PageInfo."""

    kind: str
    items: tuple[tuple[str, Any], ...] = ()
    of: Object | None = None


@dataclass(frozen=True, slots=True)
class Object:
    """The fields that are selected of a node, in the order of the response."""

    spec: NodeSpec
    items: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Single:
    """The root field of one node by its id."""

    site: Site
    of: Object


@dataclass(frozen=True, slots=True)
class Nodes:
    """The root field of nodes by their ids: what is selected of each type that occurs among them."""

    site: Site
    of: tuple[Object, ...]


@dataclass(slots=True)
class Selection:
    """The whole operation: its root fields, its sites, and the nodes that it reads."""

    roots: tuple[tuple[str, Any], ...] = ()
    sites: list[Site] = field(default_factory=list)
    specs: dict[str, NodeSpec] = field(default_factory=dict)


class Reader:
    """Walks one operation. `choices` are the values of the variables that decide what is selected.

    These are those in `@skip` and `@include`, and, as the names of types, those that are the ids of nodes.
    """

    def __init__(
        self,
        schema: PluginSetSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        choices: Mapping[str, object],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._choices = choices
        self._found = Selection()

    def read(self, operation: OperationDefinitionNode) -> Selection:
        """The operation's selection. Raises: NotCompilable."""
        query = self._schema._schema.query_type
        assert query is not None
        roots: list[tuple[str, Any]] = []
        for key, nodes in self._collect([operation.selection_set], query.name).items():
            roots.append((key, self._root(query, nodes)))
        self._found.roots = tuple(roots)
        return self._found

    def _root(self, query: GraphQLObjectType, nodes: list[FieldNode]) -> Any:
        if nodes[0].name.value == _TYPENAME:
            return Typename(query.name)
        definition, field = self._field(query, nodes[0])
        if isinstance(field, SingleRootField):
            spec = self._use(field.spec)
            return Single(
                self._site(field.python_name, nodes[0], definition, field, spec), self._object(spec, nodes)
            )
        if isinstance(field, NodesRootField):
            known = [one for name in self._types_of(nodes[0]) if (one := self._schema.specs.get(name))]
            site = self._site(field.python_name, nodes[0], definition, field, None)
            return Nodes(site, tuple(self._object(one, nodes) for one in known))
        if isinstance(field, NodeRootField):
            [name] = self._types_of(nodes[0])
            found = self._schema.specs.get(name)
            if found is None:
                raise NotCompilable
            return Single(
                self._site(field.python_name, nodes[0], definition, field, found), self._object(found, nodes)
            )
        if isinstance(field, ListRootField):
            return self._many(f"Query.{field.spec.plural}", nodes, definition, field, field.spec, None)
        raise NotCompilable

    def _object(self, spec: NodeSpec, nodes: list[FieldNode]) -> Object:
        type_ = self._schema._schema.type_map[spec.name]
        assert isinstance(type_, GraphQLObjectType)
        items: list[tuple[str, Any]] = []
        for key, found in self._collect(_sets(nodes), spec.name).items():
            items.append((key, self._item(spec, type_, found)))
        return Object(self._use(spec), tuple(items))

    def _item(self, spec: NodeSpec, type_: GraphQLObjectType, nodes: list[FieldNode]) -> Any:
        if nodes[0].name.value == _TYPENAME:
            return Typename(spec.name)
        definition, field = self._field(type_, nodes[0])
        if isinstance(field, GlobalIdField):
            return GlobalId()
        if isinstance(field, ColumnField):
            assert field.spec is not None
            values = getattr(_named(definition), "values", None)
            names = {str(value.value): name for name, value in values.items()} if values else None
            return Column(field.spec, names)
        if isinstance(field, ComputedField) and is_leaf_type(get_named_type(definition.type)):
            return Computed(field, definition.type, spec)
        if isinstance(field, OneField):
            one = spec.ones[field.python_name]
            return One(one, self._object(one.target(), nodes))
        if isinstance(field, ManyField):
            name = f"{spec.name}.{field.python_name}"
            return self._many(name, nodes, definition, field, field.target, field.source)
        raise NotCompilable

    def _many(
        self,
        name: str,
        nodes: list[FieldNode],
        definition: GraphQLField,
        field: Any,
        spec: NodeSpec,
        parent_column: str | None,
    ) -> Many:
        site = self._site(name, nodes[0], definition, field, self._use(spec), parent_column)
        parts: list[tuple[str, Any]] = []
        for key, found in self._collect(_sets(nodes), f"{spec.name}Connection").items():
            parts.append((key, self._part(spec, found)))
        return Many(site, tuple(parts))

    def _part(self, spec: NodeSpec, nodes: list[FieldNode]) -> Any:
        kind = nodes[0].name.value
        match kind:
            case "__typename":
                return Typename(f"{spec.name}Connection")
            case "totalCount":
                return Part(kind)
            case "nodes":
                return Part(kind, of=self._object(spec, nodes))
            case "pageInfo":
                return Part(kind, tuple(self._plain(nodes, "PageInfo")))
            case "edges":
                return Part(kind, tuple(self._edge(spec, nodes)))
            case _:
                raise NotCompilable

    def _edge(self, spec: NodeSpec, nodes: list[FieldNode]) -> Iterator[tuple[str, Any]]:
        for key, found in self._collect(_sets(nodes), f"{spec.name}Edge").items():
            kind = found[0].name.value
            if kind == _TYPENAME:
                yield key, Typename(f"{spec.name}Edge")
            elif kind == "node":
                yield key, Part(kind, of=self._object(spec, found))
            else:
                yield key, Part(kind)

    def _plain(self, nodes: list[FieldNode], type_name: str) -> Iterator[tuple[str, Any]]:
        for key, found in self._collect(_sets(nodes), type_name).items():
            kind = found[0].name.value
            yield key, Typename(type_name) if kind == _TYPENAME else Part(kind)

    def _site(
        self,
        name: str,
        node: FieldNode,
        definition: GraphQLField,
        field: Any,
        spec: NodeSpec | None,
        parent_column: str | None = None,
    ) -> Site:
        site = Site(len(self._found.sites), name, node, definition, field, spec, parent_column)
        self._found.sites.append(site)
        return site

    def _use(self, spec: NodeSpec) -> NodeSpec:
        self._found.specs[spec.name] = spec
        return spec

    def _field(self, type_: GraphQLObjectType, node: FieldNode) -> tuple[GraphQLField, Any]:
        definition = type_.fields.get(node.name.value)
        if definition is None:
            raise NotCompilable
        return definition, definition.extensions.get("strawberry-definition")

    def _collect(self, sets: list[SelectionSetNode], type_name: str) -> dict[str, list[FieldNode]]:
        """The fields by response key, fragments and directives resolved; a fragment counts once in one place."""
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for one in sets:
            self._collect_into(one, type_name, found, seen)
        return found

    def _collect_into(
        self, selections: SelectionSetNode, type_name: str, found: dict[str, list[FieldNode]], seen: set[str]
    ) -> None:
        for selection in selections.selections:
            if not self._included(selection):
                continue
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                found.setdefault(key, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or condition.name.value in (type_name, "Node"):
                    self._collect_into(selection.selection_set, type_name, found, seen)
            elif isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                fragment = self._fragments[name]
                if name not in seen and fragment.type_condition.name.value in (type_name, "Node"):
                    seen.add(name)
                    self._collect_into(fragment.selection_set, type_name, found, seen)

    def _included(self, selection: Any) -> bool:
        for directive in selection.directives or ():
            name = directive.name.value
            if name not in ("skip", "include"):
                raise NotCompilable
            if self._boolean(directive.arguments[0].value) is (name == "skip"):
                return False
        return True

    def _boolean(self, value: ValueNode) -> bool:
        if isinstance(value, BooleanValueNode):
            return value.value
        assert isinstance(value, VariableNode)
        return bool(self._choices[value.name.value])

    def _types_of(self, node: FieldNode) -> tuple[str, ...]:
        """The names of the types that the ids of a `node` or of `nodes` are of."""
        value = node.arguments[0].value if node.arguments else None
        if isinstance(value, VariableNode):
            found = self._choices[value.name.value]
            assert isinstance(found, tuple)
            return found
        if isinstance(value, StringValueNode):
            return types_in([value.value])
        if isinstance(value, ListValueNode):
            if not all(isinstance(one, StringValueNode) for one in value.values):
                raise NotCompilable
            return types_in([one.value for one in value.values if isinstance(one, StringValueNode)])
        raise NotCompilable


def boolean_variables(nodes: Iterator[Any]) -> tuple[str, ...]:
    """The variables that decide, in `@skip` and `@include`, what is selected."""
    return tuple(
        sorted(
            {
                argument.value.name.value
                for node in nodes
                for argument in node.arguments
                if isinstance(argument.value, VariableNode)
            }
        )
    )


def _sets(nodes: list[FieldNode]) -> list[SelectionSetNode]:
    return [node.selection_set for node in nodes if node.selection_set is not None]


def _named(definition: GraphQLField) -> Any:
    found: Any = definition.type
    while hasattr(found, "of_type"):
        found = found.of_type
    return found
