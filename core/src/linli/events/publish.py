"""Publishing an event in the transaction of the thing that it tells of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, Final
from uuid import UUID

import msgspec

from linli.errors import Invalid
from linli.events.event import Event
from linli.ids import new_id

if TYPE_CHECKING:
    from linli.context import Context

PAYLOAD_BYTES_MAX: Final = 4_096
TEXT_CHARACTERS_MAX: Final = 100

_INSERT_EVENT = """
insert into events_event (tenant_id, id, name, event_version, payload, actor_kind, actor_id, request_id,
    occurred_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)"""

_INSERT_DELIVERY = """
insert into events_delivery (tenant_id, id, event_id, subscription, next_attempt_at)
values ($1, $2, $3, $4, $5)"""


_INSERT_EVENTS = """
insert into events_event (tenant_id, id, name, event_version, payload, actor_kind, actor_id, request_id,
    occurred_at)
select $1, e.id, $2, $3, e.payload::jsonb, $4, $5, $6, $7 from unnest($8::uuid[], $9::text[]) as e (id, payload)"""

_INSERT_DELIVERIES = """
insert into events_delivery (tenant_id, id, event_id, subscription, next_attempt_at)
select $1, d.id, d.event_id, d.subscription, $2
from unnest($3::uuid[], $4::uuid[], $5::text[]) as d (id, event_id, subscription)"""


class EventNotDeclared(Invalid):
    """The publisher's manifest does not declare the event in this version (`event`, `version`)."""

    code = "events.not_declared"


class EventTooLarge(Invalid):
    """An event carries more than ids (`event`, `field`, `limit`)."""

    code = "events.too_large"


async def publish(ctx: Context, event: Event) -> UUID:
    """Write the event to the log and a delivery for each subscriber that is on; gives the event's id.

    Raises: EventNotDeclared, EventTooLarge.
    """
    _check_declared(ctx, event)
    payload = _payload(event)
    event_id = new_id()
    now = ctx.now()
    await ctx.db.execute(
        _INSERT_EVENT,
        ctx.tenant_id,
        event_id,
        event.name,
        event.version,
        payload,
        ctx.actor.kind.value,
        ctx.actor.id,
        ctx.request_id,
        now,
    )
    subscriptions = ctx.plugins.subscriptions_to(event.name)
    if subscriptions:
        rows = [(ctx.tenant_id, new_id(), event_id, one.name, now) for one in subscriptions]
        await ctx.db.executemany(_INSERT_DELIVERY, rows)
    return event_id


async def publish_many(ctx: Context, events: Sequence[Event]) -> None:
    """Write events of one kind to the log, with their deliveries, in two statements; the same as `publish` for each.

    Raises: EventNotDeclared, EventTooLarge; ValueError when they are of several kinds.
    """
    if not events:
        return
    kind = events[0]
    if any(event.name != kind.name or event.version != kind.version for event in events):
        raise ValueError("publish_many takes events of one kind")
    _check_declared(ctx, kind)
    payloads = [_payload(event) for event in events]
    ids, now = [new_id() for _ in events], ctx.now()
    await ctx.db.execute(
        _INSERT_EVENTS,
        ctx.tenant_id,
        kind.name,
        kind.version,
        ctx.actor.kind.value,
        ctx.actor.id,
        ctx.request_id,
        now,
        ids,
        payloads,
    )
    names = [one.name for one in ctx.plugins.subscriptions_to(kind.name)]
    deliveries = [(new_id(), event_id, name) for event_id in ids for name in names]
    if deliveries:
        columns = map(list, zip(*deliveries, strict=True))
        await ctx.db.execute(_INSERT_DELIVERIES, ctx.tenant_id, now, *columns)


def _check_declared(ctx: Context, event: Event) -> None:
    """A plugin's manifest, or a part's `part.toml`, says which events it publishes, and in which version."""
    manifests = ctx.plugins.manifests.values()
    versions = (manifest.declares.publishes.get(event.name) for manifest in manifests)
    if event.version not in [declared.version for declared in versions if declared is not None]:
        raise EventNotDeclared(event=event.name, version=event.version)


def _payload(event: Event) -> str:
    for field in event.__struct_fields__:
        if not _is_small(getattr(event, field)):
            raise EventTooLarge(event=event.name, field=field, limit=TEXT_CHARACTERS_MAX)
    encoded = msgspec.json.encode(event)
    if len(encoded) > PAYLOAD_BYTES_MAX:
        raise EventTooLarge(event=event.name, field="", limit=PAYLOAD_BYTES_MAX)
    return encoded.decode()


def _is_small(value: object) -> bool:
    """Whether it is an id, number, date or code, or some of them; free text and nested content are not."""
    if isinstance(value, str):
        return len(value) <= TEXT_CHARACTERS_MAX
    if isinstance(value, tuple | list | frozenset):
        return len(value) <= TEXT_CHARACTERS_MAX and all(
            _is_small(item) and not isinstance(item, tuple | list) for item in value
        )
    return value is None or isinstance(value, UUID | int | date | Enum)
