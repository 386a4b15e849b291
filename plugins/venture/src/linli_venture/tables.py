"""All tables of the plugin, for the kernel, which looks for them here; each area has its own module."""

from __future__ import annotations

from linli_venture.calls.tables import Call, CallVersion, Criterion, DrawSeed, Need
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
)
from linli_venture.money.tables import Pool, Receipt, Source
from linli_venture.proposals.tables import BudgetLine, Member, Proposal, Submission

__all__ = [
    "Allocation",
    "Appraisal",
    "Audit",
    "BudgetLine",
    "Call",
    "CallVersion",
    "Change",
    "ChangeItem",
    "Criterion",
    "DrawSeed",
    "Expenditure",
    "Grant",
    "GrantLine",
    "Member",
    "Milestone",
    "Need",
    "Payment",
    "Pool",
    "Proposal",
    "Receipt",
    "Refund",
    "Source",
    "Submission",
]
