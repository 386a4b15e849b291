"""What the arguments of a request ask for, site by site: the shape decides the statement, the values are parameters.

Ids and cursors differ from request to request, and everything else repeats. So the arguments are coerced and
checked once for each set of the other values, and kept as a plan; a request fills in its ids and cursors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from graphql import ArgumentNode, DocumentNode, OperationDefinitionNode, VariableNode
from graphql.execution.values import VariableValues, get_argument_values
from graphql.language import ListTypeNode, NonNullTypeNode, ValueNode, Visitor, visit
from strawberry.types.arguments import convert_arguments

from linli_graphql.compiled.selection import Selection, Site
from linli_graphql.compiled.statement import SiteShape
from linli_graphql.cursors import CursorKey
from linli_graphql.declaration import ValueKind
from linli_graphql.fields import NodeRootField, NodesRootField, SingleRootField
from linli_graphql.filters import terms
from linli_graphql.ids import NODES_MAX, from_global_id, type_in, types_in
from linli_graphql.lists import list_request
from linli_graphql.reading import ListRequest, key_from_text
from linli_graphql.schema import PluginSetSchema

_PLACES: Final = frozenset({"id", "ids", "after", "before"})
_IDS: Final = frozenset({"id", "ids"})
_ABSENT: Final = object()
_PLAIN: Final = (str, int, float, bool, type(None))
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Variables:
    """An operation's variables: those that stand for an id or a cursor only, and those that decide.

    `ids` are the places that are an id somewhere: their type decides.
    """

    places: tuple[str, ...]
    deciding: tuple[str, ...]
    ids: frozenset[str]

    def key(self, raw: Mapping[str, Any]) -> Key | None:
        """What requests have in common that ask for the same but for ids and cursors; None when it cannot be said."""
        found: list[object] = []
        for name in self.places:
            value = raw.get(name, _ABSENT)
            if value is None or value is _ABSENT:
                found.append(value)
            elif value.__class__ is str:
                found.append((type_in(value),) if name in self.ids else str)
            elif value.__class__ is list and name in self.ids and all(one.__class__ is str for one in value):
                found.append((list, types_in(value)))
            else:
                return None
        for name in self.deciding:
            value = raw.get(name, _ABSENT)
            if value is not _ABSENT and value.__class__ not in _PLAIN:
                return None
            found.append((value.__class__, value))  # 1, 1.0 and true are equal, and are not the same
        return tuple(found)


class Asked(Enum):
    """What a site asks for: one row or some by their ids, or a page."""

    ONE = "one"
    SOME = "some"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class SitePlan:
    """A site's shape and settled parameters.

    The id, the ids or the cursor are those of `variable`, or else `constant`, from the document or a default.
    """

    site: Site
    asks: Asked
    shape: SiteShape
    values: Mapping[Any, object]
    variable: str | None = None
    constant: Any = None
    order_kind: ValueKind = ValueKind.ID
    cursor_scope: tuple[str, ...] = ()

    def given(self, raw: Mapping[str, Any]) -> Any:
        """The id, the ids or the cursor of this request."""
        found = raw.get(self.variable) if self.variable is not None else None
        return self.constant if found is None else found


def variables_of(operation: OperationDefinitionNode, document: DocumentNode) -> Variables:
    """Sort an operation's variables. One with a default decides, as does one that is used anywhere else."""
    definitions = operation.variable_definitions or ()
    elsewhere: set[str] = set()
    ids: set[str] = set()

    class Collect(Visitor):
        def enter_argument(self, node: ArgumentNode, *_args: Any) -> None:
            if node.name.value not in _PLACES or not isinstance(node.value, VariableNode):
                elsewhere.update(_variables_in(node.value))
            elif node.name.value in _IDS:
                ids.add(node.value.name.value)

    visit(document, Collect())
    places = tuple(
        one.variable.name.value
        for one in definitions
        if one.default_value is None
        and _type_name(one.type) in ("ID", "String", "[ID]")
        and one.variable.name.value not in elsewhere
    )
    names = tuple(one.variable.name.value for one in definitions)
    return Variables(places, tuple(name for name in names if name not in places), frozenset(ids))


def plan_sites(
    schema: PluginSetSchema, selection: Selection, variables: VariableValues
) -> tuple[SitePlan, ...]:
    """The plans of all sites.

    Raises: LinliError for arguments that are refused, graphql-core's errors for those that do not fit.
    """
    return tuple(_plan(schema, site, variables) for site in selection.sites)


def fill(
    plans: Sequence[SitePlan], cursors: Sequence[CursorKey], raw: Mapping[str, Any]
) -> dict[Any, object] | None:
    """The parameters that differ from request to request; None when an id is of another type, or with too many ids.

    `cursors` are the keys of the sites. Raises: InvalidId, InvalidCursor.
    """
    found: dict[Any, object] = {}
    for plan, key in zip(plans, cursors, strict=True):
        index = plan.site.index
        if plan.asks is Asked.ONE:
            name, found[(index, "id")] = from_global_id(str(plan.given(raw)))
            if plan.site.spec is None or name != plan.site.spec.name:
                return None
        elif plan.asks is Asked.SOME:
            given = plan.given(raw)
            asked = [from_global_id(str(one)) for one in (given if isinstance(given, list) else [given])]
            if len(asked) > NODES_MAX:
                return None
            found[(index, "ids")] = [row_id for _name, row_id in asked]
            found[(index, "types")] = [name for name, _row_id in asked]
        elif plan.shape.after:
            text, found[(index, "cursor", "id")] = key.decode(str(plan.given(raw)))
            found[(index, "cursor", "value")] = (
                None if plan.shape.order == "id" else key_from_text(plan.order_kind, text)
            )
    return found


def settled(plans: Sequence[SitePlan], cursors: Sequence[CursorKey], signing: Set[int]) -> dict[Any, object]:
    """The parameters that are the same for all requests of a tenant. `signing` are the sites that make cursors."""
    found: dict[Any, object] = {}
    for plan, key in zip(plans, cursors, strict=True):
        index = plan.site.index
        found.update(plan.values)
        if index in signing:
            found[(index, "cursor", "inner")], found[(index, "cursor", "outer")] = key.pads()
    return found


def _plan(schema: PluginSetSchema, site: Site, variables: VariableValues) -> SitePlan:
    given = _arguments(schema, site, variables)
    if site.spec is None or isinstance(site.field, SingleRootField | NodeRootField):
        asks = Asked.SOME if isinstance(site.field, NodesRootField) else Asked.ONE
        variable, constant = _source(site, "id" if asks is Asked.ONE else "ids", given)
        return SitePlan(site, asks, SiteShape(), {}, variable, constant)
    request = list_request(site.name, site.spec, dict(given), secret="", tenant="", parent=site.parent_column)
    conditions = [] if request.filter is None else list(terms(site.spec, request.filter))
    variable, constant = _source(site, "before" if request.page.backwards else "after", given)
    return SitePlan(
        site=site,
        asks=Asked.PAGE,
        shape=_shape(request, tuple((term.column, term.operator) for term in conditions)),
        values={(site.index, "term", i): term.value for i, term in enumerate(conditions)},
        variable=variable,
        constant=constant,
        order_kind=request.order_kind,
        cursor_scope=request.cursors.scope[1:],
    )


def _shape(request: ListRequest, conditions: tuple[tuple[str, str], ...]) -> SiteShape:
    return SiteShape(
        size=request.page.size,
        backwards=request.page.backwards,
        order=request.order,
        descending=request.descending,
        after=request.page.cursor is not None,
        terms=conditions,
    )


def _source(site: Site, name: str, given: Mapping[str, Any]) -> tuple[str | None, Any]:
    """The variable that an id or a cursor comes from, and the text that holds without it."""
    for argument in site.node.arguments or ():
        if argument.name.value == name and isinstance(argument.value, VariableNode):
            return argument.value.name.value, given.get(name)
    return None, given.get(name)


def _arguments(schema: PluginSetSchema, site: Site, variables: VariableValues) -> dict[str, Any]:
    if not site.node.arguments:
        return {}
    raw = get_argument_values(site.definition, site.node, variables)
    converter = schema.schema_converter
    return convert_arguments(raw, site.field.arguments, converter.scalar_registry, schema.config)


def _type_name(node: Any) -> str:
    """The name of a variable's type, nullable or not; that of a list in brackets."""
    inner = node.type if isinstance(node, NonNullTypeNode) else node
    return f"[{_type_name(inner.type)}]" if isinstance(inner, ListTypeNode) else str(inner.name.value)


def _variables_in(value: ValueNode) -> list[str]:
    if isinstance(value, VariableNode):
        return [value.name.value]
    inner: list[Any] = [*getattr(value, "values", ()), *(one.value for one in getattr(value, "fields", ()))]
    return [name for one in inner for name in _variables_in(one)]
