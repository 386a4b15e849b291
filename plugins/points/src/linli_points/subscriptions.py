"""What this plugin does when others tell of an event."""

from __future__ import annotations

from typing import ClassVar, Final
from uuid import UUID

from linli.plugin import (
    Context,
    Event,
    OrganisationMoved,
    PersonEnded,
    PersonMerged,
    PersonMoved,
    StoredEvent,
    Subscription,
)
from linli_points import following, hours


class HoursPosted(Event, frozen=True, kw_only=True):
    """What this plugin reads of an event of `volunteers`, where that is on."""

    name: ClassVar[str] = "volunteers.hours_posted"
    version: ClassVar[int] = 1

    hours_id: UUID
    activity_id: UUID
    person_id: UUID
    minutes: int


class HoursReversed(Event, frozen=True, kw_only=True):
    """As `HoursPosted`, when the hours no longer count."""

    name: ClassVar[str] = "volunteers.hours_reversed"
    version: ClassVar[int] = 1

    hours_id: UUID
    activity_id: UUID
    person_id: UUID
    minutes: int


async def on_hours_posted(ctx: Context, stored: StoredEvent) -> None:
    """Service that was verified and posted earns points, once."""
    event = stored.read(HoursPosted)
    await hours.credit(
        ctx,
        hours_id=event.hours_id,
        person_id=event.person_id,
        activity_id=event.activity_id,
        minutes=event.minutes,
    )


async def on_hours_reversed(ctx: Context, stored: StoredEvent) -> None:
    """Service that no longer counts earned nothing."""
    reason = ctx.plugins.texts.translate("points.reasons.hours_reversed", ctx.locale)
    await hours.take_back(ctx, hours_id=stored.read(HoursReversed).hours_id, reason=reason)


async def on_person_moved(ctx: Context, stored: StoredEvent) -> None:
    """A participant lies where the person does."""
    await following.follow_person_move(ctx, stored.read(PersonMoved).person_id)


async def on_organisation_moved(ctx: Context, stored: StoredEvent) -> None:
    """A unit's participation lies where the unit does."""
    await following.follow_organisation_move(ctx, stored.read(OrganisationMoved).organisation_id)


async def on_person_ended(ctx: Context, stored: StoredEvent) -> None:
    """Whoever left or died takes part no longer."""
    await following.follow_end(ctx, stored.read(PersonEnded).person_id)


async def on_person_merged(ctx: Context, stored: StoredEvent) -> None:
    """Two entries were one person: the points are that person's."""
    await following.follow_merge(ctx, stored.read(PersonMerged).merged_person_id)


SUBSCRIPTIONS: Final = (
    Subscription(HoursPosted.name, "points.credit_hours", on_hours_posted),
    Subscription(HoursReversed.name, "points.take_back_hours", on_hours_reversed),
    Subscription(PersonMoved.name, "points.follow_moves", on_person_moved),
    Subscription(OrganisationMoved.name, "points.follow_unit_moves", on_organisation_moved),
    Subscription(PersonEnded.name, "points.follow_ends", on_person_ended),
    Subscription(PersonMerged.name, "points.follow_merges", on_person_merged),
)
