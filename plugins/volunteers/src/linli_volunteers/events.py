"""The events that this plugin publishes, and what it does when others happen."""

from __future__ import annotations

from typing import ClassVar, Final
from uuid import UUID

from linli.plugin import Context, Event, StoredEvent, Subscription
from linli_volunteers import activities


class HoursPosted(Event, frozen=True):
    """An entry of hours counts from now on. Points take this as their evidence: once for each `hours_id`."""

    name: ClassVar[str] = "volunteers.hours_posted"
    version: ClassVar[int] = 1

    hours_id: UUID
    activity_id: UUID
    person_id: UUID
    minutes: int


class HoursReversed(Event, frozen=True):
    """An entry of hours that was posted no longer counts."""

    name: ClassVar[str] = "volunteers.hours_reversed"
    version: ClassVar[int] = 1

    hours_id: UUID
    activity_id: UUID
    person_id: UUID
    minutes: int


class RegistrationCancelled(Event, frozen=True):
    """What this plugin reads of an event of `organisations`; `organisation_id` is a unit of the register."""

    name: ClassVar[str] = "organisations.registration_cancelled"
    version: ClassVar[int] = 1

    organisation_id: UUID


async def on_registration_cancelled(ctx: Context, event: StoredEvent) -> None:
    """A body that no longer exists organises nothing: what it recruits for is cancelled."""
    reason = ctx.plugins.texts.translate("volunteers.reasons.organiser_cancelled", ctx.locale)
    organiser_id = event.read(RegistrationCancelled).organisation_id
    await activities.cancel_of_organiser(ctx, organiser_id, reason=reason)


SUBSCRIPTIONS: Final = (
    Subscription(
        RegistrationCancelled.name, "volunteers.on_registration_cancelled", on_registration_cancelled
    ),
)
