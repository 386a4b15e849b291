"""What happens by the clock."""

from __future__ import annotations

from linli_points.spending_jobs import SPENDING_JOBS

JOBS = SPENDING_JOBS
