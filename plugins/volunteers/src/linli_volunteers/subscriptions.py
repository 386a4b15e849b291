"""What this plugin does when others tell of an event."""

from __future__ import annotations

from typing import ClassVar, Final
from uuid import UUID

from linli.plugin import Context, Event, PersonEnded, PersonMerged, PersonMoved, StoredEvent, Subscription
from linli_volunteers import activities, following, merging


class RegistrationCancelled(Event, frozen=True):
    """What this plugin reads of an event of `organisations`; `organisation_id` is a unit of the register."""

    name: ClassVar[str] = "organisations.registration_cancelled"
    version: ClassVar[int] = 1

    organisation_id: UUID


async def on_registration_cancelled(ctx: Context, stored: StoredEvent) -> None:
    """A body that no longer exists organises nothing: what it recruits for is cancelled."""
    reason = ctx.plugins.texts.translate("volunteers.reasons.organiser_cancelled", ctx.locale)
    organiser_id = stored.read(RegistrationCancelled).organisation_id
    await activities.cancel_of_organiser(ctx, organiser_id, reason=reason)


async def on_person_merged(ctx: Context, stored: StoredEvent) -> None:
    """Two entries were one person: what the duplicate did as a volunteer is that person's."""
    kept = await merging.carry_over(ctx, stored.read(PersonMerged).merged_person_id)
    await following.follow_end(ctx, kept.id)


async def on_person_moved(ctx: Context, stored: StoredEvent) -> None:
    """A volunteer lies where the person does."""
    await following.follow_move(ctx, stored.read(PersonMoved).person_id)


async def on_person_ended(ctx: Context, stored: StoredEvent) -> None:
    """Whoever left or died is no volunteer here any more."""
    await following.follow_end(ctx, stored.read(PersonEnded).person_id)


SUBSCRIPTIONS: Final = (
    Subscription(
        RegistrationCancelled.name, "volunteers.on_registration_cancelled", on_registration_cancelled
    ),
    Subscription(PersonMerged.name, "volunteers.follow_merges", on_person_merged),
    Subscription(PersonMoved.name, "volunteers.follow_moves", on_person_moved),
    Subscription(PersonEnded.name, "volunteers.follow_ends", on_person_ended),
)
