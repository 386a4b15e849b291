"""What a declaration marks as deprecated is so in the schema, with the reason, wherever it shows."""

from __future__ import annotations

from enum import Enum

import pytest
from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLObjectType, GraphQLSchema

from linli.identity import tables
from linli.plugin import Context
from linli_graphql.contribution import Contribution
from linli_graphql.interface import kernel_contribution
from linli_graphql.kernel.identity import Household
from linli_graphql.plugin import Node, column, described, expose, input_type, mutation, node
from linli_graphql.schema import PluginSetSchema

REASON = "Ask for town; it goes away with 0.3."


class Colour(Enum):
    RED = "red"
    GREEN = "green"


expose(Colour, "A colour.", {"RED": "As blood.", "GREEN": "As grass."}, deprecated={"RED": REASON})


@input_type
class PaintInput:
    """What to paint, and how."""

    colour: Colour = described("In which colour.")
    coats: int | None = described("How often.", optional=True, deprecated=REASON)


@node(tables.Household, plural="huts", permission=None, filters=("address",), order_by=("address",))
class Hut(Node):
    """A small house."""

    address: str = column("Where it stands.", deprecated=REASON)


@mutation(gives=Household, deprecated=REASON)
async def paint_hut(ctx: Context, input: PaintInput) -> None:
    """Paint a hut."""


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    added = Contribution(nodes=(Hut,), mutations=(paint_hut,))
    return PluginSetSchema([kernel_contribution(), added])._schema


def test_a_deprecated_column_is_so_with_its_filter_and_its_orders(schema: GraphQLSchema) -> None:
    hut, filters, orders = (schema.type_map[name] for name in ("Hut", "HutFilter", "HutOrder"))
    assert isinstance(hut, GraphQLObjectType)
    assert isinstance(filters, GraphQLInputObjectType)
    assert isinstance(orders, GraphQLEnumType)
    assert hut.fields["address"].deprecation_reason == REASON
    assert hut.fields["version"].deprecation_reason is None
    assert filters.fields["address"].deprecation_reason == REASON
    assert {name for name, value in orders.values.items() if value.deprecation_reason} == {
        "ADDRESS_ASC",
        "ADDRESS_DESC",
    }


def test_a_deprecated_mutation_input_field_and_value_are_so(schema: GraphQLSchema) -> None:
    assert schema.mutation_type is not None
    colour, paint = schema.type_map["Colour"], schema.type_map["PaintInput"]
    assert isinstance(colour, GraphQLEnumType)
    assert isinstance(paint, GraphQLInputObjectType)
    assert schema.mutation_type.fields["paintHut"].deprecation_reason == REASON
    assert schema.mutation_type.fields["createHousehold"].deprecation_reason is None
    assert colour.values["RED"].deprecation_reason == REASON
    assert colour.values["GREEN"].deprecation_reason is None
    assert paint.fields["coats"].deprecation_reason == REASON


def test_a_deprecation_needs_a_reason() -> None:
    with pytest.raises(TypeError, match="needs a reason"):
        column("Where it stands.", deprecated=" ")


def test_what_must_be_given_cannot_be_deprecated() -> None:
    with pytest.raises(TypeError, match="must be given"):
        described("How often.", deprecated=REASON)


def test_words_for_values_that_do_not_exist_are_refused() -> None:
    with pytest.raises(TypeError, match="BLUE"):
        expose(Colour, "A colour.", {"BLUE": "As the sky."})
