"""Who may act for a volunteer: the volunteer, and those with the permission at the place."""

from __future__ import annotations

from typing import Final, TypeVar
from uuid import UUID

from linli.plugin import AreaTable, Context, NotFound, Place, place_for, rows
from linli_volunteers.tables import Certificate, Enrolment, Hours, Volunteer

TAKE_PART: Final = "volunteers.own.take_part"
Personal = TypeVar("Personal", Volunteer, Enrolment, Hours, Certificate)


def is_own(ctx: Context, person_id: UUID) -> bool:
    """Whether the person is the actor."""
    return ctx.actor.person_id is not None and ctx.actor.person_id == person_id


def require(ctx: Context, permission: str, area_path: str, *, person_id: UUID) -> None:
    """Go on with the permission at the area, or for oneself with the right to take part.

    Raises: PermissionDenied.
    """
    ctx.require(_needed(ctx, permission, area_path, person_id), area_path)


async def place_beside(ctx: Context, row: AreaTable, permission: str, *, person_id: UUID) -> Place:
    """The place of a new row that lies where `row` does; the tree is held, so that its path stays right.

    Raises: PermissionDenied, AreaRetired.
    """
    return await place_for(ctx, row.area_id, _needed(ctx, permission, row.area_path, person_id))


async def visible_or_own(
    ctx: Context, table: type[Personal], row_id: UUID, permission: str, *, lock: bool = True
) -> Personal:
    """A person's row, held against other writers. Raises: NotFound, also for what the actor may not read."""
    row = await rows.get(ctx, table, row_id, lock=lock)
    if not is_own(ctx, row.person_id) and not ctx.can(permission, row.area_path):
        raise NotFound(kind=table._meta.tablename)
    return row


def _needed(ctx: Context, permission: str, area_path: str, person_id: UUID) -> str:
    return TAKE_PART if is_own(ctx, person_id) and ctx.can(TAKE_PART, area_path) else permission
