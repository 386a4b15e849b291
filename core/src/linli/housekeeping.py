"""The kernel's own jobs: clearing away what is of no more use, moving values to new keys, transfers, hand-overs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linli.context import Context
from linli.files import JOBS as FILE_JOBS
from linli.handover import JOBS as HANDOVER_JOBS
from linli.identity import clients, second_factor, sessions
from linli.jobs import Job
from linli.privacy import retention, rotation
from linli.transfer.jobs import JOBS as TRANSFER_JOBS

_ROUNDS_MAX: Final = 50


async def purge_credentials(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Delete sessions and tokens that expired long ago; the audit trail still tells of them.

    Secrets of authenticators that an earlier version stored in clear are encrypted.
    """
    for purge in (sessions.purge_expired, clients.purge_expired, second_factor.encrypt_old_secrets):
        for _ in range(_ROUNDS_MAX):
            if await purge(ctx) == 0:
                break


JOBS: Final = (
    Job(name="identity.purge_credentials", handler=purge_credentials, schedule="23 3 * * *"),
    *TRANSFER_JOBS,
    *HANDOVER_JOBS,
    *FILE_JOBS,
    rotation.JOB,
    retention.JOB,
)
