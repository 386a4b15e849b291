"""What the plugin does when others tell of an event."""

from __future__ import annotations

from typing import Final

from linli.plugin import Context, PersonMerged, StoredEvent, Subscription, rows
from linli_organisations.tables import Assessor, Officer

ROWS_MAX: Final = 1000


async def on_person_merged(ctx: Context, stored: StoredEvent) -> None:
    """Officers and assessors follow a person whose two entries became one."""
    event = stored.read(PersonMerged)
    for table in (Officer, Assessor):
        found = await ctx.db.fetch(
            f"select * from {table._meta.tablename} where tenant_id = $1 and person_id = $2 limit {ROWS_MAX}",
            ctx.tenant_id,
            event.merged_person_id,
        )
        for row in found:
            await rows.update(ctx, rows.from_record(table, row), action="merge", person_id=event.person_id)


FOLLOW_MERGES: Final = Subscription("identity.person_merged", "organisations.follow_merges", on_person_merged)
