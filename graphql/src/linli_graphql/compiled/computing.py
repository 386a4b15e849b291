"""Computed fields of a compiled read: the statement gives their inputs in their places, and Python then the values.

So `"hours":[90]` comes out of the database, and `"hours":1.5` goes into the answer. Only an answer in which such a
field was selected is decoded for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from graphql import GraphQLList, GraphQLNonNull

from linli_graphql.compiled.selection import (
    Computed,
    Many,
    Nodes,
    NotCompilable,
    Object,
    One,
    Part,
    Selection,
    Single,
)
from linli_graphql.reading import Row
from linli_graphql.request import GraphQLRequest

Change = Callable[[Any, GraphQLRequest], Any]
"""Gives what belongs in the place of a value of the answer."""


class Uncomputable(Exception):
    """A value could not be computed; the ordinary executor tells why, at its path."""


def computing(selection: Selection) -> Change | None:
    """What computes the fields of an answer that need Python; None when it has none. Raises: NotCompilable."""
    changes = {key: change for key, root in selection.roots if (change := _change(root)) is not None}
    return _each_of(changes)


def computed(body: bytes, change: Change, request: GraphQLRequest) -> bytes:
    """The answer with its computed fields. Raises: Uncomputable."""
    try:
        return msgspec.json.encode(change(msgspec.json.decode(body), request))
    except Exception as error:
        raise Uncomputable from error


def _change(item: Any) -> Change | None:
    match item:
        case Computed():
            return _computation(item)
        case Single() | One():
            return _of_object(item.of)
        case Nodes():
            found = [_of_object(of) for of in item.of]
            if any(found) and len(found) > 1:
                raise NotCompilable  # an answer does not say which of its rows are of which type
            return _of_list(found[0]) if found else None
        case Many():
            return _each_of({key: change for key, part in item.parts if (change := _change(part))})
        case Part(kind="nodes", of=Object() as of):
            return _of_list(_of_object(of))
        case Part(kind="node", of=Object() as of):
            return _of_object(of)
        case Part(kind="edges"):
            return _of_list(_each_of({key: change for key, one in item.items if (change := _change(one))}))
    return None


def _of_object(of: Object) -> Change | None:
    return _each_of({key: change for key, item in of.items if (change := _change(item)) is not None})


def _each_of(changes: dict[str, Change]) -> Change | None:
    def change(found: Any, request: GraphQLRequest) -> Any:
        if found is not None:
            for key, one in changes.items():
                found[key] = one(found[key], request)
        return found

    return change if changes else None


def _of_list(of_one: Change | None) -> Change | None:
    def change(found: Any, request: GraphQLRequest) -> Any:
        assert of_one is not None
        return [of_one(one, request) for one in found]

    return None if of_one is None else change


def _computation(item: Computed) -> Change:
    inputs, function, type_, spec = item.field.inputs, item.field.function, item.type, item.spec

    def change(found: Any, request: GraphQLRequest) -> Any:
        values = {
            one.column: msgspec.convert(value, one.kind.python | None)
            for one, value in zip(inputs, found, strict=True)
        }
        return _completed(type_, function(Row(spec, values), request))

    return change


def _completed(type_: Any, value: Any) -> Any:
    """A value as it stands in the answer. Source: GraphQL specification §6.4.3, CompleteValue, for leaves."""
    if isinstance(type_, GraphQLNonNull):
        if value is None:
            raise Uncomputable
        return _completed(type_.of_type, value)
    if value is None:
        return None
    if isinstance(type_, GraphQLList):
        return [_completed(type_.of_type, one) for one in value]
    return type_.coerce_output_value(value)
