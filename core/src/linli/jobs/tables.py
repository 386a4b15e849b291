"""The table of jobs."""

from __future__ import annotations

from piccolo.columns import JSONB, Integer, Text, Timestamptz

from linli.db.tables import TenantTable


class JobRow(TenantTable, tablename="jobs_job"):
    """One run of a job: pending, done or dead. `scheduled_for` is the occurrence of a schedule."""

    name = Text()
    args = JSONB()
    key = Text(default=None, null=True)
    status = Text()
    attempts = Integer()
    run_at = Timestamptz()
    scheduled_for = Timestamptz(default=None, null=True)
    finished_at = Timestamptz(default=None, null=True)
    error_code = Text()
