"""The states of a notice, and all that leads from one to another."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from linli.plugin import StateMachine, Transition


class NoticeState(StrEnum):
    """Where a notice stands."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


NOTICE: Final = StateMachine(
    "noticeboard.notice",
    NoticeState.DRAFT,
    transitions=[
        # Whoever drafted a notice does not publish it.
        Transition("publish", NoticeState.DRAFT, NoticeState.PUBLISHED, not_by=("author_id",)),
        Transition("withdraw", NoticeState.PUBLISHED, NoticeState.WITHDRAWN),
    ],
    final=(NoticeState.WITHDRAWN,),
)
