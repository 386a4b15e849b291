"""What a document costs: one for each field, times the page sizes above it.

The price is found once for a document; what depends on variables (page sizes, lists of ids) is filled in for each
request. A page's size is `first` or `last`, 20 when neither is given; other lists count as 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_list_type,
)

from linli_graphql.connections import PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX

LIST_SIZE: Final = 10
TOTAL_COUNT: Final = 20
MUTATION: Final = 10
INTROSPECTION: Final = 2_000
COST_MAX: Final = 1_000_000_000
_SURCHARGES: Final = {"totalCount": TOTAL_COUNT, "__schema": INTROSPECTION, "__type": INTROSPECTION}
_ROWS: Final = frozenset({"edges", "nodes"})


@dataclass(frozen=True, slots=True)
class PageSize:
    """How many rows a list gives, where that depends on variables: each has a default (None counts as absent)."""

    variables: tuple[tuple[str, int | None], ...]
    otherwise: int

    def of(self, given: Mapping[str, Any]) -> int:
        """The size for these variables, never more than a page can have."""
        found = []
        for name, default in self.variables:
            value = given.get(name, default)
            if isinstance(value, list):
                found.append(len(value))
            elif isinstance(value, int) and not isinstance(value, bool):
                found.append(value)
        return max(1, min(max(found, default=self.otherwise), PAGE_SIZE_MAX))


@dataclass(frozen=True, slots=True)
class Cost:
    """A price: `fixed`, and the `rows` whose number depends on variables."""

    fixed: int = 0
    rows: tuple[tuple[PageSize, Cost], ...] = ()

    def of(self, variables: Mapping[str, Any]) -> int:
        """The price for these variables."""
        total = self.fixed
        for size, each in self.rows:
            total += size.of(variables) * each.of(variables)
        return min(total, COST_MAX)

    def plus(self, other: Cost) -> Cost:
        """Both prices."""
        return Cost(min(self.fixed + other.fixed, COST_MAX), (*self.rows, *other.rows))

    def times(self, size: int | PageSize) -> Cost:
        """The price of so many."""
        if isinstance(size, PageSize):
            return Cost(0, ((size, self),))
        return Cost(
            min(self.fixed * size, COST_MAX), tuple((page, each.times(size)) for page, each in self.rows)
        )


def price(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) -> Cost:
    """The price of a valid operation."""
    root = schema.get_root_type(operation.operation)
    assert root is not None
    pricing = _Pricing(
        schema=schema,
        fragments={d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)},
        defaults={
            one.variable.name.value: _literal(one.default_value)
            for one in operation.variable_definitions or ()
        },
        known={},
    )
    return pricing.selection(root, operation.selection_set, None)


def surcharge(document: DocumentNode, operation: OperationDefinitionNode) -> int:
    """What fields cost besides the one for each, counted once: what a response does not show by its size."""
    total = 0
    if operation.operation is OperationType.MUTATION:
        total += (MUTATION - 1) * len(operation.selection_set.selections)
    selections = [
        one.selection_set
        for one in document.definitions
        if one is operation or isinstance(one, FragmentDefinitionNode)
    ]
    while selections:
        for node in selections.pop().selections:
            if isinstance(node, FieldNode):
                total += _SURCHARGES.get(node.name.value, 1) - 1
            inner = getattr(node, "selection_set", None)
            if inner is not None:
                selections.append(inner)
    return total


@dataclass(frozen=True, slots=True)
class _Pricing:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    defaults: Mapping[str, int | None]
    known: dict[tuple[str, int | PageSize | None], Cost]

    def selection(self, parent: Any, selection: SelectionSetNode, page: int | PageSize | None) -> Cost:
        """The price of a selection; `page` is the size of the page that it is selected on."""
        total = Cost()
        for node in selection.selections:
            if isinstance(node, FieldNode):
                total = total.plus(self._field(parent, node, page))
            elif isinstance(node, FragmentSpreadNode):
                total = total.plus(self._fragment(node.name.value, page))
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                within = parent if condition is None else self.schema.get_type(condition.name.value)
                total = total.plus(self.selection(within, node.selection_set, page))
        return total

    def _fragment(self, name: str, page: int | PageSize | None) -> Cost:
        key = (name, page)
        if key not in self.known:
            self.known[key] = Cost()
            fragment = self.fragments[name]
            within = self.schema.get_type(fragment.type_condition.name.value)
            self.known[key] = self.selection(within, fragment.selection_set, page)
        return self.known[key]

    def _field(self, parent: Any, node: FieldNode, page: int | PageSize | None) -> Cost:
        name = node.name.value
        if name in _SURCHARGES:
            return Cost(_SURCHARGES[name])
        known = (
            parent.fields.get(name) if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType) else None
        )
        if known is None or node.selection_set is None:
            return Cost(1)
        is_page = "first" in known.args
        own = Cost(MUTATION if parent is self.schema.mutation_type else 1)
        inner = self.selection(
            get_named_type(known.type), node.selection_set, self._page_size(node) if is_page else None
        )
        if _gives_list(known):
            inner = inner.times(page if page is not None and name in _ROWS else self._list_size(node))
        return own.plus(inner)

    def _page_size(self, node: FieldNode) -> int | PageSize:
        return self._size(node, ("first", "last"), PAGE_SIZE_DEFAULT)

    def _list_size(self, node: FieldNode) -> int | PageSize:
        """The size of a list without pages: as many as ids are given, if any are."""
        return self._size(
            node, tuple(one.name.value for one in node.arguments or () if one.name.value == "ids"), LIST_SIZE
        )

    def _size(self, node: FieldNode, names: tuple[str, ...], otherwise: int) -> int | PageSize:
        given = [one.value for one in node.arguments or () if one.name.value in names]
        variables = tuple(
            (one.name.value, self.defaults.get(one.name.value))
            for one in given
            if isinstance(one, VariableNode)
        )
        literals = [size for one in given if (size := _literal(one)) is not None]
        if variables:
            return PageSize(variables, max(literals, default=otherwise))
        return max(1, min(max(literals, default=otherwise), PAGE_SIZE_MAX))


def _literal(value: ValueNode | None) -> int | None:
    if isinstance(value, IntValueNode):
        return int(value.value)
    return len(value.values) if isinstance(value, ListValueNode) else None


def _gives_list(known: GraphQLField) -> bool:
    found = known.type
    return is_list_type(found.of_type if isinstance(found, GraphQLNonNull) else found)
