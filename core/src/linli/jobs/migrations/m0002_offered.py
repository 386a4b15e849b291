"""Indexes for what the API offers to filter and order by."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """Jobs are listed by their name and by when they are due."""
    m.index("jobs_job", "name", "id")
    m.index("jobs_job", "run_at", "id")
