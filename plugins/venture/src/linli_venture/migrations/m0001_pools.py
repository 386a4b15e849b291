"""Pools: budgets for calls."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """A pool of a year, from which calls fund grants."""
    m.tenant_table(
        "venture_pool",
        """
        title text collate "C" not null check (length(title) between 1 and 100),
        year integer not null check (year between 2000 and 2100),
        purpose text not null default '' check (length(purpose) <= 1000),
        state text not null default 'open' check (state in ('open', 'closed')),
        opened_by uuid
        """,
        unique=[("area_id", "year", "title")],
        indexes=[("year", "id"), ("state", "id")],
        area=True,
    )
    m.index("venture_pool", "year", "title", unique=True, where="area_id is null")
