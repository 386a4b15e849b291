"""The states of experts and reviews, and the kinds of interests."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from linli.plugin import StateMachine, Transition


class ExpertState(StrEnum):
    """Whether somebody can be drawn."""

    ACTIVE = "active"
    LEFT = "left"


class ReviewState(StrEnum):
    """Where a review stands."""

    DRAWN = "drawn"
    DECLARED = "declared"
    SUBMITTED = "submitted"
    RECUSED = "recused"
    REPLACED = "replaced"
    MISSED = "missed"


class Interest(StrEnum):
    """Why a reviewer is recused (回避). Source: domain of public-venture funding; within the last two years."""

    EMPLOYMENT = "employment"
    KINSHIP = "kinship"
    PARTNERSHIP = "partnership"
    ADVICE = "advice"


EXPERT: Final = StateMachine(
    "venture.expert",
    ExpertState.ACTIVE,
    transitions=[
        Transition("leave", ExpertState.ACTIVE, ExpertState.LEFT),
        Transition("return", ExpertState.LEFT, ExpertState.ACTIVE),
    ],
)

R: Final = ReviewState

REVIEW: Final = StateMachine(
    "venture.review",
    R.DRAWN,
    transitions=[
        Transition("declare", R.DRAWN, R.DECLARED),
        Transition("recuse", R.DRAWN, R.RECUSED),
        Transition("recuse", R.DECLARED, R.RECUSED),
        Transition("submit", R.DECLARED, R.SUBMITTED),
        Transition("replace", R.DRAWN, R.REPLACED),
        Transition("replace", R.DECLARED, R.REPLACED),
        Transition("miss", R.DRAWN, R.MISSED),
        Transition("miss", R.DECLARED, R.MISSED),
    ],
    final=(R.SUBMITTED, R.RECUSED, R.REPLACED, R.MISSED),
)
