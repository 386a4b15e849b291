"""What leads from one state of money to another."""

from __future__ import annotations

from typing import Final

from linli.plugin import StateMachine, Transition
from linli_venture.money.terms import PoolState, ReceiptState

POOL: Final = StateMachine(
    "venture.pool",
    PoolState.OPEN,
    transitions=[Transition("close", PoolState.OPEN, PoolState.CLOSED)],
    final=(PoolState.CLOSED,),
)

RECEIPT: Final = StateMachine(
    "venture.receipt",
    ReceiptState.POSTED,
    transitions=[
        Transition("cancel", ReceiptState.POSTED, ReceiptState.CANCELLED, not_by=("recorded_by",)),
    ],
    final=(ReceiptState.CANCELLED,),
)

CARRY_OVER: Final = StateMachine(
    "venture.carry_over",
    ReceiptState.POSTED,
    transitions=[
        Transition("cancel", ReceiptState.POSTED, ReceiptState.CANCELLED, not_by=("carried_by",)),
    ],
    final=(ReceiptState.CANCELLED,),
)
