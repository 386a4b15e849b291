"""What leads from one state of a grant, and of what belongs to it, to another."""

from __future__ import annotations

from typing import Final

from linli.plugin import StateMachine, Transition
from linli_venture.grants.terms import (
    ChangeState,
    ExpenditureState,
    GrantState,
    MilestoneState,
    RefundState,
)
from linli_venture.objecting import objection_machine

_LIVE: Final = (
    GrantState.AWARDED,
    GrantState.SIGNED,
    GrantState.ACTIVE,
    GrantState.SUSPENDED,
    GrantState.FINAL,
)

GRANT: Final = StateMachine(
    "venture.grant",
    GrantState.AWARDED,
    transitions=[
        Transition("prepare", GrantState.AWARDED, GrantState.AWARDED),
        Transition("decline", GrantState.AWARDED, GrantState.DECLINED),
        Transition("sign", GrantState.AWARDED, GrantState.SIGNED, not_by=("prepared_by",)),
        Transition("start", GrantState.SIGNED, GrantState.ACTIVE),
        Transition("suspend", GrantState.ACTIVE, GrantState.SUSPENDED),
        Transition("resume", GrantState.SUSPENDED, GrantState.ACTIVE),
        Transition("finish", GrantState.ACTIVE, GrantState.FINAL),
        Transition("close", GrantState.FINAL, GrantState.CLOSED, not_by=("audited_by",)),
        *(Transition("terminate", state, GrantState.TERMINATED) for state in _LIVE[1:]),
        *(Transition(f"reinstate_{state}", GrantState.TERMINATED, state) for state in _LIVE[1:]),
    ],
    final=(GrantState.CLOSED, GrantState.DECLINED),
)

MILESTONE: Final = StateMachine(
    "venture.milestone",
    MilestoneState.PLANNED,
    transitions=[
        Transition("submit", MilestoneState.PLANNED, MilestoneState.EVIDENCE),
        Transition("submit", MilestoneState.RETURNED, MilestoneState.EVIDENCE),
        Transition("submit", MilestoneState.OVERDUE, MilestoneState.EVIDENCE),
        Transition("return", MilestoneState.EVIDENCE, MilestoneState.RETURNED, not_by=("submitted_by",)),
        Transition("verify", MilestoneState.EVIDENCE, MilestoneState.VERIFIED, not_by=("submitted_by",)),
        Transition(
            "pay", MilestoneState.VERIFIED, MilestoneState.PAID, not_by=("submitted_by", "verified_by")
        ),
        Transition("lapse", MilestoneState.PLANNED, MilestoneState.OVERDUE),
        Transition("lapse", MilestoneState.RETURNED, MilestoneState.OVERDUE),
        Transition("reschedule", MilestoneState.PLANNED, MilestoneState.PLANNED),
        Transition("reschedule", MilestoneState.RETURNED, MilestoneState.RETURNED),
        Transition("reschedule", MilestoneState.OVERDUE, MilestoneState.PLANNED),
    ],
    final=(MilestoneState.PAID,),
)

EXPENDITURE: Final = StateMachine(
    "venture.expenditure",
    ExpenditureState.ENTERED,
    transitions=[
        Transition("verify", ExpenditureState.ENTERED, ExpenditureState.VERIFIED, not_by=("entered_by",)),
        Transition("reject", ExpenditureState.ENTERED, ExpenditureState.REJECTED, not_by=("entered_by",)),
    ],
    final=(ExpenditureState.VERIFIED, ExpenditureState.REJECTED),
)

CHANGE: Final = StateMachine(
    "venture.change",
    ChangeState.PROPOSED,
    transitions=[
        Transition("approve", ChangeState.PROPOSED, ChangeState.APPROVED, not_by=("proposed_by",)),
        Transition("reject", ChangeState.PROPOSED, ChangeState.REJECTED, not_by=("proposed_by",)),
        Transition("withdraw", ChangeState.PROPOSED, ChangeState.WITHDRAWN),
    ],
    final=(ChangeState.APPROVED, ChangeState.REJECTED, ChangeState.WITHDRAWN),
)

REFUND: Final = StateMachine(
    "venture.refund",
    RefundState.RECORDED,
    transitions=[
        Transition("confirm", RefundState.RECORDED, RefundState.CONFIRMED, not_by=("recorded_by",)),
        Transition("reject", RefundState.RECORDED, RefundState.REJECTED, not_by=("recorded_by",)),
        Transition(
            "reverse", RefundState.CONFIRMED, RefundState.REVERSED, not_by=("recorded_by", "decided_by")
        ),
        Transition("repay", RefundState.CONFIRMED, RefundState.REPAID),
    ],
    final=(RefundState.REJECTED, RefundState.REVERSED, RefundState.REPAID),
)

TERMINATION_OBJECTION: Final = objection_machine(
    "venture.termination_objection", not_by=("terminated_by", "raised_by")
)
