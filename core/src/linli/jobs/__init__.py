"""Background work: put down in the caller's transaction, run once it is committed, fair across tenants."""

from linli.jobs.enqueue import BadArguments, UnknownJob, enqueue
from linli.jobs.job import Job
from linli.jobs.revive import JobNotDead, revive_job

__all__ = ["BadArguments", "Job", "JobNotDead", "UnknownJob", "enqueue", "revive_job"]
