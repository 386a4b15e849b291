"""The worker process: delivers events and messages, runs jobs, carries hand-overs, writes schedules, seals the trail.

Any number of workers may run; each row of work is locked by the one that has it. Nothing here needs Redis.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import structlog

from linli.audit.seal import Sealer
from linli.events.delivery import Deliveries
from linli.handover.carrier import PlatformCarrier
from linli.handover.courier import Messages
from linli.jobs.run import Jobs
from linli.jobs.schedule import SCHEDULE_EVERY_S, Scheduler
from linli.notifications.delivering import Outbox
from linli.queues.dispatcher import POLL_MAX_S, POLL_MIN_S, Dispatcher
from linli.queues.prune import PRUNE_EVERY_S, Pruner
from linli.queues.work import WorkQueue
from linli.registry import Composition
from linli.runtime import Runtime, open_runtime
from linli.settings import Settings

SWEEP_EVERY_S: Final = 60.0
COURIERS: Final = 2

_log = structlog.get_logger("linli.worker")


async def run_worker(
    settings: Settings, *, stop: asyncio.Event, composition: Composition | None = None
) -> None:
    """Work until `stop` is set; then finish what is running (at most 20 s) and return.

    Raises: InvalidSetting when no database is named; OSError or an asyncpg error when it does not answer.
    """
    async with open_runtime(settings, composition=composition) as runtime:
        deliveries, jobs = dispatchers(runtime)
        handovers = couriers(runtime)
        scheduler, sealer, pruner = Scheduler(runtime), Sealer(runtime), Pruner(runtime)
        _log.info("worker.started", concurrency=settings.worker_concurrency)
        async with asyncio.TaskGroup() as group:
            group.create_task(deliveries.run(stop))
            group.create_task(jobs.run(stop))
            group.create_task(handovers.run(stop))
            group.create_task(messages(runtime).run(stop))
            group.create_task(_repeat("schedules", scheduler.run_once, stop, pause_s=SCHEDULE_EVERY_S))
            group.create_task(_repeat("seals", sealer.run_once, stop, pause_s=POLL_MAX_S))
            group.create_task(_repeat("sweep", sealer.sweep, stop, pause_s=SWEEP_EVERY_S))
            group.create_task(_repeat("prune", pruner.run_once, stop, pause_s=PRUNE_EVERY_S))
        _log.info("worker.stopped")


def dispatchers(runtime: Runtime) -> tuple[Dispatcher, Dispatcher]:
    """The dispatchers of deliveries and of jobs; each has half of the places, so neither starves."""
    concurrency = max(1, runtime.settings.worker_concurrency // 2)
    tenant_concurrency = runtime.settings.worker_tenant_concurrency
    deliveries, jobs = (
        Dispatcher(WorkQueue(source, runtime), concurrency=concurrency, tenant_concurrency=tenant_concurrency)
        for source in (Deliveries(), Jobs())
    )
    return deliveries, jobs


def couriers(runtime: Runtime) -> Dispatcher:
    """The dispatcher of hand-overs' messages: two at a time, each of which takes a second connection."""
    queue = WorkQueue(Messages(PlatformCarrier(runtime)), runtime)
    return Dispatcher(queue, concurrency=COURIERS, tenant_concurrency=1)


def messages(runtime: Runtime) -> Dispatcher:
    """The dispatcher of messages: batches of as many tenants at a time, of each one or two."""
    concurrency = max(1, runtime.settings.worker_concurrency // 4)
    tenant_concurrency = min(2, runtime.settings.worker_tenant_concurrency)
    return Dispatcher(Outbox(runtime), concurrency=concurrency, tenant_concurrency=tenant_concurrency)


async def _repeat(
    name: str, work: Callable[[], Awaitable[int]], stop: asyncio.Event, *, pause_s: float
) -> None:
    """Do `work` every `pause_s`; a failure is logged and tried again."""
    while not stop.is_set():
        began = time.monotonic()
        try:
            done = await work()
        except Exception:  # noqa: BLE001 (logged in full; the database may be back next time)
            _log.exception("worker.failed", loop=name)
            done = 0
        # With more to seal, go on soon; without, a look that takes long is a rare one.
        more = done > 0 and pause_s <= POLL_MAX_S
        rest = POLL_MIN_S if more else max(pause_s, time.monotonic() - began)
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), timeout=rest)
