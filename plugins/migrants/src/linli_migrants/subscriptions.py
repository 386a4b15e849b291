"""What this plugin does when others tell of an event."""

from __future__ import annotations

from typing import Final

from linli.plugin import Context, PersonEnded, PersonMerged, StoredEvent, Subscription
from linli_migrants import following, permit_following
from linli_migrants.events import StayActivated, StayEnded
from linli_migrants.permit_events import PermitIssued
from linli_migrants.visit_subscriptions import VISIT_SUBSCRIPTIONS


async def on_person_ended(ctx: Context, stored: StoredEvent) -> None:
    """Whoever left or died stays here no longer."""
    await following.follow_end(ctx, stored.read(PersonEnded).person_id)


async def on_person_merged(ctx: Context, stored: StoredEvent) -> None:
    """Two entries were one person: the stays are that person's."""
    merged_person_id = stored.read(PersonMerged).merged_person_id
    await permit_following.follow_merge(ctx, merged_person_id)
    await following.follow_merge(ctx, merged_person_id)


async def on_stay_ended(ctx: Context, stored: StoredEvent) -> None:
    """Whoever lives here no longer has no residence permit here."""
    await permit_following.follow_stay_end(ctx, stored.read(StayEnded).person_id)


async def on_stay_activated(ctx: Context, stored: StoredEvent) -> None:
    """The residence permit of somebody who moved within the place lies where they live now."""
    await permit_following.follow_move(ctx, stored.read(StayActivated).person_id)


async def on_permit_issued(ctx: Context, stored: StoredEvent) -> None:
    """A permit that was issued to somebody who had left in the meantime ends."""
    await permit_following.follow_stay_end(ctx, stored.read(PermitIssued).person_id)


SUBSCRIPTIONS: Final = (
    Subscription(PersonEnded.name, "migrants.follow_ends", on_person_ended),
    Subscription(PersonMerged.name, "migrants.follow_merges", on_person_merged),
    *VISIT_SUBSCRIPTIONS,
    Subscription(StayEnded.name, "migrants.follow_stay_ends", on_stay_ended),
    Subscription(StayActivated.name, "migrants.follow_moves", on_stay_activated),
    Subscription(PermitIssued.name, "migrants.follow_issues", on_permit_issued),
)
