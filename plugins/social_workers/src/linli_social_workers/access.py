"""Who may act for a social worker: the person, and those with the permission where the person is entered."""

from __future__ import annotations

from typing import Final, TypeVar
from uuid import UUID

from linli.plugin import (
    AreaTable,
    Context,
    Facts,
    NotFound,
    Person,
    Required,
    decision_facts,
    in_place,
    is_self,
    own_or,
    own_or_visible,
    rows,
)
from linli_social_workers.errors import PersonNotActive
from linli_social_workers.tables import Certificate, Credit, Licence, Post, Registration, Renewal

TAKE_PART: Final = "social_workers.own.take_part"
Personal = TypeVar("Personal", Certificate, Credit, Licence, Post, Registration, Renewal)


async def person_meant(ctx: Context, person_id: UUID | None, permission: str) -> Person:
    """An active person, the actor by default, held against other writers, for whom the actor may act.

    Raises: Required, NotFound, PermissionDenied, PersonNotActive.
    """
    who = person_id or ctx.actor.person_id
    if who is None:
        raise Required(path=("person_id",))
    found = await rows.find(ctx, Person, who)
    if found is None or not (is_self(ctx, who) or _knows(ctx, found, permission)):
        raise NotFound(path=("person_id",), kind="identity_person")
    require_for(ctx, found, permission, who)
    person = await in_place(ctx, Person, who, lock=True)
    if person.state != "active":
        raise PersonNotActive(path=("person_id",))
    return person


async def visible_person(ctx: Context, person_id: UUID, permission: str) -> Person:
    """A person, oneself or by the permission where the entry lies. Raises: NotFound."""
    person = await rows.find(ctx, Person, person_id)
    if person is None or not (is_self(ctx, person_id) or ctx.can(permission, person.area_path)):
        raise NotFound(path=("person_id",), kind="identity_person")
    return await in_place(ctx, Person, person_id)


def require_for(ctx: Context, row: AreaTable, permission: str, person_id: UUID) -> None:
    """Go on with the permission at the row's area, or as the person with the right to take part.

    Raises: PermissionDenied.
    """
    needed = own_or(ctx, TAKE_PART, permission, person_id=person_id, area_path=row.area_path)
    ctx.require(needed, row.area_path)


async def visible_or_own(ctx: Context, table: type[Personal], row_id: UUID, permission: str) -> Personal:
    """A person's row, held against other writers. Raises: NotFound, also for what the actor may not read."""
    return own_or_visible(ctx, await in_place(ctx, table, row_id, lock=True), permission)


async def facts_of(ctx: Context, row: object, person_id: UUID | None) -> Facts:
    """What the guards look at: who acts, whose case it is, and the row."""
    return await decision_facts(ctx, row, of=person_id)


def _knows(ctx: Context, row: AreaTable, permission: str) -> bool:
    return ctx.can(permission, row.area_path) or ctx.can("identity.person.read", row.area_path)
