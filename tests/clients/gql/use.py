"""Queries that gql builds from the printed schema: a list in pages, a refused mutation, a node fetched again."""

# ruff: noqa: T201

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

from gql import Client
from gql.dsl import DSLInlineFragment, DSLMutation, DSLQuery, DSLSchema, dsl_gql
from gql.transport.httpx import HTTPXTransport
from gql.utilities import update_schema_scalar
from graphql import GraphQLScalarType

DATE = GraphQLScalarType("Date", serialize=date.isoformat, parse_value=date.fromisoformat)


def main() -> None:
    """Run all three."""
    transport = HTTPXTransport(
        os.environ["LINLI_URL"], headers={"Authorization": f"Bearer {os.environ['LINLI_TOKEN']}"}, timeout=30
    )
    schema = Path("schema.graphql").read_text(encoding="utf-8")
    client = Client(schema=schema, transport=transport, serialize_variables=True, parse_results=True)
    assert client.schema is not None
    update_schema_scalar(client.schema, "Date", DATE)
    made = DSLSchema(client.schema)
    with client as session:
        pages(session, made)
        people(session, made)


def pages(session: Any, made: DSLSchema) -> None:
    """Walk a list to its end."""
    found: list[str] = []
    after: str | None = None
    count = 0
    while count < 10:
        page = made.Query.areas(first=2, after=after).select(
            made.AreaConnection.pageInfo.select(made.PageInfo.hasNextPage, made.PageInfo.endCursor),
            made.AreaConnection.edges.select(made.AreaEdge.node.select(made.Area.id, made.Area.state)),
        )
        areas = session.execute(dsl_gql(DSLQuery(page)))["areas"]
        count += 1
        found += [edge["node"]["id"] for edge in areas["edges"]]
        after = areas["pageInfo"]["endCursor"]
        if not areas["pageInfo"]["hasNextPage"]:
            break
    assert (len(found), len(set(found)), count) == (5, 5, 3), (found, count)
    print(f"gql: {len(found)} areas in {count} pages")


def people(session: Any, made: DSLSchema) -> None:
    """Be refused, do it right, and fetch the result again."""

    def register(**given: Any) -> Any:
        field = made.Mutation.registerPerson(input={"synthetic": True, **given}).select(
            made.RegisterPersonPayload.problems.select(made.Problem.code, made.Problem.path),
            made.RegisterPersonPayload.person.select(made.Person.id),
        )
        return session.execute(dsl_gql(DSLMutation(field)))["registerPerson"]

    refused = register(fullName="示例·丙", birthDate=date(2999, 1, 1))
    assert refused["person"] is None
    [problem] = refused["problems"]
    assert problem["path"] == ["input", "birthDate"]
    print(f"gql: refused as {problem['code']} at {'.'.join(problem['path'])}")

    done = register(fullName="示例·丙")
    assert done["problems"] == []
    person = DSLInlineFragment().on(made.Person).select(made.Person.fullName)
    node = made.Query.node(id=done["person"]["id"]).select(made.Node.id, person)
    assert session.execute(dsl_gql(DSLQuery(node)))["node"]["fullName"] == "示例·丙"
    print("gql: the person was fetched again by node(id:)")


if __name__ == "__main__":
    main()
