"""What a schema must say of itself: every type, field, argument, input field and enumeration value is described.

The rule: an English phrase or sentence that begins with a capital letter and ends with a full stop. A vendor runs this
in the plugin's own tests: `assert undescribed(schema) == []`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    is_introspection_type,
    is_specified_scalar_type,
)

_LENGTH_MAX = 300
_FORM = re.compile(r"[A-Z][^\n]{2,}\.", re.S)
_SAYS_ONLY_ITS_NAME = re.compile(r"(The )?(.+)\.")


def undescribed(schema: GraphQLSchema) -> list[str]:
    """What has no description, one of another form, or one that only repeats a name; each as `Type.field(argument)`."""
    return [place for place, name, said in _places(schema) if not _is_good(name, said)]


def _is_good(name: str, said: str | None) -> bool:
    if not said or len(said) > _LENGTH_MAX or not _FORM.fullmatch(said):
        return False
    repeated = _SAYS_ONLY_ITS_NAME.fullmatch(said)
    return repeated is None or repeated[2].lower().replace(" ", "") != name.lower().replace("_", "")


def _places(schema: GraphQLSchema) -> Iterator[tuple[str, str, str | None]]:
    for name, kind in sorted(schema.type_map.items()):
        if is_introspection_type(kind) or is_specified_scalar_type(kind):
            continue
        yield name, "", kind.description
        yield from _members(name, kind)


def _members(type_name: str, kind: GraphQLNamedType) -> Iterator[tuple[str, str, str | None]]:
    if isinstance(kind, GraphQLEnumType):
        for name, value in kind.values.items():
            yield f"{type_name}.{name}", name, value.description
    elif isinstance(kind, GraphQLInputObjectType):
        for name, entry in kind.fields.items():
            yield f"{type_name}.{name}", "", entry.description
    elif isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in kind.fields.items():
            yield f"{type_name}.{name}", "", field.description
            for label, argument in field.args.items():
                yield f"{type_name}.{name}({label})", label, argument.description
