"""Putting messages down in the caller's transaction: they go out if, and only if, that is committed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.errors import NotFound, TooLong
from linli.identity import people
from linli.ids import new_id
from linli.manifest import MessageType
from linli.notifications.channel import IN_APP
from linli.notifications.channels import channels_of, default_channels
from linli.notifications.errors import NoRecipient
from linli.notifications.hours import digest_at
from linli.notifications.rendering import content, type_of

BATCH_MAX: Final = 1_000
KEY_MAX: Final = 200
_PEOPLE: Final = """
select id, merged_into_id from identity_person where tenant_id = $1 and id = any($2)"""
_OWNER: Final = "select person_id from identity_account where tenant_id = $1 and id = $2"
_PREFERENCES: Final = """
select person_id, channel, wanted from notifications_preference
where tenant_id = $1 and person_id = any($2) and message_class = $3"""
_MESSAGES: Final = """
insert into notifications_message
    (tenant_id, id, person_id, type, message_class, dedupe_key, content, sent_at, read_at)
select $1, m.id, m.person_id, $2, $3, m.key, m.content, $4::timestamptz, case when m.silent then $4::timestamptz end
from unnest($5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::boolean[]) m(id, person_id, key, content, silent)
on conflict (tenant_id, person_id, type, dedupe_key) do nothing
returning id, person_id"""
_DELIVERIES: Final = """
insert into notifications_delivery
    (tenant_id, id, message_id, person_id, type, channel, status, digest, due_at, finished_at)
select $1, d.id, d.message_id, d.person_id, $2, d.channel,
    case when d.channel = 'in_app' then 'done' else 'pending' end,
    $3::boolean and d.channel <> 'in_app',
    $4::timestamptz,
    case when d.channel = 'in_app' then $5::timestamptz end
from unnest($6::uuid[], $7::uuid[], $8::uuid[], $9::text[]) d(id, message_id, person_id, channel)"""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of many: to whom, the values of its placeholders, and what happened (one message for each)."""

    person_id: UUID
    dedupe_key: str
    values: Mapping[str, object] = field(default_factory=dict)


async def send(
    ctx: Context,
    message_type: str,
    values: Mapping[str, object],
    *,
    dedupe_key: str,
    person_id: UUID | None = None,
    account_id: UUID | None = None,
) -> UUID | None:
    """Put a message to a person (or the person of an account) down; gives its id, None when it was sent already.

    `dedupe_key` names what happened: a person gets one message of a type for each key.

    Raises: UnknownMessageType, BadValue, NotFound, NoRecipient, TooLong.
    """
    if account_id is not None:
        person_id = await ctx.db.fetchval(_OWNER, ctx.tenant_id, account_id)
    if person_id is None:
        raise NoRecipient(path=("account_id",))
    made = await send_many(ctx, message_type, [Letter(person_id, dedupe_key, values)])
    return made[0] if made else None


async def send_many(ctx: Context, message_type: str, letters: Sequence[Letter]) -> Sequence[UUID]:
    """Put up to 1,000 messages of a type down; gives the ids of those that had not been sent.

    Raises: UnknownMessageType, BadValue, NotFound, TooLong.
    """
    declared = type_of(ctx, message_type)
    if len(letters) > BATCH_MAX:
        raise TooLong(path=("letters",), limit=BATCH_MAX)
    if any(not 1 <= len(one.dedupe_key) <= KEY_MAX for one in letters):
        raise TooLong(path=("dedupe_key",), limit=KEY_MAX)
    kept = await _kept_ids(ctx, [one.person_id for one in letters])
    chosen = await _chosen(ctx, declared, set(kept.values()))
    rows = [
        (
            new_id(),
            kept[one.person_id],
            one.dedupe_key,
            json.dumps(content(message_type, declared, one.values), ensure_ascii=False),
            IN_APP not in chosen[kept[one.person_id]],
        )
        for one in letters
    ]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * 5
    arguments = (ctx.tenant_id, message_type, declared.class_, ctx.now(), *columns)
    made = [(row["id"], row["person_id"]) for row in await ctx.db.fetch(_MESSAGES, *arguments)]
    await _put_up(ctx, message_type, declared, [(*one, chosen[one[1]]) for one in made])
    return [message_id for message_id, _person in made]


async def _kept_ids(ctx: Context, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The entries under which people are known now, however often they were merged. Raises: NotFound."""
    into: dict[UUID, UUID | None] = {}
    asked = set(ids)
    for _ in range(people.MERGES_MAX):
        if not asked:
            break
        into |= {
            row["id"]: row["merged_into_id"]
            for row in await ctx.db.fetch(_PEOPLE, ctx.tenant_id, list(asked))
        }
        asked = {one for one in into.values() if one} - into.keys()
    if any(one not in into for one in ids):
        raise NotFound(kind="identity_person")
    return {one: _kept(one, into) for one in ids}


def _kept(person_id: UUID, into: Mapping[UUID, UUID | None]) -> UUID:
    while (merged_into := into.get(person_id)) is not None:
        person_id = merged_into
    return person_id


async def _chosen(ctx: Context, declared: MessageType, ids: set[UUID]) -> dict[UUID, frozenset[str]]:
    """By which channels each person gets messages of this class; the app is among them unless they want it silent."""
    default = default_channels(ctx, declared.class_)
    if declared.class_ == "required":
        return dict.fromkeys(ids, default | {IN_APP})
    chosen = dict.fromkeys(ids, default)
    known = {IN_APP, *channels_of(ctx)}
    for row in await ctx.db.fetch(_PREFERENCES, ctx.tenant_id, list(ids), declared.class_):
        one = frozenset({row["channel"]}) & known
        person_id = row["person_id"]
        chosen[person_id] = chosen[person_id] | one if row["wanted"] else chosen[person_id] - one
    return chosen


async def _put_up(
    ctx: Context,
    message_type: str,
    declared: MessageType,
    made: Sequence[tuple[UUID, UUID, frozenset[str]]],
) -> None:
    """A delivery for each channel; in the app a message is there at once, whether it is silent or not."""
    now = ctx.now()
    digest = declared.class_ == "reminder" and bool(ctx.setting("notifications.digest"))
    rows = [
        (new_id(), message_id, person_id, channel)
        for message_id, person_id, channels in made
        for channel in sorted(channels | {IN_APP})
    ]
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        due = digest_at(ctx, now) if digest else now
        await ctx.db.execute(_DELIVERIES, ctx.tenant_id, message_type, digest, due, now, *columns)
