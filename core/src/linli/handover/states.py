"""What may become of a hand-over, on each side."""

from __future__ import annotations

from typing import Final, Literal

from linli.workflow import StateMachine, Transition

EndedBy = Literal["here", "there", "person", "time", "erasure"]

OFFERED_STATES: Final = StateMachine(
    "handover.offered",
    "offered",
    transitions=[
        Transition("accept", "offered", "accepted"),
        Transition("accept", "expired", "accepted"),  # in time there, and late on the way
        Transition("decline", "offered", "declined"),
        Transition("expire", "offered", "expired"),
        Transition("revoke", "offered", "revoked"),
        Transition("revoke", "accepted", "revoked"),
    ],
    final=("declined", "revoked"),
)

RECEIVED_STATES: Final = StateMachine(
    "handover.received",
    "offered",
    transitions=[
        Transition("accept", "offered", "accepted"),
        Transition("decline", "offered", "declined"),
        Transition("expire", "offered", "expired"),
        Transition("revoke", "offered", "revoked"),
        Transition("revoke", "accepted", "revoked"),
    ],
    final=("declined", "expired", "revoked"),
)
