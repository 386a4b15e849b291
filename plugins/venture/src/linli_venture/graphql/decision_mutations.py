"""What can be done with decisions; each mutation calls one service function, which has the rules."""

from __future__ import annotations

import strawberry

from linli.plugin import Context
from linli_graphql.plugin import Amount, described, input_type, mutation, values_of
from linli_venture.decisions import announcing, objections, proposing, reserves, tables
from linli_venture.decisions.proposing import OutcomeGiven
from linli_venture.decisions.states import OutcomeKind
from linli_venture.graphql.decisions import VentureDecision, VentureObjection
from linli_venture.graphql.inputs import DecideVentureObjectionInput, VentureReasonInput, VentureStepInput
from linli_venture.graphql.proposals import VentureProposal
from linli_venture.proposals.tables import Proposal

_DECISION = {"id": "VentureDecision"}
_OBJECTION = {"id": "VentureObjection"}
_PROPOSAL = {"id": "VentureProposal"}


@input_type
class VentureOutcomeInput:
    """What is to become of a proposal."""

    proposal_id: strawberry.ID = described("The proposal.")
    kind: OutcomeKind = described("Award, reserve or reject; reserves stand in the order given.")
    amount_fen: Amount | None = described("The grant; what was asked for by default.", optional=True)
    reason: str | None = described("Why; a rejection has a reason. At most 500 characters.", optional=True)


@input_type
class ProposeVentureDecisionInput:
    """The decision on a call."""

    call_id: strawberry.ID = described("The call.")
    outcomes: list[VentureOutcomeInput] = described("One for each ranked proposal.")
    order_reason: str | None = described("Why awards do not follow the ranks, if they do not.", optional=True)


@input_type
class ObjectToVentureAwardsInput:
    """An objection to awards under notice."""

    proposal_id: strawberry.ID = described("The applicant's own proposal.")
    reason: str = described("What is objected; at most 500 characters.")


@mutation(gives=VentureDecision)
async def propose_venture_decision(ctx: Context, input: ProposeVentureDecisionInput) -> tables.Decision:
    """Propose what becomes of each ranked proposal of a call."""
    given = [OutcomeGiven(**values_of(one, ids={"proposal_id": "VentureProposal"})) for one in input.outcomes]
    values = values_of(input, ids={"call_id": "VentureCall"}, drop=("outcomes",))
    return await proposing.propose(ctx, values.pop("call_id"), outcomes=given, **values)


@mutation(gives=VentureDecision)
async def discard_venture_decision(ctx: Context, input: VentureStepInput) -> tables.Decision:
    """Give the draft of a decision up."""
    values = values_of(input, ids=_DECISION)
    return await proposing.discard(ctx, values.pop("id"), **values)


@mutation(gives=VentureDecision)
async def announce_venture_decision(ctx: Context, input: VentureStepInput) -> tables.Decision:
    """Put a decision that somebody else proposed under public notice."""
    values = values_of(input, ids=_DECISION)
    return await announcing.announce(ctx, values.pop("id"), **values)


@mutation(gives=VentureDecision)
async def conclude_venture_decision(ctx: Context, input: VentureStepInput) -> tables.Decision:
    """Open the grants of a decision after its notice."""
    values = values_of(input, ids=_DECISION)
    return await announcing.conclude(ctx, values.pop("id"), **values)


@mutation(gives=VentureDecision)
async def withdraw_venture_decision(ctx: Context, input: VentureReasonInput) -> tables.Decision:
    """Take a decision that is under notice back."""
    values = values_of(input, ids=_DECISION)
    return await announcing.withdraw(ctx, values.pop("id"), **values)


@mutation(gives=VentureObjection)
async def object_to_venture_awards(ctx: Context, input: ObjectToVentureAwardsInput) -> tables.Objection:
    """Object to awards under notice."""
    values = values_of(input, ids={"proposal_id": "VentureProposal"})
    return await objections.object_to(ctx, values.pop("proposal_id"), **values)


@mutation(gives=VentureObjection)
async def decide_venture_objection(ctx: Context, input: DecideVentureObjectionInput) -> tables.Objection:
    """Decide an objection to awards; an upheld one takes the decision back."""
    values = values_of(input, ids=_OBJECTION)
    return await objections.decide(ctx, values.pop("id"), **values)


@mutation(gives=VentureObjection)
async def withdraw_venture_objection(ctx: Context, input: VentureStepInput) -> tables.Objection:
    """Take one's own objection back."""
    values = values_of(input, ids=_OBJECTION)
    return await objections.withdraw(ctx, values.pop("id"), **values)


@mutation(gives=VentureProposal)
async def promote_venture_reserve(ctx: Context, input: VentureReasonInput) -> Proposal:
    """Award the first proposal of a reserve list."""
    values = values_of(input, ids=_PROPOSAL)
    return await reserves.promote(ctx, values.pop("id"), **values)


@mutation(gives=VentureProposal)
async def let_go_venture_reserve(ctx: Context, input: VentureReasonInput) -> Proposal:
    """Take a proposal off the reserve list."""
    values = values_of(input, ids=_PROPOSAL)
    return await reserves.let_go(ctx, values.pop("id"), **values)


DECISION_MUTATIONS = (
    propose_venture_decision,
    discard_venture_decision,
    announce_venture_decision,
    conclude_venture_decision,
    withdraw_venture_decision,
    object_to_venture_awards,
    decide_venture_objection,
    withdraw_venture_objection,
    promote_venture_reserve,
    let_go_venture_reserve,
)
