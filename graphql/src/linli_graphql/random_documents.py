"""Random query documents over a schema, for the test that both ways of reading give the same. Needs Hypothesis."""

from __future__ import annotations

from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

DEPTH_MAX = 4
FIELDS_MAX = 5


class Documents:
    """Draws documents from a schema; `cursors` and `ids` are values that occur in the data."""

    def __init__(self, schema: GraphQLSchema, *, ids: list[str]) -> None:
        self._schema = schema
        self._ids = ids

    def strategy(self) -> st.SearchStrategy[str]:
        """A query with one to three root fields that are lists or single nodes."""
        return st.composite(self._draw_document)()

    def _draw_document(self, draw: DrawFn) -> str:
        query = self._schema.query_type
        assert query is not None
        roots = [name for name, field in query.fields.items() if self._readable(field)]
        chosen = draw(st.lists(st.sampled_from(roots), min_size=1, max_size=3))
        fields = [f"r{i}: {self._field(draw, query.fields[name], name, 0)}" for i, name in enumerate(chosen)]
        return "{ " + " ".join(fields) + " }"

    def _readable(self, field: GraphQLField) -> bool:
        named = get_named_type(field.type)
        if not isinstance(named, GraphQLObjectType):
            return False
        is_list = named.name.endswith("Connection")
        return is_list or (set(field.args) == {"id"} and "id" in named.fields)

    def _field(self, draw: DrawFn, field: GraphQLField, name: str, depth: int) -> str:
        arguments = self._arguments(draw, field)
        named = get_named_type(field.type)
        if is_leaf_type(named):
            return name + arguments
        assert isinstance(named, GraphQLObjectType)
        return f"{name}{arguments} {self._selection(draw, named, depth + 1)}"

    def _selection(self, draw: DrawFn, type_: GraphQLObjectType, depth: int) -> str:
        names = [
            name
            for name, field in type_.fields.items()
            if (is_leaf_type(get_named_type(field.type)) or depth < DEPTH_MAX)
            and not any(is_required_argument(argument) for argument in field.args.values())
        ]
        chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=FIELDS_MAX, unique=True))
        parts = []
        for i, name in enumerate(chosen):
            text = self._field(draw, type_.fields[name], name, depth)
            style = draw(st.integers(0, 5))
            if style == 0:
                text = f"a{i}: {text}"
            elif style == 1:
                text = f"... on {type_.name} {{ {text} }}"
            elif style == 2:
                parts.append("__typename")
            parts.append(text)
        return "{ " + " ".join(parts) + " }"

    def _likely_ids(self, draw: DrawFn, field: GraphQLField) -> list[str]:
        """Mostly ids of the type that the field gives: one of another type is left to the ordinary executor."""
        own = [one for one in self._ids if one.startswith(f"{get_named_type(field.type).name}_")]
        fitting: int = draw(st.integers(0, 3))
        return own if own and fitting else self._ids

    def _arguments(self, draw: DrawFn, field: GraphQLField) -> str:
        given: list[str] = []
        if "id" in field.args:
            likely = self._likely_ids(draw, field)
            given.append(f'id: "{draw(st.sampled_from(likely))}"')
        if "first" in field.args:
            given += draw(st.sampled_from([[], ["first: 1"], ["first: 3"], ["last: 2"], ["first: 100"]]))
        order: Any = field.args.get("orderBy")
        if order is not None and draw(st.booleans()):
            enum = get_named_type(order.type)
            assert isinstance(enum, GraphQLEnumType)
            given.append(f"orderBy: {draw(st.sampled_from(sorted(enum.values)))}")
        return f"({', '.join(given)})" if given else ""
