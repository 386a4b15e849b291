"""Dwellings in which newcomers live, and who lets them."""

from __future__ import annotations

from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from linli.plugin import (
    Context,
    Facts,
    Organisation,
    Required,
    changeable,
    checks,
    place_for,
    rows,
)
from linli_migrants.access import active_person
from linli_migrants.errors import (
    DwellingInhabited,
    DwellingNotActive,
    DwellingTaken,
    EmployerUnusable,
    TwoLandlords,
)
from linli_migrants.states import DWELLING, DwellingState
from linli_migrants.tables import Dwelling
from linli_migrants.terms import DwellingKind

PERMISSION: Final = "migrants.dwelling"
GRID_MAX: Final = 60
_ON_FILE: Final = """
select count(*) from migrants_stay
where tenant_id = $1 and dwelling_id = $2 and state in ('reported', 'verified', 'active')"""
_AT: Final = """
select id from migrants_dwelling
where tenant_id = $1 and area_id is not distinct from $2 and address = $3 and state = 'active' order by id limit 1"""
_OPTIONAL: Final = frozenset({"grid", "building", "landlord_person_id", "landlord_organisation_id"})


class DwellingChanges(TypedDict, total=False):
    """What may be changed of a dwelling; what is left out stays."""

    address: str
    grid: str | None
    building: str | None
    kind: str
    landlord_person_id: UUID | None
    landlord_organisation_id: UUID | None


async def create(
    ctx: Context, *, area_id: UUID | None, dwelling_id: UUID | None = None, **given: Unpack[DwellingChanges]
) -> Dwelling:
    """Register a dwelling; its address is known once in its area.

    Raises: PermissionDenied, NotFound, AreaRetired, Required, TooLong, UnknownValue, TwoLandlords,
    PersonNotActive, EmployerUnusable, DwellingTaken.
    """
    place = await place_for(ctx, area_id, f"{PERMISSION}.write")
    values = await _checked(ctx, {"address": "", **given})
    _check_landlord(values.get("landlord_person_id"), values.get("landlord_organisation_id"))
    await _check_free(ctx, place.area_id, values["address"], "address")
    return await rows.insert(
        ctx, Dwelling, id=dwelling_id, area_id=place.area_id, area_path=place.area_path, **values
    )


async def update(
    ctx: Context,
    dwelling_id: UUID,
    *,
    expected_version: int | None = None,
    **changes: Unpack[DwellingChanges],
) -> Dwelling:
    """Change a dwelling. Raises: NotFound, StaleVersion, and what `create` does."""
    dwelling = await changeable(ctx, Dwelling, dwelling_id, PERMISSION)
    values = await _checked(ctx, changes)
    _check_landlord(
        values.get("landlord_person_id", dwelling.landlord_person_id),
        values.get("landlord_organisation_id", dwelling.landlord_organisation_id),
    )
    if values.get("address", dwelling.address) != dwelling.address:
        await _check_free(ctx, dwelling.area_id, values["address"], "address")
    return await rows.update(ctx, dwelling, expected_version=expected_version, **values)


async def retire(ctx: Context, dwelling_id: UUID, *, expected_version: int | None = None) -> Dwelling:
    """The dwelling is no longer used. Raises: DwellingInhabited, NotFound, UndefinedTransition, StaleVersion."""
    dwelling = await changeable(ctx, Dwelling, dwelling_id, PERMISSION)
    count: int = await ctx.db.fetchval(_ON_FILE, ctx.tenant_id, dwelling.id)
    if count:
        raise DwellingInhabited(count=count)
    state = DWELLING.apply(dwelling.state, "retire", Facts(actor_id=ctx.actor.id))
    return await rows.update(ctx, dwelling, action="retire", expected_version=expected_version, state=state)


async def reopen(ctx: Context, dwelling_id: UUID, *, expected_version: int | None = None) -> Dwelling:
    """The dwelling is used again. Raises: DwellingTaken, NotFound, UndefinedTransition, StaleVersion."""
    dwelling = await changeable(ctx, Dwelling, dwelling_id, PERMISSION)
    state = DWELLING.apply(dwelling.state, "reopen", Facts(actor_id=ctx.actor.id))
    await _check_free(ctx, dwelling.area_id, dwelling.address, "id")
    return await rows.update(ctx, dwelling, action="reopen", expected_version=expected_version, state=state)


async def at(ctx: Context, area_id: UUID | None, address: str | None, permission: str) -> Dwelling:
    """The dwelling in use at an address of an area, made when there is none; for those with the permission there.

    Raises: Required, TooLong, NotFound, PermissionDenied, AreaRetired.
    """
    if area_id is None:
        raise Required(path=("area_id",))
    place = await place_for(ctx, area_id, permission)
    where = checks.line(address or "", "address", checks.ADDRESS_MAX)
    known_id = await _known_at(ctx, place.area_id, where)
    if known_id is not None:
        return await lived_in(ctx, known_id)
    return await rows.insert(ctx, Dwelling, area_id=place.area_id, area_path=place.area_path, address=where)


async def lived_in(ctx: Context, dwelling_id: UUID) -> Dwelling:
    """A dwelling in use, which stays so until the transaction ends. Raises: NotFound, DwellingNotActive.

    No right is asked for: whoever calls this does.
    """
    dwelling = await rows.get(ctx, Dwelling, dwelling_id, lock=True)
    if dwelling.state != DwellingState.ACTIVE:
        raise DwellingNotActive(path=("dwelling_id",))
    return dwelling


async def _checked(ctx: Context, given: DwellingChanges) -> dict[str, Any]:
    values: dict[str, Any] = dict(given)
    for name in values:
        if values[name] is None and name not in _OPTIONAL:
            raise Required(path=(name,))
    if "address" in given:
        values["address"] = checks.line(given["address"], "address", checks.ADDRESS_MAX)
    if "grid" in given:
        values["grid"] = checks.optional_line(given["grid"], "grid", GRID_MAX)
    if "building" in given:
        values["building"] = checks.optional_line(given["building"], "building", GRID_MAX)
    if "kind" in given:
        values["kind"] = checks.one_of(given["kind"], tuple(DwellingKind), "kind")
    if (landlord_id := given.get("landlord_person_id")) is not None:
        await active_person(ctx, landlord_id, f"{PERMISSION}.write", path="landlord_person_id")
    if given.get("landlord_organisation_id") is not None:
        await usable_unit(ctx, given["landlord_organisation_id"], "landlord_organisation_id")
    return values


async def usable_unit(ctx: Context, organisation_id: UUID | None, path: str) -> None:
    """Go on with a unit that exists, or with none. Raises: EmployerUnusable."""
    if organisation_id is None:
        return
    organisation = await rows.find(ctx, Organisation, organisation_id)
    if organisation is None or organisation.state != "active":
        raise EmployerUnusable(path=(path,))


async def _check_free(ctx: Context, area_id: UUID | None, address: str, path: str) -> None:
    if await _known_at(ctx, area_id, address) is not None:
        raise DwellingTaken(path=(path,))


async def _known_at(ctx: Context, area_id: UUID | None, address: str) -> UUID | None:
    """The dwelling in use at an address; until the transaction ends nobody else enters one."""
    await ctx.db.take_turns("migrants.dwelling")
    found: UUID | None = await ctx.db.fetchval(_AT, ctx.tenant_id, area_id, address)
    return found


def _check_landlord(person_id: UUID | None, organisation_id: UUID | None) -> None:
    if person_id is not None and organisation_id is not None:
        raise TwoLandlords(path=("landlord_organisation_id",))
