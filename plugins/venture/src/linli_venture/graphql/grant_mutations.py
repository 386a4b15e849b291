"""What can be done with a contract and its milestones; each calls one service, which has the rules."""

from __future__ import annotations

import base64
from typing import Any

from linli.plugin import Context
from linli_graphql.plugin import Outcome, local_id, mutation, values_of
from linli_venture.grants import changes, contracts, ending, milestones, tables
from linli_venture.graphql.grant_inputs import (
    PrepareVentureContractInput,
    ProposeVentureChangeInput,
    SubmitVentureMilestoneInput,
    TerminateVentureGrantInput,
    VentureGrantReasonInput,
    VentureGrantStepInput,
)
from linli_venture.graphql.grant_records import VentureChange
from linli_venture.graphql.grants import VentureGrant, VentureMilestone

_GRANT = {"id": "VentureGrant"}
_MILESTONE = {"id": "VentureMilestone"}
_CHANGE = {"id": "VentureChange"}
_FILE: dict[str, tuple[Any, str]] = {"file": (str, "The PDF, in base64; null in a repeated call.")}


@mutation(gives=VentureGrant)
async def prepare_venture_contract(ctx: Context, input: PrepareVentureContractInput) -> tables.Grant:
    """Write the contract of a grant: days, budget, milestones with shares of 100 per cent."""
    values = values_of(input, ids=_GRANT)
    values["lines"] = [contracts.LineGiven(one.name, one.amount_fen) for one in input.lines]
    values["milestones"] = [
        contracts.MilestoneGiven(one.title, one.share_percent, one.due_on) for one in input.milestones
    ]
    return await contracts.prepare(ctx, values.pop("id"), **values)


@mutation(gives=VentureGrant)
async def sign_venture_contract(ctx: Context, input: VentureGrantStepInput) -> tables.Grant:
    """Sign a contract that somebody else prepared; it is issued as a PDF."""
    values = values_of(input, ids=_GRANT)
    return await contracts.sign(ctx, values.pop("id"), **values)


@mutation(gives=VentureGrant, extra=_FILE)
async def read_venture_contract(ctx: Context, input: VentureGrantStepInput) -> Outcome:
    """Give the contract as it was issued; each reading stands in the audit trail."""
    values = values_of(input, ids=_GRANT, drop=("expected_version",))
    grant, content = await contracts.content(ctx, values["id"])
    return Outcome(grant, {"file": base64.b64encode(content).decode()})


@mutation(gives=VentureGrant)
async def decline_venture_grant(ctx: Context, input: VentureGrantReasonInput) -> tables.Grant:
    """Note that the organisation does not take a grant; all of it goes back to the pool."""
    values = values_of(input, ids=_GRANT)
    return await contracts.decline(ctx, values.pop("id"), **values)


@mutation(gives=VentureGrant)
async def start_venture_grant(ctx: Context, input: VentureGrantStepInput) -> tables.Grant:
    """Begin the work of a signed contract."""
    values = values_of(input, ids=_GRANT)
    return await contracts.start(ctx, values.pop("id"), **values)


@mutation(gives=VentureGrant)
async def suspend_venture_grant(ctx: Context, input: VentureGrantReasonInput) -> tables.Grant:
    """Pay nothing for the time being."""
    values = values_of(input, ids=_GRANT)
    return await ending.suspend(ctx, values.pop("id"), **values)


@mutation(gives=VentureGrant)
async def resume_venture_grant(ctx: Context, input: VentureGrantStepInput) -> tables.Grant:
    """Go on after a suspension."""
    values = values_of(input, ids=_GRANT)
    return await ending.resume(ctx, values.pop("id"), **values)


@mutation(gives=VentureGrant)
async def finish_venture_grant(ctx: Context, input: VentureGrantStepInput) -> tables.Grant:
    """Note that the work is done: appraisal and audit follow."""
    values = values_of(input, ids=_GRANT)
    return await ending.finish(ctx, values.pop("id"), **values)


@mutation(gives=VentureGrant)
async def close_venture_grant(ctx: Context, input: VentureGrantStepInput) -> tables.Grant:
    """Close a grant of which all is accounted for; what is unspent goes back to the pool."""
    values = values_of(input, ids=_GRANT)
    return await ending.close(ctx, values.pop("id"), **values)


@mutation(gives=VentureGrant)
async def terminate_venture_grant(ctx: Context, input: TerminateVentureGrantInput) -> tables.Grant:
    """End a grant for a breach; what does not count of what was paid is to be given back."""
    values = values_of(input, ids=_GRANT)
    return await ending.terminate(ctx, values.pop("id"), **values)


@mutation(gives=VentureMilestone)
async def submit_venture_milestone(ctx: Context, input: SubmitVentureMilestoneInput) -> tables.Milestone:
    """Show what was done, with at least one file of evidence."""
    values = values_of(input, ids=_MILESTONE)
    return await milestones.submit(ctx, values.pop("id"), **values)


@mutation(gives=VentureMilestone)
async def verify_venture_milestone(ctx: Context, input: VentureGrantStepInput) -> tables.Milestone:
    """Say that what somebody else showed is right."""
    values = values_of(input, ids=_MILESTONE)
    return await milestones.verify(ctx, values.pop("id"), **values)


@mutation(gives=VentureMilestone)
async def return_venture_milestone(ctx: Context, input: VentureGrantReasonInput) -> tables.Milestone:
    """Say that what somebody else showed does not do."""
    values = values_of(input, ids=_MILESTONE)
    return await milestones.send_back(ctx, values.pop("id"), **values)


@mutation(gives=VentureChange)
async def propose_venture_change(ctx: Context, input: ProposeVentureChangeInput) -> tables.Change:
    """Ask for a change of the contract."""
    values = values_of(input, ids={"grant_id": "VentureGrant"})
    values["lines"] = [
        changes.LineChange(
            local_id("VentureGrantLine", str(one.line_id), path=("lines", str(place), "line_id")),
            one.amount_fen,
        )
        for place, one in enumerate(input.lines or ())
    ]
    values["milestones"] = [
        changes.DayChange(
            local_id(
                "VentureMilestone", str(one.milestone_id), path=("milestones", str(place), "milestone_id")
            ),
            one.due_on,
        )
        for place, one in enumerate(input.milestones or ())
    ]
    return await changes.propose(ctx, **values)


@mutation(gives=VentureChange)
async def approve_venture_change(ctx: Context, input: VentureGrantStepInput) -> tables.Change:
    """Put a change in force that somebody else asked for."""
    values = values_of(input, ids=_CHANGE)
    return await changes.approve(ctx, values.pop("id"), **values)


@mutation(gives=VentureChange)
async def reject_venture_change(ctx: Context, input: VentureGrantReasonInput) -> tables.Change:
    """Leave the contract as it is."""
    values = values_of(input, ids=_CHANGE)
    return await changes.reject(ctx, values.pop("id"), **values)


@mutation(gives=VentureChange)
async def withdraw_venture_change(ctx: Context, input: VentureGrantStepInput) -> tables.Change:
    """Take a request for a change back."""
    values = values_of(input, ids=_CHANGE)
    return await changes.withdraw(ctx, values.pop("id"), **values)


GRANT_MUTATIONS = (
    prepare_venture_contract,
    sign_venture_contract,
    read_venture_contract,
    decline_venture_grant,
    start_venture_grant,
    suspend_venture_grant,
    resume_venture_grant,
    finish_venture_grant,
    close_venture_grant,
    terminate_venture_grant,
    submit_venture_milestone,
    verify_venture_milestone,
    return_venture_milestone,
    propose_venture_change,
    approve_venture_change,
    reject_venture_change,
    withdraw_venture_change,
)
