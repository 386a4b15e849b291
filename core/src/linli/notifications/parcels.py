"""Deliveries that are due, taken for a while by one worker, and what is to be handed over for them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.db.encryption import decrypt_all
from linli.identity.tables import Person
from linli.notifications.channel import AddressKind, Channel, OutgoingMessage
from linli.notifications.channels import channels_of
from linli.notifications.rendering import Said, renderer
from linli.notifications.tables import Address
from linli.settings import Settings

BATCH: Final = 200
AT_ONCE: Final = 50
_SPARE: Final = timedelta(seconds=30)
DIGEST_MAX: Final = 50
_DUE: Final = """
select id from notifications_delivery where tenant_id = $1 and status = 'pending' and due_at <= $2
order by due_at, id limit $3 for update skip locked"""
_BESIDE: Final = """
select d.id from notifications_delivery d
join notifications_delivery one on one.tenant_id = $1 and one.id = any($3) and one.digest
    and one.person_id = d.person_id and one.channel = d.channel
where d.tenant_id = $1 and d.digest and d.status = 'pending' and d.due_at <= $2
limit $4 for update of d skip locked"""
_LEASE: Final = """
update notifications_delivery d set attempts = d.attempts + 1, due_at = $3, version = d.version + 1, updated_at = now()
from notifications_message m
where d.tenant_id = $1 and d.id = any($2) and m.tenant_id = $1 and m.id = d.message_id
returning d.id, d.person_id, d.channel, d.digest, d.attempts, d.type, m.content"""
_PEOPLE: Final = "select * from identity_person where tenant_id = $1 and id = any($2)"
_ADDRESSES: Final = "select * from notifications_address where tenant_id = $1 and person_id = any($2)"


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that this worker has, and how often it was tried, this time included."""

    id: UUID
    attempts: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """One hand-over: a message, or a digest of several. Without a message it is skipped, and `skipped` says why."""

    person_id: UUID
    channel: str
    taken: tuple[Taken, ...]
    message: OutgoingMessage | None = field(default=None, repr=False)
    via: Channel | None = None
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class _Reached:
    """Where somebody is reached by the channels, and why not where they are not."""

    addresses: Mapping[str, str] = field(repr=False)
    reasons: Mapping[str, str]


async def take(ctx: Context, settings: Settings) -> Sequence[Parcel]:
    """Take up to 200 due deliveries (digests as a whole) until the lease ends; another worker skips them till then.

    A lease is longer than all that is done with it, and is what a killed worker leaves behind.
    """
    await ctx.db.take_turns("notifications.take")  # else two workers would share out the parts of one digest
    now = ctx.now()
    ids = {row["id"] for row in await ctx.db.fetch(_DUE, ctx.tenant_id, now, BATCH)}
    if not ids:
        return ()
    beside = await ctx.db.fetch(_BESIDE, ctx.tenant_id, now, list(ids), BATCH * DIGEST_MAX)
    ids |= {row["id"] for row in beside}
    found = await ctx.db.fetch(_LEASE, ctx.tenant_id, list(ids), now + _lease(settings))
    groups: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    for row in sorted(found, key=lambda row: row["id"]):
        groups.setdefault(
            (row["person_id"], row["channel"], None if row["digest"] else row["id"]), []
        ).append(row)
    reached = await _reached(ctx, {row["person_id"] for row in found}, settings)
    return [_parcel(ctx, group, reached[group[0]["person_id"]]) for group in groups.values()]


def _lease(settings: Settings) -> timedelta:
    rounds = BATCH // AT_ONCE + 1
    return rounds * timedelta(milliseconds=settings.message_timeout_ms) + _SPARE


def _parcel(ctx: Context, group: Sequence[Mapping[str, Any]], reached: _Reached) -> Parcel:
    person_id, channel = group[0]["person_id"], group[0]["channel"]
    taken = tuple(Taken(row["id"], row["attempts"]) for row in group)
    address = reached.addresses.get(channel)
    if address is None:
        return Parcel(person_id, channel, taken, skipped=reached.reasons.get(channel, "no_such_channel"))
    message = _message(ctx, group, address)
    return Parcel(person_id, channel, taken, message, channels_of(ctx)[channel])


def _message(ctx: Context, group: Sequence[Mapping[str, Any]], address: str) -> OutgoingMessage:
    locale = ctx.tenant.locale
    made = renderer(ctx, locale)
    said = [made.render(row["type"], json.loads(row["content"])) for row in group]
    if len(said) == 1:
        (one,) = said
        return OutgoingMessage(
            str(group[0]["id"]), address, one.title, one.body, group[0]["type"], one.values, locale
        )
    parts = ",".join(str(row["id"]) for row in group)
    key = hashlib.sha256(parts.encode()).hexdigest()
    title = ctx.plugins.texts.translate("notifications.digest_title", locale, count=len(said))
    return OutgoingMessage(key, address, title, _bundled(said), locale=locale)


def _bundled(said: Sequence[Said]) -> str:
    shown = [f"{one.title}\n{one.body}" for one in said[:DIGEST_MAX]]
    return "\n\n".join([*shown, *(["…"] if len(said) > DIGEST_MAX else [])])


async def _reached(ctx: Context, ids: set[UUID], settings: Settings) -> Mapping[UUID, _Reached]:
    """Where these people are reached now, read at the moment of the hand-over and kept nowhere."""
    people = {
        row["id"]: rows.from_record(Person, row)
        for row in await ctx.db.fetch(_PEOPLE, ctx.tenant_id, list(ids))
    }
    given = [
        rows.from_record(Address, row) for row in await ctx.db.fetch(_ADDRESSES, ctx.tenant_id, list(ids))
    ]
    own = await decrypt_all(ctx, given, "address")
    bounced = await decrypt_all(ctx, given, "bounced")
    known = {
        (row.person_id, row.channel): pair
        for row, pair in zip(given, zip(own, bounced, strict=True), strict=True)
    }
    channels = channels_of(ctx).values()
    return {
        one: _where(people[one], {c: known.get((one, c.name), (None, None)) for c in channels}, settings)
        for one in ids
    }


def _where(
    person: Person, given: Mapping[Channel, tuple[str | None, str | None]], settings: Settings
) -> _Reached:
    addresses: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for channel, (own, bounced) in given.items():
        address = own or (person.phone if channel.addressed_by is AddressKind.PHONE else None)
        if person.state != "active":
            reasons[channel.name] = "person_not_active"
        elif not channel.ready(settings):
            reasons[channel.name] = "channel_not_ready"
        elif not address or channel.check(address) is None:
            reasons[channel.name] = "no_address"
        elif address == bounced:
            reasons[channel.name] = "address_unusable"
        else:
            addresses[channel.name] = address
    return _Reached(addresses, reasons)
