"""What becomes of applications and permits when a stay ends, and when two entries were one person.

Each function looks at what is there now: events may come late, twice, or in another order.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, Facts, Person, in_place, people, rows
from linli_migrants import permits, slips
from linli_migrants.applications import present_stay
from linli_migrants.exchange_tables import Answer, Message
from linli_migrants.permit_errors import NoActiveStay
from linli_migrants.permit_states import APPLICATION, OPEN, ApplicationState
from linli_migrants.permit_tables import Application, Endorsement, Paper, Permit
from linli_migrants.tables import Stay

_STAYING: Final = """
select exists (select from migrants_stay
    where tenant_id = $1 and person_id = $2 and state in ('reported', 'verified', 'active'))"""
_OPEN: Final = """
select * from migrants_application where tenant_id = $1 and person_id = any($2::uuid[]) and state = any($3::text[])
order by created_at, id for update"""
_WITHDRAWABLE: Final = (
    ApplicationState.DRAFT,
    ApplicationState.SUBMITTED,
    ApplicationState.RETURNED,
    ApplicationState.ACCEPTED,
)
_CARRIED: Final = (Application, Paper, Permit, Endorsement, Message, Answer)


async def follow_stay_end(ctx: Context, person_id: UUID) -> None:
    """Whoever lives here no longer has no permit and no open application here. A move is no end."""
    if await ctx.db.fetchval(_STAYING, ctx.tenant_id, person_id):
        return
    reason = ctx.plugins.texts.translate("migrants.reasons.stay_ended", ctx.locale)
    await permits.terminate_of(ctx, person_id, reason=reason)
    for application in await _open(ctx, person_id):
        await _withdraw(ctx, application)


async def follow_move(ctx: Context, person_id: UUID) -> None:
    """The standing permit of somebody who moved lies where the stay does, so that officers there can endorse it."""
    try:
        stay = await present_stay(ctx, person_id)
    except NoActiveStay:
        return
    stay = await in_place(ctx, Stay, stay.id)
    await permits.lay_at(ctx, person_id, stay)


async def follow_merge(ctx: Context, merged_person_id: UUID) -> None:
    """What the merged entry had is the kept one's; of two open applications, and of two permits, the later ends.

    An application that the authority has already cannot be withdrawn, so it goes before one that can; of two such
    the later one stays with the merged entry.
    """
    kept = await in_place(ctx, Person, (await people.present_entry(ctx, merged_person_id)).id)
    reason = ctx.plugins.texts.translate("migrants.reasons.merged", ctx.locale)
    await permits.end_all_but_first(ctx, (kept.id, merged_person_id), reason=reason)
    opened = sorted(await _open(ctx, kept.id, merged_person_id), key=lambda one: one.state in _WITHDRAWABLE)
    for application in opened[1:]:
        await _withdraw(ctx, application)
    held_back = {one.id for one in opened[1:] if one.state not in _WITHDRAWABLE}
    for table in _CARRIED:
        for row in await rows.find_all(ctx, table, limit=people.CARRIED_MAX, person_id=merged_person_id):
            if held_back.isdisjoint((row.id, getattr(row, "application_id", None))):
                await rows.update(ctx, row, action="merge", person_id=kept.id)


async def _withdraw(ctx: Context, application: Application) -> None:
    if application.state in _WITHDRAWABLE:
        state = APPLICATION.apply(application.state, "withdraw", Facts(actor_id=None))
        await rows.update(ctx, application, action="withdraw", state=state)
        await slips.revoke_slips(ctx, application.id, why="withdrawn")


async def _open(ctx: Context, *person_ids: UUID) -> list[Application]:
    states = [state.value for state in OPEN]
    found = await ctx.db.fetch(_OPEN, ctx.tenant_id, list(person_ids), states)
    return [rows.from_record(Application, row) for row in found]
