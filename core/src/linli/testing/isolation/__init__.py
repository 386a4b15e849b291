"""Whether one tenant can learn of another: of a database, and of the rows that a test puts into it.

A vendor runs this in the plugin's own tests, with the fixtures of `linli.testing.pytest_plugin`:

    async def test_every_table_is_isolated(database):
        assert await catalogue_findings(database) == []

    async def test_nobody_sees_the_rows_of_others(pair):
        assert await pair.attack() == []

`linli_graphql.isolation` does the same for the API. Both find tables, fields and arguments by themselves.
"""

from linli.testing.isolation.attacks import attack_table
from linli.testing.isolation.catalogue import KNOWN, Finding, catalogue_findings
from linli.testing.isolation.pair import Pair, Place, Seeded, make_pair
from linli.testing.isolation.shape import Column, Reference, Table, read_tables

__all__ = [
    "KNOWN",
    "Column",
    "Finding",
    "Pair",
    "Place",
    "Reference",
    "Seeded",
    "Table",
    "attack_table",
    "catalogue_findings",
    "make_pair",
    "read_tables",
]
