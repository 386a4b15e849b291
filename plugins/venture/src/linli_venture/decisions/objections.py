"""Objections to awards under notice: raised by applicants in time, decided by people with no part in the awards."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, Facts, NotFound, decision_facts, rows, visible
from linli_venture.calls.tables import Call
from linli_venture.checked import local
from linli_venture.decisions.announcing import take_back
from linli_venture.decisions.errors import NoticeOver, NotUnderNotice
from linli_venture.decisions.proposing import READ
from linli_venture.decisions.states import OBJECTION, DecisionState
from linli_venture.decisions.tables import Decision, Objection
from linli_venture.objecting import decided, raised, withdrawn
from linli_venture.proposals.applicants import acts_for, own_proposal, takes_part, tell_organisation
from linli_venture.proposals.tables import Proposal
from linli_venture.review.access import was_drawn

DECIDE: Final = "venture.objection.decide"

_UNDER_NOTICE: Final = """
select d.* from venture_decision d
join venture_outcome o on o.tenant_id = $1 and o.decision_id = d.id and o.proposal_id = $2
where d.tenant_id = $1 and d.state = 'announced' for update of d"""


async def object_to(ctx: Context, proposal_id: UUID, *, reason: str) -> Objection:
    """Object, for one's own proposal, to the awards under notice.

    Raises: NotFound, NotUnderNotice, NoticeOver, ObjectionExists, Required, TooLong.
    """
    proposal = await own_proposal(ctx, proposal_id)
    row = await ctx.db.fetchrow(_UNDER_NOTICE, ctx.tenant_id, proposal.id)
    if row is None:
        raise NotUnderNotice()
    if row["notice_until"] is None or ctx.now() > row["notice_until"]:
        raise NoticeOver(until=local(ctx, row["notice_until"]))
    return await raised(
        ctx,
        Objection,
        reason=reason,
        area_id=proposal.area_id,
        area_path=proposal.area_path,
        decision_id=row["id"],
        call_id=proposal.call_id,
        proposal_id=proposal.id,
        organisation_id=proposal.organisation_id,
    )


async def decide(
    ctx: Context, objection_id: UUID, *, upheld: bool, reason: str, expected_version: int | None = None
) -> Objection:
    """Decide an objection; an upheld one takes the decision back, so that another is proposed.

    Raises: NotFound, PermissionDenied, OwnObjection, UndefinedTransition, StaleVersion, Required, TooLong.
    """
    found = await rows.get(ctx, Objection, objection_id)
    call = await rows.get(ctx, Call, found.call_id, lock=True)
    objection = await visible(ctx, Objection, objection_id, READ)
    ctx.require(DECIDE, objection.area_path)
    decision = await rows.get(ctx, Decision, objection.decision_id, lock=True)
    objection = await decided(
        ctx,
        objection,
        OBJECTION,
        await _facts(ctx, objection, decision),
        upheld=upheld,
        reason=reason,
        expected_version=expected_version,
    )
    if upheld and decision.state == DecisionState.ANNOUNCED:
        await take_back(ctx, decision, call, objection.decision_reason)
    proposal = await rows.get(ctx, Proposal, objection.proposal_id)
    await tell_organisation(ctx, proposal, "venture.objection_decided", key=str(objection.id))
    return objection


async def withdraw(ctx: Context, objection_id: UUID, *, expected_version: int | None = None) -> Objection:
    """Take one's objection back. Raises: NotFound, UndefinedTransition, StaleVersion."""
    objection = await rows.get(ctx, Objection, objection_id, lock=True)
    if not await acts_for(ctx, objection.organisation_id):
        raise NotFound(kind="venture_objection")
    return await withdrawn(ctx, objection, OBJECTION, expected_version)


async def _facts(ctx: Context, objection: Objection, decision: Decision) -> Facts:
    return await decision_facts(
        ctx,
        objection,
        in_call=await takes_part(ctx, decision.call_id) or await was_drawn(ctx, decision.call_id),
        actors=[decision.proposed_by, decision.announced_by, objection.raised_by],
    )
