"""Two entries were one person: the documents and the attachments of the merged one are the kept one's."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.context import Context
from linli.documents.tables import Document
from linli.events import StoredEvent, Subscription
from linli.files.tables import File
from linli.identity import people
from linli.identity.events import PersonMerged


async def follow_merge(ctx: Context, merged_person_id: UUID) -> None:
    """What the merged entry holds goes over to the kept one; done again, it finds nothing. Raises: NotFound."""
    kept = (await people.present_entry(ctx, merged_person_id)).id
    for table in (Document, File):
        await people.carry_over(ctx, table, "person_id", merged_person_id, kept)


async def on_person_merged(ctx: Context, stored: StoredEvent) -> None:
    """Two entries were one person."""
    await follow_merge(ctx, stored.read(PersonMerged).merged_person_id)


SUBSCRIPTIONS: Final = (Subscription(PersonMerged.name, "documents.follow_merges", on_person_merged),)
