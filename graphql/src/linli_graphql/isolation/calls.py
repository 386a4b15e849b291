"""Calls made from the schema: a document for any root field, with every argument that it must have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from linli_graphql.declaration import NodeSpec

_DEPTH_MAX: Final = 12

# Where a value stands among the arguments: ("input", "memberIds", 0).
Path = tuple[str | int, ...]

_SCALARS: Final[Mapping[str, Any]] = {
    "Amount": 1,
    "Int": 1,
    "Float": 1.0,
    "Boolean": False,
    "Date": "2024-03-05",
    "DateTime": "2024-03-05T08:00:00+00:00",
    "JSON": 1,
    "String": "Isolation-2024",
}
_LATER: Final = "2024-03-05T10:00:00+00:00"


class CannotBuild(AssertionError):
    """No call can be built for a field: a new kind of value, which the generator has to learn."""


@dataclass(slots=True)
class Call:
    """A document with its variables. `selected` are the fields that it asks for, as `Type.field`."""

    document: str
    variables: dict[str, Any]
    selected: set[str] = field(default_factory=set)


class Calls:
    """Builds calls for one schema.

    `values` gives values by the name of an argument or input field; `texts` gives likely ones for texts and choices.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        specs: Mapping[str, NodeSpec],
        *,
        values: Mapping[str, Any],
        texts: Mapping[str, str],
    ) -> None:
        self._schema = schema
        self._specs = specs
        self._values = values
        self._texts = texts

    def build(self, operation: str, name: str, given: Mapping[Path, Any], *, light: bool = False) -> Call:
        """A call of the root field with all that it must have; `given` are values by their places.

        It selects all fields of the rows, or with `light` their ids. Raises: CannotBuild.
        """
        builder = _Builder(self, given, light=light)
        root = self._schema.query_type if operation == "query" else self._schema.mutation_type
        if root is None:
            raise CannotBuild(operation)
        body = builder.field(root, name, given, top=True)
        head = f"({', '.join(builder.declarations)})" if builder.declarations else ""
        return Call(f"{operation} {head} {{ {body} }}", builder.variables, builder.selected)

    def id_places(self, found: GraphQLField, *, required: bool = False) -> list[Path]:
        """The places of all ids among a field's arguments, or of those that must be given."""
        return [
            place
            for name, argument in found.args.items()
            if not required or is_required_argument(argument)
            for place in _places(argument.type, (name,), required=required)
        ]

    def value(self, kind: Any, place: Path, given: Mapping[Path, Any]) -> Any:
        """A value of an input type: what is given, and something plausible for the rest. Raises: CannotBuild."""
        if place in given:
            return given[place]
        if isinstance(kind, GraphQLNonNull):
            return self.value(kind.of_type, place, given)
        name = next(part for part in reversed(place) if isinstance(part, str))
        if isinstance(kind, GraphQLList):
            listed = self._values.get(name)
            return listed if isinstance(listed, list) else [self.value(kind.of_type, (*place, 0), given)]
        if isinstance(kind, GraphQLInputObjectType):
            return {
                label: self.value(item.type, (*place, label), given)
                for label, item in kind.fields.items()
                if is_required_input_field(item) or _wanted(given, (*place, label))
            }
        if name in self._values:
            return self._values[name]
        text = self._texts.get(name)
        if isinstance(kind, GraphQLEnumType):
            return text if text in kind.values else next(iter(kind.values))
        if text is not None and kind.name == "String":
            return text
        if isinstance(kind, GraphQLScalarType) and kind.name in _SCALARS:
            late = kind.name == "DateTime" and name.startswith(("end", "to", "until"))
            return _LATER if late else _SCALARS[kind.name]
        raise CannotBuild(f"{'.'.join(map(str, place))}: no value for {kind}")

    def is_node(self, kind: Any) -> bool:
        """Whether a type is a declared node, or the interface of all."""
        return isinstance(kind, GraphQLInterfaceType) or kind.name in self._specs


class _Builder:
    """The state while one document is written."""

    def __init__(self, calls: Calls, given: Mapping[Path, Any], *, light: bool) -> None:
        self._calls = calls
        self._light = light
        self._given = given
        self.declarations: list[str] = []
        self.variables: dict[str, Any] = {}
        self.selected: set[str] = set()

    def field(
        self,
        owner: GraphQLObjectType,
        name: str,
        given: Mapping[Path, Any],
        *,
        top: bool = False,
        depth: int = 0,
    ) -> str:
        """A field with its arguments and a selection of all below it."""
        found = owner.fields[name]
        self.selected.add(f"{owner.name}.{name}")
        arguments = []
        for label, argument in found.args.items():
            if is_required_argument(argument) or _wanted(given, (label,)):
                variable = f"v{len(self.variables)}"
                self.declarations.append(f"${variable}: {argument.type}")
                self.variables[variable] = self._calls.value(argument.type, (label,), given)
                arguments.append(f"{label}: ${variable}")
        text = f"{name}({', '.join(arguments)})" if arguments else name
        return f"{text} {self._selection(get_named_type(found.type), top=top, depth=depth)}".strip()

    def _selection(self, kind: Any, *, top: bool, depth: int) -> str:
        if is_leaf_type(kind):
            return ""
        if isinstance(kind, GraphQLInterfaceType):
            return "{ __typename id }"
        if self._calls.is_node(kind) and (self._light or not top):
            return "{ __typename id }"
        if depth > _DEPTH_MAX:
            raise CannotBuild(f"{kind}: too deep")
        inner = kind.name.endswith(("Connection", "Edge", "Payload")) and not self._calls.is_node(kind)
        parts = [
            self.field(
                kind,
                name,
                self._nested(name),
                top=top and inner and name in ("edges", "node"),
                depth=depth + 1,
            )
            for name in kind.fields
        ]
        return f"{{ __typename {' '.join(parts)} }}"

    def _nested(self, name: str) -> Mapping[Path, Any]:
        """The arguments that are given for a field below the root, at places such as ("members", "after")."""
        return {place[1:]: value for place, value in self._given.items() if place[0] == f".{name}"}


def _places(kind: Any, place: Path, *, required: bool, depth: int = 0) -> Iterator[Path]:
    if depth > _DEPTH_MAX:
        raise CannotBuild(f"{place}: too deep")
    if isinstance(kind, GraphQLNonNull):
        yield from _places(kind.of_type, place, required=required, depth=depth)
    elif isinstance(kind, GraphQLList):
        yield from _places(kind.of_type, (*place, 0), required=required, depth=depth + 1)
    elif isinstance(kind, GraphQLInputObjectType):
        for name, item in kind.fields.items():
            if not required or is_required_input_field(item):
                yield from _places(item.type, (*place, name), required=required, depth=depth + 1)
    elif kind.name == "ID":
        yield place


def _wanted(given: Mapping[Path, Any], place: Path) -> bool:
    return any(one[: len(place)] == place for one in given)
