"""Answering a query by one statement: selection and statement are cached, arguments and sight are looked at anew."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
)
from graphql.execution.values import VariableValues, get_variable_values
from graphql.language import DirectiveNode, Visitor, visit

from linli.areas.paths import end_of
from linli.context import Actor, Context
from linli.errors import LinliError
from linli_graphql.compiled.arguments import SitePlan, Variables, fill, plan_sites, settled, variables_of
from linli_graphql.compiled.computing import Change, Uncomputable, computed, computing
from linli_graphql.compiled.selection import NotCompilable, Reader, Selection, boolean_variables
from linli_graphql.compiled.statement import WHOLE, Sight, SiteShape, Writer
from linli_graphql.cursors import CursorKey
from linli_graphql.declaration import NodeSpec
from linli_graphql.ids import types_in
from linli_graphql.request import GraphQLRequest
from linli_graphql.schema import PluginSetSchema

# Of the process, for all documents together: one document with many variants must not take all memory.
_DOCUMENTS_MAX = 1_000
_SELECTIONS_MAX = 1_000
_PLANS_MAX = 2_000
_STATEMENTS_MAX = 1_000
_READY_MAX = 100  # of one actor
V = TypeVar("V")


class _Bounded(OrderedDict[Any, V], Generic[V]):
    """A mapping that forgets what was used longest ago."""

    def __init__(self, size_max: int) -> None:
        super().__init__()
        self._size_max = size_max

    def found(self, key: Any) -> V | None:
        value = self.get(key)
        if value is not None:
            self.move_to_end(key)
        return value

    def keep(self, key: Any, value: V) -> V:
        self[key] = value
        if len(self) > self._size_max:
            self.popitem(last=False)
        return value


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, and the names of its parameters after the tenant's id, in their order.

    `signing` are the sites whose cursors it makes.
    """

    sql: str
    names: tuple[Any, ...]
    signing: frozenset[int]


@dataclass(slots=True, eq=False)
class _Compiled:
    """A selection, compared by identity; None stands for one that cannot be compiled."""

    selection: Selection | None
    permissions: tuple[str, ...] = ()
    specs: tuple[NodeSpec, ...] = ()
    change: Change | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Planned:
    """The arguments of requests that differ in ids and cursors only; compared by identity."""

    compiled: _Compiled
    plans: tuple[SitePlan, ...] = ()
    shapes: tuple[SiteShape, ...] = ()


@dataclass(frozen=True, slots=True)
class _Ready:
    """What is the same for all requests of one actor with these arguments: all but ids and cursors.

    `values` are the parameters with gaps, and `gaps` are where the values of these names belong.
    """

    statement: Statement
    specs: tuple[NodeSpec, ...]
    cursors: tuple[CursorKey, ...]
    values: tuple[object, ...]
    gaps: tuple[tuple[int, Any], ...]

    def filled(self, given: Mapping[Any, object]) -> list[object]:
        """The parameters of one request."""
        values = [*self.values]
        for place, name in self.gaps:
            values[place] = given[name]
        return values


@dataclass(slots=True, eq=False)
class _Document:
    """What is known of an operation of a document in one schema; compared by identity."""

    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    booleans: tuple[str, ...]
    variables: Variables


class Compiler:
    """The compiled reads of a process; bounded. `hits` and `misses` count the statements found and made."""

    def __init__(self) -> None:
        self._documents: _Bounded[_Document] = _Bounded(_DOCUMENTS_MAX)
        self._selections: _Bounded[_Compiled] = _Bounded(_SELECTIONS_MAX)
        self._plans: _Bounded[_Planned] = _Bounded(_PLANS_MAX)
        self._statements: _Bounded[Statement | str] = _Bounded(_STATEMENTS_MAX)
        self.hits = 0
        self.misses = 0
        self.fallbacks = 0

    async def answer(
        self,
        request: GraphQLRequest,
        schema: PluginSetSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any] | None,
    ) -> bytes | None:
        """The JSON of the response's `data`, or None when the ordinary executor must answer."""
        if operation.operation is not OperationType.QUERY:
            return None
        try:
            prepared = self._prepare(request, schema, document, operation, variables)
        except (NotCompilable, LinliError, GraphQLError):
            prepared = None
        if prepared is None:
            self.fallbacks += 1
            return None
        statement, values, specs, change = prepared
        for spec in specs:
            if spec.administrative:
                request.note(spec)
        request.statements += 1
        body = await request.runtime.database.read(request.tenant.id, statement.sql, values)
        if change is None or body is None:
            return body
        try:
            return computed(body, change, request)
        except Uncomputable:
            self.fallbacks += 1
            return None

    def _prepare(
        self,
        request: GraphQLRequest,
        schema: PluginSetSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        raw: Mapping[str, Any] | None,
    ) -> tuple[Statement, list[object], tuple[NodeSpec, ...], Change | None] | None:
        found = self._document(schema, document, operation)
        given = raw or {}
        planned = self._planned(schema, found, given)
        if planned is None or planned.compiled.selection is None:
            return None
        ready = self._ready(request, planned)
        if ready is None:
            return None
        filled = fill(planned.plans, ready.cursors, given)
        if filled is None:
            return None
        return ready.statement, ready.filled(filled), ready.specs, planned.compiled.change

    def _ready(self, request: GraphQLRequest, planned: _Planned) -> _Ready | None:
        """What was made of an earlier request of the same actor, or is made now."""
        kept, key = request.actor.derived, (planned, request.tenant.id)
        ready: _Ready | None = kept.get(key)
        if ready is not None:
            self.hits += 1
            return ready
        sight, seen = sight_of(request.actor, planned.compiled.permissions)
        statement = self._statement(planned, sight)
        if statement is None:
            return None
        secret, tenant = request.runtime.settings.secret_key, str(request.tenant.id)
        cursors = tuple(CursorKey(secret, (tenant, *plan.cursor_scope)) for plan in planned.plans)
        seen.update(settled(planned.plans, cursors, statement.signing))
        gaps = tuple((i, name) for i, name in enumerate(statement.names, 1) if name not in seen)
        values = (request.tenant.id, *(seen.get(name) for name in statement.names))
        ready = _Ready(statement, planned.compiled.specs, cursors, values, gaps)
        if len(kept) >= _READY_MAX:
            kept.clear()
        kept[key] = ready
        return ready

    def _planned(
        self, schema: PluginSetSchema, found: _Document, given: Mapping[str, Any]
    ) -> _Planned | None:
        """What was made of an earlier request with the same arguments but for ids and cursors, or is made now."""
        key = found.variables.key(given)
        planned = self._plans.found((found, key)) if key is not None else None
        if planned is None:
            variables = get_variable_values(
                schema._schema, found.operation.variable_definitions or (), dict(given), max_errors=1
            )
            if not isinstance(variables, VariableValues):
                return None
            planned = self._plan(schema, found, variables)
            if key is not None:
                self._plans.keep((found, key), planned)
        return planned

    def _plan(self, schema: PluginSetSchema, found: _Document, variables: VariableValues) -> _Planned:
        compiled = self._compiled(schema, found, variables)
        if compiled.selection is None:
            return _Planned(compiled)
        plans = plan_sites(schema, compiled.selection, variables)
        return _Planned(compiled, plans, tuple(plan.shape for plan in plans))

    def _document(
        self, schema: PluginSetSchema, document: DocumentNode, operation: OperationDefinitionNode
    ) -> _Document:
        key = (id(schema), id(operation))
        found = self._documents.found(key)
        if found is None or found.operation is not operation:
            fragments = {
                one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
            }
            found = _Document(
                operation,
                fragments,
                boolean_variables(iter(_directives(document))),
                variables_of(operation, document),
            )
            self._documents.keep(key, found)
        return found

    def _compiled(self, schema: PluginSetSchema, found: _Document, variables: VariableValues) -> _Compiled:
        choices: dict[str, object] = {name: bool(variables.coerced.get(name)) for name in found.booleans}
        for name in found.variables.ids:
            given = variables.coerced.get(name)
            choices[name] = types_in([str(one) for one in (given if isinstance(given, list) else [given])])
        key = (found, *choices.values())
        compiled = self._selections.found(key)
        if compiled is None:
            compiled = self._selections.keep(key, _compile(schema, found, choices))
        return compiled

    def _statement(self, planned: _Planned, sight: Sight) -> Statement | None:
        compiled, key = planned.compiled, (planned.compiled, sight, planned.shapes)
        made = self._statements.found(key)
        if made is None:
            self.misses += 1
            made = self._statements.keep(key, _write(compiled, sight, planned.shapes))
        else:
            self.hits += 1
        return made if isinstance(made, Statement) else None


def _compile(schema: PluginSetSchema, found: _Document, choices: Mapping[str, object]) -> _Compiled:
    try:
        selection = Reader(schema, found.fragments, choices).read(found.operation)
        change = computing(selection)
    except NotCompilable:
        return _Compiled(None)
    permissions = {spec.permission for spec in selection.specs.values() if spec.permission}
    for spec in selection.specs.values():
        permissions |= {one.permission for one in spec.columns.values() if one.permission}
    specs = tuple(selection.specs.values())
    return _Compiled(selection, tuple(sorted(permissions)), specs, change)


def _write(compiled: _Compiled, sight: Sight, shapes: tuple[SiteShape, ...]) -> Statement | str:
    assert compiled.selection is not None
    try:
        return statement_of(compiled.selection, sight, shapes)
    except NotCompilable:
        return "not compilable"


def statement_of(selection: Selection, sight: Sight, shapes: tuple[SiteShape, ...]) -> Statement:
    """The statement of a selection, for one sight and shape of its arguments. Raises: NotCompilable."""
    names: list[Any] = []

    def place(name: Any) -> str:
        if name not in names:
            names.append(name)
        return f"${names.index(name) + 2}"

    sql = Writer(selection, sight, shapes, place).write()
    signing = {name[0] for name in names if isinstance(name, tuple) and name[1:] == ("cursor", "inner")}
    return Statement(sql, tuple(names), frozenset(signing))


def sight_of(actor: Actor, permissions: tuple[str, ...]) -> tuple[Sight, dict[Any, object]]:
    """How much the viewer may see, and the parameters that say where."""
    counts: list[tuple[str, int]] = []
    values: dict[Any, object] = {"person": actor.person_id}
    for permission in permissions:
        scopes = Context.scopes_of(actor, permission)
        if scopes == WHOLE:
            counts.append((permission, -1))
            continue
        counts.append((permission, len(scopes)))
        for i, low in enumerate(scopes):
            values[(permission, i, "low")] = low
            values[(permission, i, "high")] = end_of(low)
    return Sight(tuple(counts), actor.person_id is not None), values


def _directives(document: DocumentNode) -> list[DirectiveNode]:
    found: list[DirectiveNode] = []

    class Collect(Visitor):
        def enter_directive(self, node: DirectiveNode, *_args: Any) -> None:
            found.append(node)

    visit(document, Collect())
    return found
