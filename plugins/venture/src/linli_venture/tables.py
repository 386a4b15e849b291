"""All tables of the plugin, for the kernel, which looks for them here; each area has its own module."""

from __future__ import annotations

from linli_venture.calls.tables import Call, CallVersion, Criterion, DrawSeed, Need
from linli_venture.money.tables import Pool
from linli_venture.proposals.tables import BudgetLine, Member, Proposal, Submission
from linli_venture.review.tables import Declaration, Draw, Expert, Ranking, Review, Score, ScoreSheet

__all__ = [
    "BudgetLine",
    "Call",
    "CallVersion",
    "Criterion",
    "Declaration",
    "Draw",
    "DrawSeed",
    "Expert",
    "Member",
    "Need",
    "Pool",
    "Proposal",
    "Ranking",
    "Review",
    "Score",
    "ScoreSheet",
    "Submission",
]
