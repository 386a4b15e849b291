"""Handing messages over to channels: at least once, with bounded time and attempts. The worker runs this.

Deliveries are taken in one transaction, handed over outside any, and noted in another. Whoever is killed between these
leaves them to be taken again when the lease ends, with the same key.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog

from linli.context import SYSTEM, Context
from linli.db.unit_of_work import UnitOfWork
from linli.errors import NotFound
from linli.notifications.channel import Bounced, Channel, Delivered, Outcome, OutgoingMessage, Retry
from linli.notifications.hours import quiet_until
from linli.notifications.noting import note
from linli.notifications.parcels import AT_ONCE, BATCH, Parcel, take
from linli.queues.due import due_tenants, is_distributed
from linli.tenancy.catalogue import Tenant, TenantState

if TYPE_CHECKING:
    from linli.runtime import Runtime

_TABLE: Final = "notifications_delivery"
_POSTPONE: Final = """
update notifications_delivery set due_at = $3, version = version + 1, updated_at = now()
where tenant_id = $1 and id in (
    select id from notifications_delivery where tenant_id = $1 and status = 'pending' and due_at <= $2
    order by due_at limit $4 for update skip locked)"""

_log = structlog.get_logger("linli.notifications")


class Outbox:
    """The due deliveries of all tenants, as a queue for the dispatcher: one turn of a tenant is a batch."""

    name = _TABLE

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._distributed: bool | None = None
        self._hanging: set[asyncio.Task[Outcome]] = set()

    async def due(self) -> list[UUID]:
        """The tenants that have due deliveries."""
        async with self._runtime.database.kernel(read_only=True) as db:
            if self._distributed is None:
                self._distributed = await is_distributed(db)
            now = self._runtime.clock.now()
            return await due_tenants(db, _TABLE, "due_at", now, distributed=self._distributed)

    async def serve(self, tenant_id: UUID) -> bool:
        """Hand a batch of the tenant's due deliveries over; False when there was none, or it is night there."""
        try:
            tenant = await self._runtime.catalogue.by_id(tenant_id)
        except NotFound:
            return False
        if tenant.state is not TenantState.ACTIVE:
            return False
        async with self._runtime.database.unit_of_work(tenant_id) as db:
            ctx = self._context(tenant, db)
            if until := quiet_until(ctx, ctx.now()):
                await _postpone(ctx, until)
                return False
            parcels = await take(ctx, self._runtime.settings)
        if not parcels:
            return False
        free = asyncio.Semaphore(AT_ONCE)
        outcomes = await asyncio.gather(*(self._hand_over(parcel, free) for parcel in parcels))
        async with self._runtime.database.unit_of_work(tenant_id) as db:
            await note(self._context(tenant, db), list(zip(parcels, outcomes, strict=True)))
        return True

    async def _hand_over(self, parcel: Parcel, free: asyncio.Semaphore) -> Outcome | None:
        """What came of a parcel; None for one that is skipped."""
        if parcel.message is None or parcel.via is None:
            return None
        async with free:
            return await self._deliver(parcel.via, parcel.message)

    async def _deliver(self, channel: Channel, message: OutgoingMessage) -> Outcome:
        """Call the channel and wait for so long and no longer, even for one that does not let itself be cancelled."""
        settings = self._runtime.settings
        call = asyncio.ensure_future(channel.deliver(message, settings))
        self._hanging.add(call)
        call.add_done_callback(self._hanging.discard)
        try:
            await asyncio.wait({call}, timeout=settings.message_timeout_ms / 1000)
        finally:
            if not call.done():
                call.cancel()
        if not call.done() or call.cancelled():
            return Retry("timeout")
        if (error := call.exception()) is not None:
            _log.warning(
                "notification.failed", channel=channel.name, key=message.key, error=type(error).__name__
            )
            return Retry(type(error).__name__)
        outcome = call.result()
        return outcome if isinstance(outcome, Delivered | Retry | Bounced) else Retry("no_outcome")

    def _context(self, tenant: Tenant, db: UnitOfWork) -> Context:
        return Context(
            tenant=tenant,
            actor=SYSTEM,
            db=db,
            plugins=self._runtime.composition.plugin_set(tenant.plugins),
            clock=self._runtime.clock,
            locale=tenant.locale,
            origin="worker",
            aside=partial(self._runtime.database.unit_of_work, tenant.id),
            boards=self._runtime.boards,
        )


async def _postpone(ctx: Context, until: datetime) -> None:
    """Let what is due wait for the morning."""
    for _ in range(BATCH):
        tag = await ctx.db.execute(_POSTPONE, ctx.tenant_id, ctx.now(), until, BATCH * AT_ONCE)
        if int(tag.rpartition(" ")[2]) < BATCH * AT_ONCE:
            break
