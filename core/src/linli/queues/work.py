"""Taking one due row of a tenant, running it, and committing what it did together with "done"."""

from __future__ import annotations

import asyncio
import random
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID

import structlog

from linli.context import Context
from linli.errors import LinliError
from linli.queues.due import DueTenants, active_tenant

if TYPE_CHECKING:
    from linli.runtime import Runtime

BACKOFF_FIRST_S: Final = 2.0
BACKOFF_MAX_S: Final = 3_600.0
_CODE_CHARACTERS_MAX: Final = 200

_log = structlog.get_logger("linli.queues")


@dataclass(frozen=True, slots=True)
class Item:
    """One row that was taken and is locked: how often it was tried, and what is to be run for it.

    `given_up` is run, with the code of the error, when the last attempt has failed.
    """

    id: UUID
    name: str
    attempts: int
    attempts_max: int
    timeout_s: float
    run: Callable[[Context], Awaitable[None]]
    given_up: Callable[[Context, str], Awaitable[None]] | None = None


class Source(Protocol):
    """A table of work, with columns `status`, `attempts`, `finished_at`, `error_code` and the `moment`."""

    @property
    def table(self) -> str:
        """The table's name."""
        ...

    @property
    def moment(self) -> str:
        """The column that says when a row is due."""
        ...

    async def take(self, ctx: Context) -> Item | None:
        """Lock one due row of the tenant that may run now (its plugin is on); None when there is none."""
        ...


class WorkQueue:
    """The due rows of a source, of all tenants. A suspended tenant's rows wait."""

    def __init__(self, source: Source, runtime: Runtime) -> None:
        self._source = source
        self._runtime = runtime
        self._tenants = DueTenants(runtime, source.table, source.moment)

    @property
    def name(self) -> str:
        """What the log calls it."""
        return self._source.table

    async def due(self) -> list[UUID]:
        """The tenants that have due rows."""
        return await self._tenants.ids()

    async def serve(self, tenant_id: UUID) -> bool:
        """Take one row of the tenant and run it; False when there was none to take.

        What the handler did and the row's new status are committed together; a failed handler's work is
        undone.
        """
        tenant = await active_tenant(self._runtime, tenant_id)
        if tenant is None:
            return False
        item: Item | None = None
        try:
            async with self._runtime.database.unit_of_work(tenant_id) as db:
                ctx = self._runtime.system_context(tenant, db)
                item = await self._source.take(ctx)
                if item is None:
                    return False
                await self._finish(ctx, item, await _attempt(ctx, item))
        except Exception as error:
            if item is None:
                raise
            # The transaction itself is lost (connection, time-out, commit): note it in another one.
            async with self._runtime.database.unit_of_work(tenant_id) as db:
                await self._finish(self._runtime.system_context(tenant, db), item, error)
        return True

    async def _finish(self, ctx: Context, item: Item, error: Exception | None) -> None:
        db, tenant_id, now = ctx.db, ctx.tenant_id, self._runtime.clock.now()
        if error is None:
            await db.execute(
                f"update {self._source.table} set status = 'done', attempts = attempts + 1, finished_at = $3,"
                " error_code = '', version = version + 1, updated_at = $3 where tenant_id = $1 and id = $2",
                tenant_id,
                item.id,
                now,
            )
            return
        attempts = item.attempts + 1
        dead = attempts >= item.attempts_max
        _report(self.name, tenant_id, item, error, dead=dead)
        tag = await db.execute(
            f"update {self._source.table} set status = $4, attempts = $5, {self._source.moment} = $6,"
            " finished_at = $7, error_code = $8, version = version + 1, updated_at = $3"
            " where tenant_id = $1 and id = $2 and status = 'pending' and attempts = $9",
            tenant_id,
            item.id,
            now,
            "dead" if dead else "pending",
            attempts,
            now + backoff(attempts),
            now if dead else None,
            error_code(error),
            item.attempts,
        )
        if dead and item.given_up is not None and tag == "UPDATE 1":
            await _give_up(ctx, item, error_code(error))


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many failures: 2 s, 4 s, 8 s … 1 h, each up to a fifth shorter or longer."""
    seconds = min(BACKOFF_FIRST_S * 2.0 ** min(attempts - 1, 30), BACKOFF_MAX_S)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 (spreads retries, keeps no secret)


def error_code(error: BaseException) -> str:
    """What may be kept of an error: its code or type, never its message, which may quote data."""
    code = error.code if isinstance(error, LinliError) else type(error).__qualname__
    return code[:_CODE_CHARACTERS_MAX]


async def _attempt(ctx: Context, item: Item) -> Exception | None:
    try:
        async with asyncio.timeout(item.timeout_s), ctx.db.savepoint():
            await item.run(ctx)
            # Deferred constraints must speak now, while the failure is still this item's own.
            await ctx.db.execute("set constraints all immediate")
    except Exception as error:  # noqa: BLE001 (a handler may raise anything; it is recorded and logged)
        return error
    return None


async def _give_up(ctx: Context, item: Item, code: str) -> None:
    """Tell the item that it is given up; what goes wrong there is logged, and changes nothing of that."""
    assert item.given_up is not None
    try:
        async with ctx.db.savepoint():
            await item.given_up(ctx, code)
    except Exception:  # noqa: BLE001 (as above)
        _log.exception("work.giving_up_failed", item=str(item.id), name=item.name)


def _report(queue: str, tenant_id: UUID, item: Item, error: Exception, *, dead: bool) -> None:
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-5:]]
    _log.log(
        40 if dead else 30,
        "work.dead" if dead else "work.failed",
        queue=queue,
        tenant_id=str(tenant_id),
        item=str(item.id),
        name=item.name,
        attempt=item.attempts + 1,
        error=error_code(error),
        where=where,
    )
