"""All that leads from one state to another."""

from __future__ import annotations

from typing import Final

from linli.plugin import Facts, StateMachine, Transition, has_part
from linli_points.errors import OwnCase
from linli_points.terms import (
    ClaimState,
    ObjectionState,
    RedemptionState,
    RewardState,
    RuleSetState,
    TransferState,
)


def by_somebody_else(facts: Facts) -> None:
    """Refuse whoever has a part in the case already, and who is nobody (the system).

    `facts.values` has `person_id` (of the actor), `persons` (whose case it is) and `actors` (who acted in it before).
    Raises: OwnCase.
    """
    if has_part(facts, persons=facts.values["persons"], actors=facts.values["actors"]):
        raise OwnCase()


CLAIM: Final = StateMachine(
    "points.claim",
    ClaimState.DRAFT,
    transitions=[
        Transition("submit", ClaimState.DRAFT, ClaimState.SUBMITTED),
        Transition("submit", ClaimState.RETURNED, ClaimState.SUBMITTED),
        Transition("return", ClaimState.SUBMITTED, ClaimState.RETURNED, guard=by_somebody_else),
        Transition("verify", ClaimState.SUBMITTED, ClaimState.VERIFIED, guard=by_somebody_else),
        Transition("confirm", ClaimState.VERIFIED, ClaimState.CONFIRMED, guard=by_somebody_else),
        Transition("publicise", ClaimState.CONFIRMED, ClaimState.PUBLICISED),
        Transition("reject", ClaimState.SUBMITTED, ClaimState.REJECTED, guard=by_somebody_else),
        Transition("reject", ClaimState.VERIFIED, ClaimState.REJECTED, guard=by_somebody_else),
        Transition("object", ClaimState.PUBLICISED, ClaimState.OBJECTED),
        Transition("object", ClaimState.REJECTED, ClaimState.OBJECTED),
        Transition("keep_award", ClaimState.OBJECTED, ClaimState.PUBLICISED, guard=by_somebody_else),
        Transition("take_award", ClaimState.OBJECTED, ClaimState.REJECTED, guard=by_somebody_else),
        Transition("keep_rejection", ClaimState.OBJECTED, ClaimState.REJECTED, guard=by_somebody_else),
        Transition("lift_rejection", ClaimState.OBJECTED, ClaimState.SUBMITTED, guard=by_somebody_else),
        Transition("post", ClaimState.PUBLICISED, ClaimState.POSTED),
        Transition("withdraw", ClaimState.DRAFT, ClaimState.WITHDRAWN),
        Transition("withdraw", ClaimState.SUBMITTED, ClaimState.WITHDRAWN),
        Transition("withdraw", ClaimState.RETURNED, ClaimState.WITHDRAWN),
        Transition("reverse", ClaimState.POSTED, ClaimState.REVERSED),
    ],
    final=(ClaimState.WITHDRAWN, ClaimState.REVERSED),
)

RULE_SET: Final = StateMachine(
    "points.rule_set",
    RuleSetState.DRAFT,
    transitions=[
        Transition("adopt", RuleSetState.DRAFT, RuleSetState.ADOPTED, not_by=("drafted_by",)),
        Transition("discard", RuleSetState.DRAFT, RuleSetState.DISCARDED),
    ],
    final=(RuleSetState.ADOPTED, RuleSetState.DISCARDED),
)

OBJECTION: Final = StateMachine(
    "points.objection",
    ObjectionState.OPEN,
    transitions=[
        Transition("uphold", ObjectionState.OPEN, ObjectionState.UPHELD),
        Transition("dismiss", ObjectionState.OPEN, ObjectionState.DISMISSED),
    ],
    final=(ObjectionState.UPHELD, ObjectionState.DISMISSED),
)

REWARD: Final = StateMachine(
    "points.reward",
    RewardState.DRAFT,
    transitions=[
        Transition("offer", RewardState.DRAFT, RewardState.OFFERED),
        Transition("offer", RewardState.WITHDRAWN, RewardState.OFFERED),
        Transition("withdraw", RewardState.DRAFT, RewardState.WITHDRAWN),
        Transition("withdraw", RewardState.OFFERED, RewardState.WITHDRAWN),
    ],
)

REDEMPTION: Final = StateMachine(
    "points.redemption",
    RedemptionState.RESERVED,
    transitions=[
        Transition("issue", RedemptionState.RESERVED, RedemptionState.ISSUED),
        Transition("fulfil", RedemptionState.ISSUED, RedemptionState.FULFILLED, guard=by_somebody_else),
        Transition("cancel", RedemptionState.RESERVED, RedemptionState.CANCELLED),
        Transition("cancel", RedemptionState.ISSUED, RedemptionState.CANCELLED),
        Transition("lapse", RedemptionState.RESERVED, RedemptionState.LAPSED),
        Transition("lapse", RedemptionState.ISSUED, RedemptionState.LAPSED),
    ],
    final=(RedemptionState.FULFILLED, RedemptionState.CANCELLED, RedemptionState.LAPSED),
)

TRANSFER: Final = StateMachine(
    "points.transfer",
    TransferState.OFFERED,
    transitions=[
        Transition("accept", TransferState.OFFERED, TransferState.ACCEPTED),
        Transition("decline", TransferState.OFFERED, TransferState.DECLINED),
        Transition("cancel", TransferState.OFFERED, TransferState.CANCELLED),
        Transition("cancel", TransferState.ACCEPTED, TransferState.CANCELLED),
        Transition("post", TransferState.ACCEPTED, TransferState.POSTED),
    ],
    final=(TransferState.POSTED, TransferState.DECLINED, TransferState.CANCELLED),
)
