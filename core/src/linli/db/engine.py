"""The Piccolo engine of Linli: runs every query on the connection of the current unit of work, or not at all."""

from __future__ import annotations

from typing import Any, NoReturn

from piccolo.engine.base import Engine
from piccolo.querystring import QueryString

from linli.db.unit_of_work import current


class UnitOfWorkEngine(Engine[Any]):
    """Stateless: it holds no pool and no connection. Batches, atomics and transactions of Piccolo are refused,
    because they would open a connection on which no tenant is bound."""

    engine_type = "postgres"
    min_version_number = 15

    def __init__(self) -> None:
        super().__init__(
            engine_type="postgres", min_version_number=15, log_queries=False, log_responses=False
        )

    async def get_version(self) -> float:
        """Not asked for: the migrations check the server's version."""
        return 15

    def get_version_sync(self) -> float:
        """Not asked for: the migrations check the server's version."""
        return 15

    async def prep_database(self) -> None:
        """Nothing to prepare: the migrations do it."""

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> list[dict[str, Any]]:
        """Run a query on the current unit of work. Raises: NoUnitOfWork."""
        sql, args = querystring.compile_string(engine_type="postgres")
        return [dict(row) for row in await current().fetch(sql, *args)]

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> NoReturn:
        """Refused: tables are made by migrations."""
        raise NotImplementedError("tables are created and altered by migrations only")

    async def batch(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: Piccolo's batch leaves the transaction and sees nothing under row-level security."""
        raise NotImplementedError("batch() leaves the unit of work; page through the rows by key instead")

    def transaction(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: `Database.unit_of_work` is the only transaction."""
        raise NotImplementedError("use Database.unit_of_work() or UnitOfWork.savepoint()")

    def atomic(self) -> NoReturn:
        """Refused: `Database.unit_of_work` is the only transaction."""
        raise NotImplementedError("use Database.unit_of_work()")
