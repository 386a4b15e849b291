"""A connection whose reset travels with the COMMIT, so that giving it back to its pool costs no further journey."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import asyncpg

# What asyncpg's pools send at every release, so that nothing of one tenant reaches the next.
_RESET: Final = "select pg_advisory_unlock_all(); close all; unlisten *; reset all"


_GONE: Final = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
)


class TenantConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection of a pool that serves all tenants."""

    _is_reset = False

    def note_reset(self) -> None:
        """Remember that what the session had set, listened to or locked is undone."""
        self._is_reset = True

    def get_reset_query(self) -> str:
        """What a pool sends when the connection is given back: nothing right after `commit`."""
        needed, self._is_reset = not self._is_reset, False
        return _RESET if needed else ""


async def commit(connection: TenantConnection) -> None:
    """Commit and reset, in one message to the server and back. Raises: asyncpg's errors."""
    await connection.execute(f"commit; {_RESET}")
    with suppress(AttributeError):  # it broke right after the commit: the pool's proxy leads nowhere any more
        connection.note_reset()


async def roll_back(connection: TenantConnection) -> None:
    """Undo the transaction. A connection that is gone has nothing to undo; its pool throws it away."""
    with suppress(*_GONE):
        await connection.execute("rollback")
