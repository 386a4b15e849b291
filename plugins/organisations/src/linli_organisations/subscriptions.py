"""What the plugin does when others tell of an event."""

from __future__ import annotations

from typing import Any, Final

from linli.plugin import (
    AreaTable,
    Context,
    Organisation,
    OrganisationMoved,
    PersonMerged,
    StoredEvent,
    Subscription,
    in_place,
    people,
    rows,
)
from linli_organisations.tables import Assessor, Bar, Grading, Officer, Registration

ROWS_MAX: Final = 1000

_ENTRIES: Final = "select id from organisations_registration where tenant_id = $1 and organisation_id = $2"
_GRADINGS: Final = (
    f"select id from organisations_grading where tenant_id = $1 and registration_id in ({_ENTRIES})"
)
_OF_ORGANISATION: Final[tuple[tuple[type[AreaTable], str], ...]] = (
    (Registration, "organisation_id = $2"),
    (Bar, "organisation_id = $2"),
    (Officer, f"registration_id in ({_ENTRIES})"),
    (Grading, f"registration_id in ({_ENTRIES})"),
    (Assessor, f"grading_id in ({_GRADINGS})"),
)


async def on_person_merged(ctx: Context, stored: StoredEvent) -> None:
    """Officers and assessors follow a person whose two entries became one."""
    merged_id = stored.read(PersonMerged).merged_person_id
    kept = await people.present_entry(ctx, merged_id)
    for table in (Officer, Assessor):
        found = await ctx.db.fetch(
            f"select * from {table._meta.tablename} where tenant_id = $1 and person_id = $2 limit {ROWS_MAX}",
            ctx.tenant_id,
            merged_id,
        )
        for row in found:
            await rows.update(ctx, rows.from_record(table, row), action="merge", person_id=kept.id)


async def on_organisation_moved(ctx: Context, stored: StoredEvent) -> None:
    """An organisation's entries, with their officers and gradings, lie where the organisation does now."""
    organisation = await in_place(ctx, Organisation, stored.read(OrganisationMoved).organisation_id)
    place: dict[str, Any] = {"area_id": organisation.area_id, "area_path": organisation.area_path}
    for table, condition in _OF_ORGANISATION:
        found = await ctx.db.fetch(
            f"select * from {table._meta.tablename} where tenant_id = $1 and {condition}"
            f" and area_id is distinct from $3 order by id limit {ROWS_MAX} for update",
            ctx.tenant_id,
            organisation.id,
            organisation.area_id,
        )
        for row in found:
            await rows.update(ctx, rows.from_record(table, row), action="move", **place)


FOLLOW_MERGES: Final = Subscription("identity.person_merged", "organisations.follow_merges", on_person_merged)
FOLLOW_MOVES: Final = Subscription(
    "identity.organisation_moved", "organisations.follow_moves", on_organisation_moved
)
