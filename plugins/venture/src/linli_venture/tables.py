"""All tables of the plugin, for the kernel, which looks for them here; each area has its own module."""

from __future__ import annotations

from linli_venture.calls.tables import Call, CallVersion, Criterion, DrawSeed, Need
from linli_venture.decisions.tables import Decision, Objection, Outcome
from linli_venture.grants.tables import (
    Allocation,
    Appraisal,
    Audit,
    Change,
    ChangeItem,
    Expenditure,
    Grant,
    GrantLine,
    Milestone,
    Payment,
    Refund,
    TerminationObjection,
)
from linli_venture.money.tables import CarryOver, Pool, Receipt, Source
from linli_venture.proposals.tables import BudgetLine, Member, Proposal, Submission
from linli_venture.review.tables import (
    Declaration,
    DefenceScore,
    Draw,
    Expert,
    Ranking,
    Review,
    Score,
    ScoreSheet,
)

__all__ = [
    "Allocation",
    "Appraisal",
    "Audit",
    "BudgetLine",
    "Call",
    "CallVersion",
    "CarryOver",
    "Change",
    "ChangeItem",
    "Criterion",
    "Decision",
    "Declaration",
    "DefenceScore",
    "Draw",
    "DrawSeed",
    "Expenditure",
    "Expert",
    "Grant",
    "GrantLine",
    "Member",
    "Milestone",
    "Need",
    "Objection",
    "Outcome",
    "Payment",
    "Pool",
    "Proposal",
    "Ranking",
    "Receipt",
    "Refund",
    "Review",
    "Score",
    "ScoreSheet",
    "Source",
    "Submission",
    "TerminationObjection",
]
