"""The states of needs and calls."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from linli.plugin import StateMachine, Transition


class NeedState(StrEnum):
    """Where a need stands."""

    RECORDED = "recorded"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class CallState(StrEnum):
    """Where a call stands. Whether it is open is a matter of its times, while it is published."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    REVIEWING = "reviewing"
    NOTICE = "notice"
    DECIDED = "decided"
    CANCELLED = "cancelled"


NEED: Final = StateMachine(
    "venture.need",
    NeedState.RECORDED,
    transitions=[
        Transition("publish", NeedState.RECORDED, NeedState.PUBLISHED),
        Transition("withdraw", NeedState.RECORDED, NeedState.WITHDRAWN),
        Transition("withdraw", NeedState.PUBLISHED, NeedState.WITHDRAWN),
    ],
    final=(NeedState.WITHDRAWN,),
)

CALL: Final = StateMachine(
    "venture.call",
    CallState.DRAFT,
    transitions=[
        Transition("publish", CallState.DRAFT, CallState.PUBLISHED, not_by=("drafted_by",)),
        Transition("amend", CallState.PUBLISHED, CallState.PUBLISHED),
        Transition("close", CallState.PUBLISHED, CallState.CLOSED),
        Transition("start_review", CallState.CLOSED, CallState.REVIEWING),
        Transition("announce", CallState.REVIEWING, CallState.NOTICE),
        Transition("reopen", CallState.NOTICE, CallState.REVIEWING),
        Transition("decide", CallState.NOTICE, CallState.DECIDED),
        Transition("cancel", CallState.DRAFT, CallState.CANCELLED),
        Transition("cancel", CallState.PUBLISHED, CallState.CANCELLED),
        Transition("cancel", CallState.CLOSED, CallState.CANCELLED),
        Transition("cancel", CallState.REVIEWING, CallState.CANCELLED),
    ],
    final=(CallState.DECIDED, CallState.CANCELLED),
)
