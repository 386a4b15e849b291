"""The register of people: enter, change, move, mark as left or deceased, merge two entries of one person."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from linli.areas import counters
from linli.context import Context
from linli.db import rows
from linli.db.tables import TenantTable
from linli.events import publish
from linli.i18n import sort_key
from linli.identity import checks
from linli.identity.errors import EndsBeforeItBegins, PersonNotActive, SamePerson
from linli.identity.events import PersonEnded, PersonMerged, PersonMoved, PersonRegistered
from linli.identity.memberships import end_memberships, hand_over_memberships
from linli.identity.places import changeable, place_for
from linli.identity.tables import Account, Person, PersonMerge
from linli.workflow import Facts, StateMachine, Transition

PERMISSION: Final = "identity.person"
ACCOUNTS_MAX: Final = 100
CARRIED_MAX: Final = 10_000
MERGES_MAX: Final = 20
GENDERS: Final = ("female", "male", "other", "unknown")
PERSON_STATES: Final = StateMachine(
    "identity.person",
    "active",
    transitions=[
        Transition("leave", "active", "left"),
        Transition("return", "left", "active"),
        Transition("die", "active", "deceased"),
        Transition("die", "left", "deceased"),
        Transition("merge", "active", "merged"),
        Transition("merge", "left", "merged"),
    ],
    final=("deceased", "merged"),
)


class PersonChanges(TypedDict, total=False):
    """What may be changed of a person; what is left out stays."""

    area_id: UUID | None
    full_name: str
    gender: str
    birth_date: date | None
    phone: str | None
    id_number: str | None


async def register(
    ctx: Context,
    *,
    area_id: UUID | None,
    full_name: str,
    gender: str = "unknown",
    birth_date: date | None = None,
    phone: str | None = None,
    id_number: str | None = None,
    synthetic: bool = False,
    person_id: UUID | None = None,
) -> Person:
    """Enter a person. `person_id` is for imports that bring their own id.

    Raises: PermissionDenied, NotFound, AreaRetired, Required, TooLong, FutureDate, InvalidPhone,
    UnknownValue, ImplausibleBirthDate, UnprintableText, InvalidResidentId.
    """
    place = await place_for(ctx, area_id, f"{PERMISSION}.write")
    given = PersonChanges(full_name=full_name, gender=gender, birth_date=birth_date, phone=phone)
    if id_number is not None:
        given["id_number"] = id_number
    values = checked_values(ctx, given)
    person = await rows.insert(
        ctx,
        Person,
        id=person_id,
        area_id=place.area_id,
        area_path=place.area_path,
        synthetic=synthetic,
        **values,
    )
    await _count(ctx, place.area_id, 1)
    await publish(ctx, PersonRegistered(person_id=person.id, area_id=place.area_id))
    return person


async def update(
    ctx: Context,
    person_id: UUID,
    *,
    expected_version: int | None = None,
    **changes: Unpack[PersonChanges],
) -> Person:
    """Change a person's entry; a new `area_id` moves it, which takes the right to write at both places.

    Raises: NotFound, PermissionDenied, PersonNotActive for a merged entry, StaleVersion, and what
    `register` does.
    """
    person = await changeable(ctx, Person, person_id, PERMISSION)
    if person.state == "merged":
        raise PersonNotActive(state=person.state)
    values = checked_values(ctx, changes)
    old_area_id = person.area_id
    moved = "area_id" in changes and changes["area_id"] != old_area_id
    if moved:
        place = await place_for(ctx, changes["area_id"], f"{PERMISSION}.write")
        values |= {"area_id": place.area_id, "area_path": place.area_path}
    person = await rows.update(ctx, person, expected_version=expected_version, **values)
    if moved:
        if person.state == "active":
            await _count(ctx, old_area_id, -1)
            await _count(ctx, person.area_id, 1)
        await publish(
            ctx, PersonMoved(person_id=person.id, from_area_id=old_area_id, to_area_id=person.area_id)
        )
    return person


async def mark_left(
    ctx: Context, person_id: UUID, *, on: date | None = None, expected_version: int | None = None
) -> Person:
    """The person moved away on that day (today by default); memberships of households end with it.

    Raises: NotFound, PermissionDenied, FutureDate, UndefinedTransition, StaleVersion.
    """
    return await _end(ctx, person_id, "leave", on, expected_version)


async def mark_deceased(
    ctx: Context, person_id: UUID, *, on: date | None = None, expected_version: int | None = None
) -> Person:
    """The person died on that day (today by default). Raises: as `mark_left`."""
    return await _end(ctx, person_id, "die", on, expected_version)


async def mark_returned(ctx: Context, person_id: UUID, *, expected_version: int | None = None) -> Person:
    """A person who left is back. Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion."""
    person = await changeable(ctx, Person, person_id, PERMISSION)
    state = PERSON_STATES.apply(person.state, "return", Facts(actor_id=ctx.actor.id))
    person = await rows.update(
        ctx, person, action="return", expected_version=expected_version, state=state, ended_on=None
    )
    await _count(ctx, person.area_id, 1)
    return person


async def merge(ctx: Context, *, kept_id: UUID, duplicate_id: UUID, reason: str) -> Person:
    """Two entries are one person: the duplicate ends, its memberships and accounts go to the kept entry.

    Both entries stay as they were; the correction record says who merged them and why. Gives the kept entry.
    Raises: SamePerson, NotFound, PermissionDenied, PersonNotActive, UndefinedTransition, Required, TooLong.
    """
    if kept_id == duplicate_id:
        raise SamePerson(path=("duplicate_id",))
    why = checks.line(reason, "reason", checks.REASON_MAX)
    people = {row_id: await _for_merge(ctx, row_id) for row_id in sorted((kept_id, duplicate_id))}
    kept, duplicate = people[kept_id], people[duplicate_id]
    if kept.state != "active":
        raise PersonNotActive(path=("kept_id",), state=kept.state)
    state = PERSON_STATES.apply(duplicate.state, "merge", Facts(actor_id=ctx.actor.id))
    was_active = duplicate.state == "active"
    await rows.insert(
        ctx,
        PersonMerge,
        kept_person_id=kept.id,
        merged_person_id=duplicate.id,
        reason=why,
        merged_by=ctx.actor.id,
    )
    await rows.update(ctx, duplicate, action="merge", state=state, merged_into_id=kept.id, ended_on=None)
    await hand_over_memberships(ctx, from_person_id=duplicate.id, to_person_id=kept.id)
    await _hand_over_accounts(ctx, duplicate.id, kept.id)
    if was_active:
        await _count(ctx, duplicate.area_id, -1)
    await publish(ctx, PersonMerged(person_id=kept.id, merged_person_id=duplicate.id))
    return kept


async def present_entry(ctx: Context, person_id: UUID) -> Person:
    """The entry that stands for a person now: this one, or the one that it was merged into, however often.

    For handlers of `identity.person_merged`, which may be told of two merges in any order. Raises: NotFound.
    """
    person = await rows.get(ctx, Person, person_id)
    for _ in range(MERGES_MAX):
        if not person.merged_into_id:
            break
        person = await rows.get(ctx, Person, person.merged_into_id)
    return person


async def carry_over(
    ctx: Context, table: type[TenantTable], column: str, merged_person_id: UUID, kept_person_id: UUID
) -> None:
    """The rows whose `column` names a merged entry name the kept one; up to 10,000. Done again, it finds none.

    For handlers of `identity.person_merged`.
    """
    whose: dict[str, UUID] = {column: merged_person_id}
    for row in await rows.find_all(ctx, table, limit=CARRIED_MAX, **whose):
        change: dict[str, Any] = {column: kept_person_id}
        await rows.update(ctx, row, action="merge", **change)


def checked_values(ctx: Context, given: PersonChanges) -> dict[str, Any]:
    """The columns of what is given, in normal form. Raises: what `register` does for its values."""
    values: dict[str, Any] = {}
    if "full_name" in given:
        name = checks.line(given["full_name"], "full_name", checks.PERSON_NAME_MAX)
        values |= {"full_name": name, "name_pinyin": sort_key(name, person=True)}
    if "gender" in given:
        values["gender"] = checks.one_of(given["gender"], GENDERS, "gender")
    if "birth_date" in given:
        values["birth_date"] = checks.birth_date(ctx, given["birth_date"], "birth_date")
    if "phone" in given:
        values["phone"] = checks.phone(given["phone"], "phone")
    if "id_number" in given:
        values["id_number"] = checks.id_number(ctx, given["id_number"], "id_number")
    return values


async def _for_merge(ctx: Context, person_id: UUID) -> Person:
    person = await changeable(ctx, Person, person_id, PERMISSION)
    ctx.require("identity.person.merge", person.area_path)
    return person


async def _hand_over_accounts(ctx: Context, from_person_id: UUID, to_person_id: UUID) -> None:
    for account in await rows.find_all(ctx, Account, limit=ACCOUNTS_MAX, person_id=from_person_id):
        await rows.update(ctx, account, action="merge", person_id=to_person_id)


async def _end(
    ctx: Context, person_id: UUID, action: str, on: date | None, expected_version: int | None
) -> Person:
    person = await changeable(ctx, Person, person_id, PERMISSION)
    day = checks.not_future(ctx, on or ctx.today(), "on")
    if person.birth_date is not None and day < person.birth_date:
        raise EndsBeforeItBegins(path=("on",))
    state = PERSON_STATES.apply(person.state, action, Facts(actor_id=ctx.actor.id))
    was_active = person.state == "active"
    person = await rows.update(
        ctx, person, action=action, expected_version=expected_version, state=state, ended_on=day
    )
    await end_memberships(ctx, person.id, on=day)
    if was_active:
        await _count(ctx, person.area_id, -1)
    await publish(ctx, PersonEnded(person_id=person.id, state=state))
    return person


async def _count(ctx: Context, area_id: UUID | None, delta: int) -> None:
    if area_id is not None:
        await counters.count(ctx, area_id, kind="people", delta=delta)
