"""What becomes of visits when others tell of an event."""

from __future__ import annotations

from typing import Final

from linli.plugin import Context, StoredEvent, Subscription
from linli_migrants import visits
from linli_migrants.events import StayEnded


async def on_stay_ended(ctx: Context, stored: StoredEvent) -> None:
    """The visits of a stay that is over are not made."""
    await visits.cancel_of_stay(ctx, stored.read(StayEnded).stay_id)


VISIT_SUBSCRIPTIONS: Final = (Subscription(StayEnded.name, "migrants.cancel_visits", on_stay_ended),)
