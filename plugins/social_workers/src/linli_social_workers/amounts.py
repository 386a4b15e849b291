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
# One pass over the facts: joining them with themselves takes a plan that needs statistics, which a new list has not.
_DUE: Final = f"""
with {_KNOWN},
person as (
    select person_id,
        max(case level when 'senior' then 3 when 'intermediate' then 2 when 'assistant' then 1 end) as rank,
        (array_agg(area_id order by from_on, subject_id) filter (where kind = 'post'))[1] as area_id,
        (array_agg(area_path order by from_on, subject_id) filter (where kind = 'post'))[1] as area_path
    from known where tenant_id = $1 group by person_id
    having bool_or(kind = 'certificate') and bool_or(kind = 'registration') and bool_or(kind = 'post'))
select person.*, rule.level, rule.amount_fen from person
join rule on case rule.level when 'senior' then 3 when 'intermediate' then 2 else 1 end = person.rank
where rule.amount_fen > 0 order by person.person_id limit $4"""
_LACKING: Final = f"""
with {_KNOWN}
select person_id, bool_or(kind = 'certificate') as certificate, bool_or(kind = 'registration') as registration,
    bool_or(kind = 'post') as post
from known where tenant_id = $1 and person_id = any($4::uuid[]) group by person_id"""


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
    held = {row["person_id"]: row for row in found}
    order = ("certificate", "registration", "post")
    return {
        person: next((one for one in order if person not in held or not held[person][one]), "rule")
        for person in people
    }
