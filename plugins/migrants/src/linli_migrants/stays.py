"""Stays: reported, verified by somebody else, kept on file until the person leaves or settles.

What landlords and employers report comes in through `reports.py`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    NotFound,
    Required,
    checks,
    decision_facts,
    is_self,
    privacy,
    publish,
    rows,
)
from linli_migrants import dwellings
from linli_migrants.access import OWN, active_person, require_for, visible_or_own
from linli_migrants.errors import StayEndsBeforeStart, StayOverlaps
from linli_migrants.events import StayActivated, StayEnded, StayReported
from linli_migrants.origins import check_elsewhere
from linli_migrants.origins import origin_code as whole_code
from linli_migrants.states import STAY, StayState
from linli_migrants.tables import Dwelling, Stay
from linli_migrants.terms import Reporter, StayReason

READ: Final = "migrants.stay.read"
WRITE: Final = "migrants.stay.write"
VERIFY: Final = "migrants.stay.verify"
REVEAL: Final = "migrants.stay.reveal"
_A_DAY: Final = timedelta(days=1)
_OTHERS: Final = """
select id from migrants_stay
where tenant_id = $1 and person_id = $2 and state not in ('refused', 'withdrawn')
    and (to_on is null or to_on > $3) limit 1"""


async def report(
    ctx: Context,
    *,
    origin_code: str,
    reason: str,
    from_on: date,
    dwelling_id: UUID | None = None,
    area_id: UUID | None = None,
    address: str | None = None,
    person_id: UUID | None = None,
    origin_address: str | None = None,
    employer_id: UUID | None = None,
    stay_id: UUID | None = None,
) -> Stay:
    """Report that a person (the actor by default) lives in a dwelling, or at an address in an area, since a day.

    An address that is not known there yet becomes a dwelling. Raises: NotFound, PermissionDenied, Required,
    TooLong, PersonNotActive, DwellingNotActive, NotOriginCode, OriginIsHere, UnknownValue, EmployerUnusable,
    FutureDate, StayOverlaps.
    """
    who = person_id or ctx.actor.person_id
    if who is None:
        raise Required(path=("person_id",))
    person = await active_person(ctx, who, WRITE)
    await dwellings.usable_unit(ctx, employer_id, "employer_id")
    if dwelling_id is None:
        dwelling = await dwellings.at(ctx, area_id, address, OWN if is_self(ctx, who) else WRITE)
    else:
        dwelling = await _dwelling_for(ctx, dwelling_id, who)
    own = is_self(ctx, who)
    return await enter(
        ctx,
        dwelling,
        person_id=person.id,
        origin_code=origin_code,
        origin_address=origin_address,
        reason=reason,
        employer_id=employer_id,
        from_on=from_on,
        reporter=Reporter.PERSON if own else Reporter.OFFICER,
        reported_by=ctx.actor.id,
        stay_id=stay_id,
    )


async def enter(
    ctx: Context,
    dwelling: Dwelling,
    *,
    person_id: UUID,
    origin_code: str,
    reason: str,
    from_on: date,
    reporter: Reporter,
    reported_by: UUID | None,
    origin_address: str | None = None,
    employer_id: UUID | None = None,
    stay_id: UUID | None = None,
) -> Stay:
    """Enter a reported stay of a person and dwelling that the caller has chosen and holds. Raises: as `report`."""
    code = whole_code(origin_code)
    await check_elsewhere(ctx, code)
    begin = checks.not_future(ctx, from_on, "from_on")
    if await ctx.db.fetchval(_OTHERS, ctx.tenant_id, person_id, begin) is not None:
        raise StayOverlaps(path=("from_on",))
    stay = await rows.insert(
        ctx,
        Stay,
        action="report",
        id=stay_id,
        area_id=dwelling.area_id,
        area_path=dwelling.area_path,
        person_id=person_id,
        dwelling_id=dwelling.id,
        origin_code=code,
        origin_address=checks.optional_line(origin_address, "origin_address", checks.ADDRESS_MAX) or None,
        reason=checks.one_of(reason, tuple(StayReason), "reason"),
        employer_id=employer_id,
        from_on=begin,
        reporter=reporter.value,
        reported_by=reported_by,
    )
    await publish(ctx, StayReported(stay_id=stay.id))
    return stay


async def reveal_origin(ctx: Context, stay_id: UUID, *, reason: str) -> privacy.Revealed:
    """Show the registered address, for a stated reason; the person can read who saw it.

    Raises: NotFound, PermissionDenied, Required, TooLong.
    """
    stay = await visible_or_own(ctx, Stay, stay_id, READ)
    return await privacy.reveal(
        ctx, stay, "origin_address", person_id=stay.person_id, permission=REVEAL, reason=reason
    )


async def verify(ctx: Context, stay_id: UUID, *, expected_version: int | None = None) -> Stay:
    """Confirm what somebody else reported.

    Raises: NotFound, PermissionDenied, OwnReport, UndefinedTransition, StaleVersion.
    """
    return await _turn(
        ctx, stay_id, "verify", expected_version, verified_by=ctx.actor.id, verified_at=ctx.now()
    )


async def refuse(ctx: Context, stay_id: UUID, *, reason: str, expected_version: int | None = None) -> Stay:
    """The report is wrong. Raises: Required, TooLong; as `verify`."""
    why = checks.line(reason, "reason", checks.REASON_MAX)
    return await _turn(ctx, stay_id, "refuse", expected_version, ended_at=ctx.now(), end_reason=why)


async def activate(ctx: Context, stay_id: UUID, *, expected_version: int | None = None) -> Stay:
    """Take a verified stay onto file (建档): visits and services begin. Raises: as `verify`, without OwnReport."""
    stay = await _turn(ctx, stay_id, "activate", expected_version)
    await publish(ctx, StayActivated(stay_id=stay.id, person_id=stay.person_id))
    return stay


async def withdraw(ctx: Context, stay_id: UUID, *, expected_version: int | None = None) -> Stay:
    """Take back a report that nobody has verified yet; one's own, or by permission.

    Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion.
    """
    stay = await visible_or_own(ctx, Stay, stay_id, READ)
    require_for(ctx, stay, WRITE, stay.person_id)
    return await _step(ctx, stay, "withdraw", expected_version, ended_at=ctx.now())


async def depart(
    ctx: Context, stay_id: UUID, *, on: date, reason: str | None = None, expected_version: int | None = None
) -> Stay:
    """The person left on that day, which is no day of the stay any more; people note this for themselves too.

    Raises: NotFound, PermissionDenied, StayEndsBeforeStart, FutureDate, UndefinedTransition, StaleVersion.
    """
    stay = await visible_or_own(ctx, Stay, stay_id, READ)
    require_for(ctx, stay, WRITE, stay.person_id)
    return await _end(ctx, stay, "depart", on, reason, expected_version)


async def settle(
    ctx: Context, stay_id: UUID, *, on: date, reason: str | None = None, expected_version: int | None = None
) -> Stay:
    """The person entered the household register of this place (落户). Raises: as `depart`."""
    stay = await visible_or_own(ctx, Stay, stay_id, READ)
    ctx.require(WRITE, stay.area_path)
    return await _end(ctx, stay, "settle", on, reason, expected_version)


async def move(ctx: Context, stay_id: UUID, *, dwelling_id: UUID, on: date) -> Stay:
    """The person moved to another dwelling of this place: one stay ends, the next is reported. Gives the new one.

    Raises: as `depart` and `report`.
    """
    seen = await visible_or_own(ctx, Stay, stay_id, READ)
    dwelling = await _dwelling_for(ctx, dwelling_id, seen.person_id)
    stay = await depart(ctx, stay_id, on=on)
    own = is_self(ctx, stay.person_id)
    return await enter(
        ctx,
        dwelling,
        person_id=stay.person_id,
        origin_code=stay.origin_code,
        reason=stay.reason,
        employer_id=stay.employer_id,
        from_on=on,
        reporter=Reporter.PERSON if own else Reporter.OFFICER,
        reported_by=ctx.actor.id,
    )


async def end_for(ctx: Context, stay: Stay, *, on: date, reason: str) -> Stay:
    """End a present stay for what became of the person, whatever its state; for handlers of the register's events."""
    if stay.state == StayState.REPORTED:
        return await _step(ctx, stay, "withdraw", None, ended_at=ctx.now(), end_reason=reason)
    return await _end(ctx, stay, "depart", max(on, stay.from_on + _A_DAY), reason, None)


async def _turn(
    ctx: Context, stay_id: UUID, action: str, expected_version: int | None, **changes: object
) -> Stay:
    stay = await visible_or_own(ctx, Stay, stay_id, READ)
    ctx.require(VERIFY, stay.area_path)
    return await _step(ctx, stay, action, expected_version, **changes)


async def _step(
    ctx: Context, stay: Stay, action: str, expected_version: int | None, **changes: object
) -> Stay:
    state = STAY.apply(stay.state, action, await decision_facts(ctx, stay))
    stay = await rows.update(
        ctx, stay, action=action, expected_version=expected_version, state=state, **changes
    )
    if state in STAY.final:
        await publish(ctx, StayEnded(stay_id=stay.id, person_id=stay.person_id, state=stay.state))
    return stay


async def _end(
    ctx: Context, stay: Stay, action: str, on: date, reason: str | None, expected_version: int | None
) -> Stay:
    day = checks.not_future(ctx, on, "on")
    if day <= stay.from_on:
        raise StayEndsBeforeStart(path=("on",))
    why = checks.optional_line(reason, "reason", checks.REASON_MAX)
    return await _step(ctx, stay, action, expected_version, to_on=day, ended_at=ctx.now(), end_reason=why)


async def _dwelling_for(ctx: Context, dwelling_id: UUID, person_id: UUID) -> Dwelling:
    """The dwelling of a report by the person or an officer. Raises: NotFound, PermissionDenied, DwellingNotActive."""
    dwelling = await dwellings.lived_in(ctx, dwelling_id)
    if is_self(ctx, person_id) and ctx.can(OWN, dwelling.area_path):
        return dwelling
    if not ctx.can(WRITE, dwelling.area_path) and not ctx.can("migrants.dwelling.read", dwelling.area_path):
        raise NotFound(kind="migrants_dwelling")
    ctx.require(WRITE, dwelling.area_path)
    return dwelling
