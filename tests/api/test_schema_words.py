"""Every type, field, argument, input field and enumeration value is described."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import GraphQLScalarType, build_schema, is_specified_scalar_type

from linli.registry import Composition
from linli_graphql.descriptions import undescribed
from linli_graphql.interface import GraphQLInterface

HOOKS = Path(__file__).parents[1] / "audit" / "schemathesis_hooks.py"
KNOWN_TO_SCHEMATHESIS = {"Date", "DateTime", "Decimal"}
WELL = '"""A thing."""'


def test_everything_in_the_schema_of_all_plugins_is_described(composition: Composition) -> None:
    interface = next(one for one in composition.interfaces if isinstance(one, GraphQLInterface))
    schema = interface.schema_for(composition.plugin_set(composition.names))
    assert len(schema._schema.type_map) > 300
    assert undescribed(schema._schema) == []


def test_the_audit_has_values_for_each_scalar(composition: Composition) -> None:
    interface = next(one for one in composition.interfaces if isinstance(one, GraphQLInterface))
    types = interface.schema_for(composition.plugin_set(composition.names))._schema.type_map.values()
    own = {
        one.name for one in types if isinstance(one, GraphQLScalarType) and not is_specified_scalar_type(one)
    }
    hooks = HOOKS.read_text(encoding="utf-8")
    assert {name for name in own - KNOWN_TO_SCHEMATHESIS if f'scalar("{name}"' not in hooks} == set()


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        (f"{WELL} type Query {{ {WELL} x: Int }}", []),
        (f"{WELL} type Query {{ x: Int }}", ["Query.x"]),
        (f"type Query {{ {WELL} x: Int }}", ["Query"]),
        (f'{WELL} type Query {{ "small letter." x: Int }}', ["Query.x"]),
        (f'{WELL} type Query {{ "No full stop" x: Int }}', ["Query.x"]),
        (f'{WELL} type Query {{ "{"Long " * 80}." x: Int }}', ["Query.x"]),
        (f"{WELL} type Query {{ {WELL} x(y: Int): Int }}", ["Query.x(y)"]),
        (f'{WELL} type Query {{ {WELL} x("The as of." asOf: Int): Int }}', ["Query.x(asOf)"]),
        (f"{WELL} type Query {{ {WELL} x({WELL} y: In): Int }} {WELL} input In {{ z: Int }}", ["In.z"]),
        (f'{WELL} type Query {{ {WELL} x: E }} {WELL} enum E {{ "Not yet." NOT_YET }}', ["E.NOT_YET"]),
        (f'{WELL} type Query {{ {WELL} x: E }} {WELL} enum E {{ "Waits." NOT_YET }}', []),
    ],
)
def test_what_is_missing_or_says_nothing_is_named(schema: str, found: list[str]) -> None:
    assert undescribed(build_schema(schema)) == found
