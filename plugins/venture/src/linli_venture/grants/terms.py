"""The words of grants: states, and kinds of changes, appraisals and refunds."""

from __future__ import annotations

from enum import StrEnum


class GrantState(StrEnum):
    """Where a grant stands."""

    AWARDED = "awarded"
    """拟签约: the money is reserved, the contract is being prepared."""
    SIGNED = "signed"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    FINAL = "final"
    """结项: the work is done, and is appraised and audited."""
    CLOSED = "closed"
    TERMINATED = "terminated"
    DECLINED = "declined"


ENDED = (GrantState.CLOSED, GrantState.TERMINATED, GrantState.DECLINED)


class MilestoneState(StrEnum):
    """Where a milestone stands."""

    PLANNED = "planned"
    EVIDENCE = "evidence"
    VERIFIED = "verified"
    PAID = "paid"
    RETURNED = "returned"
    OVERDUE = "overdue"


class ExpenditureState(StrEnum):
    """Whether an expenditure counts."""

    ENTERED = "entered"
    VERIFIED = "verified"
    REJECTED = "rejected"


class PaidFrom(StrEnum):
    """What an expenditure was paid from."""

    GRANT = "grant"
    OWN_FUNDS = "own_funds"
    """自筹资金: what the organisation promised to add."""


class ChangeKind(StrEnum):
    """What is to be changed of a contract."""

    BUDGET = "budget"
    """The lines of the budget, of which the sum stays."""
    SCHEDULE = "schedule"
    """The days on which milestones are due."""


class ChangeState(StrEnum):
    """Where a request for a change stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class AppraisalKind(StrEnum):
    """When a project is appraised: 中期评估、末期评估."""

    MIDTERM = "midterm"
    FINAL = "final"


class AppraisalGrade(StrEnum):
    """The result: 优秀、良好、合格、不合格."""

    EXCELLENT = "excellent"
    GOOD = "good"
    QUALIFIED = "qualified"
    UNQUALIFIED = "unqualified"


class RefundKind(StrEnum):
    """Why money came back."""

    UNSPENT = "unspent"
    RECOVERY = "recovery"


class RefundState(StrEnum):
    """Whether what came back counts."""

    RECORDED = "recorded"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    REVERSED = "reversed"
    REPAID = "repaid"
    """It was recovered, and went back to the organisation when the termination was undone."""
