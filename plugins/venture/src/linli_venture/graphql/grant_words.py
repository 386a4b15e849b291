"""The words of grants in the API."""

from __future__ import annotations

from linli_graphql.plugin import expose
from linli_venture.grants.terms import (
    AppraisalGrade,
    AppraisalKind,
    ChangeKind,
    ChangeState,
    ExpenditureState,
    GrantState,
    MilestoneState,
    PaidFrom,
    RefundKind,
    RefundState,
)

__all__ = [
    "AppraisalGrade",
    "AppraisalKind",
    "ChangeKind",
    "ChangeState",
    "ExpenditureState",
    "GrantState",
    "MilestoneState",
    "PaidFrom",
    "RefundKind",
    "RefundState",
]

expose(
    GrantState,
    "Where a grant stands.",
    {
        "AWARDED": "Its amount is reserved, and the contract is being prepared.",
        "SIGNED": "The contract is signed.",
        "ACTIVE": "The work is being done.",
        "SUSPENDED": "Nothing is paid for the time being.",
        "FINAL": "The work is done, and is appraised and audited.",
        "CLOSED": "All is accounted for.",
        "TERMINATED": "It was ended for a breach; what is not accounted for is recovered.",
        "DECLINED": "The organisation did not take it.",
    },
    name="VentureGrantState",
)
expose(
    MilestoneState,
    "Where a milestone stands.",
    {
        "PLANNED": "It is to be shown.",
        "EVIDENCE": "It was shown, and waits to be verified.",
        "VERIFIED": "It was verified, and its tranche can be paid.",
        "PAID": "Its tranche was paid.",
        "RETURNED": "What was shown did not do.",
        "OVERDUE": "Nobody showed it by its day.",
    },
    name="VentureMilestoneState",
)
expose(
    ExpenditureState,
    "Whether an expenditure counts.",
    {"ENTERED": "It waits to be verified.", "VERIFIED": "It counts.", "REJECTED": "It does not."},
    name="VentureExpenditureState",
)
expose(
    PaidFrom,
    "What an expenditure was paid from.",
    {"GRANT": "What was awarded (资助款).", "OWN_FUNDS": "What the organisation adds of its own (自筹资金)."},
    name="VenturePaidFrom",
)
expose(
    ChangeKind,
    "What is to be changed of a contract.",
    {"BUDGET": "Amounts of lines, of which the sum stays.", "SCHEDULE": "Days on which milestones are due."},
    name="VentureChangeKind",
)
expose(
    ChangeState,
    "Where a request for a change stands.",
    {
        "PROPOSED": "It waits for a decision.",
        "APPROVED": "It is in force.",
        "REJECTED": "The contract stays as it was.",
        "WITHDRAWN": "It was taken back.",
    },
    name="VentureChangeState",
)
expose(
    AppraisalKind,
    "When a project is appraised.",
    {"MIDTERM": "At half-time (中期评估).", "FINAL": "At its end (末期评估)."},
    name="VentureAppraisalKind",
)
expose(
    AppraisalGrade,
    "The result of an appraisal.",
    {
        "EXCELLENT": "A score of 90 and above (优秀).",
        "GOOD": "A score of 75 to 89 (良好).",
        "QUALIFIED": "A score of 60 to 74 (合格).",
        "UNQUALIFIED": "Below 60 (不合格).",
    },
    name="VentureAppraisalGrade",
)
expose(
    RefundKind,
    "Why money came back.",
    {"UNSPENT": "It was not needed.", "RECOVERY": "The grant was terminated."},
    name="VentureRefundKind",
)
expose(
    RefundState,
    "Whether what came back counts.",
    {
        "RECORDED": "It waits for somebody else to confirm it.",
        "CONFIRMED": "It came in, and stands in the ledger.",
        "REJECTED": "It did not come in.",
        "REVERSED": "It was confirmed by mistake, and was reversed.",
        "REPAID": "It went back to the organisation, because the termination was undone.",
    },
    name="VentureRefundState",
)
