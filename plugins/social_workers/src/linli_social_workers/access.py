"""Who may act for a social worker: the person, and those with the permission where the person is entered."""

from __future__ import annotations

from typing import Final, TypeVar
from uuid import UUID

from linli.plugin import AreaTable, Context, Facts, NotFound, Person, Required, in_place, rows
from linli_social_workers.errors import PersonNotActive
from linli_social_workers.tables import Certificate, Credit, Licence, Post, Registration, Renewal

TAKE_PART: Final = "social_workers.own.take_part"
Personal = TypeVar("Personal", Certificate, Credit, Licence, Post, Registration, Renewal)


def is_own(ctx: Context, person_id: UUID) -> bool:
    """Whether the person is the actor."""
    return ctx.actor.person_id is not None and ctx.actor.person_id == person_id


async def person_meant(ctx: Context, person_id: UUID | None, permission: str) -> Person:
    """An active person, the actor by default, held against other writers, for whom the actor may act.

    Raises: Required, NotFound, PermissionDenied, PersonNotActive.
    """
    who = person_id or ctx.actor.person_id
    if who is None:
        raise Required(path=("person_id",))
    found = await rows.find(ctx, Person, who)
    if found is None or not (is_own(ctx, who) or _knows(ctx, found, permission)):
        raise NotFound(path=("person_id",), kind="identity_person")
    require_for(ctx, found, permission, who)
    person = await in_place(ctx, Person, who, lock=True)
    if person.state != "active":
        raise PersonNotActive(path=("person_id",))
    return person


def require_for(ctx: Context, row: AreaTable, permission: str, person_id: UUID) -> None:
    """Go on with the permission at the row's area, or as the person with the right to take part.

    Raises: PermissionDenied.
    """
    own = is_own(ctx, person_id) and ctx.can(TAKE_PART, row.area_path)
    ctx.require(TAKE_PART if own else permission, row.area_path)


async def visible_or_own(ctx: Context, table: type[Personal], row_id: UUID, permission: str) -> Personal:
    """A person's row, held against other writers. Raises: NotFound, also for what the actor may not read."""
    row = await in_place(ctx, table, row_id, lock=True)
    if not is_own(ctx, row.person_id) and not ctx.can(permission, row.area_path):
        raise NotFound(kind=table._meta.tablename)
    return row


def facts_of(ctx: Context, row: object, person_id: UUID | None) -> Facts:
    """What the guards look at: who acts, whose case it is, and the row."""
    return Facts(
        actor_id=ctx.actor.id, subject=row, values={"person_id": ctx.actor.person_id, "of": person_id}
    )


def _knows(ctx: Context, row: AreaTable, permission: str) -> bool:
    return ctx.can(permission, row.area_path) or ctx.can("identity.person.read", row.area_path)
