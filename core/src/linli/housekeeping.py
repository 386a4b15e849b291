"""The kernel's own scheduled jobs: clearing away what nobody can use any more. One run a day in each tenant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linli.context import Context
from linli.identity import clients, sessions
from linli.jobs import Job

_ROUNDS_MAX: Final = 50


async def purge_credentials(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Delete sessions and tokens that expired long ago; the audit trail still tells of them."""
    for purge in (sessions.purge_expired, clients.purge_expired):
        for _ in range(_ROUNDS_MAX):
            if await purge(ctx) == 0:
                break


JOBS: Final = (Job(name="identity.purge_credentials", handler=purge_credentials, schedule="23 3 * * *"),)
