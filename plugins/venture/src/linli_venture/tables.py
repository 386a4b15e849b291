"""All tables of the plugin, for the kernel, which looks for them here; each area has its own module."""

from __future__ import annotations

from linli_venture.calls.tables import Call, CallVersion, Criterion, DrawSeed, Need
from linli_venture.money.tables import Pool
from linli_venture.proposals.tables import BudgetLine, Member, Proposal, Submission

__all__ = [
    "BudgetLine",
    "Call",
    "CallVersion",
    "Criterion",
    "DrawSeed",
    "Member",
    "Need",
    "Pool",
    "Proposal",
    "Submission",
]
