"""Residence permits (居住证): issued by the authority, endorsed yearly, suspended when late, ended with the stay.

The first permit and every endorsement are free, so there is no fee anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from linli.plugin import (
    AreaTable,
    Context,
    Duplicate,
    Facts,
    checks,
    in_place,
    is_self,
    own_or_visible,
    privacy,
    publish,
    rows,
)
from linli_migrants.applications import READ, has_stay
from linli_migrants.permit_dates import anniversary, endorsed, window_opens
from linli_migrants.permit_decisions import RECORD, recordable
from linli_migrants.permit_errors import (
    HasPermit,
    IssuedBeforeAcceptance,
    NoActiveStay,
    NotYetEndorsable,
    NumberTaken,
    OwnPermit,
    UnknownNumber,
)
from linli_migrants.permit_events import EndorsementDue, PermitIssued, PermitSuspended, PermitTerminated
from linli_migrants.permit_states import APPLICATION, PERMIT, PermitState
from linli_migrants.permit_tables import Application, Endorsement, Permit

ENDORSE: Final = "migrants.permit.endorse"
REVEAL: Final = "migrants.permit.reveal"
BATCH_MAX: Final = 500
AGAIN_DAYS: Final = 7
_NUMBER: Final = re.compile(r"[0-9A-Z]{6,30}")
_LATE: Final = """
select * from migrants_permit where tenant_id = $1 and state = 'active' and valid_until <= $2
order by valid_until, id limit $3 for update"""
_DUE: Final = """
select * from migrants_permit where tenant_id = $1 and state = 'active' and valid_until > $2 and valid_until <= $3
    and (reminded_for is distinct from valid_until
        or (reminded_again_for is distinct from valid_until and valid_until <= $4))
order by valid_until, id limit $5 for update"""
_STANDING: Final = """
select * from migrants_permit where tenant_id = $1 and person_id = any($2::uuid[]) and state in ('active', 'suspended')
order by issued_on, id for update"""


async def record_issue(
    ctx: Context, application_id: UUID, *, number: str, issued_on: date, expected_version: int | None = None
) -> Permit:
    """Enter a permit that the authority issued, from its paper.

    Raises: NotFound, PermissionDenied, OwnApplication, and what `issue` does.
    """
    application = await recordable(ctx, application_id)
    return await issue(
        ctx, application, number=number, issued_on=issued_on, expected_version=expected_version
    )


async def issue(
    ctx: Context,
    application: Application,
    *,
    number: str,
    issued_on: date,
    expected_version: int | None = None,
) -> Permit:
    """The authority issued a permit for an approved application, which the caller holds.

    Raises: UnknownNumber, FutureDate, IssuedBeforeAcceptance, HasPermit, NumberTaken, UndefinedTransition,
    StaleVersion.
    """
    state = APPLICATION.apply(application.state, "issue", Facts(actor_id=ctx.actor.id))
    text = number.strip().upper()
    if not _NUMBER.fullmatch(text):
        raise UnknownNumber(path=("number",))
    day = checks.not_future(ctx, issued_on, "issued_on")
    if day < ctx.day_of(application.accepted_at):
        raise IssuedBeforeAcceptance(path=("issued_on",))
    await rows.update(ctx, application, action="issue", expected_version=expected_version, state=state)
    if await _standing(ctx, application.person_id):
        raise HasPermit()
    try:
        permit = await rows.insert(
            ctx,
            Permit,
            action="issue",
            area_id=application.area_id,
            area_path=application.area_path,
            application_id=application.id,
            person_id=application.person_id,
            number=text,
            issued_on=day,
            valid_until=anniversary(day, 1),
            continuous_since=day,
        )
    except Duplicate as error:
        raise NumberTaken(path=("number",)) from error
    await publish(ctx, PermitIssued(permit_id=permit.id, person_id=permit.person_id))
    return permit


async def endorse(
    ctx: Context, permit_id: UUID, *, on: date | None = None, expected_version: int | None = None
) -> Endorsement:
    """Endorse a permit (签注) within the month before its anniversary; a late endorsement restores its use.

    From a late one on the years of residence are counted anew (art. 10). `on` is today by default.
    Raises: NotFound, PermissionDenied, OwnPermit, NoActiveStay, FutureDate, NotYetEndorsable,
    UndefinedTransition, StaleVersion.
    """
    permit = await _visible(ctx, permit_id)
    ctx.require(ENDORSE, permit.area_path)
    if is_self(ctx, permit.person_id):
        raise OwnPermit()
    day = checks.not_future(ctx, on or ctx.today(), "on")
    if not await has_stay(ctx, permit.person_id):
        raise NoActiveStay()
    late = permit.state == PermitState.SUSPENDED
    state = PERMIT.apply(permit.state, "restore" if late else "endorse", Facts(actor_id=ctx.actor.id))
    found = endorsed(permit.issued_on, permit.valid_until, day)
    if found is None:
        raise NotYetEndorsable(path=("on",), opens_on=window_opens(permit.valid_until))
    await rows.update(
        ctx,
        permit,
        action="restore" if late else "endorse",
        expected_version=expected_version,
        state=state,
        valid_until=found.covers_until,
        suspended_on=None,
        continuous_since=permit.continuous_since if found.on_time else day,
    )
    return await rows.insert(
        ctx,
        Endorsement,
        action="endorse",
        area_id=permit.area_id,
        area_path=permit.area_path,
        permit_id=permit.id,
        person_id=permit.person_id,
        anniversary=found.anniversary,
        endorsed_on=day,
        covers_until=found.covers_until,
        on_time=found.on_time,
        endorsed_by=ctx.actor.id,
    )


async def terminate(
    ctx: Context, permit_id: UUID, *, reason: str, expected_version: int | None = None
) -> Permit:
    """End a permit for good.

    Raises: NotFound, PermissionDenied, Required, TooLong, UndefinedTransition, StaleVersion.
    """
    permit = await _visible(ctx, permit_id)
    ctx.require(RECORD, permit.area_path)
    why = checks.line(reason, "reason", checks.REASON_MAX)
    return await _terminate(ctx, permit, why, expected_version)


async def terminate_of(ctx: Context, person_id: UUID, *, reason: str) -> int:
    """End the standing permit of somebody who lives here no longer; gives how many there were. For handlers."""
    found = await _standing(ctx, person_id)
    for permit in found:
        await _terminate(ctx, permit, reason, None)
    return len(found)


async def lay_at(ctx: Context, person_id: UUID, place: AreaTable) -> None:
    """Let somebody's standing permit lie where another row lies. For handlers."""
    for permit in await _standing(ctx, person_id):
        if permit.area_path != place.area_path:
            await rows.update(ctx, permit, action="move", area_id=place.area_id, area_path=place.area_path)


async def end_all_but_first(ctx: Context, person_ids: Sequence[UUID], *, reason: str) -> None:
    """Of the permits that entries of one person have, let the one stand that was issued first. For handlers."""
    for permit in (await _standing(ctx, *person_ids))[1:]:
        await _terminate(ctx, permit, reason, None)


async def reveal_number(ctx: Context, permit_id: UUID, *, reason: str) -> privacy.Revealed:
    """Show a permit's number, for a reason that the person can read.

    Raises: NotFound, PermissionDenied, Required, TooLong.
    """
    permit = await _visible(ctx, permit_id)
    return await privacy.reveal(
        ctx, permit, "number", person_id=permit.person_id, permission=REVEAL, reason=reason
    )


async def suspend_late(ctx: Context) -> int:
    """Suspend what was not endorsed before its anniversary, from that day on, at most 500; gives how many."""
    found = await ctx.db.fetch(_LATE, ctx.tenant_id, ctx.today(), BATCH_MAX)
    for row in found:
        permit = rows.from_record(Permit, row)
        state = PERMIT.apply(permit.state, "suspend", Facts(actor_id=None))
        await rows.update(ctx, permit, action="suspend", state=state, suspended_on=permit.valid_until)
        await publish(ctx, PermitSuspended(permit_id=permit.id, person_id=permit.person_id))
    return len(found)


async def remind(ctx: Context) -> int:
    """Tell of permits whose window is open, and once more a week before their anniversary, at most 500.

    Gives how many were told.
    """
    today = ctx.today()
    # A month is at most 31 days: what is further away than that has no open window.
    arguments = (today, today + timedelta(days=31), today + timedelta(days=AGAIN_DAYS), BATCH_MAX)
    told = 0
    for row in await ctx.db.fetch(_DUE, ctx.tenant_id, *arguments):
        permit = rows.from_record(Permit, row)
        due = permit.valid_until
        if today < window_opens(due):
            continue
        again = today >= due - timedelta(days=AGAIN_DAYS)
        told_again = due if again else permit.reminded_again_for
        await rows.update(ctx, permit, action="remind", reminded_for=due, reminded_again_for=told_again)
        await publish(
            ctx, EndorsementDue(permit_id=permit.id, person_id=permit.person_id, anniversary=due, again=again)
        )
        told += 1
    return told


async def _terminate(ctx: Context, permit: Permit, reason: str, expected_version: int | None) -> Permit:
    state = PERMIT.apply(permit.state, "terminate", Facts(actor_id=ctx.actor.id))
    permit = await rows.update(
        ctx,
        permit,
        action="terminate",
        expected_version=expected_version,
        state=state,
        suspended_on=None,
        ended_on=ctx.today(),
        end_reason=reason,
    )
    await publish(ctx, PermitTerminated(permit_id=permit.id, person_id=permit.person_id))
    return permit


async def _standing(ctx: Context, *person_ids: UUID) -> Sequence[Permit]:
    found = await ctx.db.fetch(_STANDING, ctx.tenant_id, list(person_ids))
    return [rows.from_record(Permit, row) for row in found]


async def _visible(ctx: Context, permit_id: UUID) -> Permit:
    return own_or_visible(ctx, await in_place(ctx, Permit, permit_id, lock=True), READ)
