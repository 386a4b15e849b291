"""Limits on the form of a document: each one linear pass, however its fragments are nested.

The first pass reads only words and brackets with one regular expression, so that a hostile document costs a few
milliseconds: graphql-core's parser takes 6 µs for a token, and its validation is quadratic in places. The second
pass follows fragments, each of them once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from linli_graphql.refusals import DocumentRefused, Fault, LimitExceeded

# Read in the way graphql-core's lexer reads it, so that nothing can hide in what one of the two takes for a text.
# A text without an end goes on to the end; every alternative matches at its first try, so there is no backtracking.
_SCAN: Final = re.compile(
    r'"""(?:\\"""|(?!""").)*+(?:"""|\Z)|"(?:[^"\\\n\r]|\\.)*+"?'
    r"|#[^\n\r]*+"
    r"|\.\.\.|[_A-Za-z][_0-9A-Za-z]*+|-?[0-9][0-9.eE+-]*+|[^\s,\ufeff]",
    re.S,
)
_OPENING: Final = {"{": "}", "[": "]", "(": ")"}
_CLOSING: Final = frozenset(_OPENING.values())
_NUMBER_CHARACTERS_MAX: Final = 40
_ENOUGH: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may have at most.

    `arguments` are all names with values, those of input objects and variables included. `width` are the fields
    of one selection, and `repeats` the equal ones among them. `depth`, `aliases`, `root_fields` and `fields` count
    what fragments contain each time that they are spread.
    """

    characters: int = 64_000
    tokens: int = 5_000
    nesting: int = 40
    depth: int = 15
    aliases: int = 100
    arguments: int = 1_000
    directives: int = 50
    fragments: int = 50
    spreads: int = 150
    operations: int = 20
    root_fields: int = 20
    fields: int = 5_000
    width: int = 200
    repeats: int = 5


LIMITS: Final = Limits()


def check_text(text: str, limits: Limits = LIMITS) -> int:
    """Count words and brackets; gives the number of tokens, comments included. Raises: DocumentRefused."""
    if len(text) > limits.characters:
        raise _exceeded("characters", limits.characters)
    scan = _Scan(limits)
    for token in _SCAN.findall(text):
        scan.read(token)
    return scan.tokens


@dataclass(slots=True)
class _Scan:
    """Where a scan stands. Within `( )` and `[ ]` are values and types: only braces outside hold selections."""

    limits: Limits
    tokens: int = 0
    aliases: int = 0
    arguments: int = 0
    directives: int = 0
    fragments: int = 0
    spreads: int = 0
    operations: int = 0
    previous: str = ""
    closing: list[str] = field(default_factory=list)
    values: int = 0
    seen: list[dict[str, int]] = field(default_factory=list)

    def read(self, word: str) -> None:
        """Count one token."""
        self.tokens += 1
        if self.tokens > self.limits.tokens:
            raise _exceeded("tokens", self.limits.tokens)
        if word[0] == "#":
            return  # counted as well: a thousand comments cost what a thousand words do
        if word in _OPENING:
            self._open(word)
        elif word in _CLOSING:
            self._close(word)
        elif word == "@":
            self.directives = self._more("directives", self.directives)
        elif word == "...":
            self.spreads = self._more("spreads", self.spreads)
        elif word == ":" and self.values:
            self.arguments = self._more("arguments", self.arguments)
        elif self.values == 0:
            self._read_outside_values(word)
        if len(word) > _NUMBER_CHARACTERS_MAX and (word[0].isdigit() or word[0] == "-"):
            raise _exceeded("digits", _NUMBER_CHARACTERS_MAX)
        self.previous = word

    def _read_outside_values(self, word: str) -> None:
        if word == ":":
            self.aliases = self._more("aliases", self.aliases)
        elif not self.closing:
            if word == "fragment":
                self.fragments = self._more("fragments", self.fragments)
            elif word in ("query", "mutation", "subscription") and self.previous != "fragment":
                self.operations = self._more("operations", self.operations)
        elif self.previous not in ("...", "@", "on", ":"):
            names = self.seen[-1]
            names[word] = names.get(word, 0) + 1
            if len(names) > self.limits.width:
                raise _exceeded("width", self.limits.width)
            if names[word] > self.limits.repeats:
                raise _exceeded("repeats", self.limits.repeats)

    def _open(self, word: str) -> None:
        if len(self.closing) >= self.limits.nesting:
            raise _exceeded("nesting", self.limits.nesting)
        if not self.closing and word == "{" and self.previous in ("", "}"):
            self.operations = self._more("operations", self.operations)
        self.closing.append(_OPENING[word])
        if word != "{" or self.values:
            self.values += 1
        else:
            self.seen.append({})

    def _close(self, word: str) -> None:
        if not self.closing or self.closing.pop() != word:
            return  # the parser says where
        if self.values:
            self.values -= 1
        else:
            self.seen.pop()

    def _more(self, what: str, count: int) -> int:
        limit: int = getattr(self.limits, what)
        if count >= limit:
            raise _exceeded(what, limit)
        return count + 1


@dataclass(frozen=True, slots=True)
class Size:
    """What a selection comes to with its fragments spread out."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    root_fields: int = 0


def check_document(document: DocumentNode, limits: Limits = LIMITS) -> None:
    """Count each operation with its fragments. Raises: DocumentRefused."""
    measure = _Measure(
        {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    )
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
            size = measure.of(definition.selection_set)
            for what in ("depth", "fields", "aliases"):
                if getattr(size, what) > getattr(limits, what):
                    raise _exceeded(what, getattr(limits, what))
            if isinstance(definition, OperationDefinitionNode) and size.root_fields > limits.root_fields:
                raise _exceeded("root_fields", limits.root_fields)


class _Measure:
    """Measures selections; a fragment is measured once, and one that contains itself counts as empty within."""

    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, Size] = {}

    def of(self, selection: SelectionSetNode) -> Size:
        """The size of a selection."""
        depth = fields = aliases = root_fields = 0
        for node in selection.selections:
            if isinstance(node, FieldNode):
                inner = self.of(node.selection_set) if node.selection_set else _NOTHING
                depth = max(depth, inner.depth + 1)
                fields += inner.fields + 1
                aliases += inner.aliases + (node.alias is not None)
                root_fields += 1
                continue
            inner = (
                self._fragment(node.name.value)
                if isinstance(node, FragmentSpreadNode)
                else self.of(
                    node.selection_set  # type: ignore[attr-defined]
                )
            )
            depth = max(depth, inner.depth)
            fields += inner.fields
            aliases += inner.aliases
            root_fields += inner.root_fields
        return Size(*(min(count, _ENOUGH) for count in (depth, fields, aliases, root_fields)))

    def _fragment(self, name: str) -> Size:
        if name not in self._known:
            self._known[name] = _NOTHING
            if name in self._fragments:
                self._known[name] = self.of(self._fragments[name].selection_set)
        return self._known[name]


_NOTHING: Final = Size()


def _exceeded(what: str, limit: int) -> DocumentRefused:
    return DocumentRefused(Fault(LimitExceeded(what=what, limit=limit)))
