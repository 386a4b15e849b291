"""What a tranche waits for besides its evidence: the appraisals that the call's terms name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from linli.plugin import Context, rows
from linli_venture.calls.tables import Call
from linli_venture.grants.errors import FinalNotPassed, MidtermNotPassed
from linli_venture.grants.tables import Grant, Milestone
from linli_venture.grants.terms import AppraisalKind

_PASSED: Final = """
select distinct kind from venture_appraisal where tenant_id = $1 and grant_id = $2 and grade <> 'unqualified'"""


async def passed(ctx: Context, grant: Grant) -> frozenset[AppraisalKind]:
    """The appraisals that a grant has passed."""
    found = await ctx.db.fetch(_PASSED, ctx.tenant_id, grant.id)
    return frozenset(AppraisalKind(row["kind"]) for row in found)


def appraisal_before(call: Call, milestone: Milestone) -> AppraisalKind | None:
    """The appraisal that the call's terms ask for before a milestone's tranche; None when they ask for none."""
    if 0 < call.final_tranche <= milestone.number:
        return AppraisalKind.FINAL
    if 0 < call.midterm_tranche <= milestone.number:
        return AppraisalKind.MIDTERM
    return None


async def missing_appraisals(
    ctx: Context, grant: Grant, milestones: Sequence[Milestone]
) -> list[AppraisalKind | None]:
    """The appraisal that each milestone's tranche waits for; None when it waits for none.

    A final appraisal that was passed does for the midterm one, which cannot be made any more once the work is done.
    """
    call = await rows.get(ctx, Call, grant.call_id)
    kinds = await passed(ctx, grant)
    if AppraisalKind.FINAL in kinds:
        return [None] * len(milestones)
    asked = (appraisal_before(call, one) for one in milestones)
    return [None if one in kinds else one for one in asked]


async def require_appraised(ctx: Context, grant: Grant, milestone: Milestone) -> None:
    """Go on only when a milestone's tranche waits for no appraisal. Raises: MidtermNotPassed, FinalNotPassed."""
    [missing] = await missing_appraisals(ctx, grant, [milestone])
    match missing:
        case AppraisalKind.MIDTERM:
            raise MidtermNotPassed()
        case AppraisalKind.FINAL:
            raise FinalNotPassed()
