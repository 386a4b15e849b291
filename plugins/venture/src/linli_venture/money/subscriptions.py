"""What money does when others tell of an event."""

from __future__ import annotations

from typing import Final

from linli.plugin import Context, PersonMerged, StoredEvent, Subscription, people
from linli_venture.money.tables import Receipt


async def on_person_merged(ctx: Context, stored: StoredEvent) -> None:
    """Two entries were one person: what either gave is that person's."""
    merged_person_id = stored.read(PersonMerged).merged_person_id
    kept = await people.present_entry(ctx, merged_person_id)
    await people.carry_over(ctx, Receipt, "person_id", merged_person_id, kept.id)


MONEY_SUBSCRIPTIONS: Final = (Subscription(PersonMerged.name, "venture.follow_donations", on_person_merged),)
