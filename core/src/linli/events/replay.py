"""Delivering again: what a subscriber missed, what it should do once more, and what died."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from linli.audit.record import Change, record
from linli.errors import Conflict, Invalid, NotFound
from linli.events.subscription import Subscription, subscriptions_of
from linli.ids import new_id
from linli.queues.revive import revive_row

if TYPE_CHECKING:
    from linli.context import Context

REPLAY_EVENTS_MAX: Final = 10_000
_NO_ID: Final = UUID(int=0)

_SELECT_EVENTS = """
select id from events_event
where tenant_id = $1 and name = $2 and id >= $3 and occurred_at >= $4 order by id limit $5"""

_DELIVER_AGAIN = """
insert into events_delivery as d (tenant_id, id, event_id, subscription, next_attempt_at)
values ($1, $2, $3, $4, $5)
on conflict (tenant_id, event_id, subscription) do update
set status = 'pending', attempts = 0, next_attempt_at = excluded.next_attempt_at, finished_at = null,
    error_code = '', version = d.version + 1, updated_at = excluded.next_attempt_at
where d.status <> 'pending'"""


class UnknownSubscription(Invalid):
    """The tenant has no plugin on that subscribes under this name (`subscription`)."""

    code = "events.unknown_subscription"


class DeliveryNotDead(Conflict):
    """Only a dead delivery can be revived (`status`)."""

    code = "events.delivery_not_dead"


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many events were put up for delivery again; go on from `next_event_id` unless it is None."""

    count: int
    next_event_id: UUID | None


async def replay(
    ctx: Context,
    *,
    subscription: str,
    since: datetime | None = None,
    from_event: UUID | None = None,
    limit: int = REPLAY_EVENTS_MAX,
) -> Replayed:
    """Put the log's events up for delivery to one subscription, whether it ever had them or not.

    Begins at a moment (`since`), an event (`from_event`) or the beginning; at most `limit` events a call.
    What is still pending stays as it is.

    Raises: PermissionDenied, UnknownSubscription.
    """
    ctx.require("events.delivery.replay", "")
    wanted = _subscription(ctx, subscription)
    limit = max(1, min(limit, REPLAY_EVENTS_MAX))
    start = since or datetime.min.replace(year=1970, tzinfo=ctx.now().tzinfo)
    rows = await ctx.db.fetch(
        _SELECT_EVENTS, ctx.tenant_id, wanted.event, from_event or _NO_ID, start, limit + 1
    )
    events: list[UUID] = [row["id"] for row in rows]
    now = ctx.now()
    again = [(ctx.tenant_id, new_id(), event_id, wanted.name, now) for event_id in events[:limit]]
    if again:
        await ctx.db.executemany(_DELIVER_AGAIN, again)
    after = {"subscription": wanted.name, "events": len(again)}
    await record(ctx, Change("replay", "events_delivery", after=after))
    return Replayed(count=len(again), next_event_id=events[limit] if len(events) > limit else None)


async def revive(ctx: Context, delivery_id: UUID) -> None:
    """Put a dead delivery up for another full round of attempts.

    Raises: PermissionDenied, NotFound, DeliveryNotDead.
    """
    ctx.require("events.delivery.replay", "")
    status = await revive_row(ctx, "events_delivery", "next_attempt_at", delivery_id)
    if not status:
        raise NotFound(kind="events_delivery")
    if status != "dead":
        raise DeliveryNotDead(status=status)
    before, after = {"status": "dead"}, {"status": "pending"}
    await record(ctx, Change("revive", "events_delivery", delivery_id, before=before, after=after))


def _subscription(ctx: Context, name: str) -> Subscription:
    found = subscriptions_of(ctx.plugins).get(name)
    if found is None:
        raise UnknownSubscription(subscription=name)
    return found
