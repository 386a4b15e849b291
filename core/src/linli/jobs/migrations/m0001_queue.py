"""The queue of jobs."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """The kernel role finds due work and writes the occurrences of schedules."""
    m.tenant_table(
        "jobs_job",
        """
        name text collate "C" not null,
        args jsonb not null default '{}',
        key text collate "C",
        status text not null default 'pending' check (status in ('pending', 'done', 'dead')),
        attempts integer not null default 0,
        run_at timestamptz not null,
        scheduled_for timestamptz,
        finished_at timestamptz,
        error_code text not null default ''
        """,
        kernel=True,
    )
    m.index("jobs_job", "run_at", "id", where="status = 'pending'")
    m.index("jobs_job", "name", "key", where="status = 'pending' and key is not null")
    m.index("jobs_job", "name", "scheduled_for", unique=True, where="scheduled_for is not null")
    m.index("jobs_job", "scheduled_for", where="status = 'pending' and scheduled_for is not null")
    m.index("jobs_job", "id", where="status = 'dead'")
