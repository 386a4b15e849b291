"""Objections to terminations; each mutation calls one service, which has the rules."""

from __future__ import annotations

from linli.plugin import Context
from linli_graphql.plugin import mutation, values_of
from linli_venture.grants import objections, tables
from linli_venture.graphql.grant_inputs import VentureGrantReasonInput, VentureGrantStepInput
from linli_venture.graphql.grant_records import VentureTerminationObjection
from linli_venture.graphql.inputs import DecideVentureObjectionInput

_OBJECTION = {"id": "VentureTerminationObjection"}


@mutation(gives=VentureTerminationObjection)
async def object_to_venture_termination(
    ctx: Context, input: VentureGrantReasonInput
) -> tables.TerminationObjection:
    """Object to the termination of a grant of the organisation for which one acts."""
    values = values_of(input, ids={"id": "VentureGrant"})
    return await objections.object_to_termination(ctx, values.pop("id"), **values)


@mutation(gives=VentureTerminationObjection)
async def decide_venture_termination_objection(
    ctx: Context, input: DecideVentureObjectionInput
) -> tables.TerminationObjection:
    """Decide an objection to a termination that somebody else decided on; an upheld one undoes it."""
    values = values_of(input, ids=_OBJECTION)
    return await objections.decide(ctx, values.pop("id"), **values)


@mutation(gives=VentureTerminationObjection)
async def withdraw_venture_termination_objection(
    ctx: Context, input: VentureGrantStepInput
) -> tables.TerminationObjection:
    """Take one's own objection to a termination back."""
    values = values_of(input, ids=_OBJECTION)
    return await objections.withdraw(ctx, values.pop("id"), **values)


OBJECTION_MUTATIONS = (
    object_to_venture_termination,
    decide_venture_termination_objection,
    withdraw_venture_termination_objection,
)
