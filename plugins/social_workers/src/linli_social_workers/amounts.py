"""What is due for a month: computed from dated facts alone, as they were known at a moment.

Somebody with a valid certificate, a registration in force and a post on the last day of the month is paid the rule's
amount for the highest level, once, wherever they work. Source: domain.md §5.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from linli.plugin import Context
from linli_social_workers.dates import last_day

PEOPLE_MAX: Final = 100_000
_KNOWN: Final = """
known as (
    select * from social_workers_fact where tenant_id = $1 and recorded_at <= $3
        and (superseded_at is null or superseded_at > $3) and from_on <= $2 and (to_on is null or to_on > $2)),
rule as (
    select level, amount_fen from social_workers_allowance_rule where tenant_id = $1 and recorded_at <= $3
        and (superseded_at is null or superseded_at > $3) and from_on <= $2 and (to_on is null or to_on > $2))"""
_DUE: Final = f"""
with {_KNOWN},
best as (
    select distinct on (c.person_id) c.person_id, c.level, p.area_id, p.area_path
    from known c
    join known r on r.tenant_id = $1 and r.kind = 'registration' and r.person_id = c.person_id
    join known p on p.tenant_id = $1 and p.kind = 'post' and p.person_id = c.person_id
    where c.tenant_id = $1 and c.kind = 'certificate'
    order by c.person_id, case c.level when 'senior' then 3 when 'intermediate' then 2 else 1 end desc,
        p.from_on, p.subject_id)
select best.*, rule.amount_fen from best join rule on rule.level = best.level and rule.amount_fen > 0
order by best.person_id limit $4"""
_LACKING: Final = f"""
with {_KNOWN}
select asked.person_id,
    exists (select from known where tenant_id = $1 and kind = 'certificate' and person_id = asked.person_id) as certificate,
    exists (select from known where tenant_id = $1 and kind = 'registration' and person_id = asked.person_id) as registration,
    exists (select from known where tenant_id = $1 and kind = 'post' and person_id = asked.person_id) as post
from unnest($4::uuid[]) as asked (person_id)"""


@dataclass(frozen=True, slots=True)
class Due:
    """What one person is due for a month, and where they work."""

    person_id: UUID
    level: str
    amount_fen: int
    area_id: UUID | None
    area_path: str


async def due_for(ctx: Context, month: date, known_at: datetime) -> dict[UUID, Due]:
    """What is due for the month that begins on a day, by what was known at a moment; at most 100,000 people."""
    found = await ctx.db.fetch(_DUE, ctx.tenant_id, last_day(month), known_at, PEOPLE_MAX)
    return {
        row["person_id"]: Due(
            person_id=row["person_id"],
            level=row["level"],
            amount_fen=row["amount_fen"],
            area_id=row["area_id"],
            area_path=row["area_path"],
        )
        for row in found
    }


async def lacking(ctx: Context, month: date, known_at: datetime, people: list[UUID]) -> dict[UUID, str]:
    """For people who are due nothing, which condition they do not meet: `registration`, `post` or `certificate`.

    `rule` where they meet all and nothing is paid for their level.
    """
    found = await ctx.db.fetch(_LACKING, ctx.tenant_id, last_day(month), known_at, people)
    order = ("certificate", "registration", "post")
    return {row["person_id"]: next((one for one in order if not row[one]), "rule") for row in found}
