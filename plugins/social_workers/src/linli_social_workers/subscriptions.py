"""What this plugin does when others tell of an event."""

from __future__ import annotations

from typing import Final

from linli.plugin import Context, PersonEnded, PersonMerged, StoredEvent, Subscription
from linli_social_workers import following


async def on_person_ended(ctx: Context, stored: StoredEvent) -> None:
    """Whoever left or died works here no longer."""
    await following.follow_end(ctx, stored.read(PersonEnded).person_id)


async def on_person_merged(ctx: Context, stored: StoredEvent) -> None:
    """Two entries were one person: results, registrations and posts are that person's."""
    await following.follow_merge(ctx, stored.read(PersonMerged).merged_person_id)


SUBSCRIPTIONS: Final = (
    Subscription(PersonEnded.name, "social_workers.follow_ends", on_person_ended),
    Subscription(PersonMerged.name, "social_workers.follow_merges", on_person_merged),
)
