"""Who may act for a volunteer: the volunteer, and those with the permission at the place."""

from __future__ import annotations

from typing import Final, TypeVar
from uuid import UUID

from linli.plugin import AreaTable, Context, Place, own_or, own_or_visible, place_for, rows
from linli_volunteers.tables import Certificate, Enrolment, Hours, Volunteer

TAKE_PART: Final = "volunteers.own.take_part"
Personal = TypeVar("Personal", Volunteer, Enrolment, Hours, Certificate)


def require(ctx: Context, permission: str, area_path: str, *, person_id: UUID) -> None:
    """Go on with the permission at the area, or for oneself with the right to take part.

    Raises: PermissionDenied.
    """
    needed = own_or(ctx, TAKE_PART, permission, person_id=person_id, area_path=area_path)
    ctx.require(needed, area_path)


async def place_beside(ctx: Context, row: AreaTable, permission: str, *, person_id: UUID) -> Place:
    """The place of a new row that lies where `row` does; the tree is held, so that its path stays right.

    Raises: PermissionDenied, AreaRetired.
    """
    needed = own_or(ctx, TAKE_PART, permission, person_id=person_id, area_path=row.area_path)
    return await place_for(ctx, row.area_id, needed)


async def visible_or_own(
    ctx: Context, table: type[Personal], row_id: UUID, permission: str, *, lock: bool = True
) -> Personal:
    """A person's row, held against other writers. Raises: NotFound, also for what the actor may not read."""
    return own_or_visible(ctx, await rows.get(ctx, table, row_id, lock=lock), permission)
