"""Dated facts: what holds from when to when, and since when that has been known. Allowances are computed from them.

Nothing is overwritten: a change supersedes rows and adds others, so that what was known at any moment can be asked
for again, to the fen. Whoever computes waits until what is being recorded is known, and records wait for that.
"""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import AreaTable, Context, rows
from linli_social_workers.tables import Fact
from linli_social_workers.terms import FactKind

TURNS: Final = "social_workers.allowances"
_CURRENT: Final = """
select * from social_workers_fact
where tenant_id = $1 and subject_id = $2 and superseded_at is null and (to_on is null or to_on > $3)
order by from_on for update"""


async def add(
    ctx: Context,
    kind: FactKind,
    subject: AreaTable,
    person_id: UUID,
    *,
    from_on: date,
    to_on: date | None = None,
    level: str = "",
) -> None:
    """From now on it is known that something holds from `from_on` up to, and without, `to_on`."""
    await ctx.db.go_beside(TURNS)
    await rows.insert(
        ctx,
        Fact,
        action="record",
        area_id=subject.area_id,
        area_path=subject.area_path,
        kind=kind.value,
        person_id=person_id,
        subject_id=subject.id,
        level=level,
        from_on=from_on,
        to_on=to_on,
        recorded_at=ctx.now(),
    )


async def cut(ctx: Context, subject: AreaTable, on: date) -> None:
    """From now on it is known that it does not hold from a day on, which may lie in the past."""
    await ctx.db.go_beside(TURNS)
    for row in await ctx.db.fetch(_CURRENT, ctx.tenant_id, subject.id, on):
        known = rows.from_record(Fact, row)
        await rows.update(ctx, known, action="supersede", superseded_at=ctx.now())
        if known.from_on < on:
            await add(
                ctx,
                FactKind(known.kind),
                subject,
                known.person_id,
                from_on=known.from_on,
                to_on=on,
                level=known.level,
            )
