"""The plugin's part of the API: a declaration over its table, and nothing else."""

from __future__ import annotations

from datetime import datetime

from linli_benchpoints import tables
from linli_graphql.plugin import Area, Connection, Contribution, Node, Person, column, extend, many, node, one


@node(
    tables.Entry,
    plural="bench_entries",
    permission="benchpoints.entry.read",
    own_column="person_id",
    filters=("category",),
    order_by=("occurred_at",),
)
class BenchEntry(Node):
    """Points that a person got."""

    category: str = column("For what.")
    points: int = column("How many.")
    occurred_at: datetime = column("When.")
    person: Person | None = one("person_id", "Whose they are.")
    area: Area | None = one("area_id", "Where the person lives.")


@extend(Person)
class PersonEntries:
    """Entries of a person."""

    entries: Connection[BenchEntry] = many("person_id", "The points that the person got.")


CONTRIBUTION = Contribution(nodes=(BenchEntry,), extensions=(PersonEntries,))  # type: ignore[arg-type]
