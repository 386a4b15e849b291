"""The register of organisations (单位): enter, change, move, close and reopen."""

from __future__ import annotations

from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.db.failures import Duplicate
from linli.events import publish
from linli.i18n import sort_key
from linli.identity import checks
from linli.identity.errors import UsccTaken
from linli.identity.events import OrganisationMoved, OrganisationRegistered
from linli.identity.numbers import InvalidUscc, check_uscc
from linli.identity.places import changeable, place_for
from linli.identity.tables import Organisation
from linli.workflow import Facts, StateMachine, Transition

PERMISSION: Final = "identity.organisation"
KINDS: Final = ("social_organisation", "enterprise", "government", "committee", "other")
ORGANISATION_STATES: Final = StateMachine(
    "identity.organisation",
    "active",
    transitions=[Transition("close", "active", "closed"), Transition("reopen", "closed", "active")],
)


class OrganisationChanges(TypedDict, total=False):
    """What may be changed of an organisation; what is left out stays."""

    area_id: UUID | None
    name: str
    kind: str
    uscc: str | None
    address: str
    contact_phone: str | None


async def register(
    ctx: Context,
    *,
    area_id: UUID | None,
    name: str,
    kind: str,
    uscc: str | None = None,
    address: str = "",
    contact_phone: str | None = None,
    synthetic: bool = False,
    organisation_id: UUID | None = None,
) -> Organisation:
    """Enter an organisation.

    Raises: PermissionDenied, NotFound, AreaRetired, Required, TooLong, UnknownValue, InvalidUscc, UsccTaken,
    InvalidPhone.
    """
    place = await place_for(ctx, area_id, f"{PERMISSION}.write")
    given = OrganisationChanges(name=name, kind=kind, uscc=uscc, address=address, contact_phone=contact_phone)
    values = _checked(given)
    try:
        organisation = await rows.insert(
            ctx,
            Organisation,
            id=organisation_id,
            area_id=place.area_id,
            area_path=place.area_path,
            synthetic=synthetic,
            **values,
        )
    except Duplicate as error:
        raise _explained(error) from error
    await publish(ctx, OrganisationRegistered(organisation_id=organisation.id, area_id=place.area_id))
    return organisation


async def update(
    ctx: Context,
    organisation_id: UUID,
    *,
    expected_version: int | None = None,
    **changes: Unpack[OrganisationChanges],
) -> Organisation:
    """Change an organisation; a new `area_id` moves it, which takes the right to write at both places.

    Raises: NotFound, PermissionDenied, StaleVersion, and what `register` does.
    """
    organisation = await changeable(ctx, Organisation, organisation_id, PERMISSION)
    values = _checked(changes)
    old_area_id = organisation.area_id
    moved = "area_id" in changes and changes["area_id"] != old_area_id
    if moved:
        place = await place_for(ctx, changes["area_id"], f"{PERMISSION}.write")
        values |= {"area_id": place.area_id, "area_path": place.area_path}
    try:
        organisation = await rows.update(ctx, organisation, expected_version=expected_version, **values)
    except Duplicate as error:
        raise _explained(error) from error
    if moved:
        to_area_id = organisation.area_id
        event = OrganisationMoved(
            organisation_id=organisation.id, from_area_id=old_area_id, to_area_id=to_area_id
        )
        await publish(ctx, event)
    return organisation


async def close(ctx: Context, organisation_id: UUID, *, expected_version: int | None = None) -> Organisation:
    """The organisation no longer exists.

    Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion.
    """
    return await _turn(ctx, organisation_id, "close", expected_version)


async def reopen(ctx: Context, organisation_id: UUID, *, expected_version: int | None = None) -> Organisation:
    """The organisation was closed by mistake, or is back. Raises: as `close`."""
    return await _turn(ctx, organisation_id, "reopen", expected_version)


async def _turn(
    ctx: Context, organisation_id: UUID, action: str, expected_version: int | None
) -> Organisation:
    organisation = await changeable(ctx, Organisation, organisation_id, PERMISSION)
    state = ORGANISATION_STATES.apply(organisation.state, action, Facts(actor_id=ctx.actor.id))
    return await rows.update(ctx, organisation, action=action, expected_version=expected_version, state=state)


def _explained(error: Duplicate) -> Duplicate | UsccTaken:
    is_uscc = "uscc" in str(error.details.get("constraint", ""))
    return UsccTaken(path=("uscc",)) if is_uscc else error


def _checked(given: OrganisationChanges) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "name" in given:
        name = checks.line(given["name"], "name", checks.NAME_MAX)
        values |= {"name": name, "name_pinyin": sort_key(name)}
    if "kind" in given:
        values["kind"] = checks.one_of(given["kind"], KINDS, "kind")
    if "uscc" in given:
        values["uscc"] = _uscc(given["uscc"])
    if "address" in given:
        values["address"] = checks.optional_line(given["address"], "address", checks.ADDRESS_MAX)
    if "contact_phone" in given:
        values["contact_phone"] = checks.phone(given["contact_phone"], "contact_phone")
    return values


def _uscc(typed: str | None) -> str | None:
    if typed is None or not typed[:100].strip():
        return None
    try:
        return check_uscc(typed)
    except InvalidUscc as error:
        raise InvalidUscc(path=("uscc",), **error.details) from error
