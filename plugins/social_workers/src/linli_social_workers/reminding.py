"""Reminders of renewals that come due in 90, 30 and 7 days, and of hours that are short; each is sent once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, notifications
from linli_social_workers.terms import HOURS, Level, last_day

RENEWAL_DUE: Final = "social_workers.renewal_due"
HOURS_SHORT: Final = "social_workers.hours_short"
WINDOWS: Final = (7, 30, 90)
BATCH_MAX: Final = 1_000
_DUE: Final = """
select r.id, r.person_id, r.valid_until, t.level,
    (select coalesce(sum(hours), 0)::integer from social_workers_credit c where c.tenant_id = $1
        and c.person_id = r.person_id and c.state = 'approved' and c.completed_on >= r.valid_from) as hours
from social_workers_registration r
join social_workers_certificate t on t.tenant_id = $1 and t.id = r.certificate_id
join identity_person p on p.tenant_id = $1 and p.id = r.person_id
where r.tenant_id = $1 and r.state = 'registered' and r.valid_until > $2 and r.valid_until <= $3 and r.id > $4
    and p.state = 'active' and not exists (select from social_workers_renewal n
        where n.tenant_id = $1 and n.registration_id = r.id and n.state = 'applied')
order by r.id limit $5"""


async def remind(ctx: Context, *, after: UUID) -> UUID | None:
    """Remind the next 1,000 whose terms end within 90 days, in the order of their ids; gives the last, None at the end.

    A reminder is of a term and a window: done again, or a day late, it is sent no second time.
    """
    today = ctx.today()
    until = today + timedelta(days=WINDOWS[-1])
    found = await ctx.db.fetch(_DUE, ctx.tenant_id, today, until, after, BATCH_MAX)
    due, short = [], []
    for row in found:
        key = _key(row, today)
        ends = last_day(row["valid_until"])
        person = UUID(int=row["person_id"].int)
        due.append(notifications.Letter(person, key, {"last_day": ends}))
        required = HOURS[Level(row["level"])]
        if row["hours"] < required:
            values = {"counted": row["hours"], "required": required, "last_day": ends}
            short.append(notifications.Letter(person, key, values))
    await notifications.send_many(ctx, RENEWAL_DUE, due)
    await notifications.send_many(ctx, HOURS_SHORT, short)
    return UUID(int=found[-1]["id"].int) if len(found) == BATCH_MAX else None


def _key(row: Mapping[str, Any], today: date) -> str:
    """The registration, its term and the window that today lies in."""
    days = (row["valid_until"] - today).days
    window = next(one for one in WINDOWS if days <= one)
    return f"{row['id']}:{row['valid_until']}:{window}"
