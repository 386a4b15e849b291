"""Tenancy contracts (租房合同): who rents which dwelling, and until when."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, Facts, NotFound, checks, place_for, rows, visible
from linli_migrants import dwellings
from linli_migrants.access import active_person
from linli_migrants.errors import ContractOverlaps, ContractTooLong, StayEndsBeforeStart
from linli_migrants.states import CONTRACT
from linli_migrants.tables import Contract

WRITE: Final = "migrants.dwelling.write"
READ: Final = "migrants.dwelling.read"
NUMBER_MAX: Final = 60
YEARS_MAX: Final = 20
_OTHERS: Final = """
select id from migrants_contract
where tenant_id = $1 and person_id = $2 and dwelling_id = $3 and state = 'active'
    and starts_on < $5 and ends_on > $4 limit 1"""


async def file(
    ctx: Context,
    *,
    dwelling_id: UUID,
    person_id: UUID,
    signed_on: date,
    starts_on: date,
    ends_on: date,
    number: str | None = None,
) -> Contract:
    """Put a contract on file (备案); `ends_on` is the first day that it does not cover.

    Raises: NotFound, PermissionDenied, PersonNotActive, DwellingNotActive, StayEndsBeforeStart, FutureDate,
    ContractTooLong, ContractOverlaps, TooLong.
    """
    dwelling = await dwellings.lived_in(ctx, dwelling_id)
    if not ctx.can(WRITE, dwelling.area_path) and not ctx.can(READ, dwelling.area_path):
        raise NotFound(kind="migrants_dwelling")
    place = await place_for(ctx, dwelling.area_id, WRITE)
    person = await active_person(ctx, person_id, WRITE)
    _check_term(starts_on, ends_on)
    if await ctx.db.fetchval(_OTHERS, ctx.tenant_id, person.id, dwelling.id, starts_on, ends_on) is not None:
        raise ContractOverlaps(path=("starts_on",))
    return await rows.insert(
        ctx,
        Contract,
        action="file",
        area_id=place.area_id,
        area_path=place.area_path,
        dwelling_id=dwelling.id,
        person_id=person.id,
        number=checks.optional_line(number, "number", NUMBER_MAX),
        signed_on=checks.not_future(ctx, signed_on, "signed_on"),
        starts_on=starts_on,
        ends_on=ends_on,
    )


async def end(
    ctx: Context, contract_id: UUID, *, reason: str, expected_version: int | None = None
) -> Contract:
    """The contract no longer holds.

    Raises: NotFound, PermissionDenied, Required, TooLong, UndefinedTransition, StaleVersion.
    """
    contract = await visible(ctx, Contract, contract_id, READ)
    ctx.require(WRITE, contract.area_path)
    why = checks.line(reason, "reason", checks.REASON_MAX)
    state = CONTRACT.apply(contract.state, "end", Facts(actor_id=ctx.actor.id))
    return await rows.update(
        ctx, contract, action="end", expected_version=expected_version, state=state, end_reason=why
    )


def _check_term(starts_on: date, ends_on: date) -> None:
    if ends_on <= starts_on:
        raise StayEndsBeforeStart(path=("ends_on",))
    longest = (starts_on.year + YEARS_MAX, starts_on.month, starts_on.day)
    if (ends_on.year, ends_on.month, ends_on.day) > longest:
        raise ContractTooLong(path=("ends_on",), limit=YEARS_MAX)
