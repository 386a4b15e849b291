"""Two entries were one person: the merged one's messages and choices are the kept one's."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.context import Context
from linli.events import StoredEvent, Subscription
from linli.identity import people
from linli.identity.events import PersonMerged
from linli.notifications.turns import take_turns

_MESSAGES: Final = """
update notifications_message set person_id = $3, version = version + 1, updated_at = now()
where tenant_id = $1 and id in (
    select m.id from notifications_message m where m.tenant_id = $1 and m.person_id = $2 and not exists (
        select from notifications_message k where k.tenant_id = $1 and k.person_id = $3 and k.type = m.type
            and k.dedupe_key = m.dedupe_key)
    order by m.id limit $4)"""
_DELIVERIES: Final = """
update notifications_delivery d set person_id = $3, version = d.version + 1, updated_at = now()
from notifications_message m
where d.tenant_id = $1 and d.person_id = $2 and m.tenant_id = $1 and m.id = d.message_id and m.person_id = $3"""
_ADDRESSES: Final = """
update notifications_address a set person_id = $3, version = version + 1, updated_at = now()
where tenant_id = $1 and person_id = $2 and not exists (
    select from notifications_address k where k.tenant_id = $1 and k.person_id = $3 and k.channel = a.channel)"""
_PREFERENCES: Final = """
update notifications_preference p set person_id = $3, version = version + 1, updated_at = now()
where tenant_id = $1 and person_id = $2 and not exists (
    select from notifications_preference k where k.tenant_id = $1 and k.person_id = $3
        and k.message_class = p.message_class and k.channel = p.channel)"""


async def follow_merge(ctx: Context, merged_person_id: UUID) -> None:
    """What the merged entry was told and chose goes over, up to 10,000 messages; done again, it finds nothing.

    A message that both got, and a choice where the kept entry has one, stay with the merged one. Raises: NotFound.
    """
    kept = (await people.present_entry(ctx, merged_person_id)).id
    await take_turns(ctx, (kept, merged_person_id))
    whose = (ctx.tenant_id, merged_person_id, kept)
    await ctx.db.execute(_ADDRESSES, *whose)
    await ctx.db.execute(_PREFERENCES, *whose)
    await ctx.db.execute(_MESSAGES, *whose, people.CARRIED_MAX)
    await ctx.db.execute(_DELIVERIES, *whose)


async def on_person_merged(ctx: Context, stored: StoredEvent) -> None:
    """Two entries were one person."""
    await follow_merge(ctx, stored.read(PersonMerged).merged_person_id)


SUBSCRIPTIONS: Final = (Subscription(PersonMerged.name, "notifications.follow_merges", on_person_merged),)
