"""A unit of work: one transaction on one connection, bound to one tenant.

The tenant is bound once, by `app.bind()`, which runs `SET LOCAL`; row-level security then lets nothing of another
tenant be read or written, whatever SQL runs. Piccolo queries find their connection through `current()`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import asyncpg

from linli.db.connection import TenantConnection, commit, roll_back
from linli.db.failures import translated

if TYPE_CHECKING:
    from linli.db.encryption.vault import Vault
    from linli.files.stores import Store

_current: ContextVar[UnitOfWork | None] = ContextVar("linli_unit_of_work", default=None)


_TAKE_TURNS = "select pg_advisory_xact_lock(hashtextextended($1, 0))"
_GO_BESIDE = "select pg_advisory_xact_lock_shared(hashtextextended($1, 0))"


class Touched(NamedTuple):
    """A table of which the audit trail tells: what was done there, and whether that made a new row."""

    table: str
    action: str
    created: bool


class NoUnitOfWork(RuntimeError):
    """A query was run outside a unit of work: a mistake in our code or a plugin's."""


def current() -> UnitOfWork:
    """The unit of work that this task is in.

    Raises: NoUnitOfWork.
    """
    unit = _current.get()
    if unit is None or unit.closed:
        raise NoUnitOfWork(
            "queries run inside a unit of work: `async with database.unit_of_work(tenant_id):`"
        )
    return unit


class UnitOfWork:
    """One transaction. Statements on it are serialised, so that concurrent resolvers may share it."""

    def __init__(self, connection: TenantConnection, tenant_id: UUID | None) -> None:
        self._connection = connection
        self._lock = asyncio.Lock()
        self._after_commit: list[Callable[[], Awaitable[None]]] = []
        self._savepoints = 0
        self.tenant_id = tenant_id
        self.closed = False
        self.statements = 0
        self.touched: set[Touched] = set()  # of which the audit trail tells in this transaction
        self.vault: Vault | None = None  # the keys of encrypted columns, where master keys are configured
        self.store: Store | None = None  # the contents of attachments

    async def fetch(self, sql: str, *args: object) -> list[asyncpg.Record]:
        """All rows of a statement. Raises: LinliError for a constraint that has a translation."""
        async with self._lock:
            self._begin()
            with translated():
                rows: list[asyncpg.Record] = await self._connection.fetch(sql, *args)
                return rows

    async def fetchrow(self, sql: str, *args: object) -> asyncpg.Record | None:
        """The first row, or None."""
        async with self._lock:
            self._begin()
            with translated():
                return await self._connection.fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: object) -> Any:
        """The first column of the first row, or None."""
        async with self._lock:
            self._begin()
            with translated():
                return await self._connection.fetchval(sql, *args)

    async def execute(self, sql: str, *args: object) -> str:
        """Run a statement; gives PostgreSQL's command tag, such as `UPDATE 3`."""
        async with self._lock:
            self._begin()
            with translated():
                tag: str = await self._connection.execute(sql, *args)
                return tag

    async def executemany(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Run one statement for many rows of arguments."""
        async with self._lock:
            self._begin()
            with translated():
                await self._connection.executemany(sql, rows)

    def _begin(self) -> None:
        """Count a statement that is about to run. Raises: NoUnitOfWork once the transaction has ended."""
        if self.closed:
            raise NoUnitOfWork("the transaction has ended")
        self.statements += 1

    async def end(self) -> None:
        """Let a statement that still runs come to its end (a query's other fields), and no further one begin."""
        async with self._lock:
            self.closed = True

    async def take_turns(self, name: str) -> None:
        """Let one transaction of the tenant at a time go on behind this call with the same name, until it ends."""
        await self.execute(_TAKE_TURNS, f"{self.tenant_id}/{name}")

    async def go_beside(self, name: str) -> None:
        """Go on beside others that call this, but beside none that takes turns with the same name, until it ends."""
        await self.execute(_GO_BESIDE, f"{self.tenant_id}/{name}")

    @contextmanager
    def active(self) -> Iterator[None]:
        """Let Piccolo queries of this task run on this unit of work."""
        outer = _current.get()
        _current.set(self)
        try:
            yield
        finally:
            _current.set(outer)

    def after_commit(self, action: Callable[[], Awaitable[None]]) -> None:
        """Run `action` once the transaction is committed; never when it is rolled back."""
        self._after_commit.append(action)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What runs inside is undone alone when it raises; the exception goes on."""
        self._savepoints += 1
        name = f"linli_{self._savepoints}"
        registered = len(self._after_commit)
        await self.execute(f"savepoint {name}")
        try:
            yield
        except BaseException:
            del self._after_commit[registered:]
            await self.execute(f"rollback to savepoint {name}")
            raise
        await self.execute(f"release savepoint {name}")

    async def run_after_commit(self) -> None:
        """Run what `after_commit` collected, in order."""
        for action in self._after_commit:
            await action()


@asynccontextmanager
async def transaction(
    connection: TenantConnection,
    tenant_id: UUID | None,
    *,
    read_only: bool,
    statement_timeout_s: float | None = None,
) -> AsyncIterator[UnitOfWork]:
    """Begin, bind, yield, commit; roll back when anything raises.

    A COMMIT that raises (a deferred constraint) leaves the connection clean as well.
    """
    unit = UnitOfWork(connection, tenant_id)
    outer = _current.get()
    _current.set(unit)
    try:
        with translated():
            await connection.execute(_opening(tenant_id, read_only, statement_timeout_s))
        yield unit
    except BaseException:
        await unit.end()
        await roll_back(connection)
        raise
    else:
        await unit.end()
        with translated():
            await commit(connection)
    finally:
        unit.closed = True
        _current.set(outer)  # not reset(): a task of another context may close what it opened
    await unit.run_after_commit()


def _opening(tenant_id: UUID | None, read_only: bool, statement_timeout_s: float | None) -> str:
    """Begin and bind, in one message to the server and back. Only a UUID has `hex`, so nothing else gets in here."""
    begin = "begin read only;" if read_only else "begin;"
    if tenant_id is None:
        return begin
    if statement_timeout_s is None:
        return f"{begin} select app.bind('{tenant_id.hex}')"
    # The time-out holds in this transaction only. It counts where the statement was sent to, so on Citus too.
    limit = int(statement_timeout_s * 1000)
    return f"{begin} select app.bind('{tenant_id.hex}'), set_config('statement_timeout', '{limit}', true)"
