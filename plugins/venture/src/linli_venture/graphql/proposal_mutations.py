"""What can be done with applicants and proposals; each mutation calls one service function, which has the rules."""

from __future__ import annotations

from datetime import date

import strawberry

from linli.plugin import Context
from linli_graphql.plugin import Amount, described, input_type, mutation, values_of
from linli_venture.graphql.inputs import DecideVentureObjectionInput, VentureReasonInput, VentureStepInput
from linli_venture.graphql.proposals import VentureMember, VentureProposal
from linli_venture.proposals import applicants, checking, drafting, submitting, tables
from linli_venture.proposals.drafting import LineGiven
from linli_venture.proposals.states import Declaration

_PROPOSAL = {"id": "VentureProposal"}
_SEEN = "The version that the caller saw; somebody else may have written since."


@input_type
class AddVentureMemberInput:
    """A person who is to act for an organisation."""

    organisation_id: strawberry.ID = described("The organisation.")
    person_id: strawberry.ID = described("The person.")


@input_type
class DraftVentureProposalInput:
    """A proposal that is begun."""

    call_id: strawberry.ID = described("The call.")
    organisation_id: strawberry.ID = described("Who applies; the caller acts for it.")
    title: str = described("What the project is called; at most 100 characters.")


@input_type
class UpdateVentureProposalInput:
    """What to change of a proposal; what is left out stays. Texts have at most 5,000 characters."""

    id: strawberry.ID = described("The proposal.")
    expected_version: int = described(_SEEN)
    title: str | None = described("The new title.", optional=True)
    category: str | None = described("Its field, one of the call's.", optional=True)
    need_id: strawberry.ID | None = described("The need that it answers; null for none.", optional=True)
    summary: str | None = described("What it is about.", optional=True)
    needs_text: str | None = described("Which need it answers.", optional=True)
    plan_text: str | None = described("What is to be done.", optional=True)
    team_text: str | None = described("Who does it.", optional=True)
    innovation_text: str | None = described("What is new in it.", optional=True)
    sustainability_text: str | None = described("How it goes on afterwards.", optional=True)
    risk_text: str | None = described("Its risks, and how privacy is protected.", optional=True)
    starts_on: date | None = described("Its first day.", optional=True)
    ends_on: date | None = described("Its last day.", optional=True)
    own_funds_fen: Amount | None = described("What the organisation pays itself, in fen.", optional=True)


@input_type
class VentureBudgetLineInput:
    """An item of a budget."""

    item: str = described("What is bought; at most 100 characters.")
    quantity: int = described("How many units.")
    unit_price_fen: Amount = described("What a unit costs, in fen.")
    unit: str | None = described("In which unit; at most 20 characters.", optional=True)


@input_type
class PutVentureBudgetInput:
    """The lines that take the place of a proposal's whole budget."""

    id: strawberry.ID = described("The proposal.")
    expected_version: int = described(_SEEN)
    lines: list[VentureBudgetLineInput] = described("The lines, at most 100.")


@input_type
class SubmitVentureProposalInput:
    """A proposal that is handed in."""

    id: strawberry.ID = described("The proposal.")
    expected_version: int = described(_SEEN)
    declarations: list[Declaration] = described("What the applicant declares: all of them.")


@input_type
class ObjectToVentureRefusalInput:
    """An objection to being found ineligible."""

    id: strawberry.ID = described("The proposal.")
    objection: str = described("What is objected; at most 500 characters.")
    expected_version: int | None = described(_SEEN, optional=True)


@mutation(gives=VentureMember)
async def add_venture_member(ctx: Context, input: AddVentureMemberInput) -> tables.Member:
    """Let a person act for an organisation."""
    ids = {"organisation_id": "Organisation", "person_id": "Person"}
    return await applicants.add_member(ctx, **values_of(input, ids=ids))


@mutation(gives=VentureMember)
async def remove_venture_member(ctx: Context, input: VentureStepInput) -> tables.Member:
    """Let somebody act for an organisation no longer."""
    values = values_of(input, ids={"id": "VentureMember"}, drop=("expected_version",))
    return await applicants.remove_member(ctx, values["id"])


@mutation(gives=VentureProposal)
async def draft_venture_proposal(ctx: Context, input: DraftVentureProposalInput) -> tables.Proposal:
    """Begin a proposal of an organisation for which the caller acts."""
    ids = {"call_id": "VentureCall", "organisation_id": "Organisation"}
    return await drafting.draft(ctx, **values_of(input, ids=ids))


@mutation(gives=VentureProposal)
async def update_venture_proposal(ctx: Context, input: UpdateVentureProposalInput) -> tables.Proposal:
    """Change a draft, or a proposal that was returned."""
    values = values_of(input, ids={**_PROPOSAL, "need_id": "VentureNeed"})
    return await drafting.update(ctx, values.pop("id"), **values)


@mutation(gives=VentureProposal)
async def put_venture_budget(ctx: Context, input: PutVentureBudgetInput) -> tables.Proposal:
    """Put lines in the place of a proposal's whole budget."""
    values = values_of(input, ids=_PROPOSAL, drop=("lines",))
    lines = [LineGiven(**values_of(one)) for one in input.lines]
    return await drafting.put_budget(ctx, values.pop("id"), lines=lines, **values)


@mutation(gives=VentureProposal)
async def submit_venture_proposal(ctx: Context, input: SubmitVentureProposalInput) -> tables.Proposal:
    """Hand a proposal in, or its correction."""
    values = values_of(input, ids=_PROPOSAL)
    return await submitting.submit(ctx, values.pop("id"), **values)


@mutation(gives=VentureProposal)
async def withdraw_venture_proposal(ctx: Context, input: VentureStepInput) -> tables.Proposal:
    """Take a proposal back before its review."""
    values = values_of(input, ids=_PROPOSAL)
    return await submitting.withdraw(ctx, values.pop("id"), **values)


@mutation(gives=VentureProposal)
async def return_venture_proposal(ctx: Context, input: VentureReasonInput) -> tables.Proposal:
    """Return a proposal, once, for formal correction."""
    values = values_of(input, ids=_PROPOSAL)
    return await checking.return_for_correction(ctx, values.pop("id"), **values)


@mutation(gives=VentureProposal)
async def accept_venture_proposal(ctx: Context, input: VentureStepInput) -> tables.Proposal:
    """Find a proposal eligible for review."""
    values = values_of(input, ids=_PROPOSAL)
    return await checking.accept(ctx, values.pop("id"), **values)


@mutation(gives=VentureProposal)
async def refuse_venture_proposal(ctx: Context, input: VentureReasonInput) -> tables.Proposal:
    """Find a proposal ineligible."""
    values = values_of(input, ids=_PROPOSAL)
    return await checking.refuse(ctx, values.pop("id"), **values)


@mutation(gives=VentureProposal)
async def object_to_venture_refusal(ctx: Context, input: ObjectToVentureRefusalInput) -> tables.Proposal:
    """Object to being found ineligible."""
    values = values_of(input, ids=_PROPOSAL)
    return await submitting.object_to_refusal(ctx, values.pop("id"), **values)


@mutation(gives=VentureProposal)
async def decide_venture_refusal_objection(
    ctx: Context, input: DecideVentureObjectionInput
) -> tables.Proposal:
    """Decide on an objection to being found ineligible."""
    values = values_of(input, ids=_PROPOSAL)
    return await checking.decide_objection(ctx, values.pop("id"), **values)


PROPOSAL_MUTATIONS = (
    add_venture_member,
    remove_venture_member,
    draft_venture_proposal,
    update_venture_proposal,
    put_venture_budget,
    submit_venture_proposal,
    withdraw_venture_proposal,
    return_venture_proposal,
    accept_venture_proposal,
    refuse_venture_proposal,
    object_to_venture_refusal,
    decide_venture_refusal_objection,
)
