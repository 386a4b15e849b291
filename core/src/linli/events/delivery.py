"""Delivering events: each delivery in a transaction of its own, with the tenant bound."""

from __future__ import annotations

import json
from functools import partial
from typing import Final

from linli.context import Context
from linli.errors import NotFound
from linli.events.event import StoredEvent
from linli.events.subscription import Subscription, subscriptions_of
from linli.queues.work import Item

HANDLER_TIMEOUT_S: Final = 30.0

_TAKE = """
select id, event_id, subscription, attempts from events_delivery
where tenant_id = $1 and status = 'pending' and next_attempt_at <= $2 and subscription = any($3)
order by next_attempt_at, id limit 1 for update skip locked"""

_EVENT = """
select id, name, event_version, payload, actor_kind, actor_id, occurred_at
from events_event where tenant_id = $1 and id = $2"""


class Deliveries:
    """The deliveries as a source of work. Those of a plugin that is off wait until it is on again."""

    table = "events_delivery"
    moment = "next_attempt_at"

    async def take(self, ctx: Context) -> Item | None:
        """Lock one due delivery to a subscription that is on."""
        known = subscriptions_of(ctx.plugins)
        if not known:
            return None
        row = await ctx.db.fetchrow(_TAKE, ctx.tenant_id, ctx.now(), list(known))
        if row is None:
            return None
        stored = await ctx.db.fetchrow(_EVENT, ctx.tenant_id, row["event_id"])
        if stored is None:
            raise NotFound(kind="events_event")
        event = StoredEvent(
            id=stored["id"],
            name=stored["name"],
            version=stored["event_version"],
            payload=json.loads(stored["payload"]),
            actor_kind=stored["actor_kind"],
            actor_id=stored["actor_id"],
            occurred_at=stored["occurred_at"],
        )
        subscription = known[row["subscription"]]
        return Item(
            id=row["id"],
            name=subscription.name,
            attempts=row["attempts"],
            attempts_max=subscription.attempts_max,
            timeout_s=HANDLER_TIMEOUT_S,
            run=partial(_deliver, subscription, event),
        )


async def _deliver(subscription: Subscription, event: StoredEvent, ctx: Context) -> None:
    ctx.request_id = f"event:{event.id}"
    ctx.reason = event.name
    await subscription.handler(ctx, event)
