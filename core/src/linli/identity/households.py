"""Households: found, change, add and remove members, name the head, dissolve."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from linli.areas.locking import hold_tree
from linli.context import Context
from linli.db import rows
from linli.identity import checks
from linli.identity.errors import (
    EndsBeforeItBegins,
    HouseholdDissolved,
    MembershipOverlaps,
    NotAMember,
    PersonNotActive,
)
from linli.identity.memberships import overlaps
from linli.identity.places import changeable, place_for, visible
from linli.identity.tables import Household, HouseholdMember, Person
from linli.workflow import Facts, StateMachine, Transition

PERMISSION: Final = "identity.household"
MEMBERS_MAX: Final = 200
RELATIONS: Final = (
    "head", "spouse", "child", "parent", "grandchild", "grandparent", "sibling", "other_relative",
    "unrelated",
)  # fmt: skip
HOUSEHOLD_STATES: Final = StateMachine(
    "identity.household",
    "active",
    transitions=[Transition("dissolve", "active", "dissolved")],
    final=("dissolved",),
)

_PRESENT = """
select * from identity_household_member
where tenant_id = $1 and household_id = $2 and valid_to is null limit $3 for update"""


class HouseholdChanges(TypedDict, total=False):
    """What may be changed of a household; what is left out stays."""

    area_id: UUID | None
    name: str
    number: str | None
    address: str


async def create(
    ctx: Context,
    *,
    area_id: UUID | None,
    name: str,
    number: str | None = None,
    address: str = "",
    synthetic: bool = False,
    household_id: UUID | None = None,
) -> Household:
    """Enter a household, without members.

    Raises: PermissionDenied, NotFound, AreaRetired, Required, TooLong, Duplicate for a number in use.
    """
    place = await place_for(ctx, area_id, f"{PERMISSION}.write")
    values = _checked(HouseholdChanges(name=name, number=number, address=address))
    return await rows.insert(
        ctx,
        Household,
        id=household_id,
        area_id=place.area_id,
        area_path=place.area_path,
        synthetic=synthetic,
        **values,
    )


async def update(
    ctx: Context,
    household_id: UUID,
    *,
    expected_version: int | None = None,
    **changes: Unpack[HouseholdChanges],
) -> Household:
    """Change a household; a new `area_id` moves it, which takes the right to write at both places.

    Raises: NotFound, PermissionDenied, HouseholdDissolved, StaleVersion, and what `create` does.
    """
    household = await _active(ctx, household_id)
    values = _checked(changes)
    if "area_id" in changes and changes["area_id"] != household.area_id:
        place = await place_for(ctx, changes["area_id"], f"{PERMISSION}.write")
        values |= {"area_id": place.area_id, "area_path": place.area_path}
        await ctx.db.execute(
            "update identity_household_member set area_id = $3, area_path = $4, version = version + 1,"
            " updated_at = now() where tenant_id = $1 and household_id = $2",
            ctx.tenant_id,
            household.id,
            place.area_id,
            place.area_path,
        )
    return await rows.update(ctx, household, expected_version=expected_version, **values)


async def add_member(
    ctx: Context,
    household_id: UUID,
    *,
    person_id: UUID,
    relation: str,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> HouseholdMember:
    """A person belongs to the household from a day (today by default) up to, and without, `valid_to`.

    Raises: NotFound, PermissionDenied, HouseholdDissolved, UnknownValue, FutureDate, EndsBeforeItBegins,
    PersonNotActive for a present membership, MembershipOverlaps.
    """
    await hold_tree(ctx)
    household = await _active(ctx, household_id)
    checks.one_of(relation, RELATIONS, "relation")
    start = checks.not_future(ctx, valid_from or ctx.today(), "valid_from")
    if valid_to is not None and checks.not_future(ctx, valid_to, "valid_to") < start:
        raise EndsBeforeItBegins(path=("valid_to",))
    person = await visible(ctx, Person, person_id, "identity.person.read")
    if person.state == "merged" or (valid_to is None and person.state != "active"):
        raise PersonNotActive(path=("person_id",), state=person.state)
    if await overlaps(ctx, household.id, person.id, start, valid_to):
        raise MembershipOverlaps(path=("valid_from",))
    return await rows.insert(
        ctx,
        HouseholdMember,
        area_id=household.area_id,
        area_path=household.area_path,
        household_id=household.id,
        person_id=person.id,
        relation=relation,
        valid_from=start,
        valid_to=valid_to,
    )


async def remove_member(
    ctx: Context, household_id: UUID, *, person_id: UUID, on: date | None = None
) -> HouseholdMember:
    """The person no longer belongs to the household from that day (today by default).

    Raises: NotFound, PermissionDenied, HouseholdDissolved, NotAMember, FutureDate, EndsBeforeItBegins.
    """
    household = await _active(ctx, household_id)
    day = checks.not_future(ctx, on or ctx.today(), "on")
    member = await _present_member(ctx, household, person_id)
    if day < member.valid_from:
        raise EndsBeforeItBegins(path=("on",))
    if household.head_person_id == person_id:
        await rows.update(ctx, household, action="change_head", head_person_id=None)
    return await rows.update(ctx, member, action="leave", valid_to=day)


async def set_head(
    ctx: Context, household_id: UUID, *, person_id: UUID, expected_version: int | None = None
) -> Household:
    """Name a present member as the head.

    Raises: NotFound, PermissionDenied, HouseholdDissolved, NotAMember, StaleVersion.
    """
    household = await _active(ctx, household_id)
    await _present_member(ctx, household, person_id)
    return await rows.update(
        ctx, household, action="change_head", expected_version=expected_version, head_person_id=person_id
    )


async def dissolve(
    ctx: Context, household_id: UUID, *, on: date | None = None, expected_version: int | None = None
) -> Household:
    """The household ends on that day (today by default), and all present memberships with it.

    Raises: NotFound, PermissionDenied, UndefinedTransition, FutureDate, StaleVersion.
    """
    household = await changeable(ctx, Household, household_id, PERMISSION)
    day = checks.not_future(ctx, on or ctx.today(), "on")
    state = HOUSEHOLD_STATES.apply(household.state, "dissolve", Facts(actor_id=ctx.actor.id))
    for row in await ctx.db.fetch(_PRESENT, ctx.tenant_id, household.id, MEMBERS_MAX):
        member = rows.from_record(HouseholdMember, row)
        await rows.update(ctx, member, action="leave", valid_to=max(day, member.valid_from))
    return await rows.update(
        ctx, household, action="dissolve", expected_version=expected_version, state=state, head_person_id=None
    )


async def _active(ctx: Context, household_id: UUID) -> Household:
    household = await changeable(ctx, Household, household_id, PERMISSION)
    if household.state != "active":
        raise HouseholdDissolved()
    return household


async def _present_member(ctx: Context, household: Household, person_id: UUID) -> HouseholdMember:
    row = await ctx.db.fetchrow(
        "select * from identity_household_member where tenant_id = $1 and household_id = $2"
        " and person_id = $3 and valid_to is null for update",
        ctx.tenant_id,
        household.id,
        person_id,
    )
    if row is None:
        raise NotAMember(path=("person_id",))
    return rows.from_record(HouseholdMember, row)


def _checked(given: HouseholdChanges) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "name" in given:
        values["name"] = checks.line(given["name"], "name", 100)
    if "number" in given:
        values["number"] = checks.optional_line(given["number"], "number", 50) or None
    if "address" in given:
        values["address"] = checks.optional_line(given["address"], "address", checks.ADDRESS_MAX)
    return values
