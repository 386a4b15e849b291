"""A connection whose reset travels with the COMMIT, so that giving it back to its pool costs no further journey."""

from __future__ import annotations

from contextlib import suppress

import asyncpg


class TenantConnection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg has no types
    """A connection of a pool that serves all tenants: nothing that one leaves behind may reach the next."""

    _is_reset = False

    async def commit(self) -> None:
        """Commit, and undo what the session may have set, listened to or locked. Raises: asyncpg's errors."""
        await self.execute(f"commit; {super().get_reset_query()}")
        self._is_reset = True

    async def roll_back(self) -> None:
        """Undo the transaction. A connection that is gone has nothing to undo; its pool throws it away."""
        with suppress(asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError):
            await self.execute("rollback")

    def get_reset_query(self) -> str:
        """What a pool sends when the connection is given back: nothing right after `commit`."""
        if self._is_reset:
            self._is_reset = False
            return ""
        query: str = super().get_reset_query()
        return query
