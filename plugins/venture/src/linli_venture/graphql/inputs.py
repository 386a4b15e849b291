"""Inputs that every area of the plugin uses."""

from __future__ import annotations

import strawberry

from linli_graphql.plugin import EXPECTED_VERSION, described, input_type

REASON = "Why; at most 500 characters."


@input_type
class VentureStepInput:
    """Which thing takes its next step."""

    id: strawberry.ID = described("The need, call, proposal, expert or other thing.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class VentureReasonInput:
    """Which thing takes a step that needs a reason."""

    id: strawberry.ID = described("The call, proposal, review or other thing.")
    reason: str = described(REASON)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class DecideVentureObjectionInput:
    """How an objection is decided."""

    id: strawberry.ID = described("The proposal, or the objection.")
    upheld: bool = described("Whether the objection is right.")
    reason: str = described(REASON)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)
