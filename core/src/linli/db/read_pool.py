"""Connections for reads of one statement that binds its tenant itself: nothing is left behind, so nothing is reset.

asyncpg's own pool resets a connection at every release and looks every statement up by its text; that costs a third
of a small read. Here the connection used last is used next, and each keeps the statements that it prepared.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from linli.db.failures import DatabaseBusy

PREPARED_MAX: Final = 100
"""Statements that one connection keeps prepared."""
_CONNECT_TIMEOUT_S: Final = 10.0
ANSWER_S: Final = 15.0
"""For a server that is gone without a word; the statement's own time-out ends what merely takes long."""


@dataclass(slots=True, eq=False)
class _Reader:
    connection: asyncpg.Connection[asyncpg.Record]
    prepared: OrderedDict[str, PreparedStatement[asyncpg.Record]] = field(default_factory=OrderedDict)
    ends_at: float = 0.0
    overdue: bool = False

    async def row(self, sql: str, arguments: Sequence[object]) -> asyncpg.Record | None:
        statement = self.prepared.get(sql)
        if statement is None:
            statement = self.prepared[sql] = await self.connection.prepare(sql)  # under a name of its own
            if len(self.prepared) > PREPARED_MAX:
                self.prepared.popitem(last=False)
        else:
            self.prepared.move_to_end(sql)
        # What `statement.fetchrow(*arguments)` does, without its three coroutines and its checks for other pools.
        rows = await self.connection._protocol.bind_execute(statement._state, arguments, "", 1, False, None)
        return rows[0] if rows else None


class ReadPool:
    """At most `size_max` connections; they are opened when they are needed. Texts are bytes unless told otherwise."""

    def __init__(
        self,
        url: str,
        *,
        size_max: int,
        wait_s: float,
        answer_s: float = ANSWER_S,
        settings: Mapping[str, str] | None = None,
        texts_as_bytes: bool = True,
    ) -> None:
        self._url = url
        self._size_max = size_max
        self._wait_s = wait_s
        self._settings = dict(settings or {})
        self._answer_s = answer_s
        self._texts_as_bytes = texts_as_bytes
        self._idle: list[_Reader] = []
        self._busy: set[_Reader] = set()
        self._bell: asyncio.TimerHandle | None = None
        self._waiting: deque[asyncio.Future[_Reader | None]] = deque()
        self._size = 0
        self._closed = False

    async def open(self) -> None:
        """Open the first connection, to find out that the database answers."""
        self._size += 1
        self._give_back(await self._fill())

    async def close(self) -> None:
        """Close the connections; one that is in use is closed when it is given back."""
        self._closed = True
        if self._bell is not None:
            self._bell.cancel()
        idle, self._idle = self._idle, []
        self._size -= len(idle)
        for reader in idle:
            await reader.connection.close()

    async def fetchval(self, sql: str, arguments: Sequence[object]) -> Any:
        """The first column of the first row; the same is raised as by `fetchrow`."""
        row = await self.fetchrow(sql, arguments)
        return None if row is None else row[0]

    async def fetchrow(self, sql: str, arguments: Sequence[object]) -> asyncpg.Record | None:
        """The first row. Raises: asyncpg's errors; DatabaseBusy when no connection gets free."""
        reader = await self._take()
        self._watch(reader)
        try:
            row = await reader.row(sql, arguments)
        except asyncpg.PostgresError:
            reader.prepared.pop(sql, None)
            self._give_back(reader)
            if reader.overdue:
                raise DatabaseBusy() from None
            raise
        except BaseException:
            self._discard(reader)  # cut off in the midst of an exchange with the server
            raise
        self._give_back(reader)
        return row

    def _watch(self, reader: _Reader) -> None:
        """Cut a server off that does not answer: one timer looks after all connections that are in use."""
        loop = asyncio.get_running_loop()
        reader.ends_at = loop.time() + self._answer_s
        self._busy.add(reader)
        if self._bell is None:
            self._bell = loop.call_at(reader.ends_at, self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self._bell = None
        for reader in self._busy:
            if reader.ends_at <= loop.time():
                reader.overdue = True
                reader.connection.terminate()
        left = [reader.ends_at for reader in self._busy if not reader.overdue]
        if left:
            self._bell = loop.call_at(min(left), self._ring, loop)

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
        """A connection as `fetchval` would take it, to look at."""
        reader = await self._take()
        try:
            yield reader.connection
        finally:
            self._give_back(reader)

    def _give_back(self, reader: _Reader) -> None:
        self._busy.discard(reader)
        if self._closed or reader.connection.is_closed():
            self._discard(reader)
        elif not self._hand(reader):
            self._idle.append(reader)

    def _discard(self, reader: _Reader) -> None:
        self._busy.discard(reader)
        reader.connection.terminate()
        self._give_up_place()

    def _give_up_place(self) -> None:
        """Let somebody else open a connection: who waits takes the place over, so it stays counted."""
        if not self._hand(None):
            self._size -= 1

    def _hand(self, reader: _Reader | None) -> bool:
        """Give a connection, or the place for one, to the first who waits."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(reader)
                return True
        return False

    async def _take(self) -> _Reader:
        while self._idle:
            reader = self._idle.pop()
            if not reader.connection.is_closed():
                return reader
            self._size -= 1  # the server closed it while nobody looked
        if self._size < self._size_max:
            self._size += 1
            return await self._fill()
        turn: asyncio.Future[_Reader | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._wait_s):
                handed = await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled() and (given := turn.result()) is not None:
                self._give_back(given)  # it came in the same moment as the end
            elif turn.done() and not turn.cancelled():
                self._give_up_place()
            if isinstance(error, TimeoutError):
                raise DatabaseBusy() from None
            raise
        return handed if handed is not None else await self._fill()

    async def _fill(self) -> _Reader:
        """Open a connection in a place that is counted already."""
        try:
            return await self._connect()
        except BaseException:
            self._give_up_place()
            raise

    async def _connect(self) -> _Reader:
        connection = await asyncpg.connect(
            self._url,
            server_settings=self._settings,
            timeout=_CONNECT_TIMEOUT_S,
        )
        if self._texts_as_bytes:
            await connection.set_type_codec(
                "text", schema="pg_catalog", encoder=str.encode, decoder=bytes, format="binary"
            )
        return _Reader(connection)
