"""Indexes for what the API offers to filter and order by."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """Retired areas are found by their code too; change sets are listed by their day."""
    m.index("areas_area", "code", "id")
    m.index("areas_change_set", "effective_on", "id")
