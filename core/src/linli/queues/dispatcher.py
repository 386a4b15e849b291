"""Serving tenants in turn: one item each, so that a tenant with much work delays the others by little."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from typing import Final, Protocol
from uuid import UUID

import structlog

POLL_MIN_S: Final = 0.1
POLL_MAX_S: Final = 1.0
QUIET_S: Final = 1.0
STOP_GRACE_S: Final = 20.0

_log = structlog.get_logger("linli.queues")


class Queue(Protocol):
    """Work of many tenants."""

    @property
    def name(self) -> str:
        """What the log calls it."""
        ...

    async def due(self) -> list[UUID]:
        """The tenants that have due work."""
        ...

    async def serve(self, tenant_id: UUID) -> bool:
        """Do one item of the tenant's work; False when there was none to do."""
        ...


class Dispatcher:
    """Does a queue's work: at most `concurrency` items at a time, and `tenant_concurrency` of one tenant.

    The limits hold for this process; each further worker process brings its own. A tenant whose turn it was
    goes to the end of the line.
    """

    def __init__(self, queue: Queue, *, concurrency: int, tenant_concurrency: int) -> None:
        self._queue = queue
        self._concurrency = max(1, concurrency)
        self._tenant_concurrency = max(1, tenant_concurrency)
        self._line: OrderedDict[UUID, None] = OrderedDict()
        self._running: Counter[UUID] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._quiet_until: dict[UUID, float] = {}
        self._served = 0

    async def run_once(self) -> int:
        """Do one item of each tenant that has due work; gives how many items were done."""
        free = asyncio.Semaphore(self._concurrency)

        async def one(tenant_id: UUID) -> bool:
            async with free:
                return await self._queue.serve(tenant_id)

        return sum(await asyncio.gather(*(one(tenant_id) for tenant_id in await self._queue.due())))

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then finish what is running, for at most 20 s, and undo the rest."""
        stopped = asyncio.create_task(stop.wait())
        pause, look_at = POLL_MIN_S, 0.0
        try:
            while not stop.is_set():
                if time.monotonic() >= look_at:
                    before, began = self._served, time.monotonic()
                    await self._look()
                    # Looking takes at most a tenth of the time, however many tenants there are.
                    look_cost = 10 * (time.monotonic() - began)
                    busy = bool(self._line or self._tasks) or self._served > before
                    pause = POLL_MIN_S if busy else min(pause * 2, POLL_MAX_S)
                    look_at = time.monotonic() + max(pause, min(look_cost, POLL_MAX_S))
                self._start()
                wait_s = max(0.0, look_at - time.monotonic())
                await asyncio.wait(
                    {stopped, *self._tasks}, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED
                )
        finally:
            stopped.cancel()
            await self._finish()

    async def _look(self) -> None:
        """Add to the line who has due work and is not in it."""
        try:
            tenants = await self._queue.due()
        except Exception:  # noqa: BLE001 (logged in full; the worker goes on when the database is back)
            _log.exception("queue.look_failed", queue=self._queue.name)
            return
        now = time.monotonic()
        self._quiet_until = {tenant: until for tenant, until in self._quiet_until.items() if until > now}
        for tenant_id in tenants:
            if tenant_id not in self._quiet_until:
                self._line.setdefault(tenant_id)

    def _start(self) -> None:
        """Fill the free places from the front of the line."""
        while len(self._tasks) < self._concurrency:
            tenant_id = self._next()
            if tenant_id is None:
                return
            self._running[tenant_id] += 1
            task = asyncio.create_task(self._serve(tenant_id), name=f"{self._queue.name} {tenant_id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _next(self) -> UUID | None:
        """Whose turn it is; only tenants with items running are passed over, and these are few."""
        for _ in range(min(len(self._line), self._concurrency + 1)):
            tenant_id = next(iter(self._line))
            self._line.move_to_end(tenant_id)
            if self._running[tenant_id] < self._tenant_concurrency:
                return tenant_id
        return None

    async def _serve(self, tenant_id: UUID) -> None:
        served = False
        try:
            served = await self._queue.serve(tenant_id)
        except Exception:  # noqa: BLE001 (as above)
            _log.exception("queue.serve_failed", queue=self._queue.name, tenant_id=str(tenant_id))
        finally:
            self._running[tenant_id] -= 1
            if not self._running[tenant_id]:
                del self._running[tenant_id]
        if served:
            self._served += 1
        else:
            # Due, but not to be had: another worker has it, its plugin is off, or the tenant is suspended.
            self._line.pop(tenant_id, None)
            self._quiet_until[tenant_id] = time.monotonic() + QUIET_S

    async def _finish(self) -> None:
        if not self._tasks:
            return
        _done, late = await asyncio.wait(self._tasks, timeout=STOP_GRACE_S)
        for task in late:
            task.cancel()
        if late:
            _log.warning("queue.stopped_early", queue=self._queue.name, items=len(late))
            await asyncio.wait(late, timeout=STOP_GRACE_S)
