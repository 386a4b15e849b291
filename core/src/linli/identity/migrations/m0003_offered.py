"""Indexes for what the API offers to filter and order by."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """Members of households and grants are listed by the day from which they hold."""
    m.index("identity_household_member", "valid_from", "id")
    m.index("identity_grant", "valid_from", "id")
