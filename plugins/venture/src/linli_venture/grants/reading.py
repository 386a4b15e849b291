"""Reading what belongs to a grant. Rights are the caller's concern."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from linli.plugin import Context, rows
from linli_venture.grants.tables import GrantLine, Milestone

_LINES: Final = """
select * from venture_grant_line where tenant_id = $1 and grant_id = $2 order by place limit 100"""
_MILESTONES: Final = """
select * from venture_milestone where tenant_id = $1 and grant_id = $2 order by number limit 12"""
_SPENT: Final = """
select line_id, sum(amount_fen)::bigint as fen from venture_expenditure
where tenant_id = $1 and grant_id = $2 and paid_from = 'grant' and state = any($3::text[]) group by line_id limit 100"""


async def lines_of(ctx: Context, grant_id: UUID) -> Sequence[GrantLine]:
    """The lines of a grant's budget in their order; at most 100."""
    found = await ctx.db.fetch(_LINES, ctx.tenant_id, grant_id)
    return [rows.from_record(GrantLine, row) for row in found]


async def milestones_of(ctx: Context, grant_id: UUID) -> Sequence[Milestone]:
    """The milestones of a grant in their order; at most 12."""
    found = await ctx.db.fetch(_MILESTONES, ctx.tenant_id, grant_id)
    return [rows.from_record(Milestone, row) for row in found]


async def spent_by_line(ctx: Context, grant_id: UUID, states: Sequence[str]) -> dict[UUID, int]:
    """What expenditures from the grant in these states add up to by line, in fen; lines without any are missing."""
    found = await ctx.db.fetch(_SPENT, ctx.tenant_id, grant_id, list(states))
    return {UUID(int=row["line_id"].int): row["fen"] for row in found}
