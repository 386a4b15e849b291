"""Documents, parsed, checked and priced once and then kept: what a request executes."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from linli_graphql.cost import Cost, price, surcharge
from linli_graphql.limits import LIMITS, check_document, check_text
from linli_graphql.refusals import (
    ERRORS_MAX,
    DocumentRefused,
    Fault,
    LimitExceeded,
    OperationUnclear,
    faults_of,
)

ENTRIES_MAX: Final = 2_000
TOKENS_MAX: Final = 100_000
"""Of all documents kept together: a token takes about 400 bytes."""
_REFUSED_TOKENS: Final = 50
_Key = tuple[GraphQLSchema, str, str | None]
_RULES: Final = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


@dataclass(frozen=True, slots=True, eq=False)
class PreparedDocument:
    """A valid document with the operation to execute; compared by identity.

    `text_hash` stands for the document's text, `cost` is its price as a function of the variables,
    `surcharge` is what of it the response's size does not show, and `introspects` says whether it asks for the schema.
    """

    text_hash: str
    document: DocumentNode
    operation: OperationDefinitionNode
    cost: Cost
    tokens: int
    surcharge: int
    introspects: bool

    @property
    def is_query(self) -> bool:
        """Whether it only reads."""
        return self.operation.operation is OperationType.QUERY

    @property
    def operation_name(self) -> str | None:
        """The operation's name, if it has one."""
        return self.operation.name.value if self.operation.name else None

    def estimate(self, variables: Mapping[str, Any] | None) -> int:
        """What executing it costs at most."""
        return self.cost.of(variables or {})


def prepare(schema: GraphQLSchema, text: str, operation_name: str | None = None) -> PreparedDocument:
    """Parse, check and price a document. Raises: DocumentRefused."""
    tokens = check_text(text)
    try:
        document = parse(text, max_tokens=LIMITS.tokens)
        check_document(document)
        errors = validate(schema, document, _RULES, max_errors=ERRORS_MAX, hide_suggestions=True)
    except GraphQLError as error:
        raise DocumentRefused(*faults_of([error])) from None
    except RecursionError:
        raise DocumentRefused(Fault(LimitExceeded(what="nesting", limit=LIMITS.nesting))) from None
    if errors:
        raise DocumentRefused(*faults_of(errors))
    operation = _operation(document, operation_name)
    return PreparedDocument(
        text_hash=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        document=document,
        operation=operation,
        cost=price(schema, document, operation),
        tokens=tokens,
        surcharge=surcharge(document, operation),
        introspects=_introspects(document),
    )


class DocumentCache:
    """Documents by schema, text and operation, valid or not: the ones used last, within bounds."""

    def __init__(self, *, entries_max: int = ENTRIES_MAX, tokens_max: int = TOKENS_MAX) -> None:
        self._entries_max = entries_max
        self._tokens_max = tokens_max
        self._kept: OrderedDict[_Key, PreparedDocument | DocumentRefused] = OrderedDict()
        self._tokens = 0
        self.hits = 0
        self.misses = 0

    def get(self, schema: GraphQLSchema, text: str, operation_name: str | None = None) -> PreparedDocument:
        """The document, prepared now or earlier. Raises: DocumentRefused."""
        key = (schema, text, operation_name)
        found = self._kept.get(key)
        if found is None:
            self.misses += 1
            try:
                found = prepare(schema, text, operation_name)
            except DocumentRefused as refused:
                found = refused
            self._keep(key, found)
        else:
            self.hits += 1
            self._kept.move_to_end(key)
        if isinstance(found, DocumentRefused):
            raise DocumentRefused(*found.faults)
        return found

    def _keep(self, key: _Key, found: PreparedDocument | DocumentRefused) -> None:
        if len(key[1]) > LIMITS.characters or len(key[2] or "") > LIMITS.characters:
            return  # refused at once anyway, and not worth its memory
        self._kept[key] = found
        self._tokens += _weight(key, found)
        while len(self._kept) > self._entries_max or self._tokens > self._tokens_max:
            old_key, old = self._kept.popitem(last=False)
            self._tokens -= _weight(old_key, old)


def _weight(key: _Key, found: PreparedDocument | DocumentRefused) -> int:
    size = found.tokens if isinstance(found, PreparedDocument) else _REFUSED_TOKENS
    return size + (len(key[1]) + len(key[2] or "")) // 100


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """The operation of this name, or the only one. Source: GraphQL specification §6.1, GetOperation."""
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    if name is not None:
        operations = [one for one in operations if one.name and one.name.value == name]
    if len(operations) != 1:
        raise DocumentRefused(Fault(OperationUnclear()))
    return operations[0]


def _introspects(document: DocumentNode) -> bool:
    """Whether any definition selects `__schema` or `__type`: these exist on the query type only."""
    return any(
        _selects_schema(one.selection_set)
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode | FragmentDefinitionNode)
    )


def _selects_schema(selection: SelectionSetNode | None) -> bool:
    return selection is not None and any(
        (isinstance(node, FieldNode) and node.name.value in ("__schema", "__type"))
        or _selects_schema(getattr(node, "selection_set", None))
        for node in selection.selections
    )
