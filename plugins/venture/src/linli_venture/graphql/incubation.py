"""Incubation in the API."""

from __future__ import annotations

from datetime import date

import strawberry

from linli.plugin import Context
from linli_graphql.plugin import (
    EXPECTED_VERSION,
    Area,
    Connection,
    Node,
    Organisation,
    column,
    described,
    expose,
    extend,
    input_type,
    many,
    mutation,
    node,
    one,
    values_of,
)
from linli_venture.incubation import incubating, tables
from linli_venture.incubation.states import IncubationState

_INCUBATION = {"id": "VentureIncubation"}

expose(
    IncubationState,
    "Where an incubation stands.",
    {
        "INCUBATING": "The organisation is helped to stand on its own.",
        "GRADUATED": "It stands on its own.",
        "LEFT": "It left before it did.",
    },
    name="VentureIncubationState",
)


@node(
    tables.Incubation,
    plural="venture_incubations",
    permission=incubating.READ,
    filters=("state", "organisation", "started_on", "ended_on"),
    order_by=("started_on",),
    group_by=("state", "area", "started_on"),
)
class VentureIncubation(Node):
    """An organisation's time in incubation."""

    support: str = column("What it is given: rooms, training, a mentor.")
    started_on: date = column("From which day on.")
    ended_on: date | None = column("The day on which it graduated or left.")
    state: IncubationState = column("Where it stands.")
    end_reason: str = column("Why it left; empty when it did not.")
    organisation: Organisation = one("organisation_id", "Who is helped.")
    area: Area | None = one("area_id", "Where the organisation lies.")


class UnitIncubations:
    """A unit's times in incubation."""

    venture_incubations: Connection[VentureIncubation] = many(
        "organisation_id", "The unit's times in incubation."
    )


@input_type
class StartVentureIncubationInput:
    """An organisation that is taken in."""

    organisation_id: strawberry.ID = described("The organisation, which must be active.")
    support: str = described("What it is given: rooms, training, a mentor; at most 200 characters.")
    started_on: date = described("From which day on; today or earlier.")


@input_type
class GraduateVentureIncubationInput:
    """An incubation that has reached its aim."""

    id: strawberry.ID = described("The incubation.")
    on: date = described("From which day on the organisation stands on its own; today or earlier.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class LeaveVentureIncubationInput:
    """An incubation that ends without having reached its aim."""

    id: strawberry.ID = described("The incubation.")
    on: date = described("On which day; today or earlier.")
    reason: str = described("Why; at most 500 characters.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@mutation(gives=VentureIncubation)
async def start_venture_incubation(ctx: Context, input: StartVentureIncubationInput) -> tables.Incubation:
    """Take an organisation into incubation."""
    return await incubating.start(ctx, **values_of(input, ids={"organisation_id": "Organisation"}))


@mutation(gives=VentureIncubation)
async def graduate_venture_incubation(
    ctx: Context, input: GraduateVentureIncubationInput
) -> tables.Incubation:
    """Note that an organisation stands on its own."""
    values = values_of(input, ids=_INCUBATION)
    return await incubating.graduate(ctx, values.pop("id"), **values)


@mutation(gives=VentureIncubation)
async def leave_venture_incubation(ctx: Context, input: LeaveVentureIncubationInput) -> tables.Incubation:
    """Note that an organisation left incubation before it stood on its own."""
    values = values_of(input, ids=_INCUBATION)
    return await incubating.leave(ctx, values.pop("id"), **values)


INCUBATION_NODES = (VentureIncubation,)
INCUBATION_EXTENSIONS = (extend(Organisation)(UnitIncubations),)
INCUBATION_MUTATIONS = (start_venture_incubation, graduate_venture_incubation, leave_venture_incubation)
