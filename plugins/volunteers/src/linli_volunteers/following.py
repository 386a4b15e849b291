"""How volunteers follow the register of people: where somebody lives, and that somebody left or died.

Each function looks at the person's entry as it is now, not as an event saw it: events may come late, twice, or
in another order.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, Person, in_place, rows
from linli_volunteers import volunteers
from linli_volunteers.states import VolunteerState
from linli_volunteers.tables import Volunteer

ENDED: Final = ("left", "deceased")


async def follow_move(ctx: Context, person_id: UUID) -> None:
    """Put the person's entry as a volunteer where the person lies. Raises: NotFound."""
    person = await in_place(ctx, Person, person_id)
    volunteer = await _volunteer(ctx, person.id)
    if volunteer is not None and volunteer.area_id != person.area_id:
        await rows.update(ctx, volunteer, action="move", area_id=person.area_id, area_path=person.area_path)


async def follow_end(ctx: Context, person_id: UUID) -> None:
    """Withdraw a volunteer who left or died, also from activities that still recruit. Raises: NotFound."""
    person = await rows.get(ctx, Person, person_id)
    volunteer = await _volunteer(ctx, person.id)
    if volunteer is not None and volunteer.state == VolunteerState.ACTIVE and person.state in ENDED:
        await volunteers.withdraw(ctx, volunteer.id)


async def _volunteer(ctx: Context, person_id: UUID) -> Volunteer | None:
    found = await rows.find_by(ctx, Volunteer, person_id=person_id)
    return await rows.get(ctx, Volunteer, found.id, lock=True) if found is not None else None
