"""Giving a call up, until its ranking is complete: its proposals are let go, and all who take part are told."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, Facts, changeable, checks, rows
from linli_venture.calls.drafting import KIND
from linli_venture.calls.publishing import PUBLISH
from linli_venture.calls.states import CALL, CallState
from linli_venture.calls.tables import Call
from linli_venture.proposals.applicants import require_outsider, tell_applicants
from linli_venture.proposals.states import PROPOSAL
from linli_venture.proposals.tables import Proposal
from linli_venture.review.access import was_drawn
from linli_venture.review.errors import RankedAlready, ReviewerManages
from linli_venture.review.panel import tell_reviewers

AT_ONCE: Final = 500
BATCHES_MAX: Final = 100

_LIVE: Final = """
select * from venture_proposal where tenant_id = $1 and call_id = $2 and state = any($3::text[])
order by id limit $4 for update"""
_RELEASED_FROM: Final = tuple(state for state in PROPOSAL.states if "cancel" in PROPOSAL.actions_in(state))


async def cancel(ctx: Context, call_id: UUID, *, reason: str, expected_version: int | None = None) -> Call:
    """Give a call up, with a reason that applicants and reviewers are told to read; by somebody who has no part in it.

    Under review too, as when there are not enough experts, until the ranking is complete: then it is decided, even if
    that is to award nothing. Its pool can be closed then, and its projects can apply elsewhere.
    Raises: NotFound, PermissionDenied, OwnCall, ReviewerManages, RankedAlready, Required, TooLong,
    UndefinedTransition, StaleVersion.
    """
    call = await changeable(ctx, Call, call_id, KIND)
    ctx.require(PUBLISH, call.area_path)
    state = CALL.apply(call.state, "cancel", Facts(actor_id=ctx.actor.id, subject=call))
    await require_outsider(ctx, call.id)
    if await was_drawn(ctx, call.id):
        raise ReviewerManages()
    if call.ranked_at and (call.defended_at or not call.defence_percent):
        raise RankedAlready()
    was_draft = call.state == CallState.DRAFT
    said = checks.line(reason, "reason", checks.REASON_MAX)
    call = await rows.update(
        ctx, call, action="cancel", expected_version=expected_version, state=state, cancel_reason=said
    )
    if not was_draft:
        await _release(ctx, call)
        await tell_applicants(ctx, call, "venture.call_cancelled", key=str(call.id))
        await tell_reviewers(ctx, call, "venture.call_cancelled", key=str(call.id))
    return call


async def _release(ctx: Context, call: Call) -> None:
    """Let all proposals go that were not withdrawn; at most 50,000."""
    for _ in range(BATCHES_MAX):
        found = await ctx.db.fetch(_LIVE, ctx.tenant_id, call.id, list(_RELEASED_FROM), AT_ONCE)
        for row in found:
            proposal = rows.from_record(Proposal, row)
            state = PROPOSAL.apply(proposal.state, "cancel", Facts(actor_id=ctx.actor.id))
            await rows.update(ctx, proposal, action="cancel", state=state)
        if len(found) < AT_ONCE:
            return
