"""Declarative state machines: a table of state, action, permission, guard and next state."""

from linli.workflow.deciding import decision_facts, own_accounts
from linli.workflow.errors import OwnWork, PermissionMissing, UndefinedTransition
from linli.workflow.machine import (
    Facts,
    Guard,
    MachineError,
    StateMachine,
    Transition,
    has_part,
)

__all__ = [
    "Facts",
    "Guard",
    "MachineError",
    "OwnWork",
    "PermissionMissing",
    "StateMachine",
    "Transition",
    "UndefinedTransition",
    "decision_facts",
    "has_part",
    "own_accounts",
]
