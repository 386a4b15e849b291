"""What social workers are told: what became of their applications and registrations, and that they were paid.

Messages say that something happened and when; reasons, names and amounts are read in the app.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, notifications
from linli_social_workers.tables import Registration, Renewal
from linli_social_workers.terms import last_day

RETURNED: Final = "social_workers.application_returned"
REFUSED: Final = "social_workers.application_refused"
REGISTERED: Final = "social_workers.registered"
RENEWED: Final = "social_workers.renewal_approved"
RENEWAL_REFUSED: Final = "social_workers.renewal_refused"
SUSPENDED: Final = "social_workers.registration_suspended"
RESTORED: Final = "social_workers.registration_restored"
CANCELLED: Final = "social_workers.registration_cancelled"
LAPSED: Final = "social_workers.registration_lapsed"
PAID: Final = "social_workers.allowance_paid"
PAID_BATCH: Final = 1_000
_PAID_PEOPLE: Final = """
select person_id from social_workers_allowance_line
where tenant_id = $1 and run_id = $2 and person_id > $3
group by person_id having sum(amount_fen) > 0 order by person_id limit $4"""


async def tell(
    ctx: Context, message_type: str, row: Registration | Renewal, values: Mapping[str, object]
) -> None:
    """Tell a person of a step in their case, once for each version of it."""
    await notifications.send(
        ctx, message_type, values, dedupe_key=f"{row.id}:{row.version}", person_id=row.person_id
    )


async def tell_lapsed(ctx: Context, registrations: Sequence[Registration]) -> None:
    """Tell people that their registrations lapsed; at most 1,000."""
    letters = [
        notifications.Letter(
            one.person_id, f"{one.id}:{one.version}", {"last_day": last_day(one.valid_until)}
        )
        for one in registrations
    ]
    await notifications.send_many(ctx, LAPSED, letters)


async def tell_paid(ctx: Context, run_id: UUID, month: date, *, after: UUID) -> UUID | None:
    """Tell the next 1,000 people, in the order of their ids, that they were paid; gives the last, None at the end.

    Whoever gives back as much as they get, or more, is told nothing.
    """
    found = await ctx.db.fetch(_PAID_PEOPLE, ctx.tenant_id, run_id, after, PAID_BATCH)
    people = [UUID(int=row["person_id"].int) for row in found]
    values = {"month": f"{month:%Y-%m}"}
    await notifications.send_many(
        ctx, PAID, [notifications.Letter(person, str(run_id), values) for person in people]
    )
    return people[-1] if len(people) == PAID_BATCH else None
