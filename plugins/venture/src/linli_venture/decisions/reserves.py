"""The reserve list: when a grant falls away, the first of it is awarded; in the end the rest is let go."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, Facts, NotFound, UndefinedTransition, checks, in_place, rows
from linli_venture.calls.tables import Call
from linli_venture.decisions.announcing import CONFIRM, open_grant
from linli_venture.decisions.errors import NotNextInReserve
from linli_venture.decisions.proposing import READ
from linli_venture.decisions.tables import Outcome
from linli_venture.proposals.applicants import require_outsider, tell_organisation
from linli_venture.proposals.checking import facts_of
from linli_venture.proposals.states import PROPOSAL, ProposalState, by_others
from linli_venture.proposals.tables import Proposal

_OUTCOME: Final = """
select o.* from venture_outcome o
join venture_decision d on d.tenant_id = $1 and d.id = o.decision_id and d.state = 'concluded'
where o.tenant_id = $1 and o.proposal_id = $2 and o.kind = 'reserve' for update of o"""
_NEXT: Final = """
select p.number from venture_outcome o
join venture_proposal p on p.tenant_id = $1 and p.id = o.proposal_id and p.state = 'reserved'
where o.tenant_id = $1 and o.decision_id = $2 and o.reserve_place < $3 order by o.reserve_place limit 1"""


async def promote(
    ctx: Context, proposal_id: UUID, *, reason: str, expected_version: int | None = None
) -> Proposal:
    """Award the first proposal of a reserve list, with a reason.

    Raises: NotFound, PermissionDenied, OwnProposal, OwnCall, NotNextInReserve, UndefinedTransition, StaleVersion,
    Required, TooLong, and as `announcing.open_grant`.
    """
    proposal, outcome = await _reserved(ctx, proposal_id, "award")
    before = await ctx.db.fetchval(_NEXT, ctx.tenant_id, outcome.decision_id, outcome.reserve_place)
    if before is not None:
        raise NotNextInReserve(number=before)
    said = checks.line(reason, "reason", checks.REASON_MAX)
    call = await rows.get(ctx, Call, proposal.call_id)
    await open_grant(ctx, call, outcome, outcome.decision_id)
    return await _settle(ctx, proposal, outcome, "award", said, expected_version)


async def let_go(
    ctx: Context, proposal_id: UUID, *, reason: str, expected_version: int | None = None
) -> Proposal:
    """Take a proposal off the reserve list, with a reason. Raises: as `promote`."""
    proposal, outcome = await _reserved(ctx, proposal_id, "reject")
    said = checks.line(reason, "reason", checks.REASON_MAX)
    return await _settle(ctx, proposal, outcome, "reject", said, expected_version)


async def _reserved(ctx: Context, proposal_id: UUID, action: str) -> tuple[Proposal, Outcome]:
    proposal = await in_place(ctx, Proposal, proposal_id, lock=True)
    if proposal.sealed or not ctx.can(READ, proposal.area_path):
        raise NotFound(kind="venture_proposal")
    ctx.require(CONFIRM, proposal.area_path)
    by_others(await facts_of(ctx, proposal))
    await require_outsider(ctx, proposal.call_id)
    if (
        proposal.state != ProposalState.RESERVED
    ):  # the notice knows these steps too, for the decision as a whole
        raise UndefinedTransition(machine=PROPOSAL.name, state=proposal.state, action=action)
    row = await ctx.db.fetchrow(_OUTCOME, ctx.tenant_id, proposal.id)
    assert row is not None, "a decision put it on the list"
    return proposal, rows.from_record(Outcome, row)


async def _settle(
    ctx: Context, proposal: Proposal, outcome: Outcome, action: str, reason: str, expected_version: int | None
) -> Proposal:
    await rows.update(ctx, outcome, action=action, settled_reason=reason)
    state = PROPOSAL.apply(proposal.state, action, Facts(actor_id=ctx.actor.id))
    changed = await rows.update(ctx, proposal, action=action, expected_version=expected_version, state=state)
    await tell_organisation(ctx, changed, "venture.reserve_settled", key=f"{proposal.id}/{action}")
    return changed
