"""The states of incubations."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from linli.plugin import StateMachine, Transition


class IncubationState(StrEnum):
    """Where an incubation stands."""

    INCUBATING = "incubating"
    GRADUATED = "graduated"
    LEFT = "left"


INCUBATION: Final = StateMachine(
    "venture.incubation",
    IncubationState.INCUBATING,
    transitions=[
        Transition("graduate", IncubationState.INCUBATING, IncubationState.GRADUATED),
        Transition("leave", IncubationState.INCUBATING, IncubationState.LEFT),
    ],
    final=(IncubationState.GRADUATED, IncubationState.LEFT),
)
