"""What people do with their messages: read them, and choose by which channels they come and where to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.db.encryption import decrypt
from linli.errors import NotFound, TooLong
from linli.identity import checks
from linli.notifications.channel import IN_APP, AddressKind
from linli.notifications.channels import channels_of, default_channels
from linli.notifications.errors import AlwaysSent, BadAddress, UnknownChannel
from linli.notifications.tables import Address, Preference
from linli.notifications.turns import take_turns

CLASSES: Final = ("service", "reminder", "required")
MARKED_MAX: Final = 200
_ADDRESS_MAX: Final = 254
_UNREAD: Final = """
select count(*) from (select from notifications_message where tenant_id = $1 and person_id = $2 and read_at is null
    limit $3) one"""
_READ: Final = """
update notifications_message set read_at = $3, version = version + 1, updated_at = now()
where tenant_id = $1 and person_id = $2 and read_at is null and id = any($4) returning id"""
_READ_ALL: Final = """
update notifications_message set read_at = $3, version = version + 1, updated_at = now()
where tenant_id = $1 and person_id = $2 and read_at is null and sent_at <= $3 returning id"""
_OWN: Final = (
    "select count(*) from notifications_message where tenant_id = $1 and person_id = $2 and id = any($3)"
)
_PREFERENCES: Final = "select * from notifications_preference where tenant_id = $1 and person_id = $2"
_ADDRESSES: Final = "select * from notifications_address where tenant_id = $1 and person_id = $2"
UNREAD_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether messages of a class come by a channel; `fixed` where a person cannot choose."""

    message_class: str
    channel: str
    wanted: bool
    fixed: bool


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a person is reached by a channel: masked, and whether it works as far as is known."""

    channel: str
    zh: str
    en: str
    address_masked: str
    usable: bool


def own_person(ctx: Context) -> UUID:
    """The register's entry of whoever asks. Raises: NotFound for an account that is nobody's."""
    if ctx.actor.person_id is None:
        raise NotFound(kind="identity_person")
    return ctx.actor.person_id


async def unread_count(ctx: Context) -> int:
    """How many of one's own messages are unread, up to 1,000; none for an account that is nobody's."""
    if ctx.actor.person_id is None:
        return 0
    found: int = await ctx.db.fetchval(_UNREAD, ctx.tenant_id, ctx.actor.person_id, UNREAD_MAX)
    return found


async def mark_read(ctx: Context, ids: Sequence[UUID]) -> int:
    """Mark up to 200 of one's own messages as read; gives how many were unread. Raises: NotFound, TooLong."""
    person_id = own_person(ctx)
    wanted = list(set(ids))
    if len(wanted) > MARKED_MAX:
        raise TooLong(path=("ids",), limit=MARKED_MAX)
    if await ctx.db.fetchval(_OWN, ctx.tenant_id, person_id, wanted) != len(wanted):
        raise NotFound(kind="notifications_message", path=("ids",))
    return len(await ctx.db.fetch(_READ, ctx.tenant_id, person_id, ctx.now(), wanted))


async def mark_all_read(ctx: Context) -> int:
    """Mark all of one's own messages as read; gives how many were unread. Raises: NotFound."""
    return len(await ctx.db.fetch(_READ_ALL, ctx.tenant_id, own_person(ctx), ctx.now()))


async def choices(ctx: Context) -> Sequence[Choice]:
    """By which channels one's own messages come, for each class. Raises: NotFound."""
    found = await ctx.db.fetch(_PREFERENCES, ctx.tenant_id, own_person(ctx))
    chosen = {(row["message_class"], row["channel"]): row["wanted"] for row in found}
    made = []
    for message_class in CLASSES:
        default = default_channels(ctx, message_class)
        required = message_class == "required"
        for channel in (IN_APP, *sorted(channels_of(ctx))):
            given = channel in default or (required and channel == IN_APP)
            wanted = given if required else chosen.get((message_class, channel), given)
            made.append(Choice(message_class, channel, wanted, fixed=required))
    return made


async def prefer(ctx: Context, message_class: str, channel: str, *, wanted: bool) -> None:
    """Choose whether one's own messages of a class come by a channel; without the app they stand there as read.

    Raises: NotFound, UnknownValue, AlwaysSent, UnknownChannel.
    """
    person_id = own_person(ctx)
    if checks.one_of(message_class, CLASSES, "message_class") == "required":
        raise AlwaysSent(path=("message_class",))
    if channel not in (IN_APP, *channels_of(ctx)):
        raise UnknownChannel(path=("channel",), channel=channel[:40])
    key = {"person_id": person_id, "message_class": message_class, "channel": channel}
    await take_turns(ctx, (person_id,))
    found = await rows.find_by(ctx, Preference, **key)
    if found is None:
        await rows.insert(ctx, Preference, action="choose", **key, wanted=wanted)
    elif found.wanted != wanted:
        await rows.update(ctx, found, action="choose", wanted=wanted)


async def set_address(ctx: Context, channel: str, address: str | None) -> None:
    """Say where one is reached by a channel; None takes it back, and what bounced before counts no more.

    Raises: NotFound, UnknownChannel, BadAddress, TooLong, UnprintableText.
    """
    person_id = own_person(ctx)
    via = channels_of(ctx).get(channel)
    if via is None:
        raise UnknownChannel(path=("channel",), channel=channel[:40])
    given = checks.optional_line(address, "address", _ADDRESS_MAX)
    normal = via.check(given) if given else None
    if given and normal is None:
        raise BadAddress(path=("address",), channel=channel)
    await take_turns(ctx, (person_id,))
    found = await rows.find_by(ctx, Address, person_id=person_id, channel=channel)
    changes: dict[str, Any] = {"address": normal, "bounced": None, "bounced_at": None, "bounced_code": ""}
    if found is None:
        await rows.insert(ctx, Address, action="set", person_id=person_id, channel=channel, **changes)
    else:
        await rows.update(ctx, found, action="set", **changes)


async def reaches(ctx: Context) -> Sequence[Reach]:
    """Where one is reached by each channel, masked. Raises: NotFound."""
    person_id = own_person(ctx)
    given = {
        row["channel"]: rows.from_record(Address, row)
        for row in await ctx.db.fetch(_ADDRESSES, ctx.tenant_id, person_id)
    }
    phone = await ctx.db.fetchval(
        "select phone from identity_person where tenant_id = $1 and id = $2", ctx.tenant_id, person_id
    )
    made = []
    for name, channel in sorted(channels_of(ctx).items()):
        row = given.get(name)
        own = await decrypt(ctx, row, "address") if row is not None else None
        bounced = await decrypt(ctx, row, "bounced") if row is not None else None
        address = own or (phone if channel.addressed_by is AddressKind.PHONE else None)
        masked = channel.mask(address) if address else ""
        usable = bool(address) and address != bounced
        made.append(Reach(name, channel.zh, channel.en, masked, usable))
    return made
