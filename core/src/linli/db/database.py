"""The connection pools of a process and the units of work made from them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence, Set
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from uuid import UUID

import asyncpg

from linli.db.connection import TenantConnection
from linli.db.failures import DatabaseBusy, translated
from linli.db.read_pool import ReadPool
from linli.db.roles import RuntimeRoles, url_for
from linli.db.unit_of_work import Touched, UnitOfWork, transaction

if TYPE_CHECKING:
    from linli.db.encryption.vault import Vault
    from linli.files.stores import Store

_ACQUIRE_TIMEOUT_S = 10.0
_STATEMENT_TIMEOUT_S = 30
_READ_SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "10s",
    "plan_cache_mode": "force_generic_plan",
}
BOUND_READ = "select case when app.bind($1) is not null then ("


AfterWrites = Callable[[UUID, Set[Touched]], Awaitable[None]]
"""Told, after the commit, of which tables of a tenant the audit trail has something to tell."""


class Database:
    """Pools for the two runtime roles of one database.

    `unit_of_work` is for a tenant's data (API role, tenant bound). `kernel` is for the catalogue and the queues
    (kernel role, no tenant). `vault` has the keys of encrypted columns, `store` the contents of
    attachments. Use as an asynchronous context manager.
    """

    def __init__(
        self,
        owner_url: str,
        *,
        secret_key: str,
        pool_size_max: int = 16,
        vault: Vault | None = None,
        store: Store | None = None,
    ) -> None:
        name = unquote(urlsplit(owner_url).path.lstrip("/"))
        roles = RuntimeRoles.of(name, secret_key)
        self.owner_url = owner_url
        self.api_url = url_for(owner_url, roles.api, roles.api_password)
        self.kernel_url = url_for(owner_url, roles.kernel, roles.kernel_password)
        self.vault = vault
        self.store = store
        self._pool_size_max = pool_size_max
        self._api: asyncpg.Pool[asyncpg.Record] | None = None
        self._kernel: asyncpg.Pool[asyncpg.Record] | None = None
        self._reads: ReadPool | None = None
        self._kernel_reads: ReadPool | None = None
        self.after_writes: AfterWrites | None = None

    async def __aenter__(self) -> Database:
        settings = {
            "application_name": "linli",
            "statement_timeout": f"{_STATEMENT_TIMEOUT_S}s",
            "idle_in_transaction_session_timeout": "60s",
            "timezone": "UTC",
        }
        self._api = await asyncpg.create_pool(
            self.api_url,
            min_size=1,
            max_size=self._pool_size_max,
            server_settings=settings,
            connection_class=TenantConnection,
        )
        self._kernel = await asyncpg.create_pool(
            self.kernel_url,
            min_size=1,
            max_size=max(2, self._pool_size_max // 4),
            server_settings=settings,
            connection_class=TenantConnection,
        )
        self._reads = ReadPool(
            self.api_url,
            size_max=self._pool_size_max,
            wait_s=_ACQUIRE_TIMEOUT_S,
            settings={**settings, **_READ_SETTINGS},
        )
        await self._reads.open()
        self._kernel_reads = ReadPool(
            self.kernel_url,
            size_max=max(1, self._pool_size_max // 8),
            wait_s=_ACQUIRE_TIMEOUT_S,
            settings={**settings, **_READ_SETTINGS},
            texts_as_bytes=False,
        )
        return self

    async def read(self, tenant_id: UUID, sql: str, arguments: Sequence[object]) -> bytes | None:
        """The one text, as bytes, of a statement that binds the tenant itself and runs on its own; or None.

        The statement has the form `select case when app.bind($1) is not null then (…) end`, with the tenant's id
        as its first argument: the only single-statement form in which nothing is read before the tenant is bound.
        What is bound ends with the statement, so the connection needs no reset. Raises: DatabaseBusy.
        """
        if self._reads is None:
            raise RuntimeError("the database is not open: use `async with Database(...)`")
        assert arguments[0] == tenant_id
        assert sql.startswith(BOUND_READ)
        with translated():
            found: bytes | None = await self._reads.fetchval(sql, arguments)
        return found

    async def kernel_row(self, sql: str, *arguments: object) -> asyncpg.Record | None:
        """The first row of a statement of the kernel role that only reads: one round trip. Raises: DatabaseBusy."""
        if self._kernel_reads is None:
            raise RuntimeError("the database is not open: use `async with Database(...)`")
        with translated():
            return await self._kernel_reads.fetchrow(sql, arguments)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in (self._api, self._kernel, self._reads, self._kernel_reads):
            if pool is not None:
                await pool.close()
        self._api = self._kernel = self._reads = self._kernel_reads = None

    @asynccontextmanager
    async def unit_of_work(
        self, tenant_id: UUID, *, read_only: bool = False, statement_timeout_s: float | None = None
    ) -> AsyncIterator[UnitOfWork]:
        """A transaction of the API role in which only this tenant's rows exist.

        A statement may take 30 s, or `statement_timeout_s`. Commits at the end, rolls back when anything
        raises. Raises: DatabaseBusy.
        """
        async with (
            self._connection(self._api) as connection,
            transaction(
                connection, tenant_id, read_only=read_only, statement_timeout_s=statement_timeout_s
            ) as unit,
        ):
            unit.vault, unit.store = self.vault, self.store
            yield unit
        if unit.touched and self.after_writes is not None:
            await self.after_writes(tenant_id, unit.touched)

    @asynccontextmanager
    async def kernel(self, *, read_only: bool = False) -> AsyncIterator[UnitOfWork]:
        """A transaction of the kernel role: catalogue and queues of all tenants, and nothing else."""
        async with (
            self._connection(self._kernel) as connection,
            transaction(connection, None, read_only=read_only) as unit,
        ):
            yield unit

    @asynccontextmanager
    async def owner(self) -> AsyncIterator[UnitOfWork]:
        """A transaction of the owner, on a connection of its own: for provisioning and bulk loads by an operator.

        Row-level security binds the owner too (it is forced), unless the owner is a superuser.
        """
        connection = await asyncpg.connect(self.owner_url, connection_class=TenantConnection)
        try:
            async with transaction(connection, None, read_only=False) as unit:
                yield unit
        finally:
            await connection.close()

    @asynccontextmanager
    async def _connection(self, pool: asyncpg.Pool[asyncpg.Record] | None) -> AsyncIterator[TenantConnection]:
        if pool is None:
            raise RuntimeError("the database is not open: use `async with Database(...)`")
        with translated():
            connection = await pool.acquire(timeout=_ACQUIRE_TIMEOUT_S)
        try:
            yield connection
        finally:
            # One that was lost by now is given up; what was committed stays.
            with suppress(DatabaseBusy), translated():
                await pool.release(connection)
