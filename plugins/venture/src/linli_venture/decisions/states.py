"""The states of decisions and objections."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from linli.plugin import Facts, StateMachine, Transition, has_part
from linli_venture.decisions.errors import OwnObjection
from linli_venture.objecting import objection_machine


class DecisionState(StrEnum):
    """Where a decision stands."""

    DRAFT = "draft"
    ANNOUNCED = "announced"
    CONCLUDED = "concluded"
    DISCARDED = "discarded"
    WITHDRAWN = "withdrawn"


class OutcomeKind(StrEnum):
    """What becomes of a proposal."""

    AWARD = "award"
    RESERVE = "reserve"
    REJECT = "reject"


def by_outsiders(facts: Facts) -> None:
    """Refuse whoever had a part in the awards, reviewed in the call, or competes in it. Raises: OwnObjection."""
    if facts.actor_id is not None and (
        facts.values["in_call"] or has_part(facts, persons=None, actors=facts.values["actors"])
    ):
        raise OwnObjection()


DECISION: Final = StateMachine(
    "venture.decision",
    DecisionState.DRAFT,
    transitions=[
        Transition("announce", DecisionState.DRAFT, DecisionState.ANNOUNCED, not_by=("proposed_by",)),
        Transition("discard", DecisionState.DRAFT, DecisionState.DISCARDED),
        Transition("conclude", DecisionState.ANNOUNCED, DecisionState.CONCLUDED, not_by=("proposed_by",)),
        Transition("withdraw", DecisionState.ANNOUNCED, DecisionState.WITHDRAWN),
    ],
    final=(DecisionState.CONCLUDED, DecisionState.DISCARDED, DecisionState.WITHDRAWN),
)

OBJECTION: Final = objection_machine("venture.objection", guard=by_outsiders)
