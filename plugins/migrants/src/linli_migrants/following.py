"""How stays follow the register of people: somebody left or died, or two entries were one person.

Each function looks at the entry as it is now, not as an event saw it: events may come late, twice, or in another
order. Whatever is done again finds nothing left to do.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, Person, in_place, people, rows
from linli_migrants import stays
from linli_migrants.states import PRESENT
from linli_migrants.tables import Contract, Dwelling, Report, Stay
from linli_migrants.visit_subjects import CARRIED as VISITS_CARRIED

ENDED: Final = ("left", "deceased")
_PRESENT: Final = """
select * from migrants_stay where tenant_id = $1 and person_id = any($2::uuid[]) and state = any($3::text[])
order by from_on, id for update"""
_CARRIED: Final = (
    (Stay, "person_id"),
    (Contract, "person_id"),
    (Dwelling, "landlord_person_id"),
    (Report, "reporter_person_id"),
    *VISITS_CARRIED,
)


async def follow_end(ctx: Context, person_id: UUID) -> None:
    """End the present stay of somebody who left or died. Raises: NotFound."""
    person = await rows.get(ctx, Person, person_id)
    if person.state not in ENDED:
        return
    reason = ctx.plugins.texts.translate(f"migrants.reasons.{person.state}", ctx.locale)
    for stay in await _present(ctx, person_id):
        await stays.end_for(ctx, stay, on=person.ended_on or ctx.today(), reason=reason)


async def follow_merge(ctx: Context, merged_person_id: UUID) -> None:
    """What the merged entry had is the kept one's; of two present stays the later one ends. Raises: NotFound."""
    kept = await in_place(ctx, Person, (await people.present_entry(ctx, merged_person_id)).id)
    present = await _present(ctx, kept.id, merged_person_id)
    reason = ctx.plugins.texts.translate("migrants.reasons.merged", ctx.locale)
    for stay in present[1:]:
        await stays.end_for(ctx, stay, on=ctx.today(), reason=reason)
    for table, column in _CARRIED:
        await people.carry_over(ctx, table, column, merged_person_id, kept.id)
    await follow_end(ctx, kept.id)


async def _present(ctx: Context, *person_ids: UUID) -> list[Stay]:
    states = [state.value for state in PRESENT]
    found = await ctx.db.fetch(_PRESENT, ctx.tenant_id, list(person_ids), states)
    return [rows.from_record(Stay, row) for row in found]
