"""Entries of hours that came to overlap, because two entries of the register were one person.

Nobody could have entered them so, and nothing is decided here for anybody: one entry of an overlap is marked
(`overlap_found_at`). While it is, it is neither verified nor posted, and counts nowhere; what was posted stays
posted. Whoever may reverse hours decides which entry stands; once nothing overlaps any more, the mark goes.
"""

from __future__ import annotations

from typing import Final

from linli.plugin import Context, rows
from linli_volunteers.states import HoursState
from linli_volunteers.tables import Hours, Volunteer

_FAR: Final = {HoursState.CLAIMED: 0, HoursState.VERIFIED: 1, HoursState.POSTED: 2}
_ENTRIES_MAX: Final = 1_000

# Two entries at one activity are too many, whether their times overlap or not.
_IN_THE_WAY: Final = """
select * from volunteers_hours
where tenant_id = $1 and person_id = $2 and id <> $3 and state <> 'reversed'
    and (overlap_found_at is not null) = $4
    and (activity_id = $5 or (from_at < $7 and to_at > $6))
order by id limit $8 for update"""


async def to_be_marked(ctx: Context, hours: Hours, *, beside: Volunteer) -> list[Hours]:
    """The entries to mark when these hours join those of another volunteer: none, these, or others.

    Of two entries, the one that came less far is marked; of two that came equally far, the one that joins.
    """
    if hours.state == HoursState.REVERSED or hours.overlap_found_at:
        return []
    others = await _in_the_way(ctx, hours, beside, marked=False)
    if any(_far(other) >= _far(hours) for other in others):
        return [hours]
    return others


async def release(ctx: Context, reversed_hours: Hours) -> None:
    """Take the mark from entries that overlapped these hours, which are reversed, and overlap nothing now."""
    volunteer = await rows.get(ctx, Volunteer, reversed_hours.volunteer_id, lock=True)
    waiting = await _in_the_way(ctx, reversed_hours, volunteer, marked=True)
    for hours in sorted(waiting, key=lambda one: (-_far(one), one.id)):
        if not await _in_the_way(ctx, hours, volunteer, marked=False):
            await rows.update(ctx, hours, action="release", overlap_found_at=None)


async def _in_the_way(ctx: Context, hours: Hours, volunteer: Volunteer, *, marked: bool) -> list[Hours]:
    found = await ctx.db.fetch(
        _IN_THE_WAY,
        ctx.tenant_id,
        volunteer.person_id,
        hours.id,
        marked,
        hours.activity_id,
        hours.from_at,
        hours.to_at,
        _ENTRIES_MAX,
    )
    return [rows.from_record(Hours, row) for row in found]


def _far(hours: Hours) -> int:
    return _FAR[HoursState(hours.state)]
