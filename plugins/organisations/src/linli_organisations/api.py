"""What other plugins may import, when their manifest requires this one.

These questions ask for no permission of the actor: whether an organisation is registered, and how it was
graded, is public. Events are subscribed to by name, and read as the types below.
"""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context
from linli_organisations.events import GradeExpired, GradePublished, Registered, RegistrationCancelled
from linli_organisations.terms import Grade, Kind, Track

__all__ = [
    "Grade",
    "GradeExpired",
    "GradePublished",
    "Kind",
    "Registered",
    "RegistrationCancelled",
    "Track",
    "is_registered",
    "valid_grade",
]

_REGISTERED: Final = """
select 1 from organisations_registration
where tenant_id = $1 and organisation_id = $2 and track = 'registration' and state <> 'suspended'
    and entered_on <= $3 and (ended_on is null or ended_on > $3)"""

_GRADE: Final = """
select g.grade from organisations_grading g
join organisations_registration r on r.tenant_id = $1 and r.id = g.registration_id
where g.tenant_id = $1 and r.organisation_id = $2 and r.state <> 'suspended'
    and r.entered_on <= $3 and (r.ended_on is null or r.ended_on > $3)
    and g.published_on <= $3 and g.valid_until >= $3
order by g.published_on desc limit 1"""


async def is_registered(ctx: Context, organisation_id: UUID, on: date | None = None) -> bool:
    """Whether an organisation is registered on a day (today by default): not just filed, not suspended."""
    return await ctx.db.fetchval(_REGISTERED, ctx.tenant_id, organisation_id, on or ctx.today()) is not None


async def valid_grade(ctx: Context, organisation_id: UUID, on: date) -> Grade | None:
    """The grade that counts on a day; None when there is none, or it is expired or revoked.

    An organisation that is suspended now, or not registered on that day, has none. Whether a grade is good
    enough: `grade.meets(Grade.A3)`.
    """
    found = await ctx.db.fetchval(_GRADE, ctx.tenant_id, organisation_id, on)
    return None if found is None else Grade(found)
