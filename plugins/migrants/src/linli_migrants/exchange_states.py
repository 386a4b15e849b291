"""Where messages to the authority and its answers stand."""

from __future__ import annotations

from enum import StrEnum


class MessageState(StrEnum):
    """Where a message to the authority stands."""

    QUEUED = "queued"
    SENT = "sent"
    ANSWERED = "answered"
    FAILED = "failed"


class AnswerState(StrEnum):
    """What became of an answer of the authority."""

    APPLIED = "applied"
    STALE = "stale"
    SET_ASIDE = "set_aside"
    SETTLED = "settled"
